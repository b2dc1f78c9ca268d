//===- PythonPeers.cpp - Peers that run in a Python process ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/tegula/PythonPeers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Program.h"
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace tegula::tools {

using namespace frontend;

static llvm::Error systemError(const llvm::Twine &what) {
  return llvm::createStringError(what + ": " + std::strerror(errno));
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

llvm::Expected<PythonPeers::SharedArray>
PythonPeers::SharedArray::make(const Array &contents) {
  size_t bytes = std::max<int64_t>(contents.bytes(), 1);
  int file = ::memfd_create("tegula-peer", MFD_CLOEXEC);
  if (file < 0)
    return systemError("no shared memory");
  void *memory = MAP_FAILED;
  if (!::ftruncate(file, off_t(bytes)))
    memory =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) {
    llvm::Error error = systemError("no shared memory");
    ::close(file);
    return error;
  }
  std::memcpy(memory, contents.data(), size_t(contents.bytes()));
  return SharedArray(file, memory, bytes);
}

PythonPeers::SharedArray::SharedArray(SharedArray &&other) noexcept
    : file(std::exchange(other.file, -1)),
      memory(std::exchange(other.memory, nullptr)), bytes(other.bytes) {}

PythonPeers::SharedArray::~SharedArray() {
  if (memory)
    ::munmap(memory, bytes);
  if (file >= 0)
    ::close(file);
}

std::string PythonPeers::SharedArray::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(file);
}

//===----------------------------------------------------------------------===//
// The process
//===----------------------------------------------------------------------===//

llvm::Expected<std::unique_ptr<PythonPeers>>
PythonPeers::start(llvm::StringRef python) {
  auto program = python.contains('/') ? llvm::ErrorOr<std::string>(python.str())
                                      : llvm::sys::findProgramByName(python);
  if (!program)
    return llvm::createStringError("there is no program '" + python + "'");
  std::string script = (corpus::kernelsFolder() / "python_peers.py").string();
  int toChild[2], fromChild[2];
  if (::pipe2(toChild, O_CLOEXEC))
    return systemError("no pipe");
  if (::pipe2(fromChild, O_CLOEXEC)) {
    ::close(toChild[0]);
    ::close(toChild[1]);
    return systemError("no pipe");
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, toChild[0], 0);
  ::posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1);
  std::string noBytecode = "-B";
  char *argv[] = {program->data(), noBytecode.data(), script.data(), nullptr};
  pid_t child = -1;
  int failed = ::posix_spawn(&child, argv[0], &actions, nullptr, argv, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(toChild[0]);
  ::close(fromChild[1]);
  std::unique_ptr<PythonPeers> peers(
      new PythonPeers(failed ? -1 : child, toChild[1], fromChild[0]));
  if (failed)
    return llvm::createStringError(
        "'" + *program + "' can't be started: " + std::strerror(failed));
  return peers;
}

PythonPeers::~PythonPeers() {
  // The end of its input ends the child.
  ::close(requests);
  ::close(answers);
  if (child > 0)
    ::waitpid(child, nullptr, 0);
}

llvm::Expected<std::string> PythonPeers::readLine() {
  for (;;) {
    if (size_t end = unread.find('\n'); end != unread.npos) {
      std::string line = unread.substr(0, end);
      unread.erase(0, end + 1);
      return line;
    }
    char buffer[4096];
    ssize_t count = ::read(answers, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return llvm::createStringError("the Python process ended");
    unread.append(buffer, size_t(count));
  }
}

llvm::Expected<llvm::json::Object>
PythonPeers::ask(llvm::json::Object request) {
  std::string line =
      llvm::formatv("{0}\n", llvm::json::Value(std::move(request)));
  // A child that has gone away is an error here, not a signal.
  auto *before = ::signal(SIGPIPE, SIG_IGN);
  ssize_t written = ::write(requests, line.data(), line.size());
  ::signal(SIGPIPE, before);
  if (written != ssize_t(line.size()))
    return llvm::createStringError("the Python process ended");
  auto answer = readLine();
  if (!answer)
    return answer.takeError();
  auto parsed = llvm::json::parse(*answer);
  if (!parsed)
    return parsed.takeError();
  llvm::json::Object *object = parsed->getAsObject();
  if (!object)
    return llvm::createStringError("the Python process said: " + *answer);
  if (auto error = object->getString("error"))
    return llvm::createStringError(*error);
  return std::move(*object);
}

//===----------------------------------------------------------------------===//
// Peers
//===----------------------------------------------------------------------===//

/// Numbers and texts as the peer's Python sees them.
static llvm::json::Object valuesOf(const BoundArguments &bound) {
  llvm::json::Object values;
  for (const Argument &argument : bound.arguments) {
    if (!argument.value)
      continue;
    const Literal &value = *argument.value;
    switch (value.kind) {
    case Literal::Kind::Bool:
      values[argument.name] = value.boolean;
      break;
    case Literal::Kind::Int:
      values[argument.name] = value.asInt();
      break;
    case Literal::Kind::Float:
      values[argument.name] = value.real;
      break;
    case Literal::Kind::String:
      values[argument.name] = value.string;
      break;
    case Literal::Kind::None:
      values[argument.name] = nullptr;
      break;
    default:
      values[argument.name] = value.str();
    }
  }
  return values;
}

llvm::Expected<PythonPeers::Peer> PythonPeers::prepare(llvm::StringRef peer,
                                                       const corpus::Spec &spec,
                                                       CorpusCase &testCase,
                                                       unsigned threads) {
  Peer result;
  result.id = ++lastId;
  std::vector<SharedArray> &arrays = shared[result.id];
  llvm::json::Array described;
  for (const auto &[name, array] : testCase.execution().arrays()) {
    auto copy = SharedArray::make(array);
    if (!copy)
      return copy.takeError();
    described.push_back(
        llvm::json::Object{{"name", name},
                           {"dtype", shortName(array.element())},
                           {"shape", llvm::json::Array(array.shape())},
                           {"file", copy->path()}});
    arrays.push_back(std::move(*copy));
  }
  auto answer = ask(llvm::json::Object{{"prepare", result.id},
                                       {"peer", peer},
                                       {"folder", spec.folder.string()},
                                       {"threads", threads},
                                       {"arrays", std::move(described)},
                                       {"values", valuesOf(testCase.bound())}});
  if (!answer) {
    forget(result.id);
    return answer.takeError();
  }
  result.comparable = answer->getBoolean("comparable").value_or(true);
  for (const auto &[index, named] :
       llvm::enumerate(testCase.execution().arrays()))
    if (llvm::is_contained(testCase.outputs(), named.first))
      std::memcpy(named.second.data(), arrays[index].data(),
                  size_t(named.second.bytes()));
  return result;
}

llvm::Expected<double> PythonPeers::run(int id, int repeats) {
  auto answer = ask(llvm::json::Object{{"run", id}, {"repeats", repeats}});
  if (!answer)
    return answer.takeError();
  return answer->getNumber("seconds").value_or(0);
}

void PythonPeers::forget(int id) {
  llvm::consumeError(ask(llvm::json::Object{{"forget", id}}).takeError());
  shared.erase(id);
}

} // namespace tegula::tools
