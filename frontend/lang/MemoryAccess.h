//===- MemoryAccess.h - what loads, stores and atomics share --------------===//
#ifndef TEGULA_FRONTEND_LANG_MEMORYACCESS_H
#define TEGULA_FRONTEND_LANG_MEMORYACCESS_H

#include "frontend/lang/Evaluator.h"

namespace tegula::frontend {

/// The pointers and the mask of one access.
struct Access {
  Value pointer;
  Value mask; // None without one

  mlir::Value maskHandle() const {
    return mask.isTensor() ? mask.handle() : mlir::Value();
  }
};

/// The window of a block pointer as pointers, with a mask for the dimensions in
/// `checked`. Nothing after an error.
std::optional<Access> expandBlockPointer(Evaluator &evaluator,
                                         const Value::BlockPointerData &data,
                                         llvm::ArrayRef<int64_t> checked);

/// "block pointer or pointer" of tl.load and tl.store as an access; reports
/// masks with block pointers and the like.
std::optional<Access> takeAccess(Evaluator &evaluator, const Value &pointer,
                                 const Value &mask, const Value &boundaryCheck,
                                 llvm::StringRef function);

std::optional<tile::CacheModifier> cacheModifierOf(Evaluator &evaluator,
                                                   const Value &value);
std::optional<tile::EvictionPolicy> evictionPolicyOf(Evaluator &evaluator,
                                                     const Value &value);

/// A scalar integer as an index.
Value toIndex(Evaluator &evaluator, const Value &value, llvm::StringRef what,
              DType type = DType::Int64);

} // namespace tegula::frontend

#endif
