// Each reference on a case small enough to be worked out by hand.
#include "kernels/Corpus.h"

#include <cmath>
#include <deque>
#include <doctest/doctest.h>
#include <limits>
#include <string>
#include <vector>

using namespace tegula::corpus;

namespace {

using Values = std::vector<double>;
constexpr double infinity = std::numeric_limits<double>::infinity();

// A call whose arrays are f64, so that nothing is rounded.
class Hand {
public:
  Hand &array(const char *name, std::vector<int64_t> shape, Values values) {
    storage.push_back(std::move(values));
    call.addArray(name, TEGULA_F64, std::move(shape), storage.back().data());
    return *this;
  }
  Hand &scalars(const Arguments &values) {
    addScalars(values, call);
    return *this;
  }
  void run(const char *kernel) {
    MaybeError error = callReference(kernel, call);
    REQUIRE_MESSAGE(!error, *error);
  }
  std::string failure(const char *kernel) {
    MaybeError error = callReference(kernel, call);
    return error ? *error : "no error";
  }
  // Every element within 1e-12 of the expected one.
  bool gives(const char *output, const Values &expected) {
    std::span<double> actual = call.output(output);
    if (actual.size() != expected.size())
      return false;
    for (size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(i);
      CAPTURE(actual[i]);
      CHECK(elementError(actual[i], expected[i], TEGULA_F64) < 1e-12);
    }
    return true;
  }

private:
  ReferenceCall call;
  std::deque<Values> storage; // addresses stay
};

} // namespace

TEST_CASE("vecadd stops at n") {
  Hand hand;
  hand.array("x", {3}, {1, 2, 3}).array("y", {3}, {10, 20, 30});
  hand.array("out", {3}, {7, 7, 7}).scalars({{"n", "2"}});
  hand.run("vecadd");
  CHECK(hand.gives("out", {11, 22, 7}));
}

TEST_CASE("copy leaves the padding alone") {
  Hand hand;
  // x is stored by columns, y has one padding element per row.
  hand.array("x", {2, 2}, {1, 2, 3, 4}).array("y", {2, 3}, Values(6, 9));
  hand.scalars(
      {{"M", "2"}, {"N", "2"}, {"stride_xm", "1"}, {"stride_xn", "2"}});
  hand.scalars({{"stride_ym", "3"}, {"stride_yn", "1"}}).run("copy");
  CHECK(hand.gives("y", {1, 3, 9, 2, 4, 9}));
}

TEST_CASE("transpose") {
  Hand hand;
  hand.array("x", {2, 3}, {1, 2, 3, 4, 5, 6}).array("y", {3, 2}, Values(6));
  hand.scalars(
      {{"M", "2"}, {"N", "3"}, {"stride_xm", "3"}, {"stride_ym", "2"}});
  hand.run("transpose");
  CHECK(hand.gives("y", {1, 4, 2, 5, 3, 6}));
}

TEST_CASE("gelu in both forms") {
  for (std::string form : {"tanh", "none"}) {
    Hand hand;
    hand.array("x", {3}, {0, 1, -100}).array("y", {3}, {9, 9, 9});
    hand.scalars({{"n", "3"}, {"APPROXIMATE", form}}).run("gelu");
    double one = form == "none" ? 0.8413447460685429 : 0.8411919906082768;
    CHECK(hand.gives("y", {0, one, 0}));
  }
}

TEST_CASE("swiglu") {
  Hand hand;
  hand.array("gate", {1, 3}, {0, std::log(3.0), 5});
  hand.array("up", {1, 3}, {5, 8, 5}).array("out", {1, 2}, {9, 9});
  hand.scalars({{"n_cols", "2"}, {"stride_gate", "3"}, {"stride_up", "3"}});
  hand.scalars({{"stride_out", "2"}}).run("swiglu");
  CHECK(hand.gives("out", {0, std::log(3.0) * 0.75 * 8}));
}

TEST_CASE("softmax of rows with padding") {
  Hand hand;
  hand.array("x", {2, 3}, {0, std::log(3.0), 99, 1000, 1000, 99});
  hand.array("y", {2, 2}, Values(4));
  hand.scalars({{"n_rows", "2"}, {"n_cols", "2"}, {"stride_x", "3"}});
  hand.scalars({{"stride_y", "2"}}).run("softmax");
  CHECK(hand.gives("y", {0.25, 0.75, 0.5, 0.5}));
}

TEST_CASE("layernorm") {
  Hand hand;
  hand.array("x", {1, 2}, {1, 5}).array("weight", {2}, {1, 10});
  hand.array("bias", {2}, {0, 3}).array("y", {1, 2}, {9, 9});
  hand.array("mean", {1}, {9}).array("rstd", {1}, {9});
  hand.scalars({{"n_cols", "2"}, {"stride_x", "2"}, {"stride_y", "2"}});
  hand.scalars({{"eps", "0"}}).run("layernorm");
  CHECK(hand.gives("y", {-1, 13}));
  CHECK(hand.gives("mean", {3}));
  CHECK(hand.gives("rstd", {0.5}));
}

TEST_CASE("layernorm_backward adds to the gradients of the weights") {
  Hand hand;
  // n = (-1, 1), s = weight * dy = (2, 4), avg(s) = 3, avg(n s) = 1.
  hand.array("dy", {1, 2}, {2, 2}).array("x", {1, 2}, {1, 5});
  hand.array("weight", {2}, {1, 2}).array("mean", {1}, {3});
  hand.array("rstd", {1}, {0.5}).array("dx", {1, 2}, {9, 9});
  hand.array("dweight", {2}, {100, 0}).array("dbias", {2}, {0, 1});
  hand.scalars({{"n_rows", "1"}, {"n_cols", "2"}, {"stride", "2"}});
  hand.run("layernorm_backward");
  CHECK(hand.gives("dx", {0, 0}));
  CHECK(hand.gives("dweight", {98, 2}));
  CHECK(hand.gives("dbias", {2, 3}));
}

TEST_CASE("rmsnorm") {
  Hand hand;
  hand.array("x", {1, 2}, {3, 4}).array("weight", {2}, {1, 2});
  hand.array("y", {1, 2}, {9, 9}).array("rstd", {1}, {9});
  hand.scalars({{"n_cols", "2"}, {"stride_x", "2"}, {"stride_y", "2"}});
  hand.scalars({{"eps", "12.5"}, {"offset", "1"}}).run("rmsnorm");
  CHECK(hand.gives("rstd", {0.2}));
  CHECK(hand.gives("y", {1.2, 2.4}));
}

TEST_CASE("dropout draws Philox's published numbers") {
  // The first word of philox4x32-10 for key 0 and counter 0 is 0x6627e8d5:
  // 0x6627e8d5 / 2^31 = 0.798…
  for (auto [p, kept] : {std::pair("0.79", true), std::pair("0.80", false)}) {
    Hand hand;
    hand.array("x", {1}, {3}).array("y", {1}, {9});
    hand.scalars({{"n", "1"}, {"p", p}, {"seed", "0"}}).run("dropout");
    double scale = 1 / (1 - double(float(std::stod(p))));
    CHECK(hand.gives("y", {kept ? 3 * scale : 0}));
  }
}

TEST_CASE("cross_entropy, with smoothing and an ignored row") {
  Hand hand;
  hand.array("logits", {2, 2}, {0, std::log(3.0), 1, 1});
  hand.array("target", {2}, {1, -100});
  hand.array("loss", {2}, {9, 9}).array("lse", {2}, {9, 9});
  hand.scalars({{"n_cols", "2"}, {"stride", "2"}, {"ignore_index", "-100"}});
  hand.scalars({{"SMOOTHING", "0.5"}}).run("cross_entropy");
  double lse = std::log(4.0), plain = lse - std::log(3.0);
  double smooth = lse - std::log(3.0) / 2;
  CHECK(hand.gives("lse", {lse, 0}));
  CHECK(hand.gives("loss", {(plain + smooth) / 2, 0}));
}

TEST_CASE("matmul with a transposed operand and an activation") {
  for (std::string activation : {"none", "relu", "leaky_relu"}) {
    Hand hand;
    // A = [1 -2], B = [[1 2], [3 4]] stored by columns: A B = [-5 -6].
    hand.array("a", {1, 2}, {1, -2}).array("b", {2, 2}, {1, 3, 2, 4});
    hand.array("c", {1, 2}, {9, 9});
    hand.scalars({{"M", "1"}, {"N", "2"}, {"K", "2"}, {"stride_am", "2"}});
    hand.scalars({{"stride_ak", "1"}, {"stride_bk", "1"}, {"stride_bn", "2"}});
    hand.scalars({{"stride_cm", "2"}, {"stride_cn", "1"}});
    hand.scalars({{"ACTIVATION", activation}}).run("matmul");
    double slope = activation == "none" ? 1 : (activation == "relu" ? 0 : 0.01);
    CHECK(hand.gives("c", {-5 * slope, -6 * slope}));
  }
}

TEST_CASE("batched_matmul shares an operand by a stride of 0") {
  Hand hand;
  hand.array("a", {2, 1, 2}, {1, 2, 3, 4}).array("b", {2, 1}, {10, 100});
  hand.array("c", {2, 1, 1}, {9, 9});
  hand.scalars({{"M", "1"}, {"N", "1"}, {"K", "2"}});
  hand.scalars({{"stride_az", "2"}, {"stride_am", "2"}, {"stride_ak", "1"}});
  hand.scalars({{"stride_bz", "0"}, {"stride_bk", "1"}, {"stride_bn", "1"}});
  hand.scalars({{"stride_cz", "1"}, {"stride_cm", "1"}, {"stride_cn", "1"}});
  hand.run("batched_matmul");
  CHECK(hand.gives("c", {210, 430}));
}

TEST_CASE("attention, causal and not") {
  for (bool isCausal : {false, true}) {
    Hand hand;
    // One dimension; the second query weighs the keys 1 : 3.
    hand.array("q", {1, 2, 1}, {0, 1});
    hand.array("k", {1, 2, 1}, {0, std::log(3.0) * 2});
    hand.array("v", {1, 2, 1}, {4, 8});
    hand.array("out", {1, 2, 1}, {9, 9}).array("lse", {1, 2}, {9, 9});
    hand.scalars({{"scale", "0.5"}, {"seq_q", "2"}, {"seq_k", "2"}});
    for (const char *name : {"qh", "kh", "vh", "oh"})
      hand.scalars({{std::string("stride_") + name, "2"}});
    for (const char *name : {"qs", "ks", "vs", "os"})
      hand.scalars({{std::string("stride_") + name, "1"}});
    hand.scalars({{"kv_group", "1"}, {"HEAD_DIM", "1"}});
    hand.scalars({{"CAUSAL", isCausal ? "True" : "False"}}).run("attention");
    CHECK(hand.gives("out", {isCausal ? 4.0 : 6.0, 7}));
    CHECK(hand.gives("lse", {isCausal ? 0 : std::log(2.0), std::log(4.0)}));
  }
}

TEST_CASE("conv2d with padding and a stride") {
  Hand hand;
  hand.array("x", {1, 1, 2, 3}, {1, 2, 3, 4, 5, 6});
  hand.array("weight", {1, 1, 2, 2}, {1, 10, 100, 1000});
  hand.array("bias", {1}, {0.5}).array("y", {1, 1, 2, 2}, Values(4, 9));
  hand.scalars({{"batch", "1"}, {"channels", "1"}, {"height", "2"}});
  hand.scalars({{"width", "3"}, {"out_channels", "1"}, {"out_height", "2"}});
  hand.scalars({{"out_width", "2"}, {"stride", "2"}, {"padding", "1"}});
  hand.scalars({{"R", "2"}, {"S", "2"}}).run("conv2d");
  CHECK(hand.gives("y", {1000.5, 3200.5, 40.5, 65.5}));
}

TEST_CASE("histogram adds to what is there, and refuses other values") {
  Hand hand;
  hand.array("x", {4}, {0, 2, 2, 9}).array("counts", {3}, {5, 0, 0});
  hand.scalars({{"n", "3"}, {"BINS", "3"}}).run("histogram");
  CHECK(hand.gives("counts", {6, 0, 2}));
  Hand outside;
  outside.array("x", {1}, {3}).array("counts", {3}, {0, 0, 0});
  outside.scalars({{"n", "1"}, {"BINS", "3"}});
  CHECK(outside.failure("histogram") == "histogram: a value outside the bins");
}

TEST_CASE("cumsum forwards and from the end") {
  for (bool isReverse : {false, true}) {
    Hand hand;
    hand.array("x", {1, 3}, {1, 2, 4}).array("y", {1, 3}, Values(3, 9));
    hand.scalars({{"n_cols", "3"}, {"stride_x", "3"}, {"stride_y", "3"}});
    hand.scalars({{"REVERSE", isReverse ? "True" : "False"}}).run("cumsum");
    CHECK(hand.gives("y", isReverse ? Values{7, 6, 4} : Values{1, 3, 7}));
  }
}

TEST_CASE("sort both ways") {
  for (bool isDescending : {false, true}) {
    Hand hand;
    hand.array("x", {1, 3}, {2, -infinity, 5}).array("y", {1, 3}, Values(3));
    hand.scalars({{"n_cols", "3"}, {"stride_x", "3"}, {"stride_y", "3"}});
    hand.scalars({{"DESCENDING", isDescending ? "True" : "False"}});
    hand.run("sort");
    CHECK(hand.gives("y", isDescending ? Values{5, 2, -infinity}
                                       : Values{-infinity, 2, 5}));
  }
}

TEST_CASE("topk gives ties to the first") {
  Hand hand;
  hand.array("x", {1, 4}, {1, 7, 3, 7}).array("values", {1, 3}, Values(3));
  hand.array("indices", {1, 3}, Values(3));
  hand.scalars({{"n_cols", "4"}, {"stride_x", "4"}, {"K", "3"}}).run("topk");
  CHECK(hand.gives("values", {7, 7, 3}));
  CHECK(hand.gives("indices", {1, 3, 2}));
}

TEST_CASE("embedding zeroes the padding rows") {
  Hand hand;
  hand.array("ids", {3}, {1, -1, 0}).array("weight", {2, 2}, {1, 2, 3, 4});
  hand.array("out", {3, 2}, Values(6, 9));
  hand.scalars({{"n", "3"}, {"dim", "2"}, {"stride_weight", "2"}});
  hand.scalars({{"stride_out", "2"}, {"padding_id", "-1"}}).run("embedding");
  CHECK(hand.gives("out", {3, 4, 0, 0, 1, 2}));
}

TEST_CASE("scatter_add counts every hit") {
  Hand hand;
  hand.array("index", {3}, {1, 0, 1}).array("source", {3, 1}, {1, 10, 100});
  hand.array("out", {2, 1}, {0.5, 0.25});
  hand.scalars({{"n", "3"}, {"dim", "1"}, {"stride_source", "1"}});
  hand.scalars({{"stride_out", "1"}}).run("scatter_add");
  CHECK(hand.gives("out", {10.5, 101.25}));
}

TEST_CASE("empty needs nothing") {
  Hand hand;
  hand.run("empty");
}
