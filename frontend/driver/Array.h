//===- Array.h - Arrays of the command line ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An array in memory, .npy files in and out, and the arrays that the command
// line makes: `zeros:f32:1024x512`, `randn:f32:10:7`, `@in.npy`,
// `bf16@bits.npy`. INTERFACES.md fixes the forms.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_ARRAY_H
#define TEGULA_FRONTEND_DRIVER_ARRAY_H

#include "frontend/lang/Literal.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegula::frontend {

/// Bytes of one element in memory; i1 takes one.
int64_t byteWidth(DType type);

struct UnmapPages {
  size_t bytes = 0;
  void operator()(char *start) const;
};

/// A C-contiguous array. Its memory starts on a page boundary, since kernels
/// may rely on 16 bytes and vectors like 64.
class Array {
public:
  /// Fails when there isn't that much memory.
  static llvm::Expected<Array> allocate(DType element,
                                        std::vector<int64_t> shape);
  llvm::Expected<Array> clone() const;

  DType element() const { return type; }
  const std::vector<int64_t> &shape() const { return extents; }
  int64_t size() const;
  int64_t bytes() const { return size() * byteWidth(type); }
  void *data() const { return memory.get(); }

  /// The element as a number; exact but for 64-bit integers above 2^53.
  double at(int64_t index) const;

private:
  DType type = DType::Float32;
  std::vector<int64_t> extents;
  std::unique_ptr<char, UnmapPages> memory;
};

/// Rounds to nearest even into one element. Integers wrap.
void storeNumber(DType type, double value, void *element);

/// What the command line says of an array, before it is made.
struct ArraySpec {
  enum class Kind { Zeros, Rand, Randn, Randint, Empty, File };
  Kind kind = Kind::Zeros;
  DType element = DType::Float32;
  std::vector<int64_t> shape;
  uint64_t seed = 0;
  int64_t low = 0, high = 0;
  std::string path;
  /// What was read from the standard input, which can't be read twice.
  std::shared_ptr<llvm::MemoryBuffer> input;

  /// Nothing if `text` isn't an array; an error if it is a wrong one. For a
  /// file, only its header is read.
  static llvm::Expected<std::optional<ArraySpec>> parse(llvm::StringRef text);
  llvm::Expected<Array> make() const;
};

/// The header of a .npy file.
struct NpyHeader {
  DType element;
  std::vector<int64_t> shape;
  bool fortranOrder = false;
  uint64_t dataOffset = 0;
};
/// The bytes of a file; "-" is the standard input. `path` is for messages.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
openNpy(llvm::StringRef path);
llvm::Expected<NpyHeader> readNpyHeader(llvm::StringRef path,
                                        llvm::StringRef bytes);
llvm::Expected<Array> readNpy(llvm::StringRef path, llvm::StringRef bytes);
/// bf16 and the fp8 formats are saved as their bits, uint16 and uint8. Written
/// beside the file and renamed, so that a killed process leaves no half file.
llvm::Error writeNpy(llvm::StringRef path, const Array &array);

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_ARRAY_H
