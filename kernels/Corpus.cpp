#include "kernels/Corpus.h"

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

MaybeError readValue(const std::string &name, std::string_view value,
                     ExpressionScope &scope) {
  constexpr std::string_view generators[] = {"zeros", "rand", "randn",
                                             "randint", "empty"};
  std::vector<std::string_view> parts = split(value, ':');
  if (std::count(std::begin(generators), std::end(generators), parts[0])) {
    if (parts.size() < 3)
      return "an array is KIND:DTYPE:SHAPE, not '" + std::string(value) + "'";
    return readArray(parts, scope.arrays[name]);
  }
  if (value.find('@') != value.npos)
    return "the shape of '" + std::string(value) +
           "' is not known from the spec";
  if (value == "True" || value == "true" || value == "False" ||
      value == "false") {
    scope.numbers[name] = value[0] == 'T' || value[0] == 't';
    return std::nullopt;
  }
  // A typed scalar (`i64:5`) counts as its number, a text is left out.
  if (std::optional<double> number = parseNumber<double>(parts.back()))
    if (parts.size() == 1 || (parts.size() == 2 && parseDtype(parts[0])))
      scope.numbers[name] = *number;
  return std::nullopt;
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

} // namespace tegula::corpus
