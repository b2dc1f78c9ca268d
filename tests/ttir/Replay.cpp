//===- Replay.cpp - One recorded module through all stages ----------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/ttir/Replay.h"
#include "frontend/driver/Compile.h"
#include "frontend/driver/Stages.h"
#include "frontend/ttir/Import.h"
#include "ir/interp/Interpreter.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "tests/ttir/Compare.h"
#include "tests/ttir/LazyMemory.h"
#include <ctime>

using namespace mlir;
using namespace tegula;
using namespace tegula::replay;

StringRef replay::stringifyStage(Stage stage) {
  return stage == Stage::Import    ? "import"
         : stage == Stage::Compile ? "compile"
                                   : "run";
}

namespace {

class Replay {
public:
  Replay(frontend::CompileContext &context, const std::string &path,
         const Options &options, const std::function<void(Stage)> &entered)
      : context(context), path(path), options(options), entered(entered) {}

  Outcome run() {
    if (!import())
      return failed();
    outcome.kind = waits() ? Outcome::Kind::Waits : Outcome::Kind::Ok;
    if (options.until == Stage::Import)
      return outcome;
    if (!compile())
      return failed();
    if (options.until == Stage::Compile || outcome.kind == Outcome::Kind::Waits)
      return outcome;
    if (!compare())
      return failed();
    return outcome;
  }

private:
  /// The processor's time of this process in ms: what else runs on the machine
  /// doesn't count.
  static double now() {
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * 1e3 + time.tv_nsec * 1e-6;
  }

  void enter(Stage stage) {
    outcome.stage = stage;
    entered(stage);
  }
  Outcome failed() {
    outcome.kind = Outcome::Kind::Failed;
    if (diagnostics.hasErrors())
      outcome.message = diagnostics.str();
    return outcome;
  }
  bool fail(llvm::Error error) {
    outcome.message = llvm::toString(std::move(error));
    return false;
  }

  bool import();
  bool survivesPrinting();
  bool waits();
  bool compile();
  bool compare();
  std::optional<bool> compareOnce(const ir::Interpreter &interpreter,
                                  unsigned attempt);
  bool isOpen(const ir::Interpreter &interpreter);
  /// Slots for the kernel's arguments; arrays come from `memory`.
  bool bindArguments(LazyMemory &memory, unsigned attempt);

  frontend::CompileContext &context;
  std::string path;
  const Options &options;
  const std::function<void(Stage)> &entered;
  frontend::Diagnostics diagnostics;
  std::shared_ptr<const frontend::SourceFile> source;
  OwningOpRef<ModuleOp> module;
  const targets::Target *target = nullptr;
  targets::TargetDesc desc;
  std::unique_ptr<targets::Executable> executable;
  std::vector<uint64_t> slots, extents;
  Outcome outcome;
};

} // namespace

//===----------------------------------------------------------------------===//
// Import and compile
//===----------------------------------------------------------------------===//

bool Replay::import() {
  enter(Stage::Import);
  auto file = frontend::SourceFile::open(path);
  if (!file)
    return fail(file.takeError());
  source = *file;
  frontend::DiagnosticBridge bridge(context.mlir(), source, diagnostics);
  double start = now();
  module = frontend::importTTIR(&context.mlir(), source->text(), path);
  outcome.importMs = now() - start;
  if (!module && !diagnostics.hasErrors())
    outcome.message = "the import failed without a reason";
  return module && survivesPrinting();
}

bool Replay::survivesPrinting() {
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os);
  auto again = parseSourceString<ModuleOp>(text, ParserConfig(&context.mlir()),
                                           "printed");
  if (!again)
    return false;
  std::string second;
  llvm::raw_string_ostream secondStream(second);
  again->print(secondStream);
  if (text != second)
    outcome.message = "the module changes when it is printed and parsed";
  return text == second;
}

/// Does a program wait for others?
bool Replay::waits() {
  return module
      ->walk([](Operation *op) {
        return isa<tile::AtomicPollOp, scf::WhileOp>(op)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

bool Replay::compile() {
  enter(Stage::Compile);
  auto spelling = targets::TargetSpelling::parse(options.target);
  llvm::Expected<const targets::Target &> found =
      context.registry().find(spelling.name);
  if (!found)
    return fail(found.takeError());
  target = &*found;
  auto described = target->describe(spelling.arch, spelling.features);
  if (!described)
    return fail(described.takeError());
  desc = std::move(*described);
  double start = now();
  frontend::Stages stages(context, "kernel", source, diagnostics,
                          module->clone());
  if (llvm::Error error = stages.raise())
    return fail(std::move(error));
  if (llvm::Error error = stages.requireSupport(*target, desc))
    return fail(std::move(error));
  auto artifact = stages.lower(*target, desc, "");
  if (!artifact)
    return fail(artifact.takeError());
  outcome.compileMs = outcome.importMs + now() - start;
  auto loaded = target->load(*artifact, desc);
  if (!loaded)
    return fail(loaded.takeError());
  executable = std::move(*loaded);
  return true;
}

//===----------------------------------------------------------------------===//
// Run
//===----------------------------------------------------------------------===//

static func::FuncOp kernelOf(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic())
      return function;
  return {};
}

/// Sizes and strides that kernels were written for: first all the same, since
/// kernels on descriptors assert that theirs are what they were told.
static uint64_t scalarFor(Type type, bool divisible, unsigned attempt) {
  static constexpr unsigned divisibleValues[] = {64, 64, 128, 1024, 32, 16};
  static constexpr unsigned otherValues[] = {64, 7, 16, 32, 3, 8};
  if (auto real = dyn_cast<FloatType>(type)) {
    llvm::APFloat value(0.5);
    bool inexact;
    value.convert(real.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                  &inexact);
    return value.bitcastToAPInt().getZExtValue();
  }
  if (type.isInteger(1))
    return attempt % 2 ? 0 : 1;
  return divisible ? divisibleValues[attempt] : otherValues[attempt];
}
static constexpr unsigned kAttempts = 6;

/// Is this the stride of a descriptor's last dimension? It must be 1.
static bool isInnermostStride(BlockArgument argument) {
  return llvm::any_of(argument.getUsers(), [&](Operation *user) {
    auto made = dyn_cast<tile::MakeDescOp>(user);
    return made && made.getStrides().back() == argument;
  });
}

/// The constant that `value` is when the kernel has these arguments, or null.
static Attribute evaluate(Value value, ArrayRef<uint64_t> slots) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto type = dyn_cast<IntegerType>(argument.getType());
    if (!type || !isa<func::FuncOp>(argument.getOwner()->getParentOp()))
      return {};
    return IntegerAttr::get(
        type, APInt(64, slots[argument.getArgNumber()]).trunc(type.getWidth()));
  }
  Operation *op = value.getDefiningOp();
  SmallVector<Attribute> operands;
  for (Value operand : op->getOperands()) {
    operands.push_back(evaluate(operand, slots));
    if (!operands.back())
      return {};
  }
  SmallVector<OpFoldResult> results;
  if (op->getNumRegions() != 0 || failed(op->fold(operands, results)) ||
      results.size() != 1)
    return {};
  return dyn_cast<Attribute>(results.front());
}

/// Kernels on descriptors of the host assert what their sizes and strides are.
static void obeyAssertions(func::FuncOp kernel,
                           MutableArrayRef<uint64_t> slots) {
  kernel.walk([&](tile::AssertOp assertion) {
    auto equal = assertion.getCondition().getDefiningOp<arith::CmpIOp>();
    if (!equal || equal.getPredicate() != arith::CmpIPredicate::eq)
      return;
    auto argument = dyn_cast<BlockArgument>(equal.getLhs());
    if (!argument || argument.getOwner() != &kernel.getBody().front())
      return;
    if (auto value =
            dyn_cast_or_null<IntegerAttr>(evaluate(equal.getRhs(), slots)))
      slots[argument.getArgNumber()] = value.getValue().getZExtValue();
  });
}

bool Replay::bindArguments(LazyMemory &memory, unsigned attempt) {
  func::FuncOp kernel = kernelOf(*module);
  slots.clear();
  for (auto [index, type] : llvm::enumerate(kernel.getArgumentTypes())) {
    bool divisible =
        !!kernel.getArgAttr(index, tile::TileDialect::kDivisibilityAttr);
    if (auto pointer = dyn_cast<tile::PtrType>(type))
      slots.push_back(memory.addArray(pointer.getPointeeType()));
    else if (isInnermostStride(kernel.getArgument(index)))
      slots.push_back(1);
    else if (type.isIntOrFloat())
      slots.push_back(scalarFor(type, divisible, attempt));
    else
      return false;
  }
  obeyAssertions(kernel, slots);
  extents.assign(slots.size(), 0);
  return true;
}

/// Does the program leave what it computes open, with these arguments? Lanes of
/// a store that disagree are the usual case: a stride smaller than a row.
bool Replay::isOpen(const ir::Interpreter &interpreter) {
  ir::InterpreterOptions checked;
  checked.check = true;
  checked.print = [](StringRef) {};
  std::vector<ir::Report> reports;
  if (llvm::Error error = interpreter.launch({options.grid, slots, extents},
                                             checked, &reports)) {
    llvm::consumeError(std::move(error));
    return false;
  }
  for (const ir::Report &report : reports)
    if (report.kind == ir::Report::Kind::Race ||
        report.kind == ir::Report::Kind::UnspecifiedLane ||
        report.kind == ir::Report::Kind::GatherIndex) {
      outcome.message += "; open: " + report.text();
      return true;
    }
  return false;
}

/// Runs the kernel on both; nothing when other arguments should be tried.
std::optional<bool> Replay::compareOnce(const ir::Interpreter &interpreter,
                                        unsigned attempt) {
  LazyMemory memory(contentsFor(*module, options.seed));
  if (!bindArguments(memory, attempt)) {
    outcome.message = "an argument can't be made up";
    return false;
  }
  ir::InterpreterOptions quiet;
  quiet.print = [](StringRef) {};
  if (llvm::Error error =
          interpreter.launch({options.grid, slots, extents}, quiet)) {
    // An assertion on sizes, perhaps.
    outcome.message = "interpreter: " + llvm::toString(std::move(error));
    return std::nullopt;
  }
  std::vector<Pages> expected;
  for (size_t array = 0; array < memory.arrays(); ++array)
    expected.push_back(memory.snapshot(array));
  memory.reset();
  memory.allowGrowth(false);
  if (llvm::Error error =
          executable->launch({options.grid, slots, extents, /*threads=*/1}))
    return fail(std::move(error));
  Tolerance tolerance = toleranceOf(*module);
  for (size_t array = 0; array < memory.arrays(); ++array) {
    outcome.message = findDifference(expected[array], memory.snapshot(array),
                                     memory.elementOf(array), tolerance);
    if (outcome.message.empty())
      continue;
    outcome.message = "array " + std::to_string(array) + ": " + outcome.message;
    memory.reset();
    return isOpen(interpreter) ? std::nullopt : std::optional(false);
  }
  return true;
}

bool Replay::compare() {
  enter(Stage::Run);
  auto interpreter = ir::Interpreter::create(kernelOf(*module));
  if (!interpreter)
    return fail(interpreter.takeError());
  for (unsigned attempt = 0; attempt < kAttempts; ++attempt)
    if (std::optional<bool> equal = compareOnce(**interpreter, attempt))
      return *equal;
  return false;
}

Outcome replay::replay(frontend::CompileContext &context,
                       const std::string &path, const Options &options,
                       const std::function<void(Stage)> &entered) {
  return Replay(context, path, options, entered).run();
}
