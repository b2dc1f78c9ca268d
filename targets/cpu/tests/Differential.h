//===- Differential.h - Compiled kernels against the interpreter *- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a kernel written as tile IR in the reference interpreter, then raised
// and compiled for each x86-64 level that this machine has (or for what
// `--machine=cpu:...` names, under QEMU), launched with and without the arrays'
// extents, and compares every array afterwards.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_CPU_TESTS_DIFFERENTIAL_H
#define TEGULA_TARGETS_CPU_TESTS_DIFFERENTIAL_H

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace tegula::test {

class Differential {
public:
  explicit Differential(std::string text) : text(std::move(text)) {}

  /// Array and scalar arguments in order. Floats may differ by `tolerance`
  /// times the array's largest number (at least 1), integers not at all.
  template <typename T>
  Differential &array(const std::vector<T> &values, double tolerance = 0) {
    Argument argument;
    argument.bytes.resize(values.size() * sizeof(T));
    std::memcpy(argument.bytes.data(), values.data(), argument.bytes.size());
    argument.isFloat = std::is_floating_point_v<T>;
    argument.elementBytes = sizeof(T);
    argument.tolerance = tolerance;
    argument.isArray = true;
    arguments.push_back(std::move(argument));
    return *this;
  }
  template <typename T> Differential &scalar(T value) {
    Argument argument;
    argument.bytes.resize(8);
    std::memcpy(argument.bytes.data(), &value, sizeof(T));
    arguments.push_back(std::move(argument));
    return *this;
  }

  /// Runs everywhere and compares. Gives what the interpreter left in the last
  /// array, so that a test can check the reference too.
  template <typename T> std::vector<T> run(uint32_t programs = 1) {
    std::vector<uint8_t> bytes = runBytes(programs);
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

private:
  struct Argument {
    std::vector<uint8_t> bytes;
    unsigned elementBytes = 0;
    double tolerance = 0;
    bool isFloat = false, isArray = false;
  };
  std::vector<uint8_t> runBytes(uint32_t programs);
  void compare(const std::string &machine,
               const std::vector<Argument> &expected,
               const std::vector<Argument> &found) const;

  std::string text;
  std::vector<Argument> arguments;
};

} // namespace tegula::test

#endif // TEGULA_TARGETS_CPU_TESTS_DIFFERENTIAL_H
