//===- Runner.cpp - Runs a case on several targets
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/fuzz/Runner.h"
#include "ir/interp/Interpreter.h"
#include "ir/passes/Passes.h"
#include "mlir/IR/Diagnostics.h"
#include "targets/Select.h"
#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;
using namespace tegula;
using namespace tegula::fuzz;

llvm::Error Runner::runReference(const Case &test, Buffers &buffers) {
  auto interpreter = ir::Interpreter::create(test.kernel());
  if (!interpreter)
    return interpreter.takeError();
  Slots slots = makeSlots(test, buffers);
  ir::InterpreterOptions options;
  options.check = true;
  std::vector<ir::Report> reports;
  if (llvm::Error error =
          (*interpreter)
              ->launch({{test.programs, 1, 1}, slots.slots, slots.extents},
                       options, &reports))
    return error;
  // Open elements are 0 on every target; all else would have no right answer.
  for (const ir::Report &report : reports)
    if (report.kind != ir::Report::Kind::UnspecifiedLane &&
        report.kind != ir::Report::Kind::AddressOverflow)
      return llvm::createStringError("the program is wrong: " + report.text());
  return llvm::Error::success();
}

/// Runs a pipeline; what MLIR says becomes the error.
template <typename Build>
static llvm::Error runPasses(ModuleOp module, const std::string &what,
                             Build build) {
  std::string problems;
  ScopedDiagnosticHandler handler(
      module.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          problems += diagnostic.str() + "\n";
      });
  PassManager pm(module.getContext());
  build(pm);
  if (failed(pm.run(module)))
    return llvm::createStringError(what + " failed: " + problems);
  return llvm::Error::success();
}

llvm::Error Runner::runTarget(const Case &test, StringRef spelling,
                              Buffers &buffers) {
  auto [name, rest] = spelling.split(':');
  auto [arch, features] = rest.split(':');
  auto target = registry.find(name);
  if (!target)
    return target.takeError();
  auto desc = target->describe(arch, features);
  if (!desc)
    return desc.takeError();
  if (!target->probe(*desc))
    desc = targets::onSimulator(*desc);
  OwningOpRef<ModuleOp> module = test.module.get().clone();
  if (auto error = runPasses(*module, "raising", [](PassManager &pm) {
        ir::buildRaisePipeline(pm);
      }))
    return error;
  std::string refused;
  module->walk([&](Operation *op) {
    if (targets::Support support = target->supports(op, *desc);
        !support && refused.empty())
      refused = support.reason;
  });
  if (!refused.empty())
    return llvm::createStringError("refused: " + refused);
  for (const targets::Stage &stage : target->stages())
    if (stage.kind == targets::Stage::Kind::Mlir)
      if (auto error = runPasses(*module, ("stage " + stage.name).str(),
                                 [&](PassManager &pm) {
                                   target->buildPipeline(pm, *desc, stage.name);
                                 }))
        return error;
  auto artifact = target->emit(*module, *desc, target->stages().back().name);
  if (!artifact)
    return artifact.takeError();
  auto executable = target->load(*artifact, *desc);
  if (!executable)
    return executable.takeError();
  Slots slots = makeSlots(test, buffers);
  targets::LaunchRequest request;
  request.grid = {test.programs, 1, 1};
  request.slots = slots.slots;
  request.extents = slots.extents;
  return (*executable)->launch(request);
}

std::string Runner::run(const Case &test,
                        llvm::function_ref<void(StringRef)> begins) {
  begins("interp (not raised)");
  Buffers expected = makeBuffers(test);
  if (llvm::Error error = runReference(test, expected))
    return "interp (not raised): " + llvm::toString(std::move(error));
  for (const std::string &name : names) {
    begins(name);
    Buffers found = makeBuffers(test);
    if (llvm::Error error = runTarget(test, name, found))
      return name + ": " + llvm::toString(std::move(error));
    std::string difference = compare(test, expected, found);
    if (!difference.empty())
      return name + ": " + difference;
  }
  return "";
}

std::string Runner::run(const Case &test) {
  return run(test, [](StringRef) {});
}

//===----------------------------------------------------------------------===//
// In a process of its own
//===----------------------------------------------------------------------===//

/// Seconds after which a program counts as hanging.
static constexpr unsigned kPatience = 60;

static void send(int pipe, char kind, StringRef text) {
  std::string message = kind + text.str() + '\0';
  size_t sent = 0;
  while (sent < message.size()) {
    ssize_t count = write(pipe, message.data() + sent, message.size() - sent);
    if (count <= 0)
      return;
    sent += count;
  }
}

static std::string receive(int pipe) {
  std::string text;
  char buffer[4096];
  while (ssize_t count = read(pipe, buffer, sizeof buffer)) {
    if (count < 0)
      break;
    text.append(buffer, count);
  }
  return text;
}

std::string Runner::runIsolated(const Case &test) {
  int ends[2];
  if (pipe(ends) != 0)
    return run(test);
  fflush(nullptr);
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    alarm(kPatience);
    std::string failure =
        run(test, [&](StringRef target) { send(ends[1], 'T', target); });
    send(ends[1], 'R', failure);
    _exit(0);
  }
  close(ends[1]);
  std::string messages = receive(ends[0]), target, failure;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  SmallVector<StringRef> lines;
  StringRef(messages).split(lines, '\0');
  for (StringRef line : lines) {
    if (line.consume_front("T"))
      target = line.str();
    else if (line.consume_front("R"))
      failure = line.str();
  }
  if (WIFEXITED(status))
    return WEXITSTATUS(status) == 0 ? failure
                                    : target + ": ends the process with " +
                                          std::to_string(WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGALRM)
    return target + ": hangs";
  return target + ": crashes: " + strsignal(WTERMSIG(status));
}
