//===- Probes.h - What this machine can do at most ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Limits that benchmarks are compared with, measured in the same process at the
// same number of threads: the peak of multiply-adds per type and the streaming
// rate of an addition of arrays with stores that bypass the caches.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_TOOLS_PROBES_H
#define TEGULA_FRONTEND_TOOLS_PROBES_H

#include <cstdint>
#include <map>
#include <string>

namespace tegula::tools {

/// What a processor can be asked for, by the fastest instruction that it has.
enum class Peak { FmaF32, FmaF64, FmaBf16, DotI8 };

class Probes {
public:
  explicit Probes(unsigned threads) : threads(threads) {}

  /// GFLOP/s (an integer multiply-add counts two); 0 where the processor has no
  /// such instruction. Measured once, the best of several.
  double peak(Peak which);
  bool isMeasured(Peak which) const {
    auto known = peaks.find(which);
    return known != peaks.end() && known->second > 0;
  }
  /// GB/s, each array once.
  double stream();
  /// Measures a peak and the streaming rate once more and keeps the better:
  /// others may have used the machine the first time.
  void measureAgain(Peak which);
  /// Does the machine run at full speed now? A short multiply-add probe against
  /// the best one so far; takes about 0.2 ms.
  bool atFullSpeed();

  static const char *name(Peak which);

private:
  void measurePeak(Peak which);
  void measureStream();

  unsigned threads;
  std::map<Peak, double> peaks;
  double streamRate = 0, bestShort = 0;
};

} // namespace tegula::tools

#endif // TEGULA_FRONTEND_TOOLS_PROBES_H
