//===- Tegula.hpp - Loading and launching kernels from C++ ------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C++ form of runtime.h; it is all in this header.
//
//   tegula::Status status;
//   tegula::Kernel add = tegula::Kernel::open("add.so", status);
//   std::vector<float> x(1000, 1), out(1000);
//   if (status)
//     status = add.launch({4}, x, out, 1000);
//   if (!status)
//     std::cerr << status.message() << '\n';
//
// An array may be a pointer, or anything with data() and size(): then the
// runtime knows its size and can choose better. Numbers are converted to the
// type of the kernel's argument and refused where they don't fit.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TEGULA_HPP
#define TEGULA_TEGULA_HPP

#include "tegula/runtime.h"
#include <array>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tegula {

/// How a call ended; true: well.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(tegula_status code, std::string message)
      : status(code), text(std::move(message)) {}

  explicit operator bool() const { return status == TEGULA_OK; }
  tegula_status code() const { return status; }
  const std::string &message() const { return text; }

private:
  tegula_status status = TEGULA_OK;
  std::string text;
};

/// The number of programs in each dimension.
struct Grid {
  uint32_t x = 1, y = 1, z = 1;
};

struct LaunchOptions {
  /// 0: TEGULA_NUM_THREADS, else what the machine gives.
  uint32_t threads = 0;
  /// Null pointers are passed on: the kernel doesn't use them.
  bool allowNull = false;
};

namespace detail {

template <typename T>
concept ArrayLike = requires(T &array) {
  std::data(array);
  std::size(array);
};

/// Room for a message of the C interface.
struct Message {
  char text[1024] = "";
  Status status(tegula_status code) const {
    return code == TEGULA_OK ? Status() : Status(code, text);
  }
};

/// The slots of a launch, filled in one after the other.
template <size_t N> struct Slots {
  const tegula_module *module;
  std::array<uint64_t, N> slots = {}, extents = {};
  size_t next = 0;
  tegula_status code = TEGULA_OK;
  Message message = {};

  template <typename T> void add(T &argument) {
    if (code != TEGULA_OK)
      return;
    size_t index = next++;
    auto with = [&](auto pack, auto value) {
      code = pack(module, index, value, &slots[index], message.text,
                  sizeof message.text);
    };
    if constexpr (ArrayLike<T>) {
      with(tegula_pack_pointer, static_cast<const void *>(std::data(argument)));
      extents[index] = std::size(argument) * sizeof(*std::data(argument));
    } else if constexpr (std::is_pointer_v<T>) {
      with(tegula_pack_pointer, static_cast<const void *>(argument));
    } else if constexpr (std::is_floating_point_v<T>) {
      with(tegula_pack_float, static_cast<double>(argument));
    } else if constexpr (std::is_unsigned_v<T>) {
      with(tegula_pack_uint, static_cast<uint64_t>(argument));
    } else {
      static_assert(std::is_integral_v<T>,
                    "a kernel takes pointers, arrays and numbers");
      with(tegula_pack_int, static_cast<int64_t>(argument));
    }
  }
};

} // namespace detail

/// A loaded kernel. Copies share it; it is unloaded with the last of them. Any
/// number of threads may launch it at once.
class Kernel {
public:
  /// No kernel: launches are refused.
  Kernel() = default;

  /// Opens what `tegula compile -o add.so` made: add.so and add.so.json.
  static Kernel open(const std::string &path, Status &status) {
    tegula_module *module = nullptr;
    detail::Message message;
    status = message.status(tegula_module_open(
        path.c_str(), &module, message.text, sizeof message.text));
    return Kernel(module);
  }

  /// Loads a shared object from memory; neither text is needed afterwards.
  static Kernel load(std::string_view bytes, const std::string &metadata,
                     Status &status) {
    tegula_module *module = nullptr;
    detail::Message message;
    status = message.status(
        tegula_module_load(bytes.data(), bytes.size(), metadata.c_str(),
                           &module, message.text, sizeof message.text));
    return Kernel(module);
  }

  /// A kernel that is linked into the program.
  static Kernel bind(tegula_entry entry, const std::string &metadata,
                     Status &status) {
    tegula_module *module = nullptr;
    detail::Message message;
    status = message.status(tegula_module_from_entry(
        entry, metadata.c_str(), &module, message.text, sizeof message.text));
    return Kernel(module);
  }

  explicit operator bool() const { return module != nullptr; }
  std::string name() const {
    return module ? tegula_module_name(module.get()) : "";
  }
  /// For what this class doesn't offer; null where there is no kernel.
  const tegula_module *get() const { return module.get(); }

  /// Runs the programs of the grid and waits for them.
  template <typename... Arguments>
  Status launch(Grid grid, Arguments &&...arguments) const {
    return launch(LaunchOptions(), grid, std::forward<Arguments>(arguments)...);
  }

  template <typename... Arguments>
  Status launch(LaunchOptions options, Grid grid,
                Arguments &&...arguments) const {
    constexpr size_t count = sizeof...(arguments);
    if (!module)
      return Status(TEGULA_INVALID_ARGUMENT, "there is no kernel to launch");
    if (size_t wanted = tegula_module_num_args(module.get()); wanted != count)
      return Status(TEGULA_INVALID_ARGUMENT,
                    name() + ": takes " + std::to_string(wanted) +
                        " arguments, but the launch passes " +
                        std::to_string(count));
    detail::Slots<count> packed{module.get()};
    (packed.add(arguments), ...);
    if (packed.code != TEGULA_OK)
      return packed.message.status(packed.code);
    tegula_launch_options raw = {};
    raw.threads = options.threads;
    raw.allow_null = options.allowNull;
    raw.extents = packed.extents.data();
    const uint32_t programs[3] = {grid.x, grid.y, grid.z};
    return packed.message.status(
        tegula_launch(module.get(), programs, packed.slots.data(), count, &raw,
                      packed.message.text, sizeof packed.message.text));
  }

private:
  struct Unload {
    void operator()(const tegula_module *module) const {
      tegula_module_unload(const_cast<tegula_module *>(module));
    }
  };
  explicit Kernel(tegula_module *loaded) : module(loaded, Unload()) {}

  std::shared_ptr<const tegula_module> module;
};

} // namespace tegula

#endif // TEGULA_TEGULA_HPP
