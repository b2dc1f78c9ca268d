//===- OpenClTest.cpp - The OpenCL part of the runtime --------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/opencl/Program.h"

#include <cstdlib>
#include <doctest/doctest.h>

using namespace tegula;
using namespace tegula::runtime::opencl;

TEST_CASE("overlapping arrays share one buffer, neighbours don't") {
  using Range = Buffers::Range;
  auto merged =
      Buffers::merge({{300, 400}, {100, 200}, {150, 250}, {250, 260}});
  REQUIRE(merged.size() == 3);
  CHECK(merged[0].begin == 100);
  CHECK(merged[0].end == 250);
  CHECK(merged[1].begin == 250);
  CHECK(merged[2].end == 400);
  CHECK(Buffers::merge({Range{5, 9}, Range{6, 7}}).size() == 1);
}

TEST_CASE("codes of OpenCL become statuses with names") {
  CHECK(checkCall(0, "Finish"));
  CHECK(checkCall(-4, "CreateBuffer").code() == TEGULA_OUT_OF_MEMORY);
  CHECK(checkCall(-61, "CreateBuffer").code() == TEGULA_OUT_OF_MEMORY);
  Status lost = checkCall(-2, "Finish");
  CHECK(lost.code() == TEGULA_DEVICE_FAILED);
  CHECK(lost.message() == "clFinish: the device is not available (code -2)");
  CHECK(tegula_status_name(lost.code()) == std::string("TEGULA_DEVICE_FAILED"));
}

TEST_CASE("a missing driver is an error that says what to do") {
  setenv("TEGULA_OPENCL", "/nowhere/libintelocl.so", 1);
  Status status;
  CHECK(findDevice(DeviceKind::Cpu, "Intel", status).api == nullptr);
  unsetenv("TEGULA_OPENCL");
  CHECK(status.code() == TEGULA_DEVICE_FAILED);
  CHECK(status.message().find("no Intel CPU device") != std::string::npos);
  CHECK(status.message().find("/nowhere/libintelocl.so") != std::string::npos);
  CHECK(status.message().find("./bootstrap test") != std::string::npos);
}

TEST_CASE("what is no SPIR-V is refused with the kernel's name") {
  Status status;
  Device device = findDevice(DeviceKind::Cpu, "Intel", status);
  if (!status) {
    MESSAGE("skipped: ", status.message());
    return;
  }
  CHECK(Program::build(device, "no module", {"k", {}, 0}, status) == nullptr);
  CHECK(status.code() == TEGULA_BAD_MODULE);
  CHECK(status.message().starts_with("k: cl"));
}
