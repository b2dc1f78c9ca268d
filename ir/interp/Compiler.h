//===- Compiler.h - From a function to instructions -------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each family of ops is one file with one function `compile<Family>`, which
// gives `Result::NotMine` for ops of other families.
//
// The body of a reduction is compiled *batched* where it has elementwise ops
// only: its scalars become slots of many elements, so that the type of an op is
// decided once and not for every pair of elements.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_INTERP_COMPILER_H
#define TEGULA_IR_INTERP_COMPILER_H

#include "ir/interp/Engine.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace tegula::ir::interp {

llvm::Expected<std::unique_ptr<Function>> compile(mlir::func::FuncOp kernel);

enum class Result { NotMine, Done, Failed };

class Compiler {
public:
  explicit Compiler(Function &function) : function(function) {
    code = &function.body;
  }

  /// The slot of a value; made when first asked for.
  Slot slot(mlir::Value value);
  Slot makeSlot(Dtype dtype, uint64_t elements);
  Slot makeSlot(mlir::Type type, uint64_t batch = 1);

  void emit(Action run, TaintAction taint = {}, uint64_t elements = 1);
  /// An instruction whose result elements depend on the operands' at the same
  /// place. `keeps` are the taint bits that go through.
  void emitElementwise(llvm::ArrayRef<Slot> operands, Slot result, Action run,
                       uint8_t keeps = kUnspecified);
  /// `result[i] = source[map[i]]`.
  void emitMove(Slot source, Slot result, std::vector<uint32_t> map);
  /// All at once: a source may be the target of another pair.
  void emitCopies(llvm::ArrayRef<Slot> from, llvm::ArrayRef<Slot> to);
  void emitSplat(Slot scalar, Slot result);

  int32_t newLabel();
  void bind(int32_t label) { code->labels[label] = code->instructions.size(); }
  void emitJump(int32_t label);
  /// Jumps if the i1 in `condition` is false.
  void emitJumpUnless(Slot condition, int32_t label, mlir::Operation *op);

  /// The blocks of a region, entered at the first. `leave` compiles the
  /// terminators that are not branches; the code goes on after the region.
  bool compileRegion(mlir::Region &region,
                     llvm::function_ref<bool(mlir::Operation *)> leave);
  bool compileOp(mlir::Operation *op);

  /// Compiles a region of scalars apart from the code, `batch` elements at a
  /// time if that is possible (else `batch` becomes 1). The arguments' and the
  /// yielded values' slots are given back.
  struct Body {
    std::shared_ptr<Code> code;
    llvm::SmallVector<Slot> arguments, yields;
    uint64_t batch = 1;
  };
  bool compileBody(mlir::Region &region, uint64_t batch, Body &body);

  const Site *site(mlir::Operation *op, mlir::Value pointer = {});
  /// Remembers why the function can't be executed.
  Result fail(mlir::Operation *op, const llvm::Twine &message);

  Function &function;
  Code *code;
  std::string error;
  /// Functions being inlined, to refuse recursion.
  llvm::SmallVector<mlir::Operation *> callStack;
  /// Integer arithmetic whose overflow would make an address wrong.
  llvm::DenseSet<mlir::Operation *> addressOps;

private:
  Slot batchedSlot(mlir::Value value);

  llvm::DenseMap<mlir::Value, Slot> slots;
  /// Where scalars are batched, and the copies of those from outside.
  mlir::Region *batchRegion = nullptr;
  uint64_t batchSize = 1;
  llvm::DenseMap<mlir::Value, Slot> captured;
};

// One for each family of ops.
Result compileControl(Compiler &compiler, mlir::Operation *op);
Result compileInteger(Compiler &compiler, mlir::Operation *op);
Result compileFloat(Compiler &compiler, mlir::Operation *op);
Result compileMath(Compiler &compiler, mlir::Operation *op);
Result compileCast(Compiler &compiler, mlir::Operation *op);
Result compileShape(Compiler &compiler, mlir::Operation *op);
Result compileMemory(Compiler &compiler, mlir::Operation *op);
Result compileBox(Compiler &compiler, mlir::Operation *op);
Result compileDesc(Compiler &compiler, mlir::Operation *op);
Result compileAtomic(Compiler &compiler, mlir::Operation *op);
Result compileAxis(Compiler &compiler, mlir::Operation *op);
Result compileDot(Compiler &compiler, mlir::Operation *op);
Result compileTalk(Compiler &compiler, mlir::Operation *op);

/// May `op` run on many scalars at once?
bool isElementwise(mlir::Operation *op);

/// The argument of the kernel from which every pointer in `value` derives, or
/// -1: several, or one that was made from an integer or loaded.
int originOf(mlir::Value value, mlir::Operation *kernel);

/// The integer arithmetic of a function that leads to addresses.
llvm::DenseSet<mlir::Operation *> findAddressArithmetic(mlir::Operation *root);

} // namespace tegula::ir::interp

#endif // TEGULA_IR_INTERP_COMPILER_H
