//===- TritonOps.td - The ops of TTIR ----------------------*- tablegen -*-===//
//
// In the order of ir/tile: programs, shapes, pointers; memory; computation;
// functions. A format with an optional part that Triton 3.9 doesn't print says
// which version prints it.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_TTIR_TRITONOPS_TD
#define TEGULA_FRONTEND_TTIR_TRITONOPS_TD

include "frontend/ttir/TritonDialect.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/CommonTypeConstraints.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class TT_Op<string mnemonic, list<Trait> traits = []>
    : Op<TT_Dialect, mnemonic, traits>;

defvar TT_Tensor = AnyStaticShapeTensor;
def TT_Ptr : Type<CPred<"::llvm::isa<::tegula::frontend::tt::PtrType>($_self)">,
                  "pointer (!tt.ptr)", "::tegula::frontend::tt::PtrType">;
def TT_PtrLike : Type<CPred<"::tegula::frontend::tt::isPtrLike($_self)">,
                      "pointer or tensor of pointers">;
def TT_BlockPtr : Type<CPred<"::tegula::frontend::tt::isBlockPtr($_self)">,
                       "pointer to a block", "::tegula::frontend::tt::PtrType">;
def TT_Desc : Type<CPred<"::llvm::isa<::tegula::frontend::tt::DescType>($_self)">,
                   "tensor descriptor (!tt.tensordesc)",
                   "::tegula::frontend::tt::DescType">;

class TT_PointeeOf<string ptr, string result>
    : TypesMatchWith<"the pointee's type", ptr, result,
                     "::tegula::frontend::tt::pointeeOf($_self)">;
class TT_MaskOf<string ptr>
    : OptionalTypesMatchWith<"i1 in the pointer's shape", ptr, "mask",
                             "::tegula::frontend::tt::maskOf($_self)">;

//===----------------------------------------------------------------------===//
// Programs, shapes, pointers
//===----------------------------------------------------------------------===//

class TT_ProgramOp<string mnemonic> : TT_Op<mnemonic, [Pure]> {
  let arguments = (ins TT_Axis:$axis);
  let results = (outs I32:$result);
  let assemblyFormat = "$axis attr-dict `:` type($result)";
}
def TT_GetProgramIdOp : TT_ProgramOp<"get_program_id">;
def TT_GetNumProgramsOp : TT_ProgramOp<"get_num_programs">;

def TT_MakeRangeOp : TT_Op<"make_range", [Pure]> {
  let arguments = (ins I32Attr:$start, I32Attr:$end);
  let results = (outs TT_Tensor:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

class TT_CastOp<string mnemonic, Type result = AnyType> : TT_Op<mnemonic, [Pure]> {
  let arguments = (ins AnyType:$src);
  let results = (outs result:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
}
def TT_SplatOp : TT_CastOp<"splat", TT_Tensor>;
def TT_BroadcastOp : TT_CastOp<"broadcast", TT_Tensor>;
def TT_IntToPtrOp : TT_CastOp<"int_to_ptr">;
def TT_PtrToIntOp : TT_CastOp<"ptr_to_int">;
def TT_BitcastOp : TT_CastOp<"bitcast">;

def TT_UnsplatOp : TT_Op<"unsplat", [Pure,
    TypesMatchWith<"the element's type", "src", "result",
                   "::llvm::cast<::mlir::RankedTensorType>($_self).getElementType()">]> {
  let arguments = (ins TT_Tensor:$src);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$src attr-dict `:` type($src)";
}

def TT_ExpandDimsOp : TT_Op<"expand_dims", [Pure]> {
  let arguments = (ins TT_Tensor:$src, I32Attr:$axis);
  let results = (outs TT_Tensor:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
}

def TT_ReshapeOp : TT_Op<"reshape", [Pure]> {
  let arguments = (ins TT_Tensor:$src, UnitAttr:$allow_reorder, UnitAttr:$efficient_layout);
  let results = (outs TT_Tensor:$result);
  let assemblyFormat = [{
    $src (`allow_reorder` $allow_reorder^)? (`efficient_layout` $efficient_layout^)?
    attr-dict `:` type($src) `->` type($result)
  }];
}

def TT_TransOp : TT_Op<"trans", [Pure]> {
  let arguments = (ins TT_Tensor:$src, DenseI32ArrayAttr:$order);
  let results = (outs TT_Tensor:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
}

class TT_PairOp<string mnemonic> : TT_Op<mnemonic, [Pure, AllTypesMatch<["lhs", "rhs"]>]> {
  let arguments = (ins TT_Tensor:$lhs, TT_Tensor:$rhs);
  let results = (outs TT_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `->` type($result)";
}
def TT_JoinOp : TT_PairOp<"join">;
def TT_CatOp : TT_PairOp<"cat">;

def TT_SplitOp : TT_Op<"split", [Pure, AllTypesMatch<["lhs", "rhs"]>]> {
  let arguments = (ins TT_Tensor:$src);
  let results = (outs TT_Tensor:$lhs, TT_Tensor:$rhs);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($lhs)";
}

def TT_AddPtrOp : TT_Op<"addptr", [Pure, AllTypesMatch<["ptr", "result"]>]> {
  let arguments = (ins TT_PtrLike:$ptr, AnyType:$offset);
  let results = (outs TT_PtrLike:$result);
  let assemblyFormat = "$ptr `,` $offset attr-dict `:` type($result) `,` type($offset)";
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

// Up to 3.8 hints are two clauses; 3.9 prints `cachePolicy` in the dictionary.
defvar cacheArgs = (ins
  DefaultValuedAttr<TT_CacheModifier, "::tegula::frontend::tt::CacheModifier::None">:$cache,
  DefaultValuedAttr<TT_EvictionPolicy, "::tegula::frontend::tt::EvictionPolicy::Normal">:$evict,
  OptionalAttr<TT_CachePolicyAttr>:$cachePolicy);
// Of accesses through pointers to blocks.
defvar blockArgs = (ins
  DefaultValuedAttr<DenseI32ArrayAttr, "{}">:$boundaryCheck,
  OptionalAttr<TT_Padding>:$padding);

def TT_LoadOp : TT_Op<"load", [AttrSizedOperandSegments,
    TT_PointeeOf<"ptr", "result">, TT_MaskOf<"ptr">,
    OptionalTypesMatchWith<"the result's type", "ptr", "other",
                           "::tegula::frontend::tt::pointeeOf($_self)">]> {
  let arguments = !con((ins Arg<TT_PtrLike, "", [MemRead]>:$ptr,
      Optional<AnyType>:$mask, Optional<AnyType>:$other), cacheArgs, blockArgs,
      (ins DefaultValuedAttr<BoolAttr, "false">:$isVolatile));
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $ptr (`,` $mask^)? (`,` $other^)?
    oilist(`cacheModifier` `=` $cache | `evictionPolicy` `=` $evict)
    attr-dict `:` type($ptr)
  }];
}

def TT_StoreOp : TT_Op<"store", [TT_PointeeOf<"ptr", "value">, TT_MaskOf<"ptr">]> {
  let arguments = !con((ins Arg<TT_PtrLike, "", [MemWrite]>:$ptr, AnyType:$value,
      Optional<AnyType>:$mask), cacheArgs, blockArgs, (ins UnitAttr:$ignore_cta));
  let assemblyFormat = [{
    $ptr `,` $value (`,` $mask^)?
    oilist(`cacheModifier` `=` $cache | `evictionPolicy` `=` $evict)
    attr-dict `:` type($ptr)
  }];
}

def TT_MakeTensorPtrOp : TT_Op<"make_tensor_ptr", [Pure, SameVariadicOperandSize,
    TypesMatchWith<"a pointer to the block's elements", "result", "base",
                   "::tegula::frontend::tt::baseOf($_self)">]> {
  let arguments = (ins TT_Ptr:$base, Variadic<I64>:$shape, Variadic<I64>:$strides,
                       Variadic<I32>:$offsets, DefaultValuedAttr<DenseI32ArrayAttr, "{}">:$order);
  let results = (outs TT_BlockPtr:$result);
  let assemblyFormat = [{
    $base `,` `[` $shape `]` `,` `[` $strides `]` `,` `[` $offsets `]` attr-dict
    `:` type($result)
  }];
}

def TT_AdvanceOp : TT_Op<"advance", [Pure, AllTypesMatch<["ptr", "result"]>]> {
  let arguments = (ins TT_BlockPtr:$ptr, Variadic<I32>:$offsets);
  let results = (outs TT_BlockPtr:$result);
  let assemblyFormat = "$ptr `,` `[` $offsets `]` attr-dict `:` type($result)";
}

def TT_MakeTensorDescOp : TT_Op<"make_tensor_descriptor", [Pure, SameVariadicOperandSize]> {
  let arguments = (ins TT_Ptr:$base, Variadic<I32>:$shape, Variadic<I64>:$strides,
      DefaultValuedAttr<TT_Padding, "::tegula::frontend::tt::Padding::Zero">:$padding);
  let results = (outs TT_Desc:$result);
  let assemblyFormat = [{
    $base `,` `[` $shape `]` `,` `[` $strides `]` attr-dict
    `:` type($base) `,` type($result)
  }];
}

class TT_DescLoad<string mnemonic> : TT_Op<mnemonic> {
  let arguments = !con((ins Arg<TT_Desc, "", [MemRead]>:$desc, Variadic<I32>:$indices),
                       cacheArgs);
  let results = (outs TT_Tensor:$result);
  let assemblyFormat = [{
    $desc `[` $indices `]`
    oilist(`cacheModifier` `=` $cache | `evictionPolicy` `=` $evict)
    attr-dict `:` type($desc) `->` type($result)
  }];
}
def TT_DescLoadOp : TT_DescLoad<"descriptor_load">;
def TT_ExperimentalDescLoadOp : TT_DescLoad<"experimental_descriptor_load">;

class TT_DescStore<string mnemonic> : TT_Op<mnemonic> {
  let arguments = (ins Arg<TT_Desc, "", [MemWrite]>:$desc, TT_Tensor:$src,
                       Variadic<I32>:$indices);
  let assemblyFormat = [{
    $desc `[` $indices `]` `,` $src attr-dict `:` type($desc) `,` type($src)
  }];
}
def TT_DescStoreOp : TT_DescStore<"descriptor_store">;
def TT_ExperimentalDescStoreOp : TT_DescStore<"experimental_descriptor_store">;

def TT_DescReduceOp : TT_Op<"descriptor_reduce"> {
  let arguments = (ins TT_ReduceKind:$kind, Arg<TT_Desc, "", [MemRead, MemWrite]>:$desc,
                       TT_Tensor:$src, Variadic<I32>:$indices);
  let assemblyFormat = [{
    $kind `,` $desc `[` $indices `]` `,` $src attr-dict `:` type($desc) `,` type($src)
  }];
}

def TT_DescGatherOp : TT_Op<"descriptor_gather"> {
  let arguments = (ins Arg<TT_Desc, "", [MemRead]>:$desc, TT_Tensor:$rows, I32:$column);
  let results = (outs TT_Tensor:$result);
  let assemblyFormat = [{
    $desc `[` $rows `,` $column `]` attr-dict `:` functional-type(operands, results)
  }];
}

def TT_DescScatterOp : TT_Op<"descriptor_scatter"> {
  let arguments = (ins Arg<TT_Desc, "", [MemWrite]>:$desc, TT_Tensor:$rows, I32:$column,
                       TT_Tensor:$src);
  let assemblyFormat = "$desc `[` $rows `,` $column `]` `,` $src attr-dict `:` type(operands)";
}

def TT_AtomicRMWOp : TT_Op<"atomic_rmw"> {
  let arguments = (ins TT_AtomicKind:$kind, Arg<TT_PtrLike, "", [MemRead, MemWrite]>:$ptr,
      AnyType:$value, Optional<AnyType>:$mask, TT_MemoryOrder:$order, TT_MemoryScope:$scope);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $kind `,` $order `,` $scope `,` $ptr `,` $value (`,` $mask^)? attr-dict
    `:` functional-type(operands, $result)
  }];
}

def TT_AtomicCASOp : TT_Op<"atomic_cas"> {
  let arguments = (ins Arg<TT_PtrLike, "", [MemRead, MemWrite]>:$ptr, AnyType:$expected,
      AnyType:$value, TT_MemoryOrder:$order, TT_MemoryScope:$scope);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $order `,` $scope `,` $ptr `,` $expected `,` $value attr-dict
    `:` functional-type(operands, $result)
  }];
}

def TT_AtomicPollOp : TT_Op<"atomic_poll"> {
  let arguments = (ins Arg<TT_Ptr, "", [MemRead, MemWrite]>:$ptr, AnyType:$expected,
      Optional<I64>:$timeout, TT_MemoryOrder:$order, TT_MemoryScope:$scope);
  let results = (outs I1:$result);
  let assemblyFormat = [{
    $order `,` $scope `,` $ptr `,` $expected (`timeout` $timeout^)? attr-dict
    `:` type($ptr) `,` type($expected) `->` type($result)
  }];
}

class TT_HintOp<string mnemonic> : TT_Op<mnemonic, [MemoryEffects<[MemRead, MemWrite]>]> {
  let assemblyFormat = "attr-dict";
}
def TT_GridDependencyWaitOp : TT_HintOp<"grid_dependency_wait">;
def TT_GridDependencyLaunchOp : TT_HintOp<"grid_dependency_launch_dependents">;

//===----------------------------------------------------------------------===//
// Computation
//===----------------------------------------------------------------------===//

def TT_FpToFpOp : TT_Op<"fp_to_fp", [Pure]> {
  let arguments = (ins AnyType:$src, OptionalAttr<TT_Rounding>:$rounding);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $src attr-dict (`,` `rounding` `=` $rounding^)? `:` type($src) `->` type($result)
  }];
}

def TT_ClampFOp : TT_Op<"clampf", [Pure, AllTypesMatch<["x", "min", "max", "result"]>]> {
  let arguments = (ins AnyType:$x, AnyType:$min, AnyType:$max, TT_PropagateNan:$propagateNan);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $x `,` $min `,` $max `,` `propagateNan` `=` $propagateNan attr-dict `:` type($result)
  }];
}

def TT_PreciseSqrtOp : TT_Op<"precise_sqrt", [Pure, AllTypesMatch<["x", "result"]>]> {
  let arguments = (ins AnyType:$x);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

class TT_BinaryOp<string mnemonic>
    : TT_Op<mnemonic, [Pure, AllTypesMatch<["x", "y", "result"]>]> {
  let arguments = (ins AnyType:$x, AnyType:$y);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$x `,` $y attr-dict `:` type($x)";
}
def TT_PreciseDivFOp : TT_BinaryOp<"precise_divf">;
def TT_MulhiUIOp : TT_BinaryOp<"mulhiui">;

def TT_ExternElementwiseOp : TT_Op<"extern_elementwise"> {
  let arguments = (ins Variadic<AnyType>:$srcs, StrAttr:$libname, StrAttr:$libpath,
                       StrAttr:$symbol, BoolAttr:$pure);
  let results = (outs AnyType:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, $result)";
}

def TT_InlineAsmOp : TT_Op<"elementwise_inline_asm"> {
  let arguments = (ins StrAttr:$text, StrAttr:$constraints, BoolAttr:$pure,
                       I32Attr:$packed_element, Variadic<AnyType>:$args);
  let results = (outs Variadic<AnyType>:$result);
  let assemblyFormat = "$text attr-dict ($args^ `:` type($args))? `->` type($result)";
}

// Triton prints these three in the generic form.
def TT_ReduceOp : TT_Op<"reduce"> {
  let arguments = (ins Variadic<TT_Tensor>:$srcs, I32Attr:$axis);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region SizedRegion<1>:$combine);
}
def TT_ScanOp : TT_Op<"scan"> {
  let arguments = (ins Variadic<TT_Tensor>:$srcs, I32Attr:$axis,
                       DefaultValuedAttr<BoolAttr, "false">:$reverse);
  let results = (outs Variadic<TT_Tensor>:$results);
  let regions = (region SizedRegion<1>:$combine);
}
def TT_MapElementwiseOp : TT_Op<"map_elementwise"> {
  let arguments = (ins Variadic<TT_Tensor>:$srcs, I32Attr:$pack);
  let results = (outs Variadic<TT_Tensor>:$results);
  let regions = (region AnyRegion:$body);
}

class TT_YieldOp<string mnemonic, string parent>
    : TT_Op<mnemonic, [Pure, Terminator, ReturnLike, HasParent<parent>]> {
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}
def TT_ReduceReturnOp : TT_YieldOp<"reduce.return", "ReduceOp">;
def TT_ScanReturnOp : TT_YieldOp<"scan.return", "ScanOp">;
def TT_MapElementwiseReturnOp : TT_YieldOp<"map_elementwise.return", "MapElementwiseOp">;

def TT_HistogramOp : TT_Op<"histogram", [Pure,
    OptionalTypesMatchWith<"i1 in the source's shape", "src", "mask",
                           "::tegula::frontend::tt::maskOf($_self)">]> {
  let arguments = (ins TT_Tensor:$src, Optional<AnyType>:$mask);
  let results = (outs TT_Tensor:$result);
  let assemblyFormat = "$src (`,` $mask^)? attr-dict `:` type($src) `->` type($result)";
}

def TT_GatherOp : TT_Op<"gather", [Pure]> {
  let arguments = (ins TT_Tensor:$src, TT_Tensor:$indices, I32Attr:$axis,
                       UnitAttr:$efficient_layout);
  let results = (outs TT_Tensor:$result);
  let assemblyFormat = "$src `[` $indices `]` attr-dict `:` functional-type(operands, results)";
}

// allowTF32: up to 3.0.
def TT_DotOp : TT_Op<"dot", [Pure, AllTypesMatch<["c", "d"]>]> {
  let arguments = (ins TT_Tensor:$a, TT_Tensor:$b, TT_Tensor:$c,
      DefaultValuedAttr<TT_InputPrecision, "::tegula::frontend::tt::InputPrecision::IEEE">:$inputPrecision,
      DefaultValuedAttr<I32Attr, "0">:$maxNumImpreciseAcc,
      DefaultValuedAttr<BoolAttr, "false">:$allowTF32);
  let results = (outs TT_Tensor:$d);
  let assemblyFormat = [{
    $a `,` $b `,` $c (`,` `inputPrecision` `=` $inputPrecision^)? attr-dict
    `:` type($a) `*` type($b) `->` type($d)
  }];
}

def TT_DotScaledOp : TT_Op<"dot_scaled", [Pure, AttrSizedOperandSegments,
                                          AllTypesMatch<["c", "d"]>]> {
  let arguments = (ins TT_Tensor:$a, TT_Tensor:$b, TT_Tensor:$c,
      Optional<TT_Tensor>:$a_scale, Optional<TT_Tensor>:$b_scale,
      TT_ScaledFormat:$a_elem_type, TT_ScaledFormat:$b_elem_type,
      DefaultValuedAttr<BoolAttr, "false">:$fastMath,
      DefaultValuedAttr<BoolAttr, "true">:$lhs_k_pack,
      DefaultValuedAttr<BoolAttr, "true">:$rhs_k_pack);
  let results = (outs TT_Tensor:$d);
  let assemblyFormat = [{
    $a (`scale` $a_scale^)? `,` $b (`scale` $b_scale^)? `,` $c
    `lhs` `=` $a_elem_type `rhs` `=` $b_elem_type attr-dict
    `:` type($a) (`,` type($a_scale)^)? `*` type($b) (`,` type($b_scale)^)? `->` type($d)
  }];
}

// isSigned: from 3.1 on.
def TT_PrintOp : TT_Op<"print", [MemoryEffects<[MemWrite]>]> {
  let arguments = (ins StrAttr:$prefix, DefaultValuedAttr<BoolAttr, "false">:$hex,
      Variadic<AnyType>:$args, DefaultValuedAttr<DenseI32ArrayAttr, "{}">:$isSigned);
  let assemblyFormat = "$prefix attr-dict (`:` $args^ `:` type($args))?";
}

// File, function and line: up to 3.0.
def TT_AssertOp : TT_Op<"assert", [MemoryEffects<[MemWrite]>]> {
  let arguments = (ins AnyType:$condition, StrAttr:$message, OptionalAttr<StrAttr>:$file,
                       OptionalAttr<StrAttr>:$func, OptionalAttr<I32Attr>:$line);
  let assemblyFormat = [{
    $condition `,` $message (`,` $file^ `,` $func `,` $line)? attr-dict `:` type($condition)
  }];
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

def TT_FuncOp : TT_Op<"func", [FunctionOpInterface, IsolatedFromAbove]> {
  let summary = "a kernel, or a function that kernels call";
  let description = [{
    The names that the text gives to arguments are kept as `tt.name`, unless they
    are MLIR's own (`%arg0`).
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<StrAttr>:$sym_visibility,
                       OptionalAttr<DictArrayAttr>:$arg_attrs,
                       OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region AnyRegion:$body);
  let extraClassDeclaration = [{
    ::mlir::Region *getCallableRegion() { return isExternal() ? nullptr : &getBody(); }
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    static constexpr ::llvm::StringLiteral kNameAttr = "tt.name";
  }];
  let hasCustomAssemblyFormat = 1;
}

def TT_ReturnOp : TT_Op<"return", [Pure, Terminator, ReturnLike, HasParent<"FuncOp">]> {
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def TT_CallOp : TT_Op<"call"> {
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyType>:$args);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat =
      "$callee `(` $args `)` attr-dict `:` functional-type($args, $results)";
}

#endif // TEGULA_FRONTEND_TTIR_TRITONOPS_TD
