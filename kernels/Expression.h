// Arithmetic over a kernel's arguments, as spec.json and --grid write it:
// `cdiv(n, BLOCK)`, `2*M*N*K`, `x.nbytes + y.shape[0]*4`.
#ifndef TEGULA_KERNELS_EXPRESSION_H
#define TEGULA_KERNELS_EXPRESSION_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegula::corpus {

// Why something failed, or nothing.
using MaybeError = std::optional<std::string>;

// What the names of an expression stand for.
struct ExpressionScope {
  struct Array {
    std::vector<int64_t> shape;
    int64_t itemBytes = 0;
  };
  std::map<std::string, double, std::less<>> numbers;
  std::map<std::string, Array, std::less<>> arrays;
};

// Evaluates a comma-separated list. Known: + - * / // % ** and parentheses with
// Python's meaning, cdiv, min, max, names of numbers, and for an array x its
// x.size, x.nbytes, x.itemsize and x.shape[i]. All arithmetic is in double,
// exact for integers below 2^53.
MaybeError evaluate(std::string_view text, const ExpressionScope &scope,
                    std::vector<double> &values);

// The same for exactly one value.
MaybeError evaluateOne(std::string_view text, const ExpressionScope &scope,
                       double &value);

// A grid: one to three values, each an integer from 1 to 2^31 - 1.
MaybeError evaluateGrid(std::string_view text, const ExpressionScope &scope,
                        std::vector<int64_t> &grid);

} // namespace tegula::corpus

#endif // TEGULA_KERNELS_EXPRESSION_H
