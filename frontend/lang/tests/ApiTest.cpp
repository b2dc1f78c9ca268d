//===- ApiTest.cpp - the public interface ---------------------------------===//
#include "frontend/lang/Import.h"
#include <cmath>
#include <doctest/doctest.h>

using namespace tegula::frontend;

namespace {

constexpr const char *text = R"(
import triton
import triton.language as tl

def warps(args):
    return 8 if args["BLOCK"] > 512 else 4

@triton.heuristics({
    "EVEN": lambda args: args["n"] % args["BLOCK"] == 0,
    "WARPS": warps,
    "HOST": lambda args: args["x"].device.index,
    "SIZE": lambda args: triton.next_power_of_2(args["x"].shape[-1]),
})
@triton.jit
def k(x, n: tl.int64, BLOCK: tl.constexpr, EVEN: tl.constexpr,
      WARPS: tl.constexpr, HOST: tl.constexpr, SIZE: tl.constexpr):
    pass
)";

} // namespace

TEST_CASE("heuristics are computed over the arguments, or refused") {
  Diagnostics diagnostics;
  auto file = parseFile(SourceFile::fromText("k.py", text), diagnostics);
  REQUIRE_MESSAGE(file, diagnostics.str());
  const KernelInfo *kernel = file->find("k");
  REQUIRE(kernel);
  REQUIRE(kernel->heuristics.size() == 4);
  CHECK(kernel->parameters[1].annotatedType == DType::Int64);
  Bindings bindings;
  bindings.values["n"] = Literal::ofInt(2048);
  bindings.values["BLOCK"] = Literal::ofInt(1024);
  bindings.arrays["x"] = {DType::Float32, {3, 100}};
  auto value = [&](size_t i) {
    return evaluateHeuristic(*file, *kernel, kernel->heuristics[i], bindings,
                             diagnostics);
  };
  CHECK(value(0)->str() == "True");
  CHECK(value(1)->str() == "8");
  CHECK(value(3)->str() == "128");
  CHECK(!diagnostics.hasErrors());
  CHECK(!value(2));
  CHECK(diagnostics.str().find("an object of class array has no 'device'") !=
        std::string::npos);
}

TEST_CASE("literals are read as the command line writes them") {
  auto kindOf = [](const char *text) { return Literal::parse(text).kind; };
  CHECK(Literal::parse("-12").asInt() == -12);
  CHECK(Literal::parse("0x10").asInt() == 16);
  CHECK(Literal::parse("1e-5").asDouble() == 1e-5);
  CHECK(std::isinf(Literal::parse("-inf").asDouble()));
  CHECK(std::isnan(Literal::parse("nan").asDouble()));
  CHECK(Literal::parse("true").boolean);
  CHECK(kindOf("None") == Literal::Kind::None);
  CHECK(kindOf("none") == Literal::Kind::String);
  CHECK(Literal::parse("tl.bfloat16").type == DType::BFloat16);
  CHECK(Literal::parse("'f32'").string == "f32");
  CHECK(Literal::parse("(1, 2)").elements.size() == 2);
  CHECK(Literal::parse("relu").string == "relu");
  CHECK(Literal::ofFloat(0.1).str() == "0.1");
}

TEST_CASE("every type has one spelling of each kind") {
  for (const char *name :
       {"i1", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16",
        "bf16", "f32", "f64", "f8e4m3", "f8e5m2", "f8e4m3fnuz", "f8e5m2fnuz"}) {
    auto type = parseDType(name);
    REQUIRE(type);
    CHECK(shortName(*type) == name);
    CHECK(parseDType(languageName(*type)) == type);
    CHECK(parseDType(tritonName(*type)) == type);
  }
  CHECK(!parseDType("f33"));
}
