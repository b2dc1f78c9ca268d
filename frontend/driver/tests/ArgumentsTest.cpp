#include "frontend/driver/Arguments.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>

using namespace tegula::frontend;
using Kind = ArgumentSpec::Kind;

static const char *const kKernel = R"(
import triton
import triton.language as tl

@triton.jit(do_not_specialize=["m"])
def kernel(x, n, m, eps, k: tl.int64, MODE: tl.constexpr = "fast", B: tl.constexpr = 4):
    tl.store(x + tl.arange(0, B), 0.0)
)";

static ParsedFile parse(const char *text = kKernel) {
  Diagnostics diagnostics;
  auto file = parseFile(SourceFile::fromText("k.py", text), diagnostics);
  REQUIRE_MESSAGE(file.has_value(), diagnostics.str());
  return *file;
}

/// Binds and returns the messages; empty after a success.
static std::string bindWords(const ParsedFile &file,
                             std::initializer_list<const char *> words,
                             BindMode mode, BoundArguments &result) {
  std::vector<NamedText> given;
  for (const char *word : words)
    given.push_back(llvm::cantFail(NamedText::parse(word)));
  Diagnostics diagnostics;
  auto bound =
      bindArguments(file, file.kernels().front(), given, mode, diagnostics);
  if (bound)
    result = std::move(*bound);
  return diagnostics.str();
}

static BoundArguments run(std::initializer_list<const char *> words) {
  BoundArguments bound;
  std::string problem = bindWords(parse(), words, BindMode::Run, bound);
  REQUIRE_MESSAGE(problem.empty(), problem);
  return bound;
}

static float asFloat(uint64_t slot) {
  float value;
  std::memcpy(&value, &slot, sizeof(value));
  return value;
}

TEST_CASE("values become what Triton's specialisation makes of them") {
  auto bound = run({"x=zeros:f32:8", "n=32", "m=32", "eps=1e-5", "k=1"});
  CHECK(bound.find("x")->spec.kind == Kind::Pointer);
  CHECK(bound.find("x")->spec.divisibility == 16);
  CHECK(bound.find("n")->spec.kind == Kind::Scalar);
  CHECK(bound.find("n")->spec.element == DType::Int32);
  CHECK(bound.find("n")->spec.divisibility == 16);
  CHECK(bound.find("n")->slot == 32);
  // do_not_specialize.
  CHECK(bound.find("m")->spec.divisibility == 1);
  CHECK(bound.find("eps")->spec.element == DType::Float32);
  CHECK(asFloat(bound.find("eps")->slot) == 1e-5f);
  // An annotation fixes the type, and then 1 stays a number of it.
  CHECK(bound.find("k")->spec.kind == Kind::Scalar);
  CHECK(bound.find("k")->spec.element == DType::Int64);
}

TEST_CASE("an integer 1 becomes a constant unless that is forbidden") {
  auto bound = run({"x=zeros:f32:8", "n=1", "m=1", "eps=1", "k=0"});
  CHECK(bound.find("n")->spec.kind == Kind::Constant);
  CHECK(bound.find("m")->spec.kind == Kind::Scalar);
  CHECK(bound.find("eps")->spec.kind == Kind::Constant);
}

TEST_CASE("numbers take the smallest type of the language that holds them") {
  auto type = [](const char *word) {
    return run({"x=zeros:f32:8", word, "m=0", "eps=0.5", "k=0"})
        .find("n")
        ->spec.element;
  };
  CHECK(type("n=2147483647") == DType::Int32);
  CHECK(type("n=2147483648") == DType::Int64);
  CHECK(type("n=-2147483648") == DType::Int32);
  CHECK(type("n=9223372036854775808") == DType::UInt64);
  CHECK(type("n=i64:5") == DType::Int64);
  CHECK(type("n=f64:1") == DType::Float64);
  CHECK(type("n=f16:2") == DType::Float16);
  CHECK(type("n=true") == DType::Int1);
  CHECK(type("n=0.5") == DType::Float32);
}

TEST_CASE("special numbers") {
  auto bound = run({"x=zeros:f32:8", "n=-5", "m=inf", "eps=nan", "k=-1"});
  CHECK(bound.find("n")->slot == 0xFFFFFFFBu);
  CHECK(std::isinf(asFloat(bound.find("m")->slot)));
  CHECK(std::isnan(asFloat(bound.find("eps")->slot)));
  CHECK(bound.find("k")->slot == ~uint64_t(0));
  CHECK(run({"x=None", "n=2", "m=2", "eps=0.5", "k=2"})
            .find("x")
            ->spec.value.kind == Literal::Kind::None);
}

TEST_CASE("constexprs take literals, dtypes and strings") {
  auto literal = [](const char *word) {
    return run({"x=zeros:f32:8", "n=2", "m=2", "eps=0.5", "k=2", word})
        .find("MODE")
        ->spec.value;
  };
  CHECK(literal("MODE=slow").string == "slow");
  CHECK(literal("MODE='slow'").string == "slow");
  CHECK(literal("MODE=tl.float16").type == DType::Float16);
  CHECK(literal("MODE=f16").type == DType::Float16);
  CHECK(literal("MODE=None").kind == Literal::Kind::None);
  CHECK(literal("MODE=7").integer == 7);
}

TEST_CASE("compiling takes types, and compiles numbers in") {
  BoundArguments bound;
  CHECK(bindWords(parse(),
                  {"x=*bf16:16", "n=i64:16", "m=7", "eps=f32", "k=i64"},
                  BindMode::Compile, bound) == "");
  CHECK(bound.find("x")->spec.element == DType::BFloat16);
  CHECK(bound.find("x")->spec.divisibility == 16);
  CHECK(bound.find("n")->spec.kind == Kind::Scalar);
  CHECK(bound.find("n")->spec.divisibility == 16);
  CHECK(bound.find("m")->spec.kind == Kind::Constant);
}

TEST_CASE("every mistake is told, all at once") {
  BoundArguments bound;
  std::string problem =
      bindWords(parse(), {"y=1", "n=zeros", "m=i8:300"}, BindMode::Run, bound);
  CHECK(problem.find("no parameter 'y'") != std::string::npos);
  CHECK(problem.find("n=zeros: a run-time argument is a number") !=
        std::string::npos);
  CHECK(problem.find("300 doesn't fit into i8") != std::string::npos);
}

TEST_CASE("@autotune without values takes the first configuration") {
  const char *text = R"(
import triton
import triton.language as tl

@triton.autotune(configs=[triton.Config({"B": 64}, num_warps=4), triton.Config({"B": 128})], key=["n"])
@triton.heuristics({"EVEN": lambda args: args["n"] % args["B"] == 0})
@triton.jit
def kernel(x, n, B: tl.constexpr, EVEN: tl.constexpr):
    tl.store(x + tl.arange(0, B), 0.0)
)";
  BoundArguments bound;
  CHECK(bindWords(parse(text), {"x=zeros:f32:8", "n=640"}, BindMode::Run,
                  bound) == "");
  CHECK(bound.find("B")->spec.value.integer == 64);
  CHECK(bound.find("EVEN")->spec.value.boolean);
  CHECK(bound.note == "@autotune: B=64 (the first of 2 configurations)");
  CHECK(bindWords(parse(text), {"x=zeros:f32:8", "n=640", "B=256"},
                  BindMode::Run, bound) == "");
  CHECK(bound.find("B")->spec.value.integer == 256);
  CHECK(!bound.find("EVEN")->spec.value.boolean);
}

TEST_CASE("grids are numbers or expressions over the arguments") {
  auto bound =
      run({"x=zeros:f32:8x32", "n=100", "m=2", "eps=0.5", "k=2", "B=16"});
  auto grid = [&](const char *text) -> std::string {
    Diagnostics diagnostics;
    auto value = evaluateGrid(text, bound.bindings(), diagnostics);
    if (!value)
      return diagnostics.str();
    return std::to_string((*value)[0]) + " " + std::to_string((*value)[1]) +
           " " + std::to_string((*value)[2]);
  };
  CHECK(grid("4") == "4 1 1");
  CHECK(grid("8,2") == "8 2 1");
  CHECK(grid("(8, 2, 3)") == "8 2 3");
  CHECK(grid("cdiv(n, B)") == "7 1 1");
  CHECK(grid("triton.cdiv(n, B), x.shape[0]") == "7 8 1");
  CHECK(grid("x.size // B") == "16 1 1");
  CHECK(grid("0").find("isn't from 1 to 2147483647") != std::string::npos);
  CHECK(grid("n / 3").find("isn't an integer") != std::string::npos);
  CHECK(grid("1,1,1,1").find("one to three numbers") != std::string::npos);
  CHECK(grid("q").find("q") != std::string::npos);
}
