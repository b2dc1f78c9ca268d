//===- Import.h - Triton-language source to tile IR -----------------------===//
//
// The public face of frontend/lang. `parseFile` says which kernels a file
// has; `importKernel` makes the MLIR module of one of them for given argument
// types and constants; `evaluateExpression` computes Python expressions such
// as a grid "cdiv(n, BLOCK)" without Python.
//
//===----------------------------------------------------------------------===//
#ifndef TEGULA_FRONTEND_LANG_IMPORT_H
#define TEGULA_FRONTEND_LANG_IMPORT_H

#include "frontend/lang/Diagnostics.h"
#include "frontend/lang/Literal.h"
#include "frontend/lang/SourceFile.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegula::frontend {

/// What one kernel parameter is bound to when the kernel is compiled.
struct ArgumentSpec {
  enum class Kind {
    Pointer,    // *element
    Scalar,     // a run-time number of type `element`
    Constant,   // a constexpr, or a scalar that is compiled in
    Descriptor, // a tensor descriptor of `element` and `blockShape`
  };
  Kind kind = Kind::Constant;
  DType element = DType::Int32;
  /// The pointer's address or the integer's value is a multiple of this.
  int64_t divisibility = 1;
  /// Constant: the value.
  Literal value;
  std::vector<int64_t> blockShape;

  static ArgumentSpec pointer(DType element, int64_t divisibility = 16);
  static ArgumentSpec scalar(DType element, int64_t divisibility = 1);
  static ArgumentSpec constant(Literal value);
  static ArgumentSpec descriptor(DType element,
                                 std::vector<int64_t> blockShape);
};

struct ImportOptions {
  /// Empty: the only kernel of the file; an error that lists them if there
  /// are several.
  std::string kernel;
  /// By parameter name. Parameters without an entry take their default.
  llvm::StringMap<ArgumentSpec> arguments;
};

struct ParameterInfo {
  std::string name;
  bool isConstexpr = false;
  /// Never specialised on value 1 or on divisibility by 16.
  bool doNotSpecialize = false;
  bool doNotSpecializeOnAlignment = false;
  /// The source text of the annotation ("tl.int64", "*fp32"), or empty.
  std::string annotation;
  /// Set for a scalar whose annotation names its type (n: tl.int64): it has
  /// this type whatever the value is.
  std::optional<DType> annotatedType;
  /// The default, when it can be computed without Python.
  std::optional<Literal> defaultValue;
  bool hasDefault = false;
};

/// One `triton.Config(...)`.
struct AutotuneConfig {
  std::vector<std::pair<std::string, Literal>> arguments;
  std::optional<int64_t> numWarps, numStages, numCtas;
};

/// One entry of `@triton.heuristics({...})`; compute it with
/// `evaluateHeuristic`.
struct Heuristic {
  std::string name;
  /// Source text of the lambda or function name.
  std::string source;
};

struct KernelInfo {
  std::string name;
  unsigned line = 0;
  std::vector<ParameterInfo> parameters;
  std::vector<AutotuneConfig> configs;
  /// Set when @autotune has configurations that could not be computed.
  std::string configsProblem;
  std::vector<std::string> autotuneKeys;
  std::vector<Heuristic> heuristics;
  /// False for functions that other kernels call (they return values or are
  /// named by another kernel of the file).
  bool looksLikeKernel = true;
};

class Module; // a parsed file; frontend/lang/Module.h

/// A parsed file. Cheap to copy.
class ParsedFile {
public:
  const SourceFile &source() const;
  llvm::ArrayRef<KernelInfo> kernels() const;
  const KernelInfo *find(llvm::StringRef name) const;
  /// Every kernel name, for messages: "a, b and c".
  std::string kernelNames() const;
  /// The kernel `name`, or the only one for an empty name; otherwise reports.
  const KernelInfo *choose(llvm::StringRef name, Diagnostics &) const;
  const std::shared_ptr<Module> &module() const { return impl; }

private:
  friend std::optional<ParsedFile> parseFile(std::shared_ptr<const SourceFile>,
                                             Diagnostics &);
  std::shared_ptr<Module> impl;
};

/// Parses a file; nothing if it has syntax errors (they are reported).
std::optional<ParsedFile> parseFile(std::shared_ptr<const SourceFile> source,
                                    Diagnostics &diagnostics);

/// Makes the module of one kernel: one public func.func in the tile dialect.
/// Null when errors were reported. The dialects needed are loaded.
mlir::OwningOpRef<mlir::ModuleOp> importKernel(mlir::MLIRContext *context,
                                               const ParsedFile &file,
                                               const ImportOptions &options,
                                               Diagnostics &diagnostics);

/// The same from a source file.
mlir::OwningOpRef<mlir::ModuleOp>
importKernel(mlir::MLIRContext *context,
             std::shared_ptr<const SourceFile> source,
             const ImportOptions &options, Diagnostics &diagnostics);

/// Names that an expression may use. `array` gives "x.shape[0]", "x.size",
/// "x.ndim", "x.numel()", "x.dtype" and "x.stride(0)" of C-contiguous arrays.
struct Bindings {
  struct Array {
    DType element = DType::Float32;
    std::vector<int64_t> shape;
  };
  llvm::StringMap<Literal> values;
  llvm::StringMap<Array> arrays;
};

/// Computes a Python expression over `bindings` with min, max, len, int,
/// float, bool, abs, sum, cdiv, triton.cdiv, next_power_of_2, math.*; a lambda
/// is called with the bindings as its only argument. `where` names the text in
/// messages ("--grid").
std::optional<Literal> evaluateExpression(llvm::StringRef expression,
                                          const Bindings &bindings,
                                          llvm::StringRef where,
                                          Diagnostics &diagnostics);

/// Computes one @heuristics entry of `kernel` over its arguments, in the
/// file's own scope.
std::optional<Literal> evaluateHeuristic(const ParsedFile &file,
                                         const KernelInfo &kernel,
                                         const Heuristic &heuristic,
                                         const Bindings &bindings,
                                         Diagnostics &diagnostics);

} // namespace tegula::frontend

#endif
