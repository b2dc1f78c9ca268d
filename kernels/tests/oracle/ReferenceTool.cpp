// Runs one reference on raw files, so that scripts can compare it with NumPy:
//   tegula-corpus-reference KERNEL OUTDIR OUTPUT,OUTPUT.. NAME=VALUE..
// where an array is NAME=@DTYPE:AxB:FILE (raw bytes) and anything else is a
// value of the command line. Each output becomes OUTDIR/NAME.f64.
#include "kernels/Corpus.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace tegula::corpus;

static std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);)
    parts.push_back(part);
  return parts;
}

static int fail(const std::string &why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return 2;
}

int main(int argc, char **argv) {
  if (argc < 4)
    return fail("usage: KERNEL OUTDIR OUTPUTS NAME=VALUE..");
  ReferenceCall call;
  Arguments scalars;
  std::vector<std::string> files;
  files.reserve(argc);
  for (int i = 4; i < argc; ++i) {
    std::string argument = argv[i];
    size_t equals = argument.find('=');
    if (equals == argument.npos)
      return fail("expected NAME=VALUE: " + argument);
    std::string name = argument.substr(0, equals);
    std::string value = argument.substr(equals + 1);
    if (!value.starts_with("@")) {
      scalars.emplace_back(name, value);
      continue;
    }
    std::vector<std::string> parts = split(value.substr(1), ':');
    auto dtype = parts.size() == 3 ? parseDtype(parts[0]) : std::nullopt;
    if (!dtype)
      return fail("expected @DTYPE:SHAPE:FILE: " + argument);
    std::vector<int64_t> shape;
    for (const std::string &extent : split(parts[1], 'x'))
      shape.push_back(std::atoll(extent.c_str()));
    std::ifstream stream(parts[2], std::ios::binary);
    std::ostringstream bytes;
    bytes << stream.rdbuf();
    files.push_back(bytes.str());
    int64_t expected = elementBytes(*dtype);
    for (int64_t extent : shape)
      expected *= extent;
    if (int64_t(files.back().size()) != expected)
      return fail("wrong size: " + parts[2]);
    call.addArray(name, *dtype, shape, files.back().data());
  }
  addScalars(scalars, call);
  if (MaybeError error = callReference(argv[1], call))
    return fail(*error);
  for (const std::string &output : split(argv[3], ',')) {
    std::span<double> values = call.output(output);
    std::ofstream stream(std::string(argv[2]) + "/" + output + ".f64",
                         std::ios::binary);
    stream.write(reinterpret_cast<const char *>(values.data()),
                 std::streamsize(values.size_bytes()));
  }
  return 0;
}
