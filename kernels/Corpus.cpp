#include "kernels/Corpus.h"

#include "kernels/Peer.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace tegula::corpus {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t end; (end = text.find(separator, begin)) != text.npos;
       begin = end + 1)
    parts.push_back(text.substr(begin, end - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

template <typename T> std::optional<T> parseNumber(std::string_view text) {
  T value;
  auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec != std::errc() ||
      result.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

// `zeros:f32:1024x512`, `randint:i32:1000:LOW:HIGH:SEED`.
MaybeError readArray(const std::vector<std::string_view> &parts,
                     ExpressionScope::Array &array) {
  std::optional<tegula_dtype> dtype = parseDtype(parts[1]);
  if (!dtype)
    return "unknown dtype '" + std::string(parts[1]) + "'";
  array.itemBytes = elementBytes(*dtype);
  for (std::string_view extent : split(parts[2], 'x')) {
    std::optional<int64_t> value = parseNumber<int64_t>(extent);
    if (!value || *value < 0)
      return "bad shape '" + std::string(parts[2]) + "'";
    array.shape.push_back(*value);
  }
  return std::nullopt;
}

bool isArray(std::string_view value) {
  constexpr std::string_view generators[] = {"zeros", "rand", "randn",
                                             "randint", "empty"};
  return value.find('@') != value.npos ||
         std::count(std::begin(generators), std::end(generators),
                    value.substr(0, value.find(':')));
}

// `5` of `i64:5`; other values as they are.
std::string_view withoutType(std::string_view value) {
  size_t colon = value.find(':');
  bool isTyped = colon != value.npos && parseDtype(value.substr(0, colon));
  return isTyped ? value.substr(colon + 1) : value;
}

std::optional<int64_t> readInteger(std::string_view value) {
  if (value == "True" || value == "true")
    return 1;
  if (value == "False" || value == "false")
    return 0;
  return parseNumber<int64_t>(withoutType(value));
}

// The number that a scalar's value stands for: `5`, `i64:5`, `inf`, `True`.
std::optional<double> readNumber(std::string_view value) {
  if (std::optional<int64_t> integer = readInteger(value))
    return double(*integer);
  return parseNumber<double>(withoutType(value));
}

void addInteger(ReferenceCall &call, const std::string &name, int64_t value) {
  call.addInteger(name, value);
}
void addInteger(PeerCall &call, const std::string &name, int64_t value) {
  call.addNumber(name, double(value));
}

MaybeError readValue(const std::string &name, std::string_view value,
                     ExpressionScope &scope) {
  if (std::optional<double> number = readNumber(value)) {
    scope.numbers[name] = *number;
    return std::nullopt;
  }
  if (!isArray(value))
    return std::nullopt;
  if (value.find('@') != value.npos)
    return "the shape of '" + std::string(value) +
           "' is not known from the spec";
  std::vector<std::string_view> parts = split(value, ':');
  if (parts.size() < 3)
    return "an array is KIND:DTYPE:SHAPE, not '" + std::string(value) + "'";
  return readArray(parts, scope.arrays[name]);
}

template <typename CallT>
void addScalarsTo(const Arguments &substituted, CallT &call) {
  for (const auto &[name, value] : substituted) {
    if (isArray(value))
      continue;
    if (std::optional<int64_t> integer = readInteger(value)) {
      addInteger(call, name, *integer);
      continue;
    }
    if (std::optional<double> number = readNumber(value)) {
      call.addNumber(name, *number);
      continue;
    }
    bool isQuoted = value.size() >= 2 && value.front() == value.back() &&
                    (value.front() == '"' || value.front() == '\'');
    call.addText(name, isQuoted ? value.substr(1, value.size() - 2) : value);
  }
}

} // namespace

std::vector<std::string_view> kernelNames() {
  return {
#define TEGULA_CORPUS_KERNEL(NAME) #NAME,
#include "kernels/Corpus.def"
  };
}

std::filesystem::path kernelsFolder(const std::filesystem::path &installed) {
  std::error_code ignored;
  if (!installed.empty() && std::filesystem::is_directory(installed, ignored))
    return installed;
  return TEGULA_KERNELS_SOURCE_DIR;
}

Arguments substitute(const Arguments &args, std::string_view dtype) {
  constexpr std::string_view placeholder = "{dtype}";
  Arguments result = args;
  for (auto &[name, value] : result)
    for (size_t at; (at = value.find(placeholder)) != value.npos;)
      value.replace(at, placeholder.size(), dtype);
  return result;
}

MaybeError scopeOf(const Arguments &substituted, ExpressionScope &scope) {
  scope = {};
  for (const auto &[name, value] : substituted)
    if (MaybeError error = readValue(name, value, scope))
      return "argument '" + name + "': " + *error;
  return std::nullopt;
}

void addScalars(const Arguments &substituted, ReferenceCall &call) {
  addScalarsTo(substituted, call);
}

void addScalars(const Arguments &substituted, PeerCall &call) {
  addScalarsTo(substituted, call);
}

} // namespace tegula::corpus
