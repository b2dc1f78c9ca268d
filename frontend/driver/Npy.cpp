//===- Npy.cpp - .npy files ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Array.h"
#include "frontend/driver/Output.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

namespace tegula::frontend {

static llvm::Error wrong(llvm::StringRef path, const llvm::Twine &why) {
  return llvm::createStringError(path + ": " + why);
}

/// NumPy's type strings; '=' and '|' need no byte order here.
static std::optional<DType> typeOf(llvm::StringRef descr) {
  return llvm::StringSwitch<std::optional<DType>>(descr)
      .Case("b1", DType::Int1)
      .Case("i1", DType::Int8)
      .Case("i2", DType::Int16)
      .Case("i4", DType::Int32)
      .Case("i8", DType::Int64)
      .Case("u1", DType::UInt8)
      .Case("u2", DType::UInt16)
      .Case("u4", DType::UInt32)
      .Case("u8", DType::UInt64)
      .Case("f2", DType::Float16)
      .Case("f4", DType::Float32)
      .Case("f8", DType::Float64)
      .Default(std::nullopt);
}

static llvm::StringRef descrOf(DType type) {
  switch (type) {
  case DType::Int1:
    return "|b1";
  case DType::Int8:
    return "|i1";
  case DType::Int16:
    return "<i2";
  case DType::Int32:
    return "<i4";
  case DType::Int64:
    return "<i8";
  case DType::UInt16:
  case DType::BFloat16:
    return "<u2";
  case DType::UInt32:
    return "<u4";
  case DType::UInt64:
    return "<u8";
  case DType::Float16:
    return "<f2";
  case DType::Float32:
    return "<f4";
  case DType::Float64:
    return "<f8";
  default:
    return "|u1";
  }
}

/// The text after `'key':` in the header's Python dict.
static llvm::StringRef valueOf(llvm::StringRef header, llvm::StringRef key) {
  size_t at = header.find(("'" + key + "'").str());
  if (at == llvm::StringRef::npos)
    return {};
  return header.drop_front(at + key.size() + 2).ltrim(" :");
}

static llvm::Expected<NpyHeader> parseHeader(llvm::StringRef path,
                                             llvm::StringRef text) {
  NpyHeader header;
  llvm::StringRef descr = valueOf(text, "descr");
  if (!descr.consume_front("'"))
    return wrong(path, "not an array of plain numbers");
  descr = descr.take_until([](char c) { return c == '\''; });
  char order = descr.empty() ? '?' : descr.front();
  std::optional<DType> element =
      typeOf(descr.drop_front(descr.empty() ? 0 : 1));
  if (!element)
    return wrong(path, "dtype '" + descr +
                           "' isn't known; use a bool, integer "
                           "or float array");
  if (order == '>' && byteWidth(*element) > 1)
    return wrong(path, "the array is big-endian; save x.astype('<" +
                           descr.drop_front() + "')");
  header.element = *element;
  header.fortranOrder = valueOf(text, "fortran_order").starts_with("True");
  llvm::StringRef shape = valueOf(text, "shape");
  if (!shape.consume_front("("))
    return wrong(path, "the header has no shape");
  llvm::SmallVector<llvm::StringRef> extents;
  shape.take_until([](char c) { return c == ')'; })
      .split(extents, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef word : extents) {
    int64_t extent;
    if (word.trim().empty())
      continue;
    if (word.trim().getAsInteger(10, extent) || extent < 0)
      return wrong(path, "the header's shape is damaged");
    header.shape.push_back(extent);
  }
  return header;
}

llvm::Expected<NpyHeader> readNpyHeader(llvm::StringRef path,
                                        llvm::StringRef bytes) {
  if (!bytes.starts_with("\x93NUMPY") || bytes.size() < 12)
    return wrong(path, "not a .npy file (numpy.save makes them; .npz archives "
                       "aren't read)");
  bool wide = bytes[6] != 1;
  size_t start = wide ? 12 : 10;
  size_t length = wide ? llvm::support::endian::read32le(bytes.data() + 8)
                       : llvm::support::endian::read16le(bytes.data() + 8);
  if (bytes.size() < start + length)
    return wrong(path, "the file ends inside its header");
  llvm::Expected<NpyHeader> header =
      parseHeader(path, bytes.substr(start, length));
  if (header)
    header->dataOffset = start + length;
  return header;
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
openNpy(llvm::StringRef path) {
  llvm::sys::fs::file_status status;
  if (path != "-" && !llvm::sys::fs::status(path, status) &&
      (status.type() == llvm::sys::fs::file_type::character_file ||
       status.type() == llvm::sys::fs::file_type::block_file))
    return wrong(path, "a device, which may have no end; give a file, or `-` "
                       "for the standard input");
  auto buffer =
      path == "-"
          ? llvm::MemoryBuffer::getSTDIN()
          : llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                        /*RequiresNullTerminator=*/false);
  if (!buffer)
    return wrong(path, buffer.getError().message());
  return std::move(*buffer);
}

/// Column-major elements to row-major ones.
static void reorder(const char *from, const Array &to) {
  const std::vector<int64_t> &shape = to.shape();
  int64_t width = byteWidth(to.element());
  std::vector<int64_t> index(shape.size(), 0);
  char *next = static_cast<char *>(to.data());
  for (int64_t i = 0, count = to.size(); i < count; ++i, next += width) {
    int64_t offset = 0, stride = 1;
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      offset += index[dim] * stride;
      stride *= shape[dim];
    }
    std::memcpy(next, from + offset * width, width);
    for (size_t dim = shape.size(); dim-- > 0;) {
      if (++index[dim] < shape[dim])
        break;
      index[dim] = 0;
    }
  }
}

llvm::Expected<Array> readNpy(llvm::StringRef path, llvm::StringRef bytes) {
  llvm::Expected<NpyHeader> header = readNpyHeader(path, bytes);
  if (!header)
    return header.takeError();
  llvm::StringRef data = bytes.drop_front(header->dataOffset);
  llvm::Expected<Array> array = Array::allocate(header->element, header->shape);
  if (!array)
    return wrong(path, llvm::toString(array.takeError()));
  if (int64_t(data.size()) < array->bytes())
    return wrong(path, "the file is cut short: " + llvm::Twine(data.size()) +
                           " bytes of data, " + llvm::Twine(array->bytes()) +
                           " expected");
  if (header->fortranOrder && header->shape.size() > 1)
    reorder(data.data(), *array);
  else
    std::memcpy(array->data(), data.data(), array->bytes());
  return array;
}

llvm::Error writeNpy(llvm::StringRef path, const Array &array) {
  std::string header = ("{'descr': '" + descrOf(array.element()) +
                        "', 'fortran_order': False, 'shape': (")
                           .str();
  for (int64_t extent : array.shape())
    header += std::to_string(extent) + ", ";
  // NumPy writes (3,) and (2, 3).
  if (array.shape().size() > 1)
    header.resize(header.size() - 2);
  else if (array.shape().size() == 1)
    header.pop_back();
  header += "), }";
  // Magic, version, length and header fill a multiple of 64 bytes.
  header.resize(llvm::alignTo(header.size() + 11, 64) - 11, ' ');
  header += '\n';
  char start[10] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};
  llvm::support::endian::write16le(start + 8, uint16_t(header.size()));

  return writeOutput(path, [&](llvm::raw_ostream &os) {
    os.write(start, sizeof(start));
    os << header;
    os.write(static_cast<const char *>(array.data()), array.bytes());
  });
}

} // namespace tegula::frontend
