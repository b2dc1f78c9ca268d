//===- Pack.cpp - Arguments as slots --------------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/arrays/Dtype.h"
#include "runtime/cpu/Module.h"

using namespace tegula::runtime;

const char *tegula_version(void) { return TEGULA_VERSION; }

namespace {

/// The argument that a slot is packed for, and how to refuse it.
class Packer {
public:
  Packer(const tegula_module *module, size_t index, uint64_t *slot,
         char *message, size_t size)
      : module(module), index(index), slot(slot), message(message), size(size) {
  }

  /// Null where there is no such argument; then the message is written.
  const tegula_module::Arg *argument() {
    setMessage(message, size, "");
    if (module && slot && index < module->args.size())
      return &module->args[index];
    setMessage(message, size,
               !module || !slot ? std::string("tegula_pack: a null argument")
                                : module->name + ": has no argument " +
                                      std::to_string(index) + ", only " +
                                      std::to_string(module->args.size()));
    return nullptr;
  }

  tegula_status refuse(const std::string &what) {
    const tegula_module::Arg &arg = module->args[index];
    setMessage(message, size,
               module->name + ": argument `" + arg.name + "` is " + arg.type +
                   ", not " + what);
    return TEGULA_INVALID_ARGUMENT;
  }

  /// What a number must be here; null after a refusal.
  const DtypeInfo *number() {
    const tegula_module::Arg *arg = argument();
    if (!arg)
      return nullptr;
    if (auto dtype = parseDtype(arg->type))
      return &dtypeInfo(*dtype);
    refuse("a number");
    return nullptr;
  }

  tegula_status packFloat(const DtypeInfo &info, double value) {
    *slot = encodeFloat(value, info.dtype);
    return TEGULA_OK;
  }

  /// An integer in two's complement; `fits` says whether its type holds it.
  tegula_status packInteger(const DtypeInfo &info, uint64_t bits, bool fits,
                            const std::string &text) {
    if (!fits)
      return refuse(text + ", which doesn't fit it");
    *slot =
        info.bytes == 8 ? bits : bits & ((uint64_t(1) << (8 * info.bytes)) - 1);
    return TEGULA_OK;
  }

private:
  const tegula_module *module;
  size_t index;
  uint64_t *slot;
  char *message;
  size_t size;
};

} // namespace

/// Bits of the number itself, without the sign.
static int numberBits(const DtypeInfo &info) {
  return info.kind == DtypeKind::Bool
             ? 1
             : 8 * info.bytes - (info.kind == DtypeKind::Signed);
}

tegula_status tegula_pack_pointer(const tegula_module *module, size_t index,
                                  const void *pointer, uint64_t *slot,
                                  char *message, size_t message_size) {
  Packer packer(module, index, slot, message, message_size);
  const tegula_module::Arg *arg = packer.argument();
  if (!arg)
    return TEGULA_INVALID_ARGUMENT;
  if (!arg->isPointer())
    return packer.refuse("a pointer");
  *slot = reinterpret_cast<uintptr_t>(pointer);
  return TEGULA_OK;
}

tegula_status tegula_pack_int(const tegula_module *module, size_t index,
                              int64_t value, uint64_t *slot, char *message,
                              size_t message_size) {
  if (value >= 0)
    return tegula_pack_uint(module, index, static_cast<uint64_t>(value), slot,
                            message, message_size);
  Packer packer(module, index, slot, message, message_size);
  const DtypeInfo *info = packer.number();
  if (!info)
    return TEGULA_INVALID_ARGUMENT;
  if (info->kind == DtypeKind::Float)
    return packer.packFloat(*info, static_cast<double>(value));
  bool fits = info->kind == DtypeKind::Signed &&
              (info->bytes == 8 || value >= -(int64_t(1) << numberBits(*info)));
  return packer.packInteger(*info, static_cast<uint64_t>(value), fits,
                            std::to_string(value));
}

tegula_status tegula_pack_uint(const tegula_module *module, size_t index,
                               uint64_t value, uint64_t *slot, char *message,
                               size_t message_size) {
  Packer packer(module, index, slot, message, message_size);
  const DtypeInfo *info = packer.number();
  if (!info)
    return TEGULA_INVALID_ARGUMENT;
  if (info->kind == DtypeKind::Float)
    return packer.packFloat(*info, static_cast<double>(value));
  int bits = numberBits(*info);
  return packer.packInteger(*info, value, bits == 64 || value >> bits == 0,
                            std::to_string(value));
}

tegula_status tegula_pack_float(const tegula_module *module, size_t index,
                                double value, uint64_t *slot, char *message,
                                size_t message_size) {
  Packer packer(module, index, slot, message, message_size);
  const tegula_module::Arg *arg = packer.argument();
  if (!arg)
    return TEGULA_INVALID_ARGUMENT;
  auto dtype = parseDtype(arg->type);
  if (!dtype || dtypeInfo(*dtype).kind != DtypeKind::Float)
    return packer.refuse("a float");
  return packer.packFloat(dtypeInfo(*dtype), value);
}
