//===- Services.cpp - What running kernels may ask for --------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// device_print writes one line per element in Triton's form:
//   pid (0, 0, 0) idx (  3) x: 1.500000
// with "(operand 1) " before the value where a statement prints several
// tensors. A program's lines are collected and written whole when it ends, so
// lines of different programs never mix.
//
//===----------------------------------------------------------------------===//

#include "runtime/arrays/Dtype.h"
#include "runtime/cpu/Launch.h"
#include "runtime/cpu/Machine.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <thread>

using namespace tegula::runtime;

//===----------------------------------------------------------------------===//
// print
//===----------------------------------------------------------------------===//

/// Lines of a program that prints more than this come out before it ends.
static constexpr size_t mostWaiting = 1 << 20;

static void appendValue(std::string &text, const DtypeInfo &info, bool hex,
                        const char *element) {
  char buffer[400]; // The longest double has 309 digits before the point.
  uint64_t bits = 0;
  std::memcpy(&bits, element, info.bytes); // Hosts are little-endian.
  int unused = 64 - 8 * info.bytes;
  if (info.kind == DtypeKind::Float)
    std::snprintf(buffer, sizeof buffer, hex ? "%a" : "%f",
                  loadAsDouble(element, info.dtype));
  else if (hex || info.kind == DtypeKind::Pointer)
    std::snprintf(buffer, sizeof buffer, "0x%0*" PRIx64, 2 * info.bytes, bits);
  else if (info.kind == DtypeKind::Signed)
    std::snprintf(buffer, sizeof buffer, "%" PRId64,
                  int64_t(bits << unused) >> unused);
  else
    std::snprintf(buffer, sizeof buffer, "%" PRIu64, bits);
  text += buffer;
}

/// "idx (  3, 12)": each index as wide as the largest of its dimension.
static void appendIndex(std::string &text, int32_t rank, const int64_t *shape,
                        int64_t linear) {
  std::string indices;
  char buffer[32];
  for (int32_t dim = rank; dim-- > 0; linear /= shape[dim]) {
    int width =
        std::snprintf(buffer, sizeof buffer, "%" PRId64, shape[dim] - 1);
    std::snprintf(buffer, sizeof buffer, "%*" PRId64, width,
                  linear % shape[dim]);
    indices = buffer + (indices.empty() ? indices : ", " + indices);
  }
  text += " idx (" + indices + ")";
}

/// " x: ", or ": " without a name. The frontend may or may not have added
/// Triton's " " and ": " already.
static std::string label(const char *prefix) {
  std::string_view text = prefix ? prefix : "";
  while (text.starts_with(' '))
    text.remove_prefix(1);
  while (text.ends_with(' '))
    text.remove_suffix(1);
  if (text.ends_with(':'))
    text.remove_suffix(1);
  return (text.empty() ? "" : " " + std::string(text)) + ": ";
}

static void print(const tegula_program *program, const char *prefix,
                  int32_t dtype, int32_t hex, int32_t rank,
                  const int64_t *shape, const void *values, int32_t last) {
  auto &worker = *static_cast<Worker *>(program->launch);
  char pid[64];
  std::snprintf(pid, sizeof pid, "pid (%u, %u, %u)", program->id[0],
                program->id[1], program->id[2]);
  if (!values || dtype < 0 || dtype > TEGULA_POINTER) {
    worker.printed += std::string(pid) + " " + (prefix ? prefix : "") + "\n";
    worker.operand = 0;
    return;
  }
  std::string before = label(prefix);
  if (!last || worker.operand)
    before += "(operand " + std::to_string(worker.operand) + ") ";
  worker.operand = last ? 0 : worker.operand + 1;
  const DtypeInfo &info = dtypeInfo(static_cast<tegula_dtype>(dtype));
  int64_t count = 1;
  for (int32_t dim = 0; dim < rank; ++dim)
    count *= shape[dim];
  for (int64_t i = 0; i < count; ++i) {
    worker.printed += pid;
    appendIndex(worker.printed, rank, shape, i);
    worker.printed += before;
    appendValue(worker.printed, info, hex,
                static_cast<const char *>(values) + i * info.bytes);
    worker.printed += '\n';
    if (worker.printed.size() > mostWaiting)
      worker.flush();
  }
}

//===----------------------------------------------------------------------===//
// assert_failed
//===----------------------------------------------------------------------===//

/// "file.py:12: kernel `name`, program (1, 0, 0): assertion failed: text". An
/// assertion without a place of its own is reported at the kernel's.
static std::string describeFailure(const tegula_module &module,
                                   const tegula_program &program,
                                   const char *message, const char *file,
                                   int32_t line) {
  std::string where;
  if (file && *file)
    where = std::string(file) + ":" + std::to_string(line) + ": ";
  else if (!module.file.empty())
    where = module.file + ":" + std::to_string(module.line) + ": ";
  return where + "kernel `" + module.name + "`, program (" +
         std::to_string(program.id[0]) + ", " + std::to_string(program.id[1]) +
         ", " + std::to_string(program.id[2]) + "): assertion failed" +
         (message && *message ? std::string(": ") + message : "");
}

/// Keeps the failure if no lower program has failed. Everything here that owns
/// memory is gone when it returns: the caller leaves by longjmp.
[[gnu::noinline]] static void recordFailure(Worker &worker,
                                            const tegula_program &program,
                                            const char *message,
                                            const char *file, int32_t line) {
  Launch &launch = worker.launch;
  uint64_t linear = (uint64_t(program.id[2]) * launch.grid[1] + program.id[1]) *
                        launch.grid[0] +
                    program.id[0];
  worker.operand = 0;
  std::lock_guard lock(launch.mutex);
  if (linear >= launch.failure)
    return;
  launch.failure = linear;
  launch.end = linear;
  launch.status = TEGULA_ASSERTION_FAILED;
  launch.message =
      describeFailure(*launch.module, program, message, file, line);
}

static void assertFailed(const tegula_program *program, const char *message,
                         const char *file, int32_t line) {
  auto *worker = static_cast<Worker *>(program->launch);
  recordFailure(*worker, *program, message, file, line);
  std::longjmp(worker->failed, 1);
}

//===----------------------------------------------------------------------===//
// yield
//===----------------------------------------------------------------------===//

static void yield(const tegula_program *program) {
  auto *worker = static_cast<Worker *>(program->launch);
  Launch &launch = worker->launch;
  if (countInterruptions() != launch.epoch)
    launch.stopped = true;
  // What a failed program would have written never comes.
  bool failed = launch.end.load(std::memory_order_relaxed) < launch.programs;
  if (failed || launch.stopped.load(std::memory_order_relaxed))
    std::longjmp(worker->failed, 1);
  // The program that is waited for may need this processor.
  std::this_thread::yield();
}

//===----------------------------------------------------------------------===//
// share
//===----------------------------------------------------------------------===//

/// Panels beyond a thread's part of the last-level cache are not worth keeping.
static uint64_t panelCapacity(const Launch &launch) {
  static constexpr uint64_t least = 2 << 20, most = 32 << 20;
  return std::clamp(machine().lastLevelCache / launch.threads, least, most);
}

static void *share(const tegula_program *program, const uint64_t *key,
                   uint32_t words, uint64_t bytes, void *fallback,
                   tegula_shared *answer) {
  auto &worker = *static_cast<Worker *>(program->launch);
  if (!worker.panels)
    worker.panels.emplace(panelCapacity(worker.launch));
  PanelCache::Found found = worker.panels->find(key, words, bytes);
  void *memory = found.memory ? found.memory : fallback;
  answer->is_new = found.isNew;
  answer->next = found.next ? found.next : memory;
  return memory;
}

const tegula_services *tegula::runtime::services() {
  static constexpr tegula_services table = {print, assertFailed, yield, share,
                                            multiply};
  return &table;
}
