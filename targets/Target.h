//===- Target.h - What a chip must offer ------------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A target takes raised tile IR to an artifact and runs it. Adding one is a
// folder with a class derived from Target and one line in Targets.def; see
// targets/_template.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_TARGET_H
#define TEGULA_TARGETS_TARGET_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "targets/TargetDesc.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <array>
#include <memory>

namespace tegula::targets {

/// An answer with its reason: "no: libcuda.so.1 was not found".
struct Support {
  bool ok = true;
  std::string reason;
  static Support yes() { return {}; }
  static Support no(std::string reason) { return {false, std::move(reason)}; }
  explicit operator bool() const { return ok; }
};

/// Compiled code with everything the runtime must know of it. The metadata's
/// keys for CPU kernels are listed in runtime/include/tegula/runtime.h.
struct Artifact {
  std::string bytes;
  llvm::json::Object metadata;
};

/// One step of a target's road after "raised", spelled as in `--emit=`.
struct Stage {
  enum class Kind { Mlir, Text, Binary };
  llvm::StringRef name;
  Kind kind;
};

/// One launch of an executable. `slots` are packed as tegula/abi.h says, one
/// for each run-time argument; `extents` has the bytes of the array behind each
/// pointer slot, 0 where unknown.
struct LaunchRequest {
  std::array<uint32_t, 3> grid = {1, 1, 1};
  llvm::ArrayRef<uint64_t> slots;
  llvm::ArrayRef<uint64_t> extents;
  /// 0: as many as the machine and TEGULA_NUM_THREADS allow.
  unsigned threads = 0;
};

/// A loaded artifact. `launch` may be called from any number of threads.
class Executable {
public:
  virtual ~Executable() = default;
  /// Runs all programs of the grid and waits for them. The error's text names
  /// the kernel, the source line and the program id.
  virtual llvm::Error launch(const LaunchRequest &request) = 0;
};

class Target {
public:
  virtual ~Target() = default;

  /// The first part of the spelling `name[:arch[:features]]`, and one line
  /// about the machine.
  virtual llvm::StringRef name() const = 0;
  virtual llvm::StringRef description() const = 0;

  /// All numbers and capabilities of one machine. An empty `arch` means the
  /// target's default (the host for `cpu`); an unknown one is an error that
  /// lists what is known.
  virtual llvm::Expected<TargetDesc>
  describe(llvm::StringRef arch, llvm::StringRef features) const = 0;

  /// Can this op be compiled for this machine? The reason names the limit.
  virtual Support supports(mlir::Operation *op,
                           const TargetDesc &desc) const = 0;

  /// The road after "raised": first the MLIR stages, then what `emit` makes,
  /// the loadable one last.
  virtual llvm::ArrayRef<Stage> stages() const = 0;

  /// The passes that take the stage before `stage` (an MLIR one) to it.
  virtual void buildPipeline(mlir::OpPassManager &pm, const TargetDesc &desc,
                             llvm::StringRef stage) const = 0;

  /// The module of the last MLIR stage as `stage`, one of Kind Text or Binary.
  virtual llvm::Expected<Artifact> emit(mlir::ModuleOp module,
                                        const TargetDesc &desc,
                                        llvm::StringRef stage) const = 0;

  /// Can artifacts of this machine run here, now?
  virtual Support probe(const TargetDesc &desc) const = 0;

  /// Makes the artifact of the last stage ready to run.
  virtual llvm::Expected<std::unique_ptr<Executable>>
  load(const Artifact &artifact, const TargetDesc &desc) const = 0;
};

} // namespace tegula::targets

#endif // TEGULA_TARGETS_TARGET_H
