#include <iostream>
#include <numeric>
#include <tegula/Tegula.hpp>
#include <vector>

int main(int argc, char **argv) {
  tegula::Status status;
  auto scale = tegula::Kernel::open(argc == 2 ? argv[1] : "", status);
  std::vector<float> x(1000);
  std::iota(x.begin(), x.end(), 0.0f);
  if (status)
    status = scale.launch({16}, x, 2, x.size());
  if (!status) {
    std::cerr << status.message() << '\n';
    return 1;
  }
  int right = 0;
  for (size_t i = 0; i < x.size(); ++i)
    right += x[i] == 2 * static_cast<float>(i);
  std::cout << scale.name() << ": " << right << " elements are right\n";
  return 0;
}
