//===- OpenClApi.cpp - Opening the OpenCL library -------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/intel/OpenClApi.h"

#include <dlfcn.h>

using namespace tegula::targets::intel;

llvm::Expected<std::shared_ptr<OpenClApi>> OpenClApi::open() {
  auto api = std::make_shared<OpenClApi>();
  api->library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!api->library)
    return llvm::createStringError("libOpenCL.so.1 was not found");
#define TEGULA_FIND(NAME, ...)                                                 \
  api->NAME =                                                                  \
      reinterpret_cast<decltype(api->NAME)>(dlsym(api->library, "cl" #NAME));  \
  if (!api->NAME)                                                              \
    return llvm::createStringError(                                            \
        "libOpenCL.so.1 is too old: it lacks cl" #NAME);
  TEGULA_OPENCL_FUNCTIONS(TEGULA_FIND)
#undef TEGULA_FIND
  return api;
}

OpenClApi::~OpenClApi() {
  // Drivers keep threads that outlive their last object: the library stays.
}

/// The codes that users meet.
static const char *nameOfCode(ClInt code) {
  switch (code) {
  case -1:
    return "device not found";
  case -4:
    return "the device's memory is too small";
  case -5:
    return "out of resources";
  case -6:
    return "out of host memory";
  case -11:
    return "the device's compiler refused the program";
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

llvm::Error tegula::targets::intel::checkCall(ClInt code, const char *call) {
  if (code == ClInt(kClSuccess))
    return llvm::Error::success();
  return llvm::createStringError("cl%s: %s (code %d)", call, nameOfCode(code),
                                 code);
}
