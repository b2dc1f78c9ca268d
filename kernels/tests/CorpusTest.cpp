// Every kernel of the corpus: its spec parses, all its expressions evaluate,
// its files are there and its reference runs on its smallest cases.
#include "kernels/Corpus.h"
#include "kernels/Peer.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>
#include <sstream>

using namespace tegula::corpus;

static std::string readFile(const std::filesystem::path &path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST_CASE("every kernel has a valid spec, a source, a reference") {
  CHECK(kernelNames().size() >= 5);
  for (std::string_view name : kernelNames()) {
    CAPTURE(name);
    CHECK(bool(findReference(name)));
    Spec spec;
    MaybeError error = loadSpec(kernelsFolder() / name, spec);
    REQUIRE_MESSAGE(!error, *error);
    CHECK(spec.name == name);
    std::string source = readFile(spec.source());
    CHECK(source.find("def " + spec.kernel + "(") != source.npos);
    bool hasSmoke = false;
    for (const Case &c : spec.cases)
      hasSmoke |= c.smoke;
    CHECK(hasSmoke);
  }
}

TEST_CASE("every kernel's README is there and short") {
  for (std::string_view name : kernelNames()) {
    CAPTURE(name);
    std::string text = readFile(kernelsFolder() / name / "README.md");
    CHECK(text.starts_with("# " + std::string(name) + "\n"));
    CHECK(std::count(text.begin(), text.end(), '\n') <= 30);
  }
}

// The arguments of a spec name the kernel's parameters, all of them.
TEST_CASE("every case's arguments are the kernel's parameters") {
  for (std::string_view name : kernelNames()) {
    CAPTURE(name);
    Spec spec;
    REQUIRE(!loadSpec(kernelsFolder() / name, spec));
    std::string source = readFile(spec.source());
    size_t begin = source.find("def " + spec.kernel + "(");
    REQUIRE(begin != source.npos);
    begin += spec.kernel.size() + 5;
    std::string list = source.substr(begin, source.find("):", begin) - begin);
    std::vector<std::string> parameters;
    std::istringstream stream(list);
    for (std::string item; std::getline(stream, item, ',');) {
      item.erase(0, item.find_first_not_of(" \n"));
      item = item.substr(0, item.find_first_of(": \n"));
      if (!item.empty())
        parameters.push_back(item);
    }
    for (const Case &c : spec.cases) {
      CAPTURE(c.name);
      std::vector<std::string> names;
      for (const auto &[argument, value] : c.args)
        names.push_back(argument);
      CHECK(names == parameters);
    }
  }
}

// JSON with ' for ", which reads better in C++.
static std::string json(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  return text;
}

static const char *const goodSpec =
    "{'kernel': 'k', 'cases': [{'name': 'a', 'dtypes': ['f32'],"
    " 'args': {'x': 'rand:{dtype}:4x5', 'n': '5', 'B': '2'},"
    " 'grid': 'cdiv(n, B)', 'outputs': ['x'], 'flops': 'x.size * 2',"
    " 'tolerance': {'f32': 0}}], 'tune': {'B': [1, 2], 'num_warps': [4]}}";

// The complaint about goodSpec with one text replaced.
static std::string complaint(const std::string &from, const std::string &to) {
  std::string text = goodSpec;
  size_t at = text.find(from);
  REQUIRE(at != text.npos);
  text.replace(at, from.size(), to);
  Spec spec;
  MaybeError error = parseSpec(json(text), "f", spec);
  return error ? *error : std::string("no error");
}

TEST_CASE("a good spec is read") {
  Spec spec;
  REQUIRE(!parseSpec(json(goodSpec), "f", spec));
  CHECK(spec.cases[0].args[0].second == "rand:{dtype}:4x5");
  CHECK(substitute(spec.cases[0].args, "f16")[0].second == "rand:f16:4x5");
  CHECK(spec.tune[0].second == std::vector<std::string>{"1", "2"});
}

TEST_CASE("scalars reach a reference as numbers or texts") {
  ReferenceCall call;
  addScalars({{"n", "5"},
              {"m", "i64:-7"},
              {"seed", "i64:81985529216486895"},
              {"eps", "1e-5"},
              {"flag", "True"},
              {"form", "tanh"},
              {"quoted", "'a b'"},
              {"none", "None"},
              {"x", "rand:f32:4"}},
             call);
  CHECK(call.integer("n") == 5);
  CHECK(call.integer("m") == -7);
  CHECK(call.integer("seed") == 81985529216486895);
  CHECK(call.real("eps") == 1e-5);
  CHECK(call.flag("flag"));
  CHECK(call.text("form") == "tanh");
  CHECK(call.text("quoted") == "a b");
  CHECK(call.text("none") == "None");
}

TEST_CASE("a spec's mistakes are named with their place") {
  CHECK(complaint("'kernel': 'k'", "'kernel': 3") ==
        "f: kernel: expected a text");
  CHECK(complaint("'grid': 'cdiv(n, B)',", "") == "f: cases[0].grid: missing");
  CHECK(complaint("'flops'", "'flop'") == "f: cases[0].flop: unknown key");
  CHECK(complaint("cdiv(n, B)", "cdiv(m, B)") ==
        "f: cases[0].grid: unknown name 'm' at column 6 of 'cdiv(m, B)'");
  CHECK(complaint("['x']", "['n']") ==
        "f: cases[0].outputs[0]: 'n' is not an array argument");
  CHECK(complaint("{'f32': 0}", "{}") ==
        "f: cases[0].tolerance: no tolerance for 'f32'");
  CHECK(complaint("{'f32': 0}", "{'f32': -1}") ==
        "f: cases[0].tolerance.f32: expected a number that is not negative");
  CHECK(complaint("4x5", "4xy") ==
        "f: cases[0].args: argument 'x': bad shape '4xy'");
  CHECK(complaint("'B': [1, 2]", "'C': [1, 2]") ==
        "f: tune.C: neither an argument nor a launch option");
  CHECK(complaint("['f32']", "['f33']") ==
        "f: cases[0].dtypes: unknown dtype 'f33'");
  CHECK(complaint("{'kernel'", "{kernel").starts_with("f: not JSON: "));
  Spec spec;
  CHECK(*parseSpec("[]", "f", spec) == "f: spec: expected an object");
  CHECK(loadSpec("/nowhere/k", spec)->find("cannot be read") !=
        std::string::npos);
}

TEST_CASE("a reference that lacks an argument says which") {
  ReferenceCall call;
  call.addNumber("n", 3);
  CHECK(*callReference("vecadd", call) ==
        "vecadd: the reference needs the array 'x', which the call does not "
        "give");
  CHECK(callReference("nothing", call)->find("no reference") !=
        std::string::npos);
}
