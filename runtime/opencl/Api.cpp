//===- Api.cpp - Opening an OpenCL library --------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/opencl/Api.h"

#include <dlfcn.h>

using namespace tegula;
using namespace tegula::runtime::opencl;

std::shared_ptr<Api> Api::open(const std::string &library, Status &status) {
  // Never closed: drivers keep threads that outlive their last object.
  void *handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *why = dlerror();
    status = {TEGULA_DEVICE_FAILED, why ? why : library + " was not found"};
    return nullptr;
  }
  auto api = std::make_shared<Api>();
#define TEGULA_FIND(NAME, ...)                                                 \
  api->NAME =                                                                  \
      reinterpret_cast<decltype(api->NAME)>(dlsym(handle, "cl" #NAME));        \
  if (!api->NAME) {                                                            \
    status = {TEGULA_DEVICE_FAILED,                                            \
              library + " is too old: it lacks cl" #NAME};                     \
    return nullptr;                                                            \
  }
  TEGULA_OPENCL_FUNCTIONS(TEGULA_FIND)
#undef TEGULA_FIND
  status = {};
  return api;
}

/// The codes that users meet.
static const char *nameOfCode(ClInt code) {
  switch (code) {
  case -1:
    return "device not found";
  case -2:
    return "the device is not available";
  case -4:
    return "the device's memory is too small";
  case -5:
    return "out of resources";
  case -6:
    return "out of host memory";
  case -11:
    return "the device's compiler refused the program";
  case -14:
    return "a command of the device failed";
  case -42:
    return "the device can't read the program";
  case -46:
    return "the program has no such kernel";
  case -52:
    return "wrong kernel arguments";
  case -61:
    return "invalid buffer size";
  case -1001:
    return "no OpenCL driver is installed";
  default:
    return "OpenCL error";
  }
}

Status tegula::runtime::opencl::checkCall(ClInt code, const char *call) {
  if (code == ClInt(kClSuccess))
    return {};
  bool outOfMemory = code == -4 || code == -5 || code == -6 || code == -61;
  return {outOfMemory ? TEGULA_OUT_OF_MEMORY : TEGULA_DEVICE_FAILED,
          std::string("cl") + call + ": " + nameOfCode(code) + " (code " +
              std::to_string(code) + ")"};
}
