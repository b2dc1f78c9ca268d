//===- Interrupts.cpp - Ctrl-C while a kernel runs ------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/python/native/Interrupts.h"
#include "tegula/runtime.h"
#include <csignal>
#include <nanobind/nanobind.h>

namespace nb = nanobind;

/// Python's own, which takes a note for the interpreter.
static void (*takeNote)(int);

static void onInterrupt(int number) {
  tegula_interrupt();
  takeNote(number);
}

void tegula::python::watchInterrupts() {
  struct sigaction action;
  if (sigaction(SIGINT, nullptr, &action) != 0 ||
      (action.sa_flags & SA_SIGINFO) || action.sa_handler == onInterrupt ||
      action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)
    return;
  nb::module_ signals = nb::module_::import_("signal");
  if (!signals.attr("getsignal")(SIGINT).is(
          signals.attr("default_int_handler")))
    return;
  takeNote = action.sa_handler;
  action.sa_handler = onInterrupt;
  sigaction(SIGINT, &action, nullptr);
}
