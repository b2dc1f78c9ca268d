// What a doctest binary was called with beside doctest's own options.
#pragma once
#include <string>
#include <vector>

namespace tegula::test {

/// The values of `--machine=...`, in order: `cpu:neoverse-v1`.
const std::vector<std::string> &machines();

} // namespace tegula::test
