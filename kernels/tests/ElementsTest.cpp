#include "kernels/Elements.h"

#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <vector>

using namespace tegula::corpus;

template <typename T>
static std::vector<double> converted(tegula_dtype dtype, std::vector<T> data) {
  std::vector<double> values(data.size());
  toDouble(dtype, data.data(), values);
  return values;
}

TEST_CASE("small floats are decoded") {
  using Bytes = std::vector<uint8_t>;
  using Halves = std::vector<uint16_t>;
  using Values = std::vector<double>;
  double infinity = std::numeric_limits<double>::infinity();
  CHECK(converted(TEGULA_F16, Halves{0x3c00, 0xc000, 0x7bff, 1, 0x7c00}) ==
        Values{1, -2, 65504, std::ldexp(1, -24), infinity});
  CHECK(converted(TEGULA_BF16, Halves{0x3f80, 0xc040, 0xff80}) ==
        Values{1, -3, -infinity});
  CHECK(converted(TEGULA_F8E4M3, Bytes{0x38, 0x7e, 0x01}) ==
        Values{1, 448, std::ldexp(1, -9)});
  CHECK(std::isnan(converted(TEGULA_F8E4M3, Bytes{0x7f})[0]));
  CHECK(converted(TEGULA_F8E5M2, Bytes{0x3c, 0xfb, 0x7c}) ==
        Values{1, -57344, infinity});
  CHECK(converted(TEGULA_F8E4M3FNUZ, Bytes{0x40, 0x7f}) == Values{1, 240});
  CHECK(std::isnan(converted(TEGULA_F8E4M3FNUZ, Bytes{0x80})[0]));
  CHECK(converted(TEGULA_F8E5M2FNUZ, Bytes{0x40, 0x7f}) == Values{1, 57344});
  // Beyond the size from which a table is used.
  std::vector<uint16_t> many(5000, 0x3555);
  CHECK(converted(TEGULA_F16, many)[4999] ==
        converted(TEGULA_F16, Halves{0x3555})[0]);
}

TEST_CASE("integers are decoded with their sign") {
  CHECK(converted(TEGULA_I8, std::vector<int8_t>{-3})[0] == -3);
  CHECK(converted(TEGULA_U8, std::vector<int8_t>{-3})[0] == 253);
  CHECK(converted(TEGULA_I64, std::vector<int64_t>{-7})[0] == -7);
  CHECK(converted(TEGULA_I1, std::vector<uint8_t>{1, 0}) ==
        std::vector<double>{1, 0});
}

TEST_CASE("errors are relative above one and absolute below") {
  double nan = std::numeric_limits<double>::quiet_NaN();
  double infinity = std::numeric_limits<double>::infinity();
  CHECK(elementError(101, 100, TEGULA_F32) == doctest::Approx(0.01));
  CHECK(elementError(0.02, 0.01, TEGULA_F32) == doctest::Approx(0.01));
  CHECK(elementError(nan, nan, TEGULA_F32) == 0);
  CHECK(elementError(nan, 1, TEGULA_F32) == infinity);
  CHECK(elementError(1, nan, TEGULA_F32) == infinity);
  CHECK(elementError(infinity, infinity, TEGULA_F32) == 0);
  CHECK(elementError(infinity, 5, TEGULA_F32) == infinity);
  CHECK(elementError(infinity, 70000, TEGULA_F16) == 0);
  CHECK(elementError(-infinity, 70000, TEGULA_F16) == infinity);
  float actual[] = {1, 2, 3.5f};
  double expected[] = {1, 2, 3};
  CHECK(outputError(TEGULA_F32, actual, expected) == doctest::Approx(0.5 / 3));
}
