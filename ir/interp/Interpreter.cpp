//===- Interpreter.cpp - Launches and the order of programs
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Interpreter.h"
#include "ir/interp/Compiler.h"
#include "ir/interp/Memory.h"
#include "llvm/Support/raw_ostream.h"
#include <random>

using namespace tegula::ir;
using namespace tegula::ir::interp;

/// Memory that waiting programs may hold together before new ones are delayed.
static constexpr uint64_t kWindowBytes = uint64_t(256) << 20;
/// Programs that are under way at once in random order.
static constexpr uint64_t kWindowPrograms = 32;
/// Fruitless turns of every waiting program before the launch is given up.
static constexpr uint64_t kIdleRounds = 2000;

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

llvm::StringRef tegula::ir::stringifyReportKind(Report::Kind kind) {
  switch (kind) {
  case Report::Kind::OutOfBounds:
    return "out of bounds";
  case Report::Kind::Misaligned:
    return "misaligned access";
  case Report::Kind::UnspecifiedLane:
    return "unspecified element";
  case Report::Kind::Race:
    return "race";
  case Report::Kind::GatherIndex:
    return "gather index out of range";
  case Report::Kind::AssertFailed:
    return "assertion failed";
  case Report::Kind::AddressOverflow:
    return "address overflow";
  case Report::Kind::Deadlock:
    return "no progress";
  }
  return "";
}

std::string Report::text() const {
  std::string result;
  llvm::raw_string_ostream os(result);
  if (line)
    os << file << ':' << line << ':' << column << ": ";
  os << "kernel `" << kernel << "`, program (" << program[0] << ", "
     << program[1] << ", " << program[2] << "): " << stringifyReportKind(kind)
     << ": " << message;
  if (!array.empty() && kind != Kind::OutOfBounds)
    os << " (array '" << array << "', index " << index << ')';
  if (count > 1)
    os << " (" << count << " times)";
  return result;
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

Frame::Frame(const Function &function, bool check)
    : storage(new char[function.frameBytes + 64]) {
  auto address = reinterpret_cast<uintptr_t>(storage.get());
  values = storage.get() + (64 - address % 64) % 64;
  if (check)
    taints.resize(function.frameTaints);
  tainted.resize(function.frameSlots);
}

Program::Program(LaunchState &launch, std::unique_ptr<Frame> frame,
                 uint64_t linear)
    : launch(launch), frame(std::move(frame)), linear(linear) {
  const std::array<uint32_t, 3> &grid = launch.request.grid;
  id = {static_cast<uint32_t>(linear % grid[0]),
        static_cast<uint32_t>(linear / grid[0] % grid[1]),
        static_cast<uint32_t>(linear / grid[0] / grid[1])};
}

uint8_t Program::anyTaint(Slot slot) {
  if (!isTainted(slot))
    return 0;
  uint8_t all = 0;
  for (size_t i = 0, count = lanes(slot); i < count; ++i)
    all |= taint(slot)[i];
  return all;
}

/// A program's lines stand together, whatever the order of programs was.
static void flushPrinted(Program &program) {
  const auto &print = program.launch.options.print;
  for (const std::string &line : program.printed)
    if (print)
      print(line);
    else
      llvm::outs() << line << '\n';
  program.printed.clear();
}

/// The program has worked long without any change of memory.
static Flow giveUp(Program &program) {
  static const Site nowhere;
  program.launch.report(program, nowhere, Report::Kind::Deadlock,
                        "the program runs on without changing memory; the "
                        "launch was given up");
  return kStop;
}

Flow tegula::ir::interp::execute(Program &program, const Code &code,
                                 uint32_t &pc) {
  const bool check = program.launch.check;
  while (pc < code.instructions.size()) {
    const Instruction &instruction = code.instructions[pc];
    if (check && instruction.taint)
      instruction.taint(program);
    Flow flow = instruction.run(program);
    program.idleWork += instruction.work;
    if (flow == kNext) {
      ++pc;
      continue;
    }
    if (flow >= 0) {
      pc = code.labels[flow];
      if (program.idleWork < program.launch.options.maxIdleWork)
        continue;
      if (program.lastProgress == program.launch.progress)
        return giveUp(program);
      program.lastProgress = program.launch.progress;
      program.idleWork = 0;
      continue;
    }
    if (flow == kYield)
      ++pc;
    return flow;
  }
  return kNext;
}

//===----------------------------------------------------------------------===//
// The order of programs
//===----------------------------------------------------------------------===//

namespace {
/// Starts the programs of a launch and gives them turns.
class Scheduler {
public:
  explicit Scheduler(LaunchState &launch)
      : launch(launch), random(launch.options.seed) {
    isRandom = launch.options.order == InterpreterOptions::Order::Random;
    launch.switchAtAtomics = isRandom;
    uint64_t frame = std::max<uint64_t>(launch.function.frameBytes, 1);
    window = isRandom ? std::clamp<uint64_t>(kWindowBytes / frame, 2,
                                             kWindowPrograms)
                      : 1;
  }
  void run();

private:
  void start();
  /// Gives a live program its turn; true if it has ended.
  bool turn(size_t position);
  size_t choose();
  bool isStuck();

  LaunchState &launch;
  std::mt19937_64 random;
  bool isRandom;
  uint64_t window, next = 0;
  /// Programs under way, in the order of their starts.
  std::vector<std::unique_ptr<Program>> live;
  std::vector<std::unique_ptr<Frame>> spare;
  size_t lastTurn = 0;
  uint64_t idleTurns = 0, seenProgress = 0;
};
} // namespace

void Scheduler::start() {
  std::unique_ptr<Frame> frame;
  if (!spare.empty()) {
    frame = std::move(spare.back());
    spare.pop_back();
  } else {
    frame = std::make_unique<Frame>(launch.function, launch.check);
  }
  auto program = std::make_unique<Program>(launch, std::move(frame), next++);
  if (!program->frame->ready) {
    uint32_t pc = 0;
    execute(*program, launch.function.constants, pc);
    program->frame->ready = true;
  }
  for (auto [argument, value] :
       llvm::zip(launch.function.arguments, launch.request.slots))
    program->data<char>(argument.slot),
        std::memcpy(program->data(argument.slot), &value,
                    argument.slot.bytes());
  live.push_back(std::move(program));
}

bool Scheduler::turn(size_t position) {
  Program &program = *live[position];
  Flow flow = execute(program, launch.function.body, program.pc);
  if (flow == kYield || flow == kRetry)
    return false;
  ++launch.progress;
  flushPrinted(program);
  spare.push_back(std::move(program.frame));
  live.erase(live.begin() + position);
  return true;
}

size_t Scheduler::choose() {
  if (isRandom)
    return random() % live.size();
  return lastTurn < live.size() ? lastTurn : 0;
}

/// Looks whether memory still changes. Before giving up, waits with a timeout
/// are told that their time is over.
bool Scheduler::isStuck() {
  if (launch.progress != seenProgress) {
    seenProgress = launch.progress;
    idleTurns = 0;
    launch.expireTimeouts = false;
    return false;
  }
  ++idleTurns;
  if (next < launch.programs && idleTurns > 2 * live.size()) {
    window = live.size() + 1; // They may wait for programs not started yet.
    idleTurns = 0;
    return false;
  }
  uint64_t limit = kIdleRounds * live.size();
  launch.expireTimeouts = idleTurns > limit / 2;
  return idleTurns > limit;
}

void Scheduler::run() {
  while (!launch.failure) {
    while (live.size() < window && next < launch.programs)
      start();
    if (live.empty())
      break;
    size_t position = choose();
    bool ended = turn(position);
    if (ended) {
      lastTurn = 0; // In linear order the oldest program goes on.
      continue;
    }
    lastTurn = position + 1;
    if (!isStuck())
      continue;
    Site nowhere;
    launch.report(*live.front(), nowhere, Report::Kind::Deadlock,
                  llvm::Twine(live.size()) +
                      " programs wait for memory that nobody changes");
    break;
  }
  for (std::unique_ptr<Program> &program : live)
    flushPrinted(*program);
}

//===----------------------------------------------------------------------===//
// Interpreter
//===----------------------------------------------------------------------===//

Interpreter::Interpreter(std::unique_ptr<Function> function)
    : function(std::move(function)) {}
Interpreter::~Interpreter() = default;

llvm::Expected<std::unique_ptr<Interpreter>>
Interpreter::create(mlir::func::FuncOp kernel) {
  auto function = compile(kernel);
  if (!function)
    return function.takeError();
  return std::unique_ptr<Interpreter>(new Interpreter(std::move(*function)));
}

llvm::Error Interpreter::launch(const InterpreterLaunch &launch,
                                const InterpreterOptions &options,
                                std::vector<Report> *reports) const {
  if (launch.slots.size() != function->arguments.size())
    return llvm::createStringError(
        "kernel %s takes %zu arguments, %zu were given", function->name.c_str(),
        function->arguments.size(), launch.slots.size());
  LaunchState state(*function, launch, options, reports);
  if (state.programs > INT32_MAX)
    return llvm::createStringError(
        "a grid of %llu programs is more than the interpreter runs",
        static_cast<unsigned long long>(state.programs));
  Scheduler(state).run();
  if (state.failure)
    return llvm::createStringError(state.failure->text());
  return llvm::Error::success();
}
