// The main() of every doctest binary.
#define DOCTEST_CONFIG_IMPLEMENT
#include "tests/unit/Arguments.h"
#include <doctest/doctest.h>
#include <string_view>

static std::vector<std::string> named;

const std::vector<std::string> &tegula::test::machines() { return named; }

int main(int argc, char **argv) {
  constexpr std::string_view option = "--machine=";
  for (int i = 1; i < argc; ++i)
    if (std::string_view word = argv[i]; word.starts_with(option))
      named.emplace_back(word.substr(option.size()));
  return doctest::Context(argc, argv).run();
}
