//===- Array.cpp - Arrays in memory ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Array.h"
#include "runtime/arrays/Random.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <cstring>
#include <sys/mman.h>

namespace tegula::frontend {

int64_t byteWidth(DType type) { return (bitWidth(type) + 7) / 8; }

void UnmapPages::operator()(char *start) const {
  if (bytes)
    ::munmap(start, bytes);
}

int64_t Array::size() const {
  int64_t count = 1;
  for (int64_t extent : extents)
    count *= extent;
  return count;
}

llvm::Expected<Array> Array::allocate(DType element,
                                      std::vector<int64_t> shape) {
  int64_t bytes = byteWidth(element);
  for (int64_t extent : shape)
    if (__builtin_mul_overflow(bytes, extent, &bytes) || bytes < 0)
      return llvm::createStringError("the array is larger than 2^63 bytes");
  Array array;
  array.type = element;
  array.extents = std::move(shape);
  // Even an empty array has an address, and a page has room for a vector load
  // that starts at its last element.
  size_t mapped = size_t(bytes) + 4096;
  void *start = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED)
    return llvm::createStringError("no memory for an array of %lld bytes",
                                   static_cast<long long>(bytes));
  array.memory = {static_cast<char *>(start), UnmapPages{mapped}};
  return array;
}

llvm::Expected<Array> Array::clone() const {
  llvm::Expected<Array> copy = allocate(type, extents);
  if (copy)
    std::memcpy(copy->data(), data(), bytes());
  return copy;
}

static const llvm::fltSemantics *smallFloat(DType type) {
  switch (type) {
  case DType::Float8E4M3:
    return &llvm::APFloat::Float8E4M3FN();
  case DType::Float8E4M3FNUZ:
    return &llvm::APFloat::Float8E4M3FNUZ();
  case DType::Float8E5M2:
    return &llvm::APFloat::Float8E5M2();
  case DType::Float8E5M2FNUZ:
    return &llvm::APFloat::Float8E5M2FNUZ();
  default:
    return nullptr;
  }
}

/// Through f32, as NumPy users make bf16.
static uint16_t toBfloat(double value) {
  float wide = float(value);
  uint32_t bits;
  std::memcpy(&bits, &wide, 4);
  if (std::isnan(wide))
    return uint16_t(0x7FC0 | (bits >> 16 & 0x8000));
  return uint16_t((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

template <typename T> static void put(void *element, T value) {
  std::memcpy(element, &value, sizeof(T));
}

template <typename T> static T take(const void *element) {
  T value;
  std::memcpy(&value, element, sizeof(T));
  return value;
}

static void storeInteger(DType type, int64_t value, void *element) {
  if (type == DType::Int1)
    return put<uint8_t>(element, value != 0);
  std::memcpy(element, &value, byteWidth(type));
}

void storeNumber(DType type, double value, void *element) {
  if (!isFloat(type)) {
    bool negative = value < 0;
    return storeInteger(
        type, negative ? int64_t(value) : int64_t(uint64_t(value)), element);
  }
  if (type == DType::Float64)
    return put<double>(element, value);
  if (type == DType::Float32)
    return put<float>(element, float(value));
  if (type == DType::BFloat16)
    return put<uint16_t>(element, toBfloat(value));
  if (type == DType::Float16)
    return put<_Float16>(element, _Float16(value));
  llvm::APFloat small(value);
  bool inexact;
  small.convert(*smallFloat(type), llvm::APFloat::rmNearestTiesToEven,
                &inexact);
  uint64_t bits = small.bitcastToAPInt().getZExtValue();
  std::memcpy(element, &bits, byteWidth(type));
}

double Array::at(int64_t index) const {
  const char *element = memory.get() + index * byteWidth(type);
  switch (type) {
  case DType::Float64:
    return take<double>(element);
  case DType::Float32:
    return take<float>(element);
  case DType::BFloat16: {
    uint32_t bits = uint32_t(take<uint16_t>(element)) << 16;
    return take<float>(&bits);
  }
  case DType::Float16:
    return double(take<_Float16>(element));
  case DType::Int8:
    return take<int8_t>(element);
  case DType::Int16:
    return take<int16_t>(element);
  case DType::Int32:
    return take<int32_t>(element);
  case DType::Int64:
    return double(take<int64_t>(element));
  default:
    break;
  }
  uint64_t bits = 0;
  std::memcpy(&bits, element, byteWidth(type));
  if (!isFloat(type))
    return double(bits);
  llvm::APFloat small(*smallFloat(type), llvm::APInt(bitWidth(type), bits));
  bool inexact;
  small.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven,
                &inexact);
  return small.convertToDouble();
}

llvm::Expected<Array> ArraySpec::make() const {
  if (kind == Kind::File) {
    std::shared_ptr<llvm::MemoryBuffer> bytes = input;
    if (!bytes) {
      auto opened = openNpy(path);
      if (!opened)
        return opened.takeError();
      bytes = std::move(*opened);
    }
    llvm::Expected<Array> array = readNpy(path, bytes->getBuffer());
    if (!array)
      return array.takeError();
    if (array->element() == element)
      return array;
    // `bf16@bits.npy`: the same bytes by their real name.
    llvm::Expected<Array> named = Array::allocate(element, shape);
    if (named)
      std::memcpy(named->data(), array->data(), array->bytes());
    return named;
  }
  llvm::Expected<Array> array = Array::allocate(element, shape);
  if (!array || kind == Kind::Zeros)
    return array;
  char *next = static_cast<char *>(array->data());
  if (kind == Kind::Empty) {
    std::memset(next, 0xFF, array->bytes());
    return array;
  }
  runtime::Random random(seed);
  tegula_dtype dtype = *runtime::parseDtype(shortName(element).str());
  size_t count = array->size();
  if (kind == Kind::Rand)
    fillUniform(random, dtype, next, count);
  else if (kind == Kind::Randn)
    fillNormal(random, dtype, next, count);
  else
    fillIntegers(random, dtype, low, high, next, count);
  return array;
}

//===----------------------------------------------------------------------===//
// The command line's forms
//===----------------------------------------------------------------------===//

static llvm::Error wrong(llvm::StringRef text, const llvm::Twine &why) {
  return llvm::createStringError("'" + text + "': " + why);
}

static llvm::Expected<std::vector<int64_t>> parseShape(llvm::StringRef text,
                                                       llvm::StringRef whole) {
  std::vector<int64_t> shape;
  llvm::SmallVector<llvm::StringRef> extents;
  text.split(extents, 'x');
  for (llvm::StringRef word : extents) {
    int64_t extent;
    if (word.getAsInteger(10, extent) || extent < 0)
      return wrong(whole, "'" + text + "' isn't a shape; write 1024 or 32x64");
    shape.push_back(extent);
  }
  return shape;
}

/// Whether an integer type has all of [low, high).
static bool holds(DType element, int64_t low, int64_t high) {
  bool isSigned = !isUnsigned(element) && element != DType::Int1;
  if (isFloat(element) || (bitWidth(element) == 64 && isSigned))
    return true;
  if (bitWidth(element) == 64)
    return low >= 0;
  int64_t reach = int64_t(1) << (bitWidth(element) - isSigned);
  return low >= (isSigned ? -reach : 0) && high <= reach;
}

static const char *const kForms =
    "arrays are zeros:, rand:, randn:, empty:DTYPE:SHAPE[:SEED], "
    "randint:DTYPE:SHAPE:LOW:HIGH[:SEED], @FILE.npy or DTYPE@FILE.npy";

static llvm::Expected<std::optional<ArraySpec>>
parseFile(llvm::StringRef dtype, llvm::StringRef path, llvm::StringRef text) {
  auto bytes = openNpy(path);
  if (!bytes)
    return bytes.takeError();
  llvm::Expected<NpyHeader> header = readNpyHeader(path, (*bytes)->getBuffer());
  if (!header)
    return header.takeError();
  ArraySpec spec;
  if (path == "-")
    spec.input = std::move(*bytes);
  spec.kind = ArraySpec::Kind::File;
  spec.path = path.str();
  spec.shape = header->shape;
  spec.element = header->element;
  if (dtype.empty())
    return spec;
  std::optional<DType> element = parseDType(dtype);
  if (!element)
    return wrong(text, "unknown dtype '" + dtype + "'");
  if (byteWidth(*element) != byteWidth(header->element))
    return wrong(text, "the file holds " + shortName(header->element) + ", " +
                           dtype + " needs elements of " +
                           llvm::Twine(byteWidth(*element)) + " bytes");
  spec.element = *element;
  return spec;
}

llvm::Expected<std::optional<ArraySpec>>
ArraySpec::parse(llvm::StringRef text) {
  if (size_t at = text.find('@'); at != llvm::StringRef::npos)
    if (at == 0 || parseDType(text.take_front(at)))
      return parseFile(text.take_front(at), text.drop_front(at + 1), text);

  llvm::SmallVector<llvm::StringRef> words;
  text.split(words, ':');
  std::optional<Kind> kind = llvm::StringSwitch<std::optional<Kind>>(words[0])
                                 .Case("zeros", Kind::Zeros)
                                 .Case("rand", Kind::Rand)
                                 .Case("randn", Kind::Randn)
                                 .Case("randint", Kind::Randint)
                                 .Case("empty", Kind::Empty)
                                 .Default(std::nullopt);
  // A bare word is a string: `mode=zeros` may be meant for a constexpr.
  if (!kind || words.size() == 1)
    return std::nullopt;
  size_t fixed = *kind == Kind::Randint ? 5 : 3;
  if (words.size() != fixed && words.size() != fixed + 1)
    return wrong(text, kForms);
  ArraySpec spec;
  spec.kind = *kind;
  std::optional<DType> element = parseDType(words[1]);
  if (!element || *element == DType::Void)
    return wrong(text, "unknown dtype '" + words[1] + "'");
  spec.element = *element;
  if ((spec.kind == Kind::Rand || spec.kind == Kind::Randn) &&
      !isFloat(spec.element))
    return wrong(text, words[0] + " makes floats; use randint:" + words[1] +
                           ":SHAPE:LOW:HIGH");
  llvm::Expected<std::vector<int64_t>> shape = parseShape(words[2], text);
  if (!shape)
    return shape.takeError();
  spec.shape = std::move(*shape);
  if (spec.kind == Kind::Randint &&
      (words[3].getAsInteger(0, spec.low) ||
       words[4].getAsInteger(0, spec.high) || spec.low >= spec.high))
    return wrong(text, "randint needs integers LOW < HIGH (HIGH is excluded)");
  if (spec.kind == Kind::Randint && !holds(spec.element, spec.low, spec.high))
    return wrong(text, words[1] + " can't hold all of " + words[3] + " to " +
                           words[4] + " - 1");
  if (words.size() > fixed && words[fixed].getAsInteger(10, spec.seed))
    return wrong(text, "the seed '" + words[fixed] + "' isn't an integer");
  return spec;
}

} // namespace tegula::frontend
