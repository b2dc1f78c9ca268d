//===- Generator.h - Makes random valid programs ----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program grows from a pool of values: a step takes some of them and adds its
// results. What it writes has one right answer: programs write only their own
// chunk of an array, atomics commute, and of each float it is known how far it
// may be from the reference.
//
//   exact: basic operations alone, both sides must agree bit for bit;
//   inexact: an error bound is carried along (sums in free order, exp, dot).
//            Such a value may be added, scaled, moved and stored, never
//            compared, divided by or turned into an integer.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TESTS_FUZZ_GENERATOR_H
#define TEGULA_TESTS_FUZZ_GENERATOR_H

#include "ir/tile/Tile.h"
#include "mlir/IR/Builders.h"
#include "tests/fuzz/Case.h"
#include <functional>
#include <limits>
#include <random>

namespace tegula::fuzz {

/// The random program of a seed.
Case generate(uint64_t seed, mlir::MLIRContext &context);

/// What is known of a value.
struct Facts {
  /// Bound of its magnitude; infinite where anything, NaN too, is possible.
  double magnitude = std::numeric_limits<double>::infinity();
  /// How far it may be from the reference.
  double error = 0;
  /// A zero may have either sign.
  bool zeroSignIsFree = false;
  bool isTame() const { return magnitude < 1e300; }
};

class Generator {
public:
  Generator(uint64_t seed, mlir::MLIRContext &context);
  Case run();

private:
  using Step = bool (Generator::*)();
  using Test = llvm::function_ref<bool(mlir::Value)>;

  // Random choices.
  uint64_t below(uint64_t bound) { return random() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <typename T> T oneOf(std::initializer_list<T> values) {
    return values.begin()[below(values.size())];
  }
  mlir::Type anyInt();
  mlir::Type anyFloat();
  llvm::ArrayRef<int64_t> anyShape();
  /// A random value of the pool that passes the test, or null.
  mlir::Value pick(Test test);
  mlir::Value pickTensor(Test test);
  /// The newest such value, so that what was made last is not in vain.
  mlir::Value pickNewest(Test test);
  /// Another value of this type, or `value` itself.
  mlir::Value partner(mlir::Value value, Test test);

  // The pool.
  void add(mlir::Value value, Facts facts);
  Facts facts(mlir::Value value) const { return known.lookup(value); }
  /// Facts of the result of a basic operation on these operands; `magnitude` is
  /// that of the result. False: the operands don't suit.
  bool addBasic(mlir::Value result, llvm::ArrayRef<mlir::Value> operands,
                double magnitude, double error);

  // Building blocks.
  template <typename Op, typename... Args> Op make(Args &&...args) {
    return Op::create(builder, location, std::forward<Args>(args)...);
  }
  mlir::Value constant(mlir::Type type, double value);
  mlir::Value splat(mlir::Value scalar, llvm::ArrayRef<int64_t> shape);
  mlir::RankedTensorType tensorOf(llvm::ArrayRef<int64_t> shape,
                                  mlir::Type element) {
    return mlir::RankedTensorType::get(shape, element);
  }
  /// The number of each element along `dim`, spread over `shape`.
  mlir::Value coordinate(llvm::ArrayRef<int64_t> shape, unsigned dim);

  // Arrays.
  struct Array {
    mlir::Value pointer;
    mlir::Type element;
    uint64_t elements;
    uint64_t chunk; ///< elements of each program; 0: read by all
    Facts facts;
    int buffer;
    /// Written with atomics alone (their kind), never read.
    std::optional<tile::AtomicKind> atomic;
  };
  void makeArguments();
  void addArray(mlir::Type element, uint64_t elements, uint64_t chunk,
                Fill fill, int sharesWith = -1);
  /// Positions in an array of `limit` elements and the mask that keeps them
  /// inside (null where all are). Distinct if `isWrite`.
  struct Positions {
    mlir::Value index, mask;
  };
  Positions positions(llvm::ArrayRef<int64_t> shape, uint64_t limit,
                      bool isWrite);
  mlir::Value pointers(const Array &array, mlir::Value index);
  bool loadFrom(const Array &array, llvm::ArrayRef<int64_t> shape);
  void storeTo(const Array &array, mlir::Value value);

  // Parts of idioms.
  /// An extent up to 2^bits, often odd.
  int64_t anyExtent(unsigned bits);
  /// An i32 that only the launch knows, from 0 to a little more than `about`.
  mlir::Value runTimeNumber(int64_t about);
  /// A new array of numbers in [-2, 2] that all programs read.
  Array addInput(mlir::Type element, uint64_t elements);
  /// Each element's place in row-major order.
  mlir::Value rowMajor(llvm::ArrayRef<int64_t> shape);
  /// True where the coordinate is below the edge in each dimension that has
  /// one; null if none has.
  mlir::Value insideMask(llvm::ArrayRef<int64_t> shape,
                         llvm::ArrayRef<mlir::Value> edges);
  /// Kinds are those of `buildCombiner`.
  mlir::Value reduceWith(mlir::Value x, unsigned axis, unsigned kind);
  /// The inverse of a reduction's change of shape.
  mlir::Value spread(mlir::Value reduced, llvm::ArrayRef<int64_t> shape,
                     unsigned axis);
  mlir::Value convertFloat(mlir::Value x, mlir::Type element);
  std::pair<mlir::Value, Facts> mapMasked(mlir::Value x, mlir::Value mask);
  mlir::Value describe(mlir::Value base, mlir::Type element, int64_t rows,
                       int64_t columns, llvm::ArrayRef<int64_t> block,
                       tile::Padding padding);
  mlir::Value blockStart(int64_t extent);
  mlir::Value distinctRows(int64_t count);

  // Steps.
  void grow(unsigned steps);
  /// Stores what nothing uses, each value to an array of its own: no step is
  /// in vain.
  void storeLeaves();
  bool stepLoad();
  bool stepLoadScalar();
  bool stepStore();
  bool stepAtomic();
  bool stepGatherLoad();
  bool stepInt();
  bool stepIntUnary();
  bool stepFloat();
  bool stepFma();
  bool stepMath();
  bool stepCompare();
  bool stepSelect();
  bool stepCast();
  bool stepShape();
  bool stepJoin();
  bool stepGather();
  bool stepHistogram();
  bool stepReduce();
  bool stepArgReduce();
  bool stepScan();
  bool stepMap();
  bool stepDot();
  bool stepScalar();
  bool stepLoop();
  bool stepDotLoop();
  bool stepIf();
  bool stepDotChain();
  bool stepRow();
  bool stepAttention();
  bool stepWalk();
  bool stepRecurrence();
  bool stepDescLoad();
  bool stepDescStore();
  bool buildCombiner(mlir::Region &region, mlir::Type element, unsigned kind);

  mlir::OpBuilder builder;
  mlir::Location location;
  std::mt19937_64 random;
  Case result;
  std::vector<Array> arrays;
  std::vector<mlir::Value> pool;
  llvm::DenseMap<mlir::Value, Facts> known;
  std::vector<llvm::SmallVector<int64_t>> shapes;
  mlir::Value program; ///< its id, i32
  unsigned depth = 0;
  bool mayWrite = true;
};

/// Half a unit in the last place, relative.
double epsilonOf(mlir::Type element);
/// Beyond this, values of the type are no longer tame.
double comfortOf(mlir::Type element);

} // namespace tegula::fuzz

#endif // TEGULA_TESTS_FUZZ_GENERATOR_H
