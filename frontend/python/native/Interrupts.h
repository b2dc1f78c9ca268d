//===- Interrupts.h - Ctrl-C while a kernel runs ----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_PYTHON_NATIVE_INTERRUPTS_H
#define TEGULA_FRONTEND_PYTHON_NATIVE_INTERRUPTS_H

namespace tegula::python {

/// From now on Ctrl-C ends running launches too: Python itself would notice it
/// only afterwards. Programs that handle SIGINT in their own way aren't
/// disturbed, whether they have said so before or will later: Python then puts
/// its own handler back. Needs the interpreter's lock.
void watchInterrupts();

} // namespace tegula::python

#endif // TEGULA_FRONTEND_PYTHON_NATIVE_INTERRUPTS_H
