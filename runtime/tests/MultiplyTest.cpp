//===- MultiplyTest.cpp - Products of matrices for running kernels --------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Launch.h"

#include <cmath>
#include <doctest/doctest.h>
#include <vector>

using namespace tegula::runtime;

namespace {

/// m x n x k with rows of `left` and `right` that are longer than they need be,
/// or columns that are side by side.
struct Product {
  int64_t m, n, k;
  bool isLeftTurned = false, isRightTurned = false;
  int64_t padding = 0;
  /// No stride of the right operand is 1.
  int64_t spread = 1;

  void check() const {
    int64_t leading[2] = {(isLeftTurned ? m : k) + padding,
                          (isRightTurned ? k : n) * spread + padding};
    std::vector<float> a(leading[0] * (isLeftTurned ? k : m));
    std::vector<float> b(leading[1] * (isRightTurned ? n : k));
    std::vector<float> c(m * (n + padding));
    auto fill = [](std::vector<float> &values, int seed) {
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = float((i * 7919 + seed) % 201) / 100 - 1;
    };
    fill(a, 1);
    fill(b, 2);
    fill(c, 3);
    tegula_product product{m,          n,        k,          a.data(),
                           leading[0], 1,        b.data(),   leading[1],
                           spread,     c.data(), n + padding};
    if (isLeftTurned)
      std::swap(product.a_row, product.a_column);
    if (isRightTurned)
      std::swap(product.b_row, product.b_column);
    std::vector<float> before = c;
    multiply(nullptr, &product);
    double worst = 0;
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n + padding; ++j) {
        double sum = before[i * (n + padding) + j];
        for (int64_t l = 0; l < k && j < n; ++l)
          sum += double(a[i * product.a_row + l * product.a_column]) *
                 b[l * product.b_row + j * product.b_column];
        worst = std::fmax(worst, std::fabs(sum - c[i * (n + padding) + j]));
      }
    CHECK(worst < 1e-5 * double(k + 1));
  }
};

} // namespace

TEST_CASE("a product is added to the accumulator") {
  Product{16, 32, 64}.check();
  Product{7, 13, 29}.check();
  Product{1, 1, 1}.check();
}

TEST_CASE("operands may be turned, and rows longer than they need be") {
  for (bool left : {false, true})
    for (bool right : {false, true})
      Product{9, 20, 33, left, right, /*padding=*/5}.check();
}

TEST_CASE("strides that no library takes") {
  Product{5, 6, 7, false, false, 0, /*spread=*/3}.check();
}

TEST_CASE("nothing is added where a matrix is empty") {
  Product{0, 4, 4}.check();
  Product{4, 4, 0}.check();
}
