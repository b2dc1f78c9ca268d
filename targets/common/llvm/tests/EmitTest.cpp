//===- EmitTest.cpp - Emission and description of machines ----------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Emit.h"
#include "targets/common/llvm/Machine.h"
#include "targets/common/llvm/tests/Harness.h"
#include "llvm/DebugInfo/DWARF/DWARFContext.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/CommandLine.h"
#include <chrono>
#include <doctest/doctest.h>
#include <set>
#include <vector>

using namespace tegula::targets;
using namespace tegula::targets::tests;

template <typename T> static T take(llvm::Expected<T> value) {
  if (!value) {
    FAIL(llvm::toString(value.takeError()));
    std::abort();
  }
  return std::move(*value);
}

static std::string messageOf(llvm::Expected<TargetDesc> desc) {
  return desc ? "" : llvm::toString(desc.takeError());
}

TEST_CASE("a kernel becomes a shared object that runs") {
  std::string text =
      elementwiseKernel("%r = arith.addf %x, %y : $V", "f32", "f32", 16, 2);
  auto object = take(compileAndLoad(text, hostDesc()));
  std::vector<float> x(64), y(64), out(64);
  for (int i = 0; i < 64; ++i)
    x[i] = i, y[i] = 0.5f * i;
  object->call({x.data(), y.data(), out.data(), (void *)64});
  for (int i = 0; i < 64; ++i)
    CHECK(out[i] == 1.5f * i);
  CHECK(object->find("tegula_entry") != nullptr);
}

// llvm/llvm-project#179489: the truncation must not widen the store.
TEST_CASE("a masked store of one narrowed lane leaves its neighbours") {
  auto object = take(compileAndLoad(R"mlir(
llvm.func @tegula_entry(%slots: !llvm.ptr, %program: !llvm.ptr) {
  %x = llvm.load %slots : !llvm.ptr -> !llvm.ptr
  %s1 = llvm.getelementptr %slots[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %out = llvm.load %s1 : !llvm.ptr -> !llvm.ptr
  %wide = llvm.load %x {alignment = 8 : i64} : !llvm.ptr -> vector<4xi64>
  %v = arith.trunci %wide : vector<4xi64> to vector<4xi16>
  %m = arith.constant dense<[false, true, false, false]> : vector<4xi1>
  llvm.intr.masked.store %v, %out, %m {alignment = 2 : i32}
    : vector<4xi16>, vector<4xi1> into !llvm.ptr
  llvm.return
})mlir",
                                    hostDesc()));
  const int64_t x[4] = {-1, 0x70002, -3, -4};
  int16_t out[4] = {9, 9, 9, 9};
  object->call({x, out});
  CHECK(out[0] == 9);
  CHECK(out[1] == 2);
  CHECK(out[2] == 9);
  CHECK(out[3] == 9);
}

TEST_CASE("a small kernel compiles quickly") {
  std::string text =
      elementwiseKernel("%r = arith.addf %x, %y : $V", "f32", "f32", 16, 2);
  take(compileText(text, hostDesc()));
  auto start = std::chrono::steady_clock::now();
  take(compileText(text, hostDesc()));
  std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - start;
  MESSAGE("milliseconds: ", time.count());
}

TEST_CASE("vectors of several registers are rounded to bf16 on Arm") {
  std::string text = elementwiseKernel(R"(
    %t = arith.truncf %x : $V to vector<16xbf16>
    %r = arith.extf %t : vector<16xbf16> to $W)",
                                       "f32", "f32", 16);
  for (const char *arch : {"neoverse-v1", "neoverse-v2", "cortex-a76"})
    CHECK(!take(compileText(text, take(describeProcessor(arch)))).empty());
}

TEST_CASE("processors are described by what LLVM knows of them") {
  TargetDesc v3 = take(describeProcessor("x86-64-v3"));
  CHECK(v3.vectorBits == 256);
  CHECK(v3.maskedBits == 32);
  CHECK(v3.hasFma);
  TargetDesc zen = take(describeProcessor("znver4"));
  CHECK(zen.vectorBits == 512);
  CHECK(zen.maskedBits == 8);
  CHECK(bool(zen.bf16Dot));
  // Half as fast as multiply-adds in f32 there.
  TargetDesc xeon = take(describeProcessor("sapphirerapids"));
  CHECK(!xeon.bf16Dot);
  CHECK(xeon.bf16TileDot.ownRegisters);
  CHECK(!take(describeProcessor("sapphirerapids", "-amx-bf16")).bf16TileDot);
  CHECK(take(describeProcessor("znver4", "-avx512f")).vectorBits == 256);
  CHECK(take(describeProcessor("x86-64-v2")).vectorBits == 128);
  TargetDesc arm = take(describeProcessor("neoverse-v2"));
  CHECK(arm.triple == "aarch64-unknown-linux-gnu");
  CHECK(arm.vectorBits == 128);
  // SVE's masks, but no reliance on its length.
  CHECK(arm.maskedBits == 8);
  CHECK(arm.vscale == 0);
  CHECK(take(describeProcessor("neoverse-v2", "vl128")).vscale == 1);
  CHECK(arm.l1Bytes == 64 << 10);
  CHECK(take(describeProcessor("cortex-a76")).maskedBits == 0);
  TargetDesc sve = take(describeProcessor("neoverse-v1"));
  CHECK(sve.vscale == 2);
  TargetDesc rvv = take(describeProcessor("rv64gcv", "vl256"));
  CHECK(rvv.vectorBits == 256);
  CHECK(rvv.vscale == 4);
  CHECK(rvv.cpu == "generic-rv64");
  // The string says the least length, which isn't the only one.
  CHECK(take(describeProcessor("rv64gcv")).vectorBits == 128);
  CHECK(take(describeProcessor("rv64gcv")).vscale == 0);
  CHECK(take(describeProcessor("rv64gc")).vectorBits == 0);
}

TEST_CASE("names that aren't known are refused with near ones") {
  CHECK(messageOf(describeProcessor("znver44")).find("znver4") !=
        std::string::npos);
  CHECK(messageOf(describeProcessor("i686")) ==
        "'i686' is a 32-bit processor; Tegula needs a 64-bit one");
  CHECK(messageOf(describeProcessor("znver4", "avx1024")) ==
        "processor 'znver4' has no feature 'avx1024'");
  CHECK(messageOf(describeProcessor("rv64qq")).find("not a RISC-V ISA") !=
        std::string::npos);
}

TEST_CASE("code for a processor that isn't here is refused by feature") {
  CHECK_FALSE(bool(hostSupports(hostDesc())));
  auto error = hostSupports(take(describeProcessor("neoverse-v2")));
  CHECK(llvm::toString(std::move(error)).find("aarch64") != std::string::npos);
}

TEST_CASE("calls that no library answers are an error, not a load failure") {
  auto bytes = compileText(R"(
    llvm.func @missing_function()
    llvm.func @tegula_entry(%a: !llvm.ptr, %b: !llvm.ptr) {
      llvm.call @missing_function() : () -> ()
      llvm.return
    })",
                           hostDesc());
  REQUIRE_FALSE(bool(bytes));
  CHECK(llvm::toString(bytes.takeError()).find("missing_function") !=
        std::string::npos);
}

TEST_CASE("other processors' objects are linked too") {
  std::string text =
      elementwiseKernel("%r = arith.addf %x, %y : $V", "f32", "f32", 16, 2);
  for (const char *arch :
       {"x86-64-v2", "x86-64-v4", "neoverse-v1", "cortex-a76", "rv64gcv"}) {
    CAPTURE(arch);
    CHECK(take(compileText(text, take(describeProcessor(arch)))).size() > 500);
  }
}

TEST_CASE("square transposes move every element to its place") {
  for (int n : {2, 8, 16}) {
    CAPTURE(n);
    std::string rows = std::to_string(n), all = std::to_string(n * n);
    std::string square = "vector<" + rows + "x" + rows + "xf32>";
    std::string flat = "vector<" + all + "xf32>";
    std::string text = elementwiseKernel(
        "%s = vector.shape_cast %x : " + flat + " to " + square +
            "\n%t = vector.transpose %s, [1, 0] : " + square + " to " + square +
            "\n%r = vector.shape_cast %t : " + square + " to " + flat,
        "f32", "f32", n * n);
    auto object = take(compileAndLoad(text, hostDesc()));
    std::vector<float> x(n * n), out(n * n);
    for (int i = 0; i < n * n; ++i)
      x[i] = i;
    object->call({x.data(), out.data(), (void *)(uintptr_t)(n * n)});
    for (int i = 0; i < n * n; ++i)
      CHECK(out[i] == x[i % n * n + i / n]);
  }
}

TEST_CASE("locations become line tables, also of inlined functions") {
  std::string object = take(compileText(R"(
llvm.func @tegula_entry(%slots: !llvm.ptr, %program: !llvm.ptr) {
  %p = llvm.load %slots : !llvm.ptr -> !llvm.ptr loc("kernel.py":3:5)
  %x = llvm.load %p : !llvm.ptr -> vector<16xf32> loc("kernel.py":4:5)
  %c = math.exp %x : vector<16xf32> loc(callsite("lib.py":9:2 at "kernel.py":5:5))
  %y = math.tan %c : vector<16xf32> loc("kernel.py":6:5)
  llvm.store %y, %p : vector<16xf32>, !llvm.ptr loc("kernel.py":7:5)
  llvm.return loc("kernel.py":8:5)
} loc("kernel.py":2:1))",
                                        hostDesc()));
  auto file = take(llvm::object::ObjectFile::createELFObjectFile(
      llvm::MemoryBufferRef(object, "kernel")));
  auto context = llvm::DWARFContext::create(*file);
  std::set<uint32_t> lines;
  std::set<std::string> files;
  for (const auto &unit : context->compile_units())
    if (const auto *table = context->getLineTableForUnit(unit.get()))
      for (const auto &row : table->Rows) {
        std::string name;
        table->getFileNameByIndex(
            row.File, "", llvm::DILineInfoSpecifier::FileLineInfoKind::RawValue,
            name);
        files.insert(name);
        lines.insert(row.Line);
      }
  for (uint32_t line : {3u, 6u, 7u, 9u}) {
    CAPTURE(line);
    CHECK(lines.count(line));
  }
  CHECK(files.count("kernel.py"));
  CHECK(files.count("lib.py"));
}

TEST_CASE("code goes by the kernel's name") {
  // Of a function that the code may call, in the worst case.
  std::string object = take(compileText(R"(
llvm.func @tegula_entry(%slots: !llvm.ptr, %program: !llvm.ptr)
    attributes {tegula.kernel = "memcpy"} {
  %p = llvm.load %slots : !llvm.ptr -> !llvm.ptr
  %size = llvm.mlir.constant(4096 : i64) : i64
  "llvm.intr.memcpy"(%p, %program, %size) <{isVolatile = false}>
    : (!llvm.ptr, !llvm.ptr, i64) -> ()
  llvm.return
} loc("kernel.py":2:1))",
                                        hostDesc()));
  auto file = take(llvm::object::ObjectFile::createELFObjectFile(
      llvm::MemoryBufferRef(object, "kernel")));
  uint64_t code = 0;
  for (const llvm::object::SymbolRef &symbol : file->symbols())
    if (take(symbol.getName()) == "memcpy.tegula") {
      CHECK(take(symbol.getType()) == llvm::object::SymbolRef::ST_Function);
      code = take(symbol.getAddress());
    }
  REQUIRE(code != 0);
  auto context = llvm::DWARFContext::create(*file);
  auto frame = context->getInliningInfoForAddress(
      {code}, {llvm::DILineInfoSpecifier::FileLineInfoKind::RawValue,
               llvm::DILineInfoSpecifier::FunctionNameKind::ShortName});
  REQUIRE(frame.getNumberOfFrames() == 1);
  CHECK(frame.getFrame(0).FunctionName == "memcpy");
  std::vector<char> from(4096, 'x'), to(4096);
  auto loaded = take(LoadedObject::open(object));
  const void *slots[] = {to.data()};
  reinterpret_cast<void (*)(const void **, const void *)>(
      loaded->find("tegula_entry"))(slots, from.data());
  CHECK(from == to);
}

TEST_CASE("linking leaves the command line's values alone") {
  llvm::cl::opt<int> option("tegula-test-option", llvm::cl::init(1));
  option = 5;
  std::string text =
      elementwiseKernel("%r = math.tan %x : $V", "f32", "f32", 16);
  take(compileText(text, hostDesc()));
  CHECK(option == 5);
}
