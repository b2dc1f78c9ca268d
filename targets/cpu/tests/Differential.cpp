//===- Differential.cpp - Compiled kernels against the interpreter --------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/tests/Differential.h"
#include "ir/interp/Interpreter.h"
#include "ir/passes/Passes.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "targets/Select.h"
#include "targets/common/llvm/Emit.h"
#include "tests/unit/Arguments.h"
#include <cmath>
#include <doctest/doctest.h>

using namespace mlir;
using namespace tegula;
using namespace tegula::test;

namespace tegula::targets {
std::unique_ptr<Target> create_cpu();
} // namespace tegula::targets

static void registerDialects(DialectRegistry &registry) {
  registry.insert<tile::TileDialect, arith::ArithDialect,
                  cf::ControlFlowDialect, func::FuncDialect, math::MathDialect,
                  scf::SCFDialect, ub::UBDialect>();
  targets::registerLLVMEmission(registry);
}

/// The processors that a kernel is compiled for: what the command line names,
/// simulated where it isn't this one, else the levels of x86-64 that this one
/// has.
static std::vector<targets::TargetDesc>
chooseMachines(const targets::Target &target) {
  std::vector<std::string> names = machines();
  if (names.empty())
    names = {"cpu:x86-64-v2", "cpu:x86-64-v3", "cpu:x86-64-v4", "cpu"};
  std::vector<targets::TargetDesc> chosen;
  for (const std::string &name : names) {
    auto spelling = targets::TargetSpelling::parse(name);
    targets::TargetDesc desc =
        llvm::cantFail(target.describe(spelling.arch, spelling.features));
    if (!target.probe(desc))
      desc = targets::onSimulator(desc);
    if (targets::Support here = target.probe(desc))
      chosen.push_back(desc);
    else if (!machines().empty())
      FAIL(name, ": ", here.reason);
  }
  return chosen;
}

/// The raised module, compiled and loaded.
static std::unique_ptr<targets::Executable>
compile(ModuleOp module, const targets::Target &target,
        const targets::TargetDesc &desc) {
  PassManager pm(module.getContext());
  ir::buildRaisePipeline(pm);
  for (const targets::Stage &stage : target.stages())
    if (stage.kind == targets::Stage::Kind::Mlir)
      target.buildPipeline(pm, desc, stage.name);
  REQUIRE(succeeded(pm.run(module)));
  auto artifact = target.emit(module, desc, target.stages().back().name);
  if (!artifact)
    FAIL(llvm::toString(artifact.takeError()));
  auto executable = target.load(*artifact, desc);
  if (!executable)
    FAIL(llvm::toString(executable.takeError()));
  return std::move(*executable);
}

namespace {
struct Slots {
  template <typename Arguments> explicit Slots(Arguments &arguments) {
    for (auto &argument : arguments) {
      uint64_t slot = 0;
      if (argument.isArray)
        slot = reinterpret_cast<uint64_t>(argument.bytes.data());
      else
        std::memcpy(&slot, argument.bytes.data(), 8);
      values.push_back(slot);
      extents.push_back(argument.isArray ? argument.bytes.size() : 0);
    }
  }
  std::vector<uint64_t> values, extents;
};
} // namespace

std::vector<uint8_t> Differential::runBytes(uint32_t programs) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  auto parse = [&] {
    auto module = parseSourceString<ModuleOp>(text, ParserConfig(&context));
    REQUIRE(bool(module));
    return module;
  };
  std::vector<Argument> expected = arguments;
  {
    auto module = parse();
    auto interpreter =
        ir::Interpreter::create(*(*module).getOps<func::FuncOp>().begin());
    if (!interpreter)
      FAIL(llvm::toString(interpreter.takeError()));
    Slots slots(expected);
    ir::InterpreterLaunch launch{{programs, 1, 1}, slots.values, slots.extents};
    CHECK(llvm::toString((*interpreter)->launch(launch)) == "");
  }
  std::unique_ptr<targets::Target> target = targets::create_cpu();
  for (const targets::TargetDesc &desc : chooseMachines(*target)) {
    auto module = parse();
    auto executable = compile(*module, *target, desc);
    // Of known extents the launch finds out that no two arrays overlap, so that
    // other ways through the kernel are taken. A simulator can't do without.
    for (bool hasExtents : {true, false}) {
      if (!hasExtents && desc.place == targets::Place::Emulation)
        continue;
      std::vector<Argument> found = arguments;
      Slots slots(found);
      targets::LaunchRequest request;
      request.grid = {programs, 1, 1};
      request.slots = slots.values;
      if (hasExtents)
        request.extents = slots.extents;
      CHECK(llvm::toString(executable->launch(request)) == "");
      compare(desc.name, expected, found);
    }
  }
  for (const Argument &argument : llvm::reverse(expected))
    if (argument.isArray)
      return argument.bytes;
  return {};
}

static double numberAt(const std::vector<uint8_t> &bytes, unsigned size,
                       size_t index) {
  double wide = 0;
  float narrow = 0;
  std::memcpy(size == 8 ? static_cast<void *>(&wide) : &narrow,
              bytes.data() + index * size, size);
  return size == 8 ? wide : narrow;
}

void Differential::compare(const std::string &machine,
                           const std::vector<Argument> &expected,
                           const std::vector<Argument> &found) const {
  for (size_t k = 0; k < expected.size(); ++k) {
    const Argument &want = expected[k];
    if (!want.isArray)
      continue;
    size_t size = want.elementBytes, count = want.bytes.size() / size;
    double largest = 1;
    for (size_t i = 0; i < count && want.isFloat; ++i)
      if (double number = std::fabs(numberAt(want.bytes, size, i));
          std::isfinite(number))
        largest = std::max(largest, number);
    unsigned wrong = 0;
    for (size_t i = 0; i < count && wrong < 5; ++i) {
      const uint8_t *a = want.bytes.data() + i * size;
      const uint8_t *b = found[k].bytes.data() + i * size;
      if (std::memcmp(a, b, size) == 0)
        continue;
      double x = 0, y = 0;
      if (want.isFloat) {
        x = numberAt(want.bytes, size, i);
        y = numberAt(found[k].bytes, size, i);
        if ((std::isnan(x) && std::isnan(y)) || x == y ||
            std::fabs(x - y) <= want.tolerance * largest)
          continue;
      }
      FAIL_CHECK(machine, ": argument ", k, "[", i,
                 "] differs from the interpreter's: ", y, " and ", x,
                 " as floats");
      ++wrong;
    }
  }
}
