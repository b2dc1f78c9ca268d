#include "kernels/Reference.h"

#include "kernels/Elements.h"

#include <cmath>
#include <stdexcept>

namespace tegula::corpus {
namespace {

// Never leaves this file's callReference.
struct Rejected : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename MapT>
auto &lookUp(MapT &map, std::string_view name, const char *kind) {
  auto found = map.find(name);
  if (found == map.end())
    throw Rejected("the reference needs " + std::string(kind) + " '" +
                   std::string(name) + "', which the call does not give");
  return found->second;
}

} // namespace

void ReferenceCall::addArray(std::string name, tegula_dtype dtype,
                             std::vector<int64_t> shape, const void *data) {
  Array array;
  array.dtype = dtype;
  array.shape = std::move(shape);
  array.data = data;
  arrays[std::move(name)] = std::move(array);
}

void ReferenceCall::addNumber(std::string name, double value) {
  bool fits = std::abs(value) < 0x1p63;
  numbers[std::move(name)] = Number{value, fits ? int64_t(value) : 0};
}

void ReferenceCall::addInteger(std::string name, int64_t value) {
  numbers[std::move(name)] = Number{double(value), value};
}

void ReferenceCall::addText(std::string name, std::string value) {
  texts[std::move(name)] = std::move(value);
}

ReferenceCall::Array &ReferenceCall::find(std::string_view name) {
  return lookUp(arrays, name, "the array");
}

const ReferenceCall::Array &ReferenceCall::find(std::string_view name) const {
  return lookUp(arrays, name, "the array");
}

size_t ReferenceCall::count(const Array &array) {
  size_t result = 1;
  for (int64_t extent : array.shape)
    result *= size_t(extent);
  return result;
}

std::span<const double> ReferenceCall::array(std::string_view name) {
  Array &found = find(name);
  if (!found.hasInput) {
    found.input.resize(count(found));
    toDouble(found.dtype, found.data, found.input);
    found.hasInput = true;
  }
  return found.input;
}

std::span<double> ReferenceCall::output(std::string_view name) {
  Array &found = find(name);
  if (!found.hasOutput) {
    found.output.resize(count(found));
    toDouble(found.dtype, found.data, found.output);
    found.hasOutput = true;
  }
  return found.output;
}

const std::vector<int64_t> &ReferenceCall::shape(std::string_view name) const {
  return find(name).shape;
}

int64_t ReferenceCall::extent(std::string_view name, size_t dim) const {
  const std::vector<int64_t> &extents = shape(name);
  if (dim >= extents.size())
    reject("the array '" + std::string(name) + "' has " +
           std::to_string(extents.size()) + " dimensions, too few");
  return extents[dim];
}

tegula_dtype ReferenceCall::dtype(std::string_view name) const {
  return find(name).dtype;
}

int64_t ReferenceCall::integer(std::string_view name) const {
  return lookUp(numbers, name, "the number").integer;
}

double ReferenceCall::real(std::string_view name) const {
  return lookUp(numbers, name, "the number").real;
}

const std::string &ReferenceCall::text(std::string_view name) const {
  return lookUp(texts, name, "the text");
}

void ReferenceCall::reject(const std::string &why) const {
  throw Rejected(why);
}

ReferenceFunction findReference(std::string_view kernel) {
#define TEGULA_CORPUS_KERNEL(NAME)                                             \
  if (kernel == #NAME)                                                         \
    return references::NAME;
#include "kernels/Corpus.def"
  return nullptr;
}

MaybeError callReference(std::string_view kernel, ReferenceCall &call) {
  ReferenceFunction function = findReference(kernel);
  if (!function)
    return "no reference for a kernel '" + std::string(kernel) + "'";
  try {
    function(call);
  } catch (const Rejected &rejected) {
    return std::string(kernel) + ": " + rejected.what();
  } catch (const std::bad_alloc &) {
    return std::string(kernel) + ": not enough memory for the reference";
  }
  return std::nullopt;
}

} // namespace tegula::corpus
