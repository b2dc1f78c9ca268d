//===- IntelTest.cpp - The OpenCL target's parts, and a kernel if it runs -===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/tile/Tile.h"
#include "targets/Target.h"
#include "targets/common/llvm/Emit.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include <atomic>
#include <cmath>
#include <doctest/doctest.h>
#include <thread>
#include <vector>

using namespace tegula;
using namespace tegula::targets;

namespace tegula::targets {
std::unique_ptr<Target> create_intel();
} // namespace tegula::targets

namespace {

/// In the form that the loop lowering writes: y[i] = bf16(erf(x[i])) and
/// x[i] = max(i / n, x[i]) for 100 elements of each program.
const char *kKernel = R"(
func.func @tegula_entry(%slots: !llvm.ptr, %program: !llvm.ptr) attributes {
    tegula.kernel = "k", tegula.arena_bytes = 64 : i64, tegula.args = [
      {name = "x", type = "*f32"}, {name = "y", type = "*bf16"},
      {name = "n", type = "i32"}]} {
  %x = llvm.load %slots : !llvm.ptr -> !llvm.ptr
  %s1 = llvm.getelementptr %slots[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %y = llvm.load %s1 : !llvm.ptr -> !llvm.ptr
  %s2 = llvm.getelementptr %slots[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %n = llvm.load %s2 : !llvm.ptr -> i32
  %id = llvm.load %program : !llvm.ptr -> i32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c100 = arith.constant 100 : index
  %k100 = arith.constant 100 : i32
  %base = arith.muli %id, %k100 : i32
  scf.for %i = %c0 to %c100 step %c1 {
    %ii = arith.index_cast %i : index to i32
    %o = arith.addi %base, %ii : i32
    %in = arith.cmpi slt, %o, %n : i32
    scf.if %in {
      %o64 = arith.extsi %o : i32 to i64
      %px = llvm.getelementptr %x[%o64] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %py = llvm.getelementptr %y[%o64] : (!llvm.ptr, i64) -> !llvm.ptr, bf16
      %v = llvm.load %px : !llvm.ptr -> f32
      %t = math.erf %v : f32
      %b = arith.truncf %t : f32 to bf16
      llvm.store %b, %py : bf16, !llvm.ptr
      %zero = arith.constant 0 : i32
      %d = arith.divsi %o, %zero : i32
      %f = arith.sitofp %d : i32 to f32
      %z = arith.maximumf %f, %v : f32
      llvm.store %z, %px : f32, !llvm.ptr
    }
  }
  return
})";

/// A kernel of another shape: no loop, but an atomic addition of floats.
const char *kSmallKernel = R"(
func.func @tegula_entry(%slots: !llvm.ptr, %program: !llvm.ptr) attributes {
    tegula.kernel = "small", tegula.arena_bytes = 0 : i64,
    tegula.args = [{name = "x", type = "*i64"}, {name = "n", type = "i64"}]} {
  %x = llvm.load %slots : !llvm.ptr -> !llvm.ptr
  %s1 = llvm.getelementptr %slots[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %n = llvm.load %s1 : !llvm.ptr -> i64
  %zero = arith.constant 0 : i64
  %positive = arith.cmpi sgt, %n, %zero : i64
  scf.if %positive {
    llvm.store %n, %x : i64, !llvm.ptr
    %one = arith.constant 1.0 : f32
    %slot = llvm.getelementptr %x[8] : (!llvm.ptr) -> !llvm.ptr, i8
    %old = llvm.atomicrmw fadd %slot, %one acq_rel : !llvm.ptr, f32
  }
  return
})";

struct Compiled {
  std::unique_ptr<Target> target = create_intel();
  TargetDesc desc;
  Artifact artifact;
};

Compiled compile(const char *stage, const char *kernel = kKernel) {
  Compiled result;
  result.desc = llvm::cantFail(result.target->describe("cpu", ""));
  mlir::DialectRegistry registry;
  registerLLVMEmission(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(kernel, &context);
  REQUIRE(bool(module));
  mlir::PassManager pm(&context);
  result.target->buildPipeline(pm, result.desc, "lowered");
  REQUIRE(succeeded(pm.run(*module)));
  auto artifact = result.target->emit(*module, result.desc, stage);
  if (!artifact)
    FAIL(llvm::toString(artifact.takeError()));
  result.artifact = std::move(*artifact);
  return result;
}

} // namespace

TEST_CASE("unknown devices and features are refused by name") {
  auto target = create_intel();
  auto message = [](llvm::Expected<TargetDesc> desc) {
    return desc ? "" : llvm::toString(desc.takeError());
  };
  CHECK(message(target->describe("gen1", "")).find("known: pvc") !=
        std::string::npos);
  CHECK(message(target->describe("pvc", "x")).find("no features") !=
        std::string::npos);
  CHECK(llvm::cantFail(target->describe("cpu", "")).place == Place::Emulation);
  CHECK(llvm::cantFail(target->describe("", "")).name == "intel:pvc");
}

TEST_CASE("a lowered kernel becomes a SPIR-V kernel") {
  Compiled text = compile("asm");
  llvm::StringRef assembly = text.artifact.bytes;
  CHECK(assembly.contains("OpEntryPoint Kernel"));
  CHECK(assembly.contains("\"tegula_kernel\""));
  CHECK_FALSE(assembly.contains(" fmax "));
  Compiled binary = compile("spirv");
  CHECK(llvm::StringRef(binary.artifact.bytes).starts_with("\x03\x02\x23\x07"));
  CHECK(binary.artifact.metadata.getInteger("arena_bytes") == 64);
}

TEST_CASE("the kernel runs on Intel's OpenCL device of this processor") {
  Compiled kernel = compile("spirv");
  Support available = kernel.target->probe(kernel.desc);
  if (!available) {
    MESSAGE("skipped: ", available.reason);
    return;
  }
  auto executable = kernel.target->load(kernel.artifact, kernel.desc);
  if (!executable)
    FAIL(llvm::toString(executable.takeError()));
  constexpr uint64_t n = 1234;
  std::vector<float> x(n + 5, 7.0f), input;
  std::vector<uint16_t> y(n + 5, 0xABCD);
  for (size_t i = 0; i < n; ++i)
    x[i] = i == 3 ? NAN : -2.0f + 0.003f * float(i);
  input = x;
  uint64_t slots[] = {uint64_t(x.data()), uint64_t(y.data()), n};
  uint64_t extents[] = {x.size() * 4, y.size() * 2, 0};
  LaunchRequest request;
  request.grid = {13, 1, 1};
  request.slots = slots;
  request.extents = extents;
  if (llvm::Error error = (*executable)->launch(request))
    FAIL(llvm::toString(std::move(error)));
  for (size_t i = 0; i < n; ++i) {
    if (i == 3) {
      CHECK(std::isnan(x[i]));
      continue;
    }
    CHECK(x[i] == std::max(0.0f, input[i]));
    uint32_t bits = uint32_t(y[i]) << 16;
    float value;
    memcpy(&value, &bits, 4);
    CHECK(std::fabs(value - std::erf(input[i])) <= 0.004f);
  }
  CHECK(x[n] == 7.0f);
  CHECK(y[n] == 0xABCD);
  extents[0] = 0;
  std::string message = llvm::toString((*executable)->launch(request));
  CHECK(message.find("the size of array 'x' is not known") !=
        std::string::npos);
}

TEST_CASE("float atomics add up, without an extension") {
  Compiled kernel = compile("spirv", kSmallKernel);
  if (!kernel.target->probe(kernel.desc))
    return;
  auto executable = kernel.target->load(kernel.artifact, kernel.desc);
  if (!executable)
    FAIL(llvm::toString(executable.takeError()));
  struct {
    int64_t n = 0;
    float sum = 0.5f;
  } data;
  uint64_t slots[] = {uint64_t(&data), 77}, extents[] = {sizeof data, 0};
  LaunchRequest request;
  request.grid = {10, 20, 5};
  request.slots = slots;
  request.extents = extents;
  if (llvm::Error error = (*executable)->launch(request))
    FAIL(llvm::toString(std::move(error)));
  CHECK(data.n == 77);
  CHECK(data.sum == 1000.5f);
}

TEST_CASE("a launch that can't run comes back with the kernel's name") {
  Compiled kernel = compile("spirv", kSmallKernel);
  if (!kernel.target->probe(kernel.desc))
    return;
  auto executable =
      llvm::cantFail(kernel.target->load(kernel.artifact, kernel.desc));
  int64_t data[2] = {};
  uint64_t slots[] = {uint64_t(data), 5}, extents[] = {sizeof data, 0};
  auto launch = [&](std::array<uint32_t, 3> grid) {
    LaunchRequest request;
    request.grid = grid;
    request.slots = slots;
    request.extents = extents;
    return llvm::toString(executable->launch(request));
  };
  CHECK(launch({65537, 1, 1}) == "");
  float sum;
  memcpy(&sum, &data[1], 4);
  CHECK(sum == 65537.0f);
  CHECK(launch({0, 1, 1}) == "");
  CHECK(launch({~0u, ~0u, ~0u}) ==
        "small: the grid (4294967295, 4294967295, 4294967295) is too large");
  extents[0] = uint64_t(1) << 60;
  CHECK(
      llvm::StringRef(launch({1, 1, 1})).starts_with("small: clCreateBuffer"));
  slots[0] = 0;
  CHECK(launch({1, 1, 1}) == "small: argument 'x' is a null pointer");
}

TEST_CASE("several host threads launch one program at once") {
  Compiled kernel = compile("spirv", kSmallKernel);
  if (!kernel.target->probe(kernel.desc))
    return;
  auto executable =
      llvm::cantFail(kernel.target->load(kernel.artifact, kernel.desc));
  constexpr unsigned threads = 4, launches = 25;
  std::vector<std::array<int64_t, 2>> data(threads);
  std::atomic<unsigned> failures = 0;
  auto work = [&](unsigned thread) {
    uint64_t slots[] = {uint64_t(&data[thread]), thread + 1};
    uint64_t extents[] = {sizeof data[thread], 0};
    LaunchRequest request;
    request.grid = {thread + 1, 1, 1};
    request.slots = slots;
    request.extents = extents;
    for (unsigned i = 0; i < launches; ++i)
      if (llvm::Error error = executable->launch(request)) {
        llvm::consumeError(std::move(error));
        ++failures;
      }
  };
  std::vector<std::thread> team;
  for (unsigned thread = 0; thread < threads; ++thread)
    team.emplace_back(work, thread);
  for (std::thread &thread : team)
    thread.join();
  CHECK(failures == 0);
  for (unsigned thread = 0; thread < threads; ++thread) {
    float sum;
    memcpy(&sum, &data[thread][1], 4);
    CHECK(data[thread][0] == thread + 1);
    CHECK(sum == float(launches * (thread + 1)));
  }
}

TEST_CASE("one process makes any number of SPIR-V modules, all alike") {
  std::string first = compile("spirv").artifact.bytes;
  std::string small = compile("spirv", kSmallKernel).artifact.bytes;
  for (int i = 0; i < 20; ++i) {
    CHECK(compile("spirv").artifact.bytes == first);
    CHECK(compile("spirv", kSmallKernel).artifact.bytes == small);
  }
}
