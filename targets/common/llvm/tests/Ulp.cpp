//===- Ulp.cpp - Errors of the inline maths in units of last place --------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/tests/Ulp.h"
#include "targets/common/llvm/Machine.h"

#include <cmath>
#include <cstdio>
#include <limits>

using namespace tegula;
using namespace tegula::targets;
using namespace tegula::targets::tests;

const std::vector<MathFunction> &tegula::targets::tests::mathFunctions() {
  static const std::vector<MathFunction> functions = {
      {"math.exp", expl, exp, 1.0, 1.0},
      {"math.exp2", exp2l, exp2, 1.0, 1.0},
      {"math.expm1", expm1l, expm1, 1.6, 0},
      {"math.log", logl, log, 1.0, 1.0},
      {"math.log2", log2l, log2, 1.0, 1.0},
      {"math.log10", log10l, log10, 1.0, 1.0},
      {"math.log1p", log1pl, log1p, 1.5, 0},
      {"math.tanh", tanhl, tanh, 2.0, 0},
      {"math.erf", erfl, erf, 2.0, 0},
      {"math.sin", sinl, sin, 1.6, 0},
      {"math.cos", cosl, cos, 1.6, 0},
      {"math.rsqrt", [](long double x) { return 1 / sqrtl(x); },
       [](double x) { return 1 / sqrt(x); }, 1.5, 1.5},
  };
  return functions;
}

/// The distance between neighbours of type T at `value`.
template <typename T, typename Wide> static Wide ulpAt(Wide value) {
  using Limits = std::numeric_limits<T>;
  int exponent;
  std::frexp(value, &exponent);
  exponent = std::max(exponent, Limits::min_exponent);
  return std::ldexp(Wide(1), exponent - Limits::digits);
}

template <typename T>
void tegula::targets::tests::addErrors(UlpError &error,
                                       const MathFunction &function,
                                       const std::vector<T> &x,
                                       const std::vector<T> &got) {
  constexpr auto largest = std::numeric_limits<T>::max();
  for (size_t i = 0; i < x.size(); ++i) {
    auto truth = function.exact(x[i]);
    using Wide = decltype(truth);
    T rounded = T(truth);
    bool isSpecial = !std::isfinite(rounded) || truth == 0;
    if (std::isnan(rounded) && std::isnan(got[i]))
      continue;
    if (isSpecial || !std::isfinite(got[i])) {
      // Next to overflow, one unit decides between the largest number and
      // infinity.
      bool isEdge = std::isinf(got[i]) != std::isinf(rounded) &&
                    std::fabs(truth) > largest * Wide(0.999) &&
                    std::fabs(truth) < largest * Wide(1.001);
      bool isSame =
          got[i] == rounded && std::signbit(got[i]) == std::signbit(rounded);
      if (!isSame && !isEdge && error.wrongSpecials++ < 3)
        std::printf("special: f(%a) gave %a, wanted %a\n", double(x[i]),
                    double(got[i]), double(rounded));
      continue;
    }
    double ulps = double(std::fabs(got[i] - truth) / ulpAt<T>(truth));
    if (ulps > error.max)
      error.max = ulps, error.where = double(x[i]);
  }
}
template void tegula::targets::tests::addErrors(UlpError &,
                                                const MathFunction &,
                                                const std::vector<float> &,
                                                const std::vector<float> &);
template void tegula::targets::tests::addErrors(UlpError &,
                                                const MathFunction &,
                                                const std::vector<double> &,
                                                const std::vector<double> &);

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

static bool runsHere(const TargetDesc &desc) {
  return !llvm::errorToBool(hostSupports(desc));
}

std::vector<TargetDesc>
tegula::targets::tests::runnable(std::vector<const char *> archs) {
  std::vector<TargetDesc> result;
  for (llvm::StringRef text : archs) {
    auto [arch, features] = text.split(':');
    TargetDesc desc = llvm::cantFail(describeProcessor(arch, features));
    if (runsHere(desc) || runtime::qemu::probe(describeForQemu(desc)))
      result.push_back(desc);
  }
  return result;
}

std::unique_ptr<CompiledFunction>
CompiledFunction::compile(const std::string &op, const char *type,
                          const TargetDesc &desc) {
  unsigned lanes = desc.lanes(type[1] == '6' ? 64 : 32);
  auto function = std::make_unique<CompiledFunction>();
  auto code = compileText(
      elementwiseKernel("%r = " + op + " %x : $V", type, type, lanes), desc);
  llvm::Error error = code ? llvm::Error::success() : code.takeError();
  if (!error && runsHere(desc)) {
    if (auto object = LoadedObject::open(*code))
      function->object = std::move(*object);
    else
      error = object.takeError();
  } else if (!error) {
    function->machine = describeForQemu(desc);
    function->code = std::move(*code);
    if (Status here = runtime::qemu::probe(function->machine); !here)
      error = llvm::createStringError(here.message());
  }
  if (!error)
    return function;
  std::fprintf(stderr, "%s\n", llvm::toString(std::move(error)).c_str());
  return nullptr;
}

void CompiledFunction::run(const void *x, void *out, size_t count,
                           size_t elementBytes) const {
  if (object)
    return object->call({x, out, reinterpret_cast<void *>(count)});
  uint64_t slots[] = {reinterpret_cast<uintptr_t>(x),
                      reinterpret_cast<uintptr_t>(out), count};
  uint64_t bytes = count * elementBytes, extents[] = {bytes, bytes, 0};
  std::string metadata =
      R"({"name":"function","abi":)" + std::to_string(TEGULA_ABI_VERSION) + "}";
  Status status = runtime::qemu::launch(machine, {code, metadata},
                                        {{1, 1, 1}, slots, extents, 1});
  if (!status)
    std::fprintf(stderr, "%s\n", status.message().c_str());
}
