//===- PythonPeers.h - Peers that run in a Python process ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PyTorch, its compiler and Numba as peers of the corpus' kernels: a child runs
// kernels/python_peers.py and shares the arrays; the form of what is said is
// written there.
//
//   auto peers = PythonPeers::start("venv/bin/python");
//   auto peer = (*peers)->prepare("torch", spec, *prepared, threads);
//   auto seconds = (*peers)->run(peer->id, 10);
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_TOOLS_PYTHONPEERS_H
#define TEGULA_FRONTEND_TOOLS_PYTHONPEERS_H

#include "frontend/driver/CorpusCase.h"
#include "llvm/Support/JSON.h"
#include <map>

namespace tegula::tools {

class PythonPeers {
public:
  /// Starts `python`, found on PATH if it has no slash.
  static llvm::Expected<std::unique_ptr<PythonPeers>>
  start(llvm::StringRef python);
  ~PythonPeers();

  struct Peer {
    int id = 0;
    /// Are its results the kernel's?
    bool comparable = true;
  };
  /// Shares copies of the case's arrays as they are now, and runs the peer once
  /// on them: what it made of the outputs is copied back into the case. The
  /// error says why it can't do this case.
  llvm::Expected<Peer> prepare(llvm::StringRef peer, const corpus::Spec &spec,
                               frontend::CorpusCase &testCase,
                               unsigned threads);
  /// Seconds of `repeats` runs together.
  llvm::Expected<double> run(int id, int repeats);
  void forget(int id);

private:
  PythonPeers(int child, int requests, int answers)
      : child(child), requests(requests), answers(answers) {}
  llvm::Expected<llvm::json::Object> ask(llvm::json::Object request);
  llvm::Expected<std::string> readLine();

  /// Memory that both processes see; the child opens it by /proc.
  class SharedArray {
  public:
    static llvm::Expected<SharedArray> make(const frontend::Array &contents);
    SharedArray(SharedArray &&other) noexcept;
    SharedArray &operator=(SharedArray &&) = delete;
    ~SharedArray();
    std::string path() const;
    const void *data() const { return memory; }

  private:
    SharedArray(int file, void *memory, size_t bytes)
        : file(file), memory(memory), bytes(bytes) {}
    int file;
    void *memory;
    size_t bytes;
  };

  int child, requests, answers;
  std::string unread;
  int lastId = 0;
  std::map<int, std::vector<SharedArray>> shared;
};

} // namespace tegula::tools

#endif // TEGULA_FRONTEND_TOOLS_PYTHONPEERS_H
