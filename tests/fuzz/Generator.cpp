//===- Generator.cpp - The pool and the arrays of a random program
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/fuzz/Generator.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Verifier.h"
#include <cmath>

using namespace mlir;
using namespace tegula;
using namespace tegula::fuzz;

Case tegula::fuzz::generate(uint64_t seed, MLIRContext &context) {
  return Generator(seed, context).run();
}

double tegula::fuzz::epsilonOf(Type element) {
  if (isa<FloatType>(element))
    return std::ldexp(
        1.0, -static_cast<int>(cast<FloatType>(element).getFPMantissaWidth()));
  return 0;
}

double tegula::fuzz::comfortOf(Type element) {
  if (element.isF64())
    return 1e100;
  if (element.isF32() || element.isBF16())
    return 1e15;
  return element.getIntOrFloatBitWidth() == 16 ? 2000 : 100;
}

//===----------------------------------------------------------------------===//
// Choices
//===----------------------------------------------------------------------===//

Generator::Generator(uint64_t seed, MLIRContext &context)
    : builder(&context), location(UnknownLoc::get(&context)), random(seed) {
  result.seed = seed;
}

Type Generator::anyInt() {
  return builder.getIntegerType(oneOf<unsigned>({1, 8, 16, 32, 32, 32, 64}));
}

Type Generator::anyFloat() {
  switch (below(6)) {
  case 0:
    return builder.getF16Type();
  case 1:
    return builder.getBF16Type();
  case 2:
    return builder.getF64Type();
  default:
    return builder.getF32Type();
  }
}

ArrayRef<int64_t> Generator::anyShape() { return shapes[below(shapes.size())]; }

Value Generator::pick(Test test) {
  std::vector<Value> fitting;
  for (Value value : pool)
    if (test(value))
      fitting.push_back(value);
  return fitting.empty() ? Value() : fitting[below(fitting.size())];
}

Value Generator::pickTensor(Test test) {
  return pick([&](Value value) {
    return isa<RankedTensorType>(value.getType()) && test(value);
  });
}

Value Generator::pickNewest(Test test) {
  for (Value value : llvm::reverse(pool))
    if (test(value) && chance(80))
      return value;
  return pick(test);
}

Value Generator::partner(Value value, Test test) {
  Value other = pick([&](Value candidate) {
    return candidate != value && candidate.getType() == value.getType() &&
           test(candidate);
  });
  if (other || chance(10))
    return other ? other : value;
  // A constant that isn't the same in all elements.
  Type type = value.getType(), element = tile::elementTypeOf(type);
  if (!isa<IntegerType, FloatType>(element) ||
      element.getIntOrFloatBitWidth() < 16)
    return value;
  auto tensor = dyn_cast<RankedTensorType>(type);
  Value number = constant(element, 1);
  if (tensor) {
    Value place = coordinate(tensor.getShape(), below(tensor.getRank()));
    Type small = tile::withElementType(type, builder.getIntegerType(16));
    number = make<arith::TruncIOp>(small, place);
    if (isa<FloatType>(element))
      number = make<arith::UIToFPOp>(type, number);
    else if (element.getIntOrFloatBitWidth() > 16)
      number = make<arith::ExtSIOp>(type, number);
  }
  known[number] = {1024, 0, false};
  if (!test(number))
    return value;
  return number;
}

void Generator::add(Value value, Facts facts) {
  pool.push_back(value);
  known[value] = facts;
}

bool Generator::addBasic(Value value, ArrayRef<Value> operands,
                         double magnitude, double error) {
  Facts made;
  Type element = tile::elementTypeOf(value.getType());
  bool isExact = true;
  for (Value operand : operands) {
    isExact &= facts(operand).error == 0;
    made.zeroSignIsFree |= facts(operand).zeroSignIsFree;
  }
  made.magnitude = magnitude;
  if (!isExact)
    made.error = error + 2 * epsilonOf(element) * magnitude;
  if (made.magnitude > comfortOf(element)) {
    if (!isExact) {
      value.getDefiningOp()->erase();
      return false;
    }
    made.magnitude = std::numeric_limits<double>::infinity();
  }
  add(value, made);
  return true;
}

//===----------------------------------------------------------------------===//
// Building blocks
//===----------------------------------------------------------------------===//

Value Generator::constant(Type type, double value) {
  Type element = tile::elementTypeOf(type);
  TypedAttr scalar;
  if (isa<FloatType>(element))
    scalar = builder.getFloatAttr(element, value);
  else
    scalar = builder.getIntegerAttr(element, static_cast<int64_t>(value));
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return make<arith::ConstantOp>(SplatElementsAttr::get(tensor, scalar));
  return make<arith::ConstantOp>(scalar);
}

Value Generator::splat(Value scalar, ArrayRef<int64_t> shape) {
  return make<tile::SplatOp>(tensorOf(shape, scalar.getType()), scalar);
}

Value Generator::coordinate(ArrayRef<int64_t> shape, unsigned dim) {
  Type i32 = builder.getI32Type();
  Value value = make<tile::RangeOp>(tensorOf({shape[dim]}, i32), 0, shape[dim]);
  SmallVector<int64_t> thin = {shape[dim]};
  for (unsigned d = 0; d < shape.size(); ++d) {
    if (d == dim)
      continue;
    thin.insert(thin.begin() + d, 1);
    value = make<tile::ExpandDimsOp>(tensorOf(thin, i32), value, d);
  }
  if (ArrayRef<int64_t>(thin) != shape)
    value = make<tile::BroadcastOp>(tensorOf(shape, i32), value);
  return value;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

void Generator::addArray(Type element, uint64_t elements, uint64_t chunk,
                         Fill fill, int sharesWith) {
  func::FuncOp kernel = result.kernel();
  unsigned number = kernel.getNumArguments();
  (void)kernel.insertArgument(number, tile::PtrType::get(element), {},
                              location);
  Array array;
  array.pointer = kernel.getArgument(number);
  array.element = element;
  array.elements = elements;
  array.chunk = chunk;
  array.buffer =
      sharesWith >= 0 ? sharesWith : static_cast<int>(result.tolerances.size());
  if (sharesWith < 0)
    result.tolerances.push_back(0);
  // What the program itself has stored may be anything that is exact.
  array.facts.zeroSignIsFree = chunk != 0;
  if (isa<FloatType>(element) && fill != Fill::Wild && chunk == 0)
    array.facts.magnitude = 2;
  arrays.push_back(array);
  result.arguments.push_back({array.buffer, elements, fill, 0});
}

void Generator::makeArguments() {
  uint64_t programs = result.programs;
  for (unsigned i = 0, count = 2 + below(3); i < count; ++i) {
    bool isFloat = chance(70);
    addArray(isFloat ? anyFloat() : anyInt(),
             64 + below(chance(90) ? 2000 : 70000), 0,
             chance(80) ? Fill::Tame : Fill::Wild);
  }
  addArray(builder.getI32Type(), 512, 0, Fill::Tame);
  for (unsigned i = 0, count = 1 + below(3); i < count; ++i) {
    uint64_t chunk = 256 + below(1024);
    addArray(chance(60) ? anyFloat() : anyInt(), chunk * programs, chunk,
             chance(50) ? Fill::Zero : Fill::Tame);
  }
  // Two names for one array: loads and stores must keep their order.
  if (chance(30)) {
    const Array &last = arrays.back();
    addArray(last.element, last.elements, last.chunk,
             result.arguments.back().fill, last.buffer);
  }
  if (chance(40)) {
    Type element = builder.getIntegerType(chance(70) ? 32 : 64);
    addArray(element, 16 + below(64), 0, Fill::Zero);
    arrays.back().atomic = oneOf<tile::AtomicKind>(
        {tile::AtomicKind::Add, tile::AtomicKind::Max, tile::AtomicKind::UMin,
         tile::AtomicKind::Xor, tile::AtomicKind::Or, tile::AtomicKind::Min,
         tile::AtomicKind::UMax, tile::AtomicKind::And});
  }
  // Run-time bounds of masks.
  func::FuncOp kernel = result.kernel();
  for (unsigned i = 0; i < 2; ++i) {
    unsigned number = kernel.getNumArguments();
    (void)kernel.insertArgument(number, builder.getI32Type(), {}, location);
    int64_t value = oneOf<int64_t>({0, 5, 16, 17, 31, 100, 255, 256});
    result.arguments.push_back({-1, 0, Fill::Zero, value});
    add(kernel.getArgument(number), Facts());
  }
}

Case Generator::run() {
  result.module = ModuleOp::create(location);
  builder.setInsertionPointToEnd(result.module->getBody());
  result.programs = oneOf<uint32_t>({1, 1, 2, 3, 5});
  auto kernel = make<func::FuncOp>("fuzz", builder.getFunctionType({}, {}));
  Block *body = kernel.addEntryBlock();
  builder.setInsertionPointToStart(body);
  // Few shapes, so that values meet; some that no GPU would take.
  for (unsigned i = 0, count = 2 + below(2); i < count; ++i) {
    SmallVector<int64_t> shape;
    bool isBig = i == 0 && chance(5);
    int64_t elements = 1;
    unsigned rank = oneOf<unsigned>({1, 1, 2, 2, 3});
    for (unsigned d = 0; d < rank; ++d) {
      int64_t size = isBig        ? anyExtent(rank == 1 ? 16 : 9)
                     : chance(75) ? int64_t(1) << below(rank == 1 ? 10 : 6)
                                  : 1 + below(20);
      while (elements * size > (isBig ? 65536 : 1024))
        size = (size + 1) / 2;
      elements *= size;
      shape.push_back(size);
    }
    shapes.push_back(shape);
  }
  program = make<tile::ProgramIdOp>(builder.getI32Type(), tile::Axis::X);
  add(program, Facts());
  makeArguments();
  grow(10 + below(30));
  storeLeaves();
  make<func::ReturnOp>();
  if (failed(verify(*result.module)))
    llvm::report_fatal_error("the generator made an invalid program");
  return std::move(result);
}

void Generator::grow(unsigned steps) {
  constexpr Step common[] = {
      &Generator::stepLoad,     &Generator::stepLoad,
      &Generator::stepLoad,     &Generator::stepStore,
      &Generator::stepInt,      &Generator::stepInt,
      &Generator::stepFloat,    &Generator::stepFloat,
      &Generator::stepFloat,    &Generator::stepFma,
      &Generator::stepMath,     &Generator::stepCompare,
      &Generator::stepSelect,   &Generator::stepSelect,
      &Generator::stepCast,     &Generator::stepCast,
      &Generator::stepShape,    &Generator::stepShape,
      &Generator::stepReduce,   &Generator::stepScalar,
      &Generator::stepIntUnary, &Generator::stepLoadScalar};
  constexpr Step rare[] = {
      &Generator::stepAtomic,    &Generator::stepGatherLoad,
      &Generator::stepJoin,      &Generator::stepGather,
      &Generator::stepHistogram, &Generator::stepArgReduce,
      &Generator::stepScan,      &Generator::stepMap,
      &Generator::stepDot,       &Generator::stepLoop,
      &Generator::stepDotLoop,   &Generator::stepIf,
      &Generator::stepDotChain,  &Generator::stepDotChain,
      &Generator::stepRow,       &Generator::stepAttention,
      &Generator::stepWalk,      &Generator::stepRecurrence,
      &Generator::stepDescLoad,  &Generator::stepDescStore};
  for (unsigned done = 0, tries = 0; done < steps && tries < 10 * steps;
       ++tries) {
    Step step = chance(75) ? common[below(std::size(common))]
                           : rare[below(std::size(rare))];
    done += (this->*step)();
  }
}
