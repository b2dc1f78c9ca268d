//===- Solitude.h - Launches with atomics that run alone --------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A locked instruction costs 20 cycles and takes one element; a plain update
// takes a vector in two. They do the same where nobody else updates, which is
// so for a launch on one thread while no other launch with atomics is under way
// in the process. As with a biased lock (Kawachiya, Koseki and Onodera, "Lock
// reservation", OOPSLA 2002) the newcomer pays: it waits until the one that is
// alone has finished its program and seen that it no longer is.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_CPU_SOLITUDE_H
#define TEGULA_RUNTIME_CPU_SOLITUDE_H

namespace tegula::runtime {

/// From the start to the end of a launch whose kernel uses atomics.
class Solitude {
public:
  /// Waits until no other launch is alone. Alone itself if it `mayBeAlone` and
  /// nobody else is under way.
  explicit Solitude(bool mayBeAlone);
  Solitude(const Solitude &) = delete;
  ~Solitude();

  bool isAlone() const { return alone; }
  /// Between programs: is somebody waiting for this launch to share?
  bool isAsked() const;
  /// From here on others may run.
  void share();

private:
  bool alone = false;
};

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_CPU_SOLITUDE_H
