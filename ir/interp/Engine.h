//===- Engine.h - What a prepared kernel consists of ------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel becomes a flat list of instructions, each a closure over numbered
// slots. All shapes are static, so a program's state is one block of memory (a
// frame) and a position in the list: a program that must wait is put aside and
// taken up again without a stack of its own.
//
// When a launch is checked, each element also has a *taint*: bits that follow
// the values through the arithmetic and are reported where they matter.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_INTERP_ENGINE_H
#define TEGULA_IR_INTERP_ENGINE_H

#include "ir/interp/Interpreter.h"
#include "ir/interp/Numbers.h"
#include "llvm/ADT/FunctionExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <algorithm>

namespace tegula::ir::interp {

/// Where a value lives in a frame.
struct Slot {
  uint32_t offset = 0;   ///< bytes into the frame's values
  uint32_t taint = 0;    ///< bytes into the frame's taints
  uint32_t index = 0;    ///< number of the slot
  uint32_t elements = 0; ///< 1 for a scalar
  Dtype dtype = Dtype::I32;
  size_t bytes() const { return size_t(elements) * sizeOf(dtype); }
};

/// Bits of a taint.
enum : uint8_t {
  kUnspecified = 1, ///< a lane that a mask switched off, without `other`
  kOverflowed = 2   ///< address arithmetic that left its type
};

/// Where an instruction goes on: at a label (>= 0) or one of these.
enum Flow : int32_t {
  kNext = -1,
  kYield = -2, ///< to the next one, after other programs had their turn
  kRetry = -3, ///< the same again, after other programs had their turn
  kStop = -4   ///< the program ends
};

/// What a message says about an op.
struct Site {
  std::string file;
  unsigned line = 0, column = 0;
  /// The kernel's argument from which all addresses of the op derive, or -1.
  int argument = -1;
};

class Program;
class LaunchState;
using Action = llvm::unique_function<Flow(Program &) const>;
using TaintAction = llvm::unique_function<void(Program &) const>;

struct Instruction {
  Action run;
  TaintAction taint; ///< only in checked launches, before `run`; may be empty
  uint32_t work = 1;
};

struct Code {
  std::vector<Instruction> instructions;
  std::vector<uint32_t> labels;
};

struct Argument {
  Slot slot;
  std::string name;
  bool isPointer = false;
  unsigned pointeeBytes = 1;
};

/// A prepared kernel.
struct Function {
  std::string name;
  std::vector<Argument> arguments;
  Code constants; ///< run once for each frame
  Code body;
  uint32_t frameBytes = 0, frameTaints = 0, frameSlots = 0;
  std::vector<std::unique_ptr<Site>> sites;
};

/// The memory of one program; used again by later programs.
struct Frame {
  explicit Frame(const Function &function, bool check);
  std::unique_ptr<char[]> storage;
  char *values; ///< 64-byte aligned
  std::vector<uint8_t> taints, tainted;
  bool ready = false; ///< constants are in place
};

/// One program of a launch.
class Program {
public:
  Program(LaunchState &launch, std::unique_ptr<Frame> frame, uint64_t linear);

  template <typename T = void> T *data(Slot slot) {
    return reinterpret_cast<T *>(frame->values + slot.offset);
  }
  template <typename T> T &scalar(Slot slot) { return *data<T>(slot); }
  /// Elements to compute: fewer than the slot's inside a batched region.
  size_t lanes(Slot slot) const { return std::min(slot.elements, laneLimit); }

  uint8_t *taint(Slot slot) { return frame->taints.data() + slot.taint; }
  bool isTainted(Slot slot) const { return frame->tainted[slot.index]; }
  void setTainted(Slot slot, bool tainted) {
    frame->tainted[slot.index] = tainted;
  }
  /// All taint bits of a slot's elements together.
  uint8_t anyTaint(Slot slot);

  LaunchState &launch;
  std::unique_ptr<Frame> frame;
  uint64_t linear;
  std::array<uint32_t, 3> id;
  uint32_t pc = 0;
  uint32_t laneLimit = UINT32_MAX;
  std::vector<std::string> printed;
  uint64_t idleWork = 0;     ///< since `lastProgress`
  uint64_t lastProgress = 0; ///< the launch's progress when last looked at
};

/// Runs `code` from `pc` until it ends, stops or yields (kNext: it ended).
Flow execute(Program &program, const Code &code, uint32_t &pc);

} // namespace tegula::ir::interp

#endif // TEGULA_IR_INTERP_ENGINE_H
