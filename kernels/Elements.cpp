#include "kernels/Elements.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace tegula::corpus {
namespace {

struct NamedType {
  std::string_view name;
  tegula_dtype dtype;
  int64_t bytes;
  double largest;
};

constexpr NamedType namedTypes[] = {
    {"i1", TEGULA_I1, 1, 0},
    {"i8", TEGULA_I8, 1, 0},
    {"i16", TEGULA_I16, 2, 0},
    {"i32", TEGULA_I32, 4, 0},
    {"i64", TEGULA_I64, 8, 0},
    {"u8", TEGULA_U8, 1, 0},
    {"u16", TEGULA_U16, 2, 0},
    {"u32", TEGULA_U32, 4, 0},
    {"u64", TEGULA_U64, 8, 0},
    {"f16", TEGULA_F16, 2, 65504},
    {"bf16", TEGULA_BF16, 2, 0x1.fep127},
    {"f32", TEGULA_F32, 4, 0x1.fffffep127},
    {"f64", TEGULA_F64, 8, std::numeric_limits<double>::max()},
    {"f8e4m3", TEGULA_F8E4M3, 1, 448},
    {"f8e5m2", TEGULA_F8E5M2, 1, 57344},
    {"f8e4m3fnuz", TEGULA_F8E4M3FNUZ, 1, 240},
    {"f8e5m2fnuz", TEGULA_F8E5M2FNUZ, 1, 57344},
};

const NamedType &describe(tegula_dtype dtype) {
  for (const NamedType &type : namedTypes)
    if (type.dtype == dtype)
      return type;
  return namedTypes[0];
}

// How a float of 8 or 16 bits spells NaN and infinity.
enum class Specials {
  Ieee,    // all exponent bits set
  AllOnes, // only NaN: all exponent and mantissa bits set
  NegZero  // only NaN: the pattern of -0
};

template <int exponentBits, int mantissaBits, int bias, Specials specials>
double decodeSmall(unsigned bits) {
  constexpr unsigned mantissaMask = (1u << mantissaBits) - 1;
  constexpr unsigned exponentMask = (1u << exponentBits) - 1;
  bool negative = bits >> (exponentBits + mantissaBits) & 1;
  unsigned exponent = bits >> mantissaBits & exponentMask;
  unsigned mantissa = bits & mantissaMask;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  double value;
  if (specials == Specials::NegZero && negative && !exponent && !mantissa)
    return nan;
  if (specials == Specials::AllOnes && exponent == exponentMask &&
      mantissa == mantissaMask)
    return nan;
  if (specials == Specials::Ieee && exponent == exponentMask)
    value = mantissa ? nan : std::numeric_limits<double>::infinity();
  else if (exponent == 0)
    value = std::ldexp(mantissa, 1 - bias - mantissaBits);
  else
    value = std::ldexp(mantissa | 1u << mantissaBits,
                       int(exponent) - bias - mantissaBits);
  return negative ? -value : value;
}

template <typename StoredT, typename DecodeT>
void convert(const void *data, std::span<double> values, DecodeT decode) {
  const char *bytes = static_cast<const char *>(data);
  for (size_t i = 0; i < values.size(); ++i) {
    StoredT stored;
    std::memcpy(&stored, bytes + i * sizeof stored, sizeof stored);
    values[i] = decode(stored);
  }
}

template <typename StoredT>
void convertPlain(const void *data, std::span<double> values) {
  convert<StoredT>(data, values, [](StoredT stored) { return double(stored); });
}

// A table turns the decoding of 8-bit floats and the halves into one load.
template <typename StoredT, typename DecodeT>
void convertByTable(const void *data, std::span<double> values,
                    DecodeT decode) {
  if (values.size() < 4096)
    return convert<StoredT>(data, values, decode);
  std::vector<double> table(size_t(1) << (8 * sizeof(StoredT)));
  for (size_t i = 0; i < table.size(); ++i)
    table[i] = decode(unsigned(i));
  convert<StoredT>(data, values, [&](StoredT stored) { return table[stored]; });
}

double decodeBf16(unsigned bits) {
  uint32_t wide = bits << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

} // namespace

std::optional<tegula_dtype> parseDtype(std::string_view name) {
  for (const NamedType &type : namedTypes)
    if (type.name == name)
      return type.dtype;
  return std::nullopt;
}

int64_t elementBytes(tegula_dtype dtype) { return describe(dtype).bytes; }

double largestFinite(tegula_dtype dtype) { return describe(dtype).largest; }

void toDouble(tegula_dtype dtype, const void *data, std::span<double> values) {
  switch (dtype) {
  case TEGULA_I1:
    return convert<uint8_t>(data, values, [](uint8_t v) { return v & 1; });
  case TEGULA_I8:
    return convertPlain<int8_t>(data, values);
  case TEGULA_I16:
    return convertPlain<int16_t>(data, values);
  case TEGULA_I32:
    return convertPlain<int32_t>(data, values);
  case TEGULA_I64:
    return convertPlain<int64_t>(data, values);
  case TEGULA_U8:
    return convertPlain<uint8_t>(data, values);
  case TEGULA_U16:
    return convertPlain<uint16_t>(data, values);
  case TEGULA_U32:
    return convertPlain<uint32_t>(data, values);
  case TEGULA_U64:
  case TEGULA_POINTER:
    return convertPlain<uint64_t>(data, values);
  case TEGULA_F16:
    return convertByTable<uint16_t>(data, values,
                                    decodeSmall<5, 10, 15, Specials::Ieee>);
  case TEGULA_BF16:
    return convert<uint16_t>(data, values, decodeBf16);
  case TEGULA_F32:
    return convertPlain<float>(data, values);
  case TEGULA_F64:
    return convertPlain<double>(data, values);
  case TEGULA_F8E4M3:
    return convertByTable<uint8_t>(data, values,
                                   decodeSmall<4, 3, 7, Specials::AllOnes>);
  case TEGULA_F8E5M2:
    return convertByTable<uint8_t>(data, values,
                                   decodeSmall<5, 2, 15, Specials::Ieee>);
  case TEGULA_F8E4M3FNUZ:
    return convertByTable<uint8_t>(data, values,
                                   decodeSmall<4, 3, 8, Specials::NegZero>);
  case TEGULA_F8E5M2FNUZ:
    return convertByTable<uint8_t>(data, values,
                                   decodeSmall<5, 2, 16, Specials::NegZero>);
  }
}

double elementError(double actual, double expected, tegula_dtype dtype) {
  if (actual == expected || (std::isnan(actual) && std::isnan(expected)))
    return 0;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (std::isnan(actual) || std::isnan(expected) || std::isinf(expected))
    return infinity;
  if (std::isinf(actual)) {
    double largest = largestFinite(dtype);
    bool overflows = largest > 0 && std::abs(expected) > largest &&
                     std::signbit(actual) == std::signbit(expected);
    return overflows ? 0 : infinity;
  }
  return std::abs(actual - expected) / std::max(1.0, std::abs(expected));
}

double outputError(tegula_dtype dtype, const void *actual,
                   std::span<const double> expected) {
  double worst = 0;
  double buffer[1024];
  const char *bytes = static_cast<const char *>(actual);
  for (size_t begin = 0; begin < expected.size(); begin += 1024) {
    size_t count = std::min<size_t>(1024, expected.size() - begin);
    toDouble(dtype, bytes + int64_t(begin) * elementBytes(dtype),
             std::span(buffer, count));
    for (size_t i = 0; i < count; ++i)
      worst =
          std::max(worst, elementError(buffer[i], expected[begin + i], dtype));
  }
  return worst;
}

} // namespace tegula::corpus
