// What a kernel's reference.cpp sees: its arguments by name, all numbers as
// double, and one function to define, named like its folder:
//
//   void tegula::corpus::references::vecadd(ReferenceCall &call) {
//     auto x = call.array("x");
//     ...
//   }
#ifndef TEGULA_KERNELS_REFERENCE_H
#define TEGULA_KERNELS_REFERENCE_H

#include "kernels/Expression.h"
#include "tegula/abi.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tegula::corpus {

// One launch's arguments as they were before the launch. The caller adds them;
// the reference reads them and writes the expected contents of the outputs in
// double, not rounded to the output's type.
class ReferenceCall {
public:
  // For the caller. `data` holds the elements densely in row-major order and
  // must outlive the call.
  void addArray(std::string name, tegula_dtype dtype,
                std::vector<int64_t> shape, const void *data);
  void addNumber(std::string name, double value);
  void addInteger(std::string name, int64_t value);
  void addText(std::string name, std::string value);

  // For the reference. A missing name or a wrong kind ends the reference with
  // an error that callReference returns.
  std::span<const double> array(std::string_view name);
  // Holds the contents before the launch at first, so that a kernel which
  // writes only a part, or adds to what is there, is described as it is.
  std::span<double> output(std::string_view name);
  const std::vector<int64_t> &shape(std::string_view name) const;
  int64_t extent(std::string_view name, size_t dim) const;
  tegula_dtype dtype(std::string_view name) const;
  int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  bool flag(std::string_view name) const { return integer(name) != 0; }
  const std::string &text(std::string_view name) const;
  // Ends the reference: arguments that the kernel's contract excludes.
  [[noreturn]] void reject(const std::string &why) const;

private:
  struct Array {
    tegula_dtype dtype;
    std::vector<int64_t> shape;
    const void *data;
    // Converted when first asked for; inputs and outputs apart, so that an
    // in-place kernel's reference still reads the old contents.
    std::vector<double> input, output;
    bool hasInput = false, hasOutput = false;
  };
  Array &find(std::string_view name);
  const Array &find(std::string_view name) const;
  static size_t count(const Array &array);

  std::map<std::string, Array, std::less<>> arrays;
  // Integers beyond 2^53 (seeds) are not doubles.
  struct Number {
    double real;
    int64_t integer;
  };
  std::map<std::string, Number, std::less<>> numbers;
  std::map<std::string, std::string, std::less<>> texts;
};

using ReferenceFunction = void (*)(ReferenceCall &);

// Null when there is no such kernel.
ReferenceFunction findReference(std::string_view kernel);

// Runs the reference of `kernel`.
MaybeError callReference(std::string_view kernel, ReferenceCall &call);

namespace references {
#define TEGULA_CORPUS_KERNEL(NAME) void NAME(ReferenceCall &call);
#include "kernels/Corpus.def"
} // namespace references

} // namespace tegula::corpus

#endif // TEGULA_KERNELS_REFERENCE_H
