//===- RunTest.cpp - what imported kernels compute ------------------------===//
//
// Kernels are imported from text and run by the reference interpreter; the
// expected numbers are computed here or were published elsewhere.
//
//===----------------------------------------------------------------------===//
#include "frontend/lang/Import.h"
#include "ir/interp/Interpreter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <numeric>

using namespace tegula;
using namespace tegula::frontend;

namespace {

/// One kernel `k`, its arguments added in the order of its parameters.
class Kernel {
public:
  explicit Kernel(const std::string &text)
      : source(SourceFile::fromText(
            "test.py", "import triton\nimport triton.language as tl\n"
                       "from triton.language.extra import libdevice\n" +
                           text)) {
    options.kernel = "k";
  }
  template <typename T>
  Kernel &array(const char *name, DType type, std::vector<T> &values) {
    options.arguments[name] = ArgumentSpec::pointer(type, 1);
    slots.push_back(reinterpret_cast<uint64_t>(values.data()));
    extents.push_back(values.size() * sizeof(T));
    return *this;
  }
  Kernel &floats(const char *name, std::vector<float> &values) {
    return array(name, DType::Float32, values);
  }
  Kernel &ints(const char *name, std::vector<int32_t> &values) {
    return array(name, DType::Int32, values);
  }
  Kernel &scalar(const char *name, int32_t value) {
    options.arguments[name] = ArgumentSpec::scalar(DType::Int32);
    slots.push_back(static_cast<uint32_t>(value));
    extents.push_back(0);
    return *this;
  }
  Kernel &constant(const char *name, Literal value) {
    options.arguments[name] = ArgumentSpec::constant(std::move(value));
    return *this;
  }
  void run(uint32_t programs = 1) {
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    Diagnostics diagnostics;
    auto module = importKernel(&context, source, options, diagnostics);
    REQUIRE_MESSAGE(module, diagnostics.str());
    auto function = *module->getOps<mlir::func::FuncOp>().begin();
    auto interpreter = ir::Interpreter::create(function);
    REQUIRE_MESSAGE(interpreter, llvm::toString(interpreter.takeError()));
    ir::InterpreterLaunch launch{{programs, 1, 1}, slots, extents};
    CHECK(llvm::toString((*interpreter)->launch(launch)) == "");
  }

private:
  std::shared_ptr<const SourceFile> source;
  ImportOptions options;
  std::vector<uint64_t> slots, extents;
};

std::vector<int32_t> upTo(int32_t n) {
  std::vector<int32_t> values(n);
  std::iota(values.begin(), values.end(), 0);
  return values;
}

} // namespace

TEST_CASE(
    "division and remainder truncate at run time, floor at compile time") {
  std::vector<int32_t> x{7, -7, 7, -7}, y{2, 2, -2, -2}, q(4), r(4), c(2);
  Kernel(R"(
@triton.jit
def k(x, y, q, r, c):
    i = tl.arange(0, 4)
    tl.store(q + i, tl.load(x + i) // tl.load(y + i))
    tl.store(r + i, tl.load(x + i) % tl.load(y + i))
    tl.store(c, -7 // 2)
    tl.store(c + 1, -7 % 2)
)")
      .ints("x", x)
      .ints("y", y)
      .ints("q", q)
      .ints("r", r)
      .ints("c", c)
      .run();
  CHECK(q == std::vector<int32_t>{3, -3, -3, 3});
  CHECK(r == std::vector<int32_t>{1, -1, 1, -1});
  CHECK(c == std::vector<int32_t>{-4, 1});
}

TEST_CASE("loops: rising, falling, by a run-time step, with continue") {
  std::vector<int32_t> out(40, 0);
  Kernel(R"(
@triton.jit
def k(out, n, step):
    place = 0
    for i in range(n, 2, -2):
        tl.store(out + place, i)
        place += 1
    for i in range(1, n, step):
        if i == 4:
            continue
        tl.store(out + place, 100 + i)
        place += 1
    while place < 20:
        place = place * 2
    tl.store(out + 39, place)
)")
      .ints("out", out)
      .scalar("n", 9)
      .scalar("step", 3)
      .run();
  CHECK(std::vector<int32_t>(out.begin(), out.begin() + 7) ==
        std::vector<int32_t>{9, 7, 5, 3, 101, 107, 0});
  CHECK(out[39] == 24);
}

TEST_CASE("early returns leave kernels and functions") {
  std::vector<int32_t> out(6, -1);
  Kernel(R"(
@triton.jit
def grade(v):
    if v < 2:
        return 10
    if v < 4:
        if v == 3:
            return 30
        v += 1
    return v

@triton.jit
def k(out, n):
    pid = tl.program_id(0)
    if pid >= n:
        return
    for i in tl.static_range(3):
        if pid == i:
            tl.store(out + pid, grade(pid) + i * 100)
            return
    tl.store(out + pid, grade(pid))
)")
      .ints("out", out)
      .scalar("n", 5)
      .run(6);
  CHECK(out == std::vector<int32_t>{10, 110, 203, 30, 4, -1});
}

TEST_CASE("sort, topk and flip along the last dimension") {
  std::vector<float> x{3, -1, 2, 7, 7, 0, 5, -4, 1, 9, 8, 2, 6, 4, -3, 10};
  std::vector<float> rising(16), falling(16), best(8), turned(16);
  Kernel(R"(
@triton.jit
def k(x, rising, falling, best, turned):
    i = tl.arange(0, 2)[:, None] * 8 + tl.arange(0, 8)[None, :]
    v = tl.load(x + i)
    tl.store(rising + i, tl.sort(v))
    tl.store(falling + i, tl.sort(v, descending=True))
    j = tl.arange(0, 2)[:, None] * 4 + tl.arange(0, 4)[None, :]
    tl.store(best + j, tl.topk(v, 4))
    tl.store(turned + i, tl.flip(v, 1))
)")
      .floats("x", x)
      .floats("rising", rising)
      .floats("falling", falling)
      .floats("best", best)
      .floats("turned", turned)
      .run();
  for (int row = 0; row < 2; ++row) {
    std::vector<float> expected(x.begin() + row * 8, x.begin() + row * 8 + 8);
    auto rowOf = [&](const std::vector<float> &all, int size) {
      return std::vector<float>(all.begin() + row * size,
                                all.begin() + row * size + size);
    };
    std::vector<float> reversed(expected.rbegin(), expected.rend());
    CHECK(rowOf(turned, 8) == reversed);
    std::sort(expected.begin(), expected.end());
    CHECK(rowOf(rising, 8) == expected);
    std::reverse(expected.begin(), expected.end());
    CHECK(rowOf(falling, 8) == expected);
    expected.resize(4);
    CHECK(rowOf(best, 4) == expected);
  }
}

TEST_CASE("reductions: ties, whole tensors, narrow integers, scans") {
  std::vector<int32_t> x{3, 9, 1, 9, 0, 5, 0, 2}, out(8), scan(8);
  std::vector<int8_t> narrow(8, 100);
  Kernel(R"(
@triton.jit
def k(x, narrow, out, scan):
    i = tl.arange(0, 8)
    v = tl.load(x + i)
    tl.store(out, tl.argmax(v, 0))
    tl.store(out + 1, tl.argmin(v, axis=0))
    best, where = tl.max(v.reshape(2, 4), axis=1, return_indices=True)
    tl.store(out + 2 + tl.arange(0, 2), where)
    tl.store(out + 4, tl.sum(tl.load(narrow + i)))
    tl.store(out + 5, tl.sum(v.reshape(2, 4)))
    tl.store(out + 6, tl.max(v, keep_dims=True).item())
    tl.store(scan + i, tl.cumsum(v, 0, reverse=True))
)")
      .ints("x", x)
      .array("narrow", DType::Int8, narrow)
      .ints("out", out)
      .ints("scan", scan)
      .run();
  CHECK(out == std::vector<int32_t>{1, 4, 1, 1, 800, 29, 9, 0});
  CHECK(scan == std::vector<int32_t>{29, 26, 17, 16, 7, 7, 2, 2});
}

TEST_CASE("philox 4x32-10 gives the published numbers") {
  // The known-answer tests of Random123: counter and key 0, then all ones,
  // then the digits of pi.
  std::vector<int32_t> out(12);
  Kernel(R"(
@triton.jit
def k(out):
    i = tl.arange(0, 1)
    z = tl.full((1,), 0, tl.uint32)
    a, b, c, d = tl.philox(0, z, z, z, z)
    tl.store(out + i, a)
    tl.store(out + 1 + i, b)
    tl.store(out + 2 + i, c)
    tl.store(out + 3 + i, d)
    o = tl.full((1,), 0xffffffff, tl.uint32)
    a, b, c, d = tl.philox(0xffffffffffffffff, o, o, o, o)
    tl.store(out + 4 + i, a)
    tl.store(out + 5 + i, b)
    tl.store(out + 6 + i, c)
    tl.store(out + 7 + i, d)
    a, b, c, d = tl.philox(0x299f31d0a4093822, z + 0x243f6a88, z + 0x85a308d3,
                           z + 0x13198a2e, z + 0x03707344)
    tl.store(out + 8 + i, a)
    tl.store(out + 9 + i, b)
    tl.store(out + 10 + i, c)
    tl.store(out + 11 + i, d)
)")
      .ints("out", out)
      .run();
  std::vector<uint32_t> bits(12);
  std::memcpy(bits.data(), out.data(), 48);
  CHECK(bits == std::vector<uint32_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c,
                                      0x9b00dbd8, 0x408f276d, 0x41c83b0e,
                                      0xa20bc7c6, 0x6d5451fd, 0xd16cfe09,
                                      0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("rand is uniform in [0, 1), randn has mean 0 and variance 1") {
  std::vector<float> uniform(1024), normal(1024);
  Kernel(R"(
@triton.jit
def k(uniform, normal):
    i = tl.arange(0, 1024)
    tl.store(uniform + i, tl.rand(42, i))
    tl.store(normal + i, tl.randn(42, i))
)")
      .floats("uniform", uniform)
      .floats("normal", normal)
      .run();
  double sum = 0, square = 0, mean = 0;
  for (int i = 0; i < 1024; ++i) {
    CHECK(uniform[i] >= 0);
    CHECK(uniform[i] < 1);
    mean += uniform[i] / 1024.0;
    sum += normal[i] / 1024.0;
    square += normal[i] * normal[i] / 1024.0;
  }
  CHECK(std::fabs(mean - 0.5) < 0.03);
  CHECK(std::fabs(sum) < 0.1);
  CHECK(std::fabs(square - 1) < 0.15);
}

TEST_CASE("swizzle2d walks bands of rows column by column") {
  std::vector<int32_t> out(16);
  Kernel(R"(
@triton.jit
def k(out):
    pid = tl.program_id(0)
    i, j = tl.swizzle2d(pid // 4, pid % 4, 4, 4, 2)
    tl.store(out + i * 4 + j, pid)
)")
      .ints("out", out)
      .run(16);
  CHECK(out == std::vector<int32_t>{0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9,
                                    11, 13, 15});
}

TEST_CASE("block pointers and descriptors read and write windows") {
  std::vector<int32_t> x = upTo(30), out(30, -1), copy(30, -1);
  Kernel(R"(
@triton.jit
def k(x, out, copy, M, N):
    src = tl.make_block_ptr(x, (M, N), (N, 1), (0, 0), (4, 4), (1, 0))
    dst = tl.make_block_ptr(out, (M, N), (N, 1), (0, 0), (4, 4), (1, 0))
    for j in range(0, N, 4):
        v = tl.load(src, boundary_check=(0, 1), padding_option="zero")
        tl.store(dst, v * 2, boundary_check=(0, 1))
        src = tl.advance(src, (0, 4))
        dst = tl.advance(dst, (0, 4))
    a = tl.make_tensor_descriptor(x, [M, N], [N, 1], [4, 4])
    b = tl.make_tensor_descriptor(copy, [M, N], [N, 1], [4, 4])
    b.store([2, 4], a.load([2, 4]))
)")
      .ints("x", x)
      .ints("out", out)
      .ints("copy", copy)
      .scalar("M", 3)
      .scalar("N", 10)
      .run();
  for (int i = 0; i < 30; ++i) {
    CHECK(out[i] == 2 * i);
    bool inside = i / 10 >= 2 && i % 10 >= 4 && i % 10 < 8;
    CHECK(copy[i] == (inside ? i : -1));
  }
}

TEST_CASE("a bool in memory is any byte that is not 0") {
  std::vector<uint8_t> flags{0, 1, 2, 255}, out(4, 9);
  std::vector<int32_t> picked(4);
  Kernel(R"(
@triton.jit
def k(flags, out, picked):
    i = tl.arange(0, 4)
    f = tl.load(flags + i)
    tl.store(out + i, not f)
    tl.store(picked + i, tl.where(f, i, -1))
)")
      .array("flags", DType::Int1, flags)
      .array("out", DType::Int1, out)
      .ints("picked", picked)
      .run();
  CHECK(out == std::vector<uint8_t>{1, 0, 0, 0});
  CHECK(picked == std::vector<int32_t>{-1, 1, 2, 3});
}

TEST_CASE("unsigned values convert, compare and shift as such") {
  std::vector<uint8_t> x{0, 127, 128, 255};
  std::vector<int32_t> wide(4), less(4), half(4);
  std::vector<float> real(4);
  Kernel(R"(
@triton.jit
def k(x, wide, less, half, real):
    i = tl.arange(0, 4)
    v = tl.load(x + i)
    tl.store(wide + i, v.to(tl.int32))
    tl.store(less + i, v < 200)
    tl.store(half + i, (v >> 1))
    tl.store(real + i, v * 0.5)
)")
      .array("x", DType::UInt8, x)
      .ints("wide", wide)
      .ints("less", less)
      .ints("half", half)
      .floats("real", real)
      .run();
  CHECK(wide == std::vector<int32_t>{0, 127, 128, 255});
  CHECK(less == std::vector<int32_t>{1, 1, 1, 0});
  CHECK(half == std::vector<int32_t>{0, 63, 64, 127});
  CHECK(real == std::vector<float>{0, 63.5f, 64, 127.5f});
}

TEST_CASE("map_elementwise, join, split, cat, gather, histogram") {
  std::vector<int32_t> x = upTo(8), out(8), odd(4), cat(8), bins(4), back(8);
  Kernel(R"(
@triton.jit
def bump(a, b):
    if a > b:
        return a - b
    return a + b

@triton.jit
def k(x, out, odd, cat, bins, back):
    i = tl.arange(0, 8)
    v = tl.load(x + i)
    tl.store(out + i, tl.map_elementwise(bump, v, 3))
    a, b = tl.split(v.reshape(4, 2))
    tl.store(odd + tl.arange(0, 4), b)
    tl.store(cat + i, tl.cat(b, a, can_reorder=True))
    tl.store(back + i, tl.interleave(a, b))
    tl.store(bins + tl.arange(0, 4), tl.histogram(v % 3, 4, mask=v < 7))
)")
      .ints("x", x)
      .ints("out", out)
      .ints("odd", odd)
      .ints("cat", cat)
      .ints("bins", bins)
      .ints("back", back)
      .run();
  CHECK(out == std::vector<int32_t>{3, 4, 5, 6, 1, 2, 3, 4});
  CHECK(odd == std::vector<int32_t>{1, 3, 5, 7});
  CHECK(cat == std::vector<int32_t>{1, 3, 5, 7, 0, 2, 4, 6});
  CHECK(bins == std::vector<int32_t>{3, 2, 2, 0});
  CHECK(back == x);
}
