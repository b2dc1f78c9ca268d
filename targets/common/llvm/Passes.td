//===- Passes.td - Passes of every LLVM-backed machine -----*- tablegen -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_PASSES
#define TEGULA_TARGETS_COMMON_LLVM_PASSES

include "mlir/Pass/PassBase.td"

def MakeArithTotal : Pass<"tegula-make-arith-total"> {
  let summary = "Define the integer operations that arith leaves undefined";
  let description = [{
    Nothing traps and nothing is poison: x / 0 = 0, x % 0 = x, MIN / -1 = MIN,
    MIN % -1 = 0; shifts by the width or more give 0 or the sign; float to
    integer saturates with NaN to 0. Vector divisions of up to 32 bits become
    float divisions unless there is an instruction for them. Example: `arith.shli %a, %n : i32` becomes
    ```mlir
    %s = arith.shli %a, %n : i32
    %c = arith.cmpi ule, %n, %c31 : i32
    %r = arith.select %c, %s, %c0 : i32
    ```
  }];
  let options = [
    Option<"hasIntegerDivide", "integer-divide", "bool", "false",
           "vectors of integers are divided by an instruction">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def ExpandMath : Pass<"tegula-expand-math", "::mlir::ModuleOp"> {
  let summary = "Turn math operations into vector code or library calls";
  let description = [{
    Functions of hot loops (exponentials, logarithms, tanh, erf, sine, cosine,
    powers) become polynomials in the code; the rest become calls: SLEEF's
    vector functions, libm once for each lane, or OpenCL's built-in functions.
    f16 and bf16 compute in f32. Example: `math.tan %x : vector<16xf32>` becomes
    ```mlir
    %r = llvm.call @Sleef_tanf16_u10(%x) : (vector<16xf32>) -> vector<16xf32>
    ```
  }];
  let options = [
    Option<"library", "library", "unsigned", "0",
           "0: scalar libm, 1: SLEEF, 2: OpenCL">,
    Option<"vectorBits", "vector-bits", "unsigned", "0",
           "width of the vector registers">,
    Option<"hasFma", "has-fma", "bool", "true", "fma is an instruction">,
    Option<"hasFastLdexp", "has-fast-ldexp", "bool", "false",
           "scaling by a power of two is an instruction">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def ExpandFloatConversions : Pass<"tegula-expand-float-conversions"> {
  let summary = "Turn narrow float formats into integers and f32 arithmetic";
  let description = [{
    bf16, the 8-bit formats and, where it isn't native, f16: arithmetic goes
    through f32 and rounds to nearest even after each operation; conversions
    become integer vector code that rounds once; the values themselves become
    integers of the same width. Example: `arith.extf %a : bf16 to f32` becomes
    ```mlir
    %w = arith.extui %a : i16 to i32
    %s = arith.shli %w, %c16 : i32
    %f = arith.bitcast %s : i32 to f32
    ```
  }];
  let options = [
    Option<"nativeBf16", "native-bf16", "bool", "false",
           "f32 -> bf16 is an instruction">,
    Option<"nativeF16", "native-f16", "bool", "false",
           "f32 <-> f16 are instructions">,
    Option<"flushingBf16", "flushing-bf16", "std::string", "",
           "Intrinsic f32 -> bf16 that flushes denormals">,
    Option<"denormalTest", "denormal-test", "std::string", "",
           "Intrinsic that tells denormal lanes">,
    Option<"lanes", "lanes", "unsigned", "0", "Lanes of f32 of these two">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::ub::UBDialect",
                           "::mlir::vector::VectorDialect"];
}

def ConvertToLLVM : Pass<"tegula-convert-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Lower arith, math, vector, cf and func to the LLVM dialect";
  let description = [{
    One conversion for all dialects that a lowered kernel may hold, in place of
    upstream's one pass for each dialect: the module is walked once. Anything
    left over is an error that names the operation.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect",
                           "::mlir::ub::UBDialect"];
}

def WrapOpenClKernel : Pass<"tegula-wrap-opencl-kernel", "::mlir::ModuleOp"> {
  let summary = "Make an OpenCL kernel of an entry with packed slots";
  let description = [{
    Runs on the LLVM dialect. All pointers move to the global address space, and
    a kernel `tegula_kernel` is put around the entry: one work-item runs one
    program, whose `tegula_program`, slots and arena lie in a slice of a scratch
    buffer. Its parameters: for each argument a buffer and an offset (pointers)
    or the 8-byte slot; then scratch, bytes for one program, index of the first
    program, and the grid's three sizes. Once inlined, what was stored to the
    structure is known and not read back.
  }];
  let options = [
    Option<"addressSpace", "address-space", "unsigned", "1",
           "LLVM's number of the global address space">,
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // TEGULA_TARGETS_COMMON_LLVM_PASSES
