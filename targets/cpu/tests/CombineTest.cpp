//===- CombineTest.cpp - Combiners and atomics of every type --------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/tests/Differential.h"
#include "llvm/ADT/APFloat.h"
#include <doctest/doctest.h>

using llvm::APFloat;
using tegula::test::Differential;

namespace {
constexpr int kSize = 16, kElements = kSize * kSize;

struct Type {
  const char *name;
  unsigned bytes;
  const llvm::fltSemantics *semantics = nullptr; ///< null: an integer
  bool isFloat() const { return semantics != nullptr; }
};

const Type kTypes[] = {{"i1", 1},
                       {"i8", 1},
                       {"i16", 2},
                       {"i32", 4},
                       {"i64", 8},
                       {"f16", 2, &APFloat::IEEEhalf()},
                       {"bf16", 2, &APFloat::BFloat()},
                       {"f32", 4, &APFloat::IEEEsingle()},
                       {"f64", 8, &APFloat::IEEEdouble()}};

/// Elements of a type as bits, one after the other.
struct Elements {
  explicit Elements(Type type) : type(type) {}
  void addBits(uint64_t bits) {
    if (llvm::StringRef(type.name) == "i1")
      bits &= 1;
    for (unsigned i = 0; i < type.bytes; ++i)
      bytes.push_back(static_cast<uint8_t>(bits >> (8 * i)));
  }
  void addNumber(double value) {
    if (!type.isFloat())
      return addBits(static_cast<uint64_t>(static_cast<int64_t>(value)));
    APFloat number(value);
    bool loses;
    number.convert(*type.semantics, APFloat::rmNearestTiesToEven, &loses);
    addBits(number.bitcastToAPInt().getZExtValue());
  }
  Type type;
  std::vector<uint8_t> bytes;
};

/// Numbers whose sums are exact in every type, with many ties.
Elements small(Type type) {
  Elements elements(type);
  for (int i = 0; i < kElements; ++i)
    elements.addNumber((i * 37 % 17 - 8) * (type.isFloat() ? 0.25 : 1));
  return elements;
}

/// The ends of the type's range, NaN and infinities in some rows and columns.
Elements extreme(Type type) {
  Elements elements = small(type);
  auto put = [&](int position, uint64_t bits) {
    for (unsigned i = 0; i < type.bytes; ++i)
      elements.bytes[position * type.bytes + i] =
          static_cast<uint8_t>(bits >> (8 * i));
  };
  if (llvm::StringRef(type.name) == "i1")
    return elements;
  uint64_t sign = uint64_t(1) << (8 * type.bytes - 1);
  if (!type.isFloat()) {
    put(5, sign);
    put(100, sign - 1);
    put(200, ~uint64_t(0));
    return elements;
  }
  auto bits = [](const APFloat &value) {
    return value.bitcastToAPInt().getZExtValue();
  };
  put(5, bits(APFloat::getNaN(*type.semantics)));
  put(100, bits(APFloat::getInf(*type.semantics)));
  put(101, bits(APFloat::getInf(*type.semantics, true)));
  put(202, bits(APFloat::getSmallest(*type.semantics, true)));
  return elements;
}

std::string shaped(const std::string &shape, const std::string &element) {
  return "tensor<" + shape + "x" + element + ">";
}

/// A kernel whose results, widened to f64 or i64, follow each other in memory.
class KernelText {
public:
  explicit KernelText(Type type) : type(type) {}
  std::string element() const { return type.name; }
  std::string wide() const { return type.isFloat() ? "f64" : "i64"; }
  std::string fresh() { return "%v" + std::to_string(values++); }
  void line(const std::string &text) { body += text + "\n"; }

  /// Stores `value`, a tensor of `count` elements of `shape`.
  void store(std::string value, const std::string &from,
             const std::string &shape, int count) {
    std::string n = std::to_string(count);
    if (from != wide()) {
      std::string widened = fresh();
      line(widened + " = arith.ext" + (type.isFloat() ? "f " : "si ") + value +
           " : " + shaped(shape, from) + " to " + shaped(shape, wide()));
      value = widened;
    }
    std::string flat = fresh(), range = fresh(), base = fresh(), at = fresh(),
                offset = fresh(), places = fresh();
    std::string pointer = "!tile.ptr<" + wide() + ">";
    line(flat + " = tile.reshape " + value + " : " + shaped(shape, wide()) +
         " -> " + shaped(n, wide()));
    line(offset + " = arith.constant " + std::to_string(stored) + " : i32");
    line(at + " = tile.ptr_add %y, " + offset + " : " + pointer + ", i32");
    line(range + " = tile.range 0 to " + n + " : " + shaped(n, "i32"));
    line(base + " = tile.splat " + at + " : " + pointer + " -> " +
         shaped(n, pointer));
    line(places + " = tile.ptr_add " + base + ", " + range + " : " +
         shaped(n, pointer) + ", " + shaped(n, "i32"));
    line("tile.store " + places + ", " + flat + " : " + shaped(n, pointer));
    stored += count;
  }

  std::string text() const {
    std::string pointer = "!tile.ptr<" + element() + ">", loads;
    for (const char *name : {"a", "b"}) {
      std::string v = std::string("%") + name;
      loads += v + "s = tile.splat %x" + name + " : " + pointer + " -> " +
               shaped("256", pointer) + "\n" + v + "p = tile.ptr_add " + v +
               "s, %i : " + shaped("256", pointer) + ", " +
               shaped("256", "i32") + "\n" + v + "f = tile.load " + v +
               "p : " + shaped("256", pointer) + "\n" + v + " = tile.reshape " +
               v + "f : " + shaped("256", element()) + " -> " +
               shaped("16x16", element()) + "\n";
    }
    return "func.func @k(%xa: " + pointer + ", %xb: " + pointer +
           ", %y: !tile.ptr<" + wide() +
           ">) {\n%i = tile.range 0 to 256 : " + shaped("256", "i32") + "\n" +
           loads + body + "return\n}\n";
  }

  void run() const {
    CAPTURE(text());
    // Bytes, but for the output: inputs are not compared as numbers.
    Differential test(text());
    test.array(extreme(type).bytes).array(small(type).bytes);
    if (type.isFloat())
      test.array(std::vector<double>(stored)).run<double>();
    else
      test.array(std::vector<int64_t>(stored)).run<int64_t>();
  }

private:
  Type type;
  std::string body;
  int values = 0, stored = 0;
};

/// A reduction and two scans of `source` along each axis.
void combine(KernelText &kernel, const std::string &source,
             const std::string &op) {
  std::string e = kernel.element(), square = shaped("16x16", e);
  std::string region = " {\n^bb0(%p: " + e + ", %q: " + e + "):\n%s = " + op +
                       " %p, %q : " + e + "\ntile.yield %s : " + e + "\n}";
  for (const char *axis : {"0", "1"}) {
    std::string r = kernel.fresh();
    kernel.line(r + " = tile.reduce " + source + " axis " + axis + " : (" +
                square + ") -> " + shaped("16", e) + region);
    kernel.store(r, e, "16", kSize);
    for (const char *way : {"", " reverse"}) {
      std::string s = kernel.fresh();
      kernel.line(s + " = tile.scan " + source + " axis " + axis + way +
                  " : (" + square + ") -> " + square + region);
      kernel.store(s, e, "16x16", kElements);
    }
  }
}

/// The first place of the largest element, by Triton's combiner.
void largestPlace(KernelText &kernel, bool isFloat) {
  std::string e = kernel.element(), square = shaped("16x16", e);
  std::string more = isFloat ? "arith.cmpf ogt" : "arith.cmpi sgt";
  std::string same = isFloat ? "arith.cmpf oeq" : "arith.cmpi eq";
  std::string range = kernel.fresh(), thin = kernel.fresh(),
              places = kernel.fresh(), best = kernel.fresh();
  kernel.line(range + " = tile.range 0 to 16 : tensor<16xi32>");
  kernel.line(thin + " = tile.expand_dims " + range +
              " axis 0 : tensor<16xi32> -> tensor<1x16xi32>");
  kernel.line(places + " = tile.broadcast " + thin +
              " : tensor<1x16xi32> -> tensor<16x16xi32>");
  kernel.line(
      best + ":2 = tile.reduce %b, " + places + " axis 1 : (" + square +
      ", tensor<16x16xi32>) -> (" + shaped("16", e) +
      ", tensor<16xi32>) {\n^bb0(%v: " + e + ", %k: i32, %w: " + e +
      ", %l: i32):\n%more = " + more + ", %v, %w : " + e + "\n%same = " + same +
      ", %v, %w : " + e +
      "\n%first = arith.cmpi slt, %k, %l : i32\n%tie = arith.andi "
      "%same, %first : i1\n%left = arith.ori %more, %tie : i1\n"
      "%u = arith.select %left, %v, %w : " +
      e + "\n%m = arith.select %left, %k, %l : i32\ntile.yield %u, %m : " + e +
      ", i32\n}");
  kernel.store(best + "#0", e, "16", kSize);
  std::string number = kernel.fresh();
  kernel.line(number + (isFloat ? " = arith.sitofp " : " = arith.extsi ") +
              best + "#1 : tensor<16xi32> to " + shaped("16", kernel.wide()));
  kernel.store(number, kernel.wide(), "16", kSize);
}
} // namespace

TEST_CASE("every combiner of every type, both axes, both directions") {
  for (Type type : kTypes) {
    CAPTURE(type.name);
    KernelText kernel(type);
    if (type.isFloat()) {
      combine(kernel, "%b", "arith.addf");
      for (const char *op : {"maximumf", "minimumf", "maxnumf", "minnumf"})
        combine(kernel, "%a", "arith." + std::string(op));
    } else {
      for (const char *op : {"addi", "muli", "maxsi", "minsi", "maxui", "minui",
                             "andi", "ori", "xori"})
        combine(kernel, "%a", "arith." + std::string(op));
    }
    if (llvm::StringRef(type.name) != "i1")
      largestPlace(kernel, type.isFloat());
    kernel.run();
  }
}

/// 256 lanes update 16 elements of `type`, some of them masked; the old values
/// are kept.
static std::string update(const Type &type, const std::string &kind) {
  std::string e = type.name, pointer = "!tile.ptr<" + e + ">";
  std::string lanes = shaped("256", pointer), values = shaped("256", e);
  return "func.func @k(%x: " + pointer + ", %old: " + pointer +
         ", %y: " + pointer + R"() {
  %i = tile.range 0 to 256 : tensor<256xi32>
  %n = arith.constant dense<16> : tensor<256xi32>
  %five = arith.constant dense<5> : tensor<256xi32>
  %j = arith.remui %i, %n : tensor<256xi32>
  %k = arith.remui %i, %five : tensor<256xi32>
  %m = arith.cmpi ne, %j, %k : tensor<256xi32>
)" +
         "  %xs = tile.splat %x : " + pointer + " -> " + lanes +
         "\n  %xp = tile.ptr_add %xs, %i : " + lanes + ", tensor<256xi32>\n" +
         "  %v = tile.load %xp : " + lanes +
         "\n  %ys = tile.splat %y : " + pointer + " -> " + lanes +
         "\n  %yp = tile.ptr_add %ys, %j : " + lanes +
         ", tensor<256xi32>\n  %r = tile.atomic_rmw " + kind +
         " acq_rel gpu %yp, %v mask %m : tensor<256xi1> : " + lanes + ", " +
         values + " -> " + values + "\n  %os = tile.splat %old : " + pointer +
         " -> " + lanes + "\n  %op = tile.ptr_add %os, %i : " + lanes +
         ", tensor<256xi32>\n  tile.store %op, %r : " + lanes +
         "\n  return\n}\n";
}

TEST_CASE("every atomic update of every type") {
  for (Type type : kTypes) {
    if (llvm::StringRef(type.name) == "i1")
      continue;
    std::vector<const char *> kinds = {"and", "or",  "xor",  "add",
                                       "max", "min", "umax", "umin",
                                       "inc", "dec", "xchg"};
    if (type.isFloat())
      kinds = {"fadd", "fmax", "fmin", "xchg"};
    for (const char *kind : kinds) {
      CAPTURE(type.name);
      CAPTURE(kind);
      Elements start = small(type);
      start.bytes.resize(size_t(kSize) * type.bytes);
      Differential(update(type, kind))
          .array(small(type).bytes)
          .array(std::vector<uint8_t>(size_t(kElements) * type.bytes))
          .array(start.bytes)
          .run<uint8_t>();
    }
  }
}

TEST_CASE("combiners with branches, and assertions in them") {
  KernelText kernel({"i32", 4});
  for (const char *axis : {"0", "1"})
    for (const char *op : {"reduce", "scan"}) {
      bool isScan = llvm::StringRef(op) == "scan";
      std::string shape = isScan ? "16x16" : "16", r = kernel.fresh();
      // The larger one; of equals 3 more.
      kernel.line(r + " = tile." + op + " %b axis " + axis +
                  " : (tensor<16x16xi32>) -> " + shaped(shape, "i32") + R"( {
^bb0(%p: i32, %q: i32):
  %more = arith.cmpi sgt, %p, %q : i32
  %s = scf.if %more -> (i32) {
    scf.yield %p : i32
  } else {
    %same = arith.cmpi eq, %p, %q : i32
    %t = scf.if %same -> (i32) {
      %three = arith.constant 3 : i32
      tile.assert %same, "equal" : i1
      %u = arith.addi %q, %three : i32
      scf.yield %u : i32
    } else {
      scf.yield %q : i32
    }
    scf.yield %t : i32
  }
  tile.yield %s : i32
})");
      kernel.store(r, "i32", shape, isScan ? kElements : kSize);
    }
  kernel.run();
}
