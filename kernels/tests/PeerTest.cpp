// Peers compute what the references compute: a wrong peer would be a
// meaningless figure. Sizes are odd and two threads share the work.
#include "kernels/Peer.h"
#include "kernels/Corpus.h"

#include <doctest/doctest.h>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

using namespace tegula::corpus;

namespace {

// The same f32 arguments for a peer and for the reference.
class Comparison {
public:
  Comparison() { call->threads = 2; }

  void array(const std::string &name, std::vector<int64_t> shape, int seed) {
    int64_t size = 1;
    for (int64_t extent : shape)
      size *= extent;
    arrays.push_back({name, std::vector<float>(size)});
    std::vector<float> &data = arrays.back().data;
    for (int64_t i = 0; i < size; ++i)
      data[i] = float((i * 7919 + seed * 31) % 2001) / 500 - 2;
    call->addArray(name, TEGULA_F32, shape, data.data());
    reference.addArray(name, TEGULA_F32, shape, data.data());
  }

  void number(const std::string &name, double value) {
    call->addNumber(name, value);
    reference.addNumber(name, value);
  }

  void numbers(std::initializer_list<std::pair<const char *, double>> values) {
    for (auto [name, value] : values)
      number(name, value);
  }

  void text(const std::string &name, const std::string &value) {
    call->addText(name, value);
    reference.addText(name, value);
  }

  double error(const char *kernel, const char *peer, const char *output) {
    MaybeError failure = callReference(kernel, reference);
    REQUIRE_MESSAGE(!failure, *failure);
    PeerRun run;
    failure = preparePeer(kernel, peer, call, run);
    REQUIRE_MESSAGE(!failure, *failure);
    run();
    return outputError(TEGULA_F32, call->data(output),
                       reference.output(output));
  }

  std::shared_ptr<PeerCall> call = std::make_shared<PeerCall>();
  ReferenceCall reference;

private:
  struct Named {
    std::string name;
    std::vector<float> data;
  };
  std::vector<Named> arrays;
};

} // namespace

TEST_CASE("xsimd vecadd") {
  Comparison c;
  for (const char *name : {"x", "y", "out"})
    c.array(name, {1003}, name[0]);
  c.number("n", 1003);
  CHECK(c.error("vecadd", "xsimd", "out") < 1e-7);
}

TEST_CASE("xsimd and oneDNN softmax") {
  for (const char *peer : {"xsimd", "onednn"}) {
    CAPTURE(peer);
    Comparison c;
    c.array("x", {5, 83}, 1);
    c.array("y", {5, 77}, 2);
    c.number("n_rows", 5);
    c.number("n_cols", 77);
    c.number("stride_x", 83);
    c.number("stride_y", 77);
    CHECK(c.error("softmax", peer, "y") < 1e-6);
  }
}

TEST_CASE("xsimd gelu") {
  for (const char *form : {"tanh", "none"}) {
    CAPTURE(form);
    Comparison c;
    c.array("x", {1003}, 1);
    c.array("y", {1003}, 2);
    c.number("n", 1003);
    c.text("APPROXIMATE", form);
    CHECK(c.error("gelu", "xsimd", "y") < 1e-6);
  }
}

TEST_CASE("xsimd layernorm") {
  Comparison c;
  c.array("x", {5, 83}, 1);
  c.array("y", {5, 77}, 2);
  for (const char *name : {"weight", "bias"})
    c.array(name, {77}, name[0]);
  for (const char *name : {"mean", "rstd"})
    c.array(name, {5}, name[0]);
  c.number("n_cols", 77);
  c.number("stride_x", 83);
  c.number("stride_y", 77);
  c.number("eps", 1e-5);
  CHECK(c.error("layernorm", "xsimd", "y") < 2e-6);
  CHECK(outputError(TEGULA_F32, c.call->data("rstd"),
                    c.reference.output("rstd")) < 1e-6);
}

TEST_CASE("oneDNN matmul, also transposed") {
  for (bool isTransposed : {false, true}) {
    CAPTURE(isTransposed);
    Comparison c;
    c.array("a", {13, 29}, 1);
    c.array("b", {29, 17}, 2);
    c.array("c", {13, 17}, 3);
    const char *names[] = {"M",         "N",         "K",
                           "stride_am", "stride_ak", "stride_bk",
                           "stride_bn", "stride_cm", "stride_cn"};
    int plain[] = {13, 17, 29, 29, 1, 17, 1, 17, 1};
    int turned[] = {13, 17, 29, 1, 13, 1, 29, 17, 1};
    for (int i = 0; i < 9; ++i)
      c.number(names[i], isTransposed ? turned[i] : plain[i]);
    c.text("ACTIVATION", "none");
    CHECK(c.error("matmul", "onednn", "c") < 1e-5);
    CHECK(c.error("matmul", "openblas", "c") < 1e-5);
  }
}

TEST_CASE("oneDNN batched matmul") {
  Comparison c;
  c.array("a", {3, 5, 11}, 1);
  c.array("b", {3, 11, 7}, 2);
  c.array("c", {3, 5, 7}, 3);
  c.numbers({{"M", 5}, {"N", 7}, {"K", 11}});
  c.numbers({{"stride_az", 55}, {"stride_am", 11}, {"stride_ak", 1}});
  c.numbers({{"stride_bz", 77}, {"stride_bk", 7}, {"stride_bn", 1}});
  c.numbers({{"stride_cz", 35}, {"stride_cm", 7}, {"stride_cn", 1}});
  CHECK(c.error("batched_matmul", "onednn", "c") < 1e-5);
}

TEST_CASE("oneDNN conv2d") {
  Comparison c;
  c.array("x", {2, 3, 9, 8}, 1);
  c.array("weight", {4, 3, 3, 3}, 2);
  c.array("bias", {4}, 3);
  c.array("y", {2, 4, 5, 4}, 4);
  c.numbers({{"batch", 2}, {"channels", 3}, {"height", 9}, {"width", 8}});
  c.numbers({{"out_channels", 4}, {"out_height", 5}, {"out_width", 4}});
  c.numbers({{"stride", 2}, {"padding", 1}, {"R", 3}, {"S", 3}});
  CHECK(c.error("conv2d", "onednn", "y") < 1e-5);
}

TEST_CASE("xsimd rmsnorm") {
  Comparison c;
  c.array("x", {5, 83}, 1);
  c.array("y", {5, 77}, 2);
  c.array("weight", {77}, 3);
  c.array("rstd", {5}, 4);
  c.numbers({{"n_cols", 77}, {"stride_x", 83}, {"stride_y", 77}});
  c.numbers({{"eps", 1e-6}, {"offset", 1}});
  CHECK(c.error("rmsnorm", "xsimd", "y") < 2e-6);
}

TEST_CASE("xsimd swiglu") {
  Comparison c;
  for (const char *name : {"gate", "up", "out"})
    c.array(name, {5, 77}, name[0]);
  c.numbers({{"n_cols", 77}});
  c.numbers({{"stride_gate", 77}, {"stride_up", 77}, {"stride_out", 77}});
  CHECK(c.error("swiglu", "xsimd", "out") < 1e-6);
}

TEST_CASE("a peer that cannot do a case says why") {
  auto call = std::make_shared<PeerCall>();
  PeerRun run;
  CHECK(*preparePeer("vecadd", "xsimd", call, run) ==
        "the xsimd loop does not do this type or layout");
  CHECK(*preparePeer("vecadd", "numba", call, run) == "unknown peer 'numba'");
  CHECK(preparePeer("vecadd", "onednn", call, run));
  CHECK(preparePeer("matmul", "xsimd", call, run));
}

TEST_CASE("every peer that a spec names is in this build") {
  for (std::string_view name : kernelNames()) {
    Spec spec;
    REQUIRE(!loadSpec(kernelsFolder() / name, spec));
    for (const Case &c : spec.cases)
      for (const std::string &peer : c.peers) {
        CAPTURE(name);
        CAPTURE(peer);
        PeerRun run;
        MaybeError error =
            preparePeer(name, peer, std::make_shared<PeerCall>(), run);
        REQUIRE(error);
        CHECK(error->find("in this build") == error->npos);
      }
  }
}

// A second OpenMP runtime in the process would start a second set of threads.
TEST_CASE("only libgomp is loaded") {
  std::ifstream maps("/proc/self/maps");
  bool hasGomp = false, hasOther = false;
  for (std::string line; std::getline(maps, line);) {
    hasGomp |= line.find("/libgomp.so") != line.npos;
    hasOther |=
        line.find("/libomp") != line.npos || line.find("/libiomp") != line.npos;
  }
  CHECK(hasGomp);
  CHECK(!hasOther);
}
