//===- Device.cpp - Finding a device that takes SPIR-V --------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/opencl/Device.h"

#include "runtime/Environment.h"
#include <vector>

using namespace tegula;
using namespace tegula::runtime;
using namespace tegula::runtime::opencl;

template <typename Function, typename Object>
static std::string textOf(Function getInfo, Object object, ClUint what) {
  size_t size = 0;
  if (getInfo(object, what, 0, nullptr, &size) != 0 || size == 0)
    return "";
  std::string text(size, '\0');
  getInfo(object, what, size, text.data(), nullptr);
  return text.c_str();
}

static ClDevice findIn(Api &cl, DeviceKind kind, const std::string &vendor,
                       Status &status) {
  ClUint count = 0;
  status = checkCall(cl.GetPlatformIDs(0, nullptr, &count), "GetPlatformIDs");
  if (!status)
    return nullptr;
  std::vector<ClPlatform> platforms(count);
  cl.GetPlatformIDs(count, platforms.data(), nullptr);
  ClBits type = kind == DeviceKind::Gpu ? kClDeviceTypeGpu : kClDeviceTypeCpu;
  for (ClPlatform platform : platforms) {
    ClDevice device = nullptr;
    if (textOf(cl.GetPlatformInfo, platform, kClPlatformVendor).find(vendor) !=
            std::string::npos &&
        cl.GetDeviceIDs(platform, type, 1, &device, nullptr) == 0 &&
        textOf(cl.GetDeviceInfo, device, kClDeviceIlVersion).find("SPIR-V") !=
            std::string::npos)
      return device;
  }
  status = {TEGULA_DEVICE_FAILED, "no such device is listed"};
  return nullptr;
}

static std::vector<std::string> librariesFor(DeviceKind kind) {
  Environment environment = Environment::read();
  if (!environment.openCl.empty())
    return {environment.openCl};
  std::vector<std::string> libraries = {"libOpenCL.so.1"};
  if (kind == DeviceKind::Cpu && !environment.fetchedOpenCl.empty())
    libraries.push_back(environment.fetchedOpenCl);
  return libraries;
}

Device tegula::runtime::opencl::findDevice(DeviceKind kind,
                                           const std::string &vendor,
                                           Status &status) {
  std::string tried;
  for (const std::string &library : librariesFor(kind)) {
    std::shared_ptr<Api> api = Api::open(library, status);
    ClDevice device = api ? findIn(*api, kind, vendor, status) : nullptr;
    if (device)
      return {std::move(api), device};
    tried += (tried.empty() ? "" : "; ") +
             (api ? library + ": " : std::string()) + status.message();
  }
  bool isCpu = kind == DeviceKind::Cpu;
  status = {TEGULA_DEVICE_FAILED,
            "OpenCL has no " + vendor + (isCpu ? " CPU" : " GPU") +
                " device (" + tried + ")" +
                (isCpu ? "; './bootstrap test' fetches a driver into the build "
                         "folder, or TEGULA_OPENCL names one: "
                         ".../libintelocl.so"
                       : "")};
  return {};
}
