//===- InterpTargetTest.cpp - From a module to a launch and back
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/tests/Harness.h"
#include "targets/Target.h"
#include <doctest/doctest.h>

namespace tegula::targets {
std::unique_ptr<Target> create_interp();
} // namespace tegula::targets

using namespace tegula;
using namespace tegula::targets;

static const char *const kScale = R"(
  func.func @scale(%x: !tile.ptr<f8E4M3FN> {tile.name = "x"}, %o: !tile.ptr<f32>, %n: i32) {
    %c0 = arith.constant 0 : i64
    %c1 = arith.constant 1 : i64
    %n64 = arith.extsi %n : i32 to i64
    %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%n64)
           : !tile.ptr<f8E4M3FN> -> tensor<8xf8E4M3FN>
    %w = arith.extf %a : tensor<8xf8E4M3FN> to tensor<8xf32>
    tile.store_box %o, %w start(%c0) stride(%c1) lower(%c0) upper(%n64)
      : !tile.ptr<f32>, tensor<8xf32>
    return
  })";

TEST_CASE("the artifact of a module can be loaded and launched") {
  std::unique_ptr<Target> target = create_interp();
  ir::test::Kernel parsed(kScale);
  llvm::Expected<TargetDesc> desc = target->describe("random", "7");
  REQUIRE(bool(desc));
  CHECK(desc->name == "interp:random:7");
  llvm::Expected<Artifact> artifact =
      target->emit(*parsed.module, *desc, target->stages().back().name);
  REQUIRE(bool(artifact));
  CHECK(llvm::formatv("{0}", llvm::json::Value(std::move(artifact->metadata)))
            .str() ==
        R"({"abi":4,"args":[{"name":"x","type":"*f8e4m3"},{"name":"arg1",)"
        R"("type":"*f32"},{"name":"arg2","type":"i32"}],"file":"kernel.mlir",)"
        R"("line":2,"name":"scale","target":"interp:random:7"})");

  llvm::Expected<std::unique_ptr<Executable>> executable =
      target->load(*artifact, *desc);
  REQUIRE(bool(executable));
  std::vector<uint8_t> x = {0x38, 0xC0, 0x44};
  std::vector<float> out(3);
  std::vector<uint64_t> slots = {reinterpret_cast<uint64_t>(x.data()),
                                 reinterpret_cast<uint64_t>(out.data()), 3};
  std::vector<uint64_t> extents = {3, 12, 0};
  LaunchRequest request;
  request.slots = slots;
  request.extents = extents;
  CHECK(llvm::toString((*executable)->launch(request)) == "");
  CHECK(out == std::vector<float>{1, -2, 3});
  slots[2] = 4;
  CHECK(llvm::toString((*executable)->launch(request)).find("out of bounds") !=
        std::string::npos);
}

TEST_CASE("what can't be is said") {
  std::unique_ptr<Target> target = create_interp();
  auto problem = [&](llvm::StringRef arch, llvm::StringRef features) {
    return llvm::toString(target->describe(arch, features).takeError());
  };
  CHECK(problem("fast", "") ==
        "interp: unknown order of programs 'fast'; known: linear, random");
  CHECK(problem("random", "x") ==
        "interp: 'x' is no seed; write interp:random:7");
  CHECK(problem("", "3") == "interp: '3' is no seed; write interp:random:7");
  llvm::Expected<TargetDesc> desc = target->describe("", "");
  REQUIRE(bool(desc));
  Artifact broken;
  broken.bytes = "no bytecode";
  CHECK(llvm::toString(target->load(broken, *desc).takeError())
            .find("not an artifact of this version") != std::string::npos);
}
