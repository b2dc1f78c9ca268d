// spec.json in, Spec out. Every complaint names the place in the file.
#include "kernels/Corpus.h"
#include "kernels/Peer.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace tegula::corpus {
namespace {

// Keeps the order of the file: arguments are shown in it.
using Json = nlohmann::ordered_json;

// Never leaves parseSpec.
struct Invalid : std::runtime_error {
  Invalid(const std::string &where, const std::string &why)
      : std::runtime_error(where + ": " + why) {}
};

std::string at(const std::string &where, const std::string &key) {
  return where.empty() ? key : where + "." + key;
}

void requireObject(const Json &json, const std::string &where) {
  if (!json.is_object())
    throw Invalid(where.empty() ? "spec" : where, "expected an object");
}

void checkKeys(const Json &json, const std::string &where,
               std::initializer_list<std::string_view> required,
               std::initializer_list<std::string_view> optional) {
  requireObject(json, where);
  for (std::string_view key : required)
    if (!json.contains(key))
      throw Invalid(at(where, std::string(key)), "missing");
  for (const auto &[key, value] : json.items())
    if (!std::count(required.begin(), required.end(), key) &&
        !std::count(optional.begin(), optional.end(), key))
      throw Invalid(at(where, key), "unknown key");
}

std::string readText(const Json &json, const std::string &where) {
  if (!json.is_string() || json.get_ref<const std::string &>().empty())
    throw Invalid(where, "expected a text");
  return json.get<std::string>();
}

std::vector<std::string> readTexts(const Json &json, const std::string &where) {
  if (!json.is_array())
    throw Invalid(where, "expected a list of texts");
  std::vector<std::string> result;
  for (size_t i = 0; i < json.size(); ++i)
    result.push_back(readText(json[i], where + "[" + std::to_string(i) + "]"));
  return result;
}

Arguments readArguments(const Json &json, const std::string &where) {
  requireObject(json, where);
  Arguments args;
  for (const auto &[name, value] : json.items())
    args.emplace_back(name, readText(value, at(where, name)));
  return args;
}

bool hasArgument(const Arguments &args, std::string_view name) {
  return std::any_of(args.begin(), args.end(),
                     [&](const auto &arg) { return arg.first == name; });
}

void readTolerance(const Json &json, const std::string &where, Case &result) {
  requireObject(json, where);
  for (const auto &[dtype, value] : json.items()) {
    if (!value.is_number() || !(value.get<double>() >= 0) ||
        !std::isfinite(value.get<double>()))
      throw Invalid(at(where, dtype), "expected a number that is not negative");
    if (!std::count(result.dtypes.begin(), result.dtypes.end(), dtype))
      throw Invalid(at(where, dtype), "not one of the case's dtypes");
    result.tolerance[dtype] = value.get<double>();
  }
  for (const std::string &dtype : result.dtypes)
    if (!result.tolerance.count(dtype))
      throw Invalid(where, "no tolerance for '" + dtype + "'");
}

// Evaluates every expression for every dtype, so that a wrong name in a spec is
// found here and not after a minute of benchmarking.
void checkExpressions(const Case &c, const std::string &where) {
  for (const std::string &dtype : c.dtypes) {
    ExpressionScope scope;
    if (MaybeError error = scopeOf(substitute(c.args, dtype), scope))
      throw Invalid(at(where, "args"), *error);
    std::vector<int64_t> grid;
    if (MaybeError error = evaluateGrid(c.grid, scope, grid))
      throw Invalid(at(where, "grid"), *error);
    double value;
    if (!c.flops.empty())
      if (MaybeError error = evaluateOne(c.flops, scope, value))
        throw Invalid(at(where, "flops"), *error);
    if (!c.bytes.empty())
      if (MaybeError error = evaluateOne(c.bytes, scope, value))
        throw Invalid(at(where, "bytes"), *error);
    for (size_t i = 0; i < c.outputs.size(); ++i)
      if (!scope.arrays.count(c.outputs[i]))
        throw Invalid(at(where, "outputs[" + std::to_string(i) + "]"),
                      "'" + c.outputs[i] + "' is not an array argument");
  }
}

Case readCase(const Json &json, const std::string &where) {
  checkKeys(json, where,
            {"name", "dtypes", "args", "grid", "outputs", "tolerance"},
            {"flops", "bytes", "peers", "smoke"});
  Case result;
  result.name = readText(json["name"], at(where, "name"));
  result.dtypes = readTexts(json["dtypes"], at(where, "dtypes"));
  if (result.dtypes.empty())
    throw Invalid(at(where, "dtypes"), "expected at least one");
  for (const std::string &dtype : result.dtypes)
    if (!parseDtype(dtype))
      throw Invalid(at(where, "dtypes"), "unknown dtype '" + dtype + "'");
  result.args = readArguments(json["args"], at(where, "args"));
  result.grid = readText(json["grid"], at(where, "grid"));
  result.outputs = readTexts(json["outputs"], at(where, "outputs"));
  readTolerance(json["tolerance"], at(where, "tolerance"), result);
  if (json.contains("flops"))
    result.flops = readText(json["flops"], at(where, "flops"));
  if (json.contains("bytes"))
    result.bytes = readText(json["bytes"], at(where, "bytes"));
  if (json.contains("peers"))
    result.peers = readTexts(json["peers"], at(where, "peers"));
  for (const std::string &peer : result.peers)
    if (!isPeerName(peer))
      throw Invalid(at(where, "peers"), "unknown peer '" + peer + "'");
  if (json.contains("smoke")) {
    if (!json["smoke"].is_boolean())
      throw Invalid(at(where, "smoke"), "expected true or false");
    result.smoke = json["smoke"].get<bool>();
  }
  checkExpressions(result, where);
  return result;
}

std::string scalarText(const Json &json, const std::string &where) {
  if (json.is_string())
    return json.get<std::string>();
  if (json.is_boolean())
    return json.get<bool>() ? "True" : "False";
  if (json.is_number())
    return json.dump();
  throw Invalid(where, "expected a number, a text or true/false");
}

void readTune(const Json &json, Spec &spec) {
  constexpr std::string_view options[] = {"num_warps", "num_stages",
                                          "num_ctas"};
  requireObject(json, "tune");
  for (const auto &[name, values] : json.items()) {
    std::string where = at("tune", name);
    bool isOption = std::count(std::begin(options), std::end(options), name);
    if (!isOption && !hasArgument(spec.cases.front().args, name))
      throw Invalid(where, "neither an argument nor a launch option");
    if (!values.is_array() || values.empty())
      throw Invalid(where, "expected a list of values");
    std::vector<std::string> texts;
    for (const Json &value : values)
      texts.push_back(scalarText(value, where));
    spec.tune.emplace_back(name, std::move(texts));
  }
}

void readSpec(const Json &json, Spec &spec) {
  checkKeys(json, "", {"kernel", "cases"}, {"tune"});
  spec.kernel = readText(json["kernel"], "kernel");
  const Json &cases = json["cases"];
  if (!cases.is_array() || cases.empty())
    throw Invalid("cases", "expected a list with at least one case");
  for (size_t i = 0; i < cases.size(); ++i) {
    std::string where = "cases[" + std::to_string(i) + "]";
    spec.cases.push_back(readCase(cases[i], where));
    for (size_t j = 0; j < i; ++j)
      if (spec.cases[j].name == spec.cases[i].name)
        throw Invalid(at(where, "name"), "'" + spec.cases[i].name +
                                             "' is already used by cases[" +
                                             std::to_string(j) + "]");
  }
  if (json.contains("tune"))
    readTune(json["tune"], spec);
}

} // namespace

MaybeError parseSpec(std::string_view text, std::string_view origin,
                     Spec &spec) {
  spec.kernel.clear();
  spec.cases.clear();
  spec.tune.clear();
  try {
    readSpec(Json::parse(text), spec);
  } catch (const Json::parse_error &error) {
    return std::string(origin) + ": not JSON: " + error.what();
  } catch (const Invalid &error) {
    return std::string(origin) + ": " + error.what();
  }
  return std::nullopt;
}

MaybeError loadSpec(const std::filesystem::path &folder, Spec &spec) {
  spec.folder = folder;
  spec.name = folder.filename().string();
  // "kernels/softmax/" names the same folder as "kernels/softmax".
  if (spec.name.empty())
    spec.name = folder.parent_path().filename().string();
  std::filesystem::path file = folder / "spec.json";
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    return file.string() + ": cannot be read";
  std::ostringstream text;
  text << stream.rdbuf();
  return parseSpec(text.str(), file.string(), spec);
}

} // namespace tegula::corpus
