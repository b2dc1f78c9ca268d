// Element types as the corpus needs them: names, sizes, values as double.
#ifndef TEGULA_KERNELS_ELEMENTS_H
#define TEGULA_KERNELS_ELEMENTS_H

#include "tegula/abi.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tegula::corpus {

// From a name of the command line ("f32", "bf16", …).
std::optional<tegula_dtype> parseDtype(std::string_view name);

// Bytes of one element in memory.
int64_t elementBytes(tegula_dtype dtype);

// The largest finite value; 0 for integers.
double largestFinite(tegula_dtype dtype);

// Exact for all but 64-bit integers beyond 2^53.
void toDouble(tegula_dtype dtype, const void *data, std::span<double> values);

// How far a result is from the expected value: |actual - expected| divided by
// max(1, |expected|), i.e. relative for large values and absolute near zero. 0
// for equal infinities and for two NaNs, and where the expected value is beyond
// the type and the result is that infinity; infinity for any other mismatch of
// NaN or infinity.
double elementError(double actual, double expected, tegula_dtype dtype);

// The largest elementError of an output array.
double outputError(tegula_dtype dtype, const void *actual,
                   std::span<const double> expected);

} // namespace tegula::corpus

#endif // TEGULA_KERNELS_ELEMENTS_H
