//===- TritonDialect.td - Types and attributes of TTIR -----*- tablegen -*-===//

#ifndef TEGULA_FRONTEND_TTIR_TRITONDIALECT_TD
#define TEGULA_FRONTEND_TTIR_TRITONDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"
include "mlir/IR/EnumAttr.td"

def TT_Dialect : Dialect {
  let name = "tt";
  let cppNamespace = "::tegula::frontend::tt";
  let summary = "The ops that stock Triton prints, read and never written";
  let description = [{
    As much of Triton's own dialect as its text needs: names, operands, types and
    attributes as Triton 3.3 to 3.9 print them. What the ops mean is what
    `ConvertToTile` makes of them; checks that the tile dialect does anyway are
    left to it.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

def TT_PtrType : TypeDef<TT_Dialect, "Ptr"> {
  let mnemonic = "ptr";
  let summary = "pointer to a scalar, or (up to Triton 3.8) to a block";
  let description = [{
    Example: `!tt.ptr<f32>`, `!tt.ptr<f32, 3>`, `!tt.ptr<f32, "constant">`,
    `!tt.ptr<tensor<64x32xf16>>`. The address space is read and means nothing.
  }];
  let parameters = (ins "::mlir::Type":$pointeeType,
                        OptionalParameter<"::mlir::Attribute">:$addressSpace);
  let assemblyFormat = "`<` $pointeeType (`,` $addressSpace^)? `>`";
}

def TT_DescType : TypeDef<TT_Dialect, "Desc"> {
  let mnemonic = "tensordesc";
  let summary = "tensor descriptor";
  let description = [{
    Example: `!tt.tensordesc<128x64xf16>`, before Triton 3.8
    `!tt.tensordesc<tensor<128x64xf16>>`. Integers may be `si8` or `ui8`.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape,
                        "::mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
}

//===----------------------------------------------------------------------===//
// Enumerations, with the numbers that Triton prints in attribute dictionaries
//===----------------------------------------------------------------------===//

class TT_Enum<string name, list<I32EnumAttrCase> cases> : I32EnumAttr<name, "", cases> {
  let cppNamespace = "::tegula::frontend::tt";
}

def TT_Axis : TT_Enum<"Axis", [
  I32EnumAttrCase<"X", 0, "x">, I32EnumAttrCase<"Y", 1, "y">,
  I32EnumAttrCase<"Z", 2, "z">]>;
def TT_CacheModifier : TT_Enum<"CacheModifier", [
  I32EnumAttrCase<"None", 1, "none">, I32EnumAttrCase<"CA", 2, "ca">,
  I32EnumAttrCase<"CG", 3, "cg">, I32EnumAttrCase<"WB", 4, "wb">,
  I32EnumAttrCase<"CS", 5, "cs">, I32EnumAttrCase<"WT", 6, "wt">,
  I32EnumAttrCase<"CV", 7, "cv">]>;
def TT_EvictionPolicy : TT_Enum<"EvictionPolicy", [
  I32EnumAttrCase<"Normal", 1, "evict_normal">,
  I32EnumAttrCase<"First", 2, "evict_first">,
  I32EnumAttrCase<"Last", 3, "evict_last">]>;
def TT_Padding : TT_Enum<"Padding", [
  I32EnumAttrCase<"Zero", 1, "zero">, I32EnumAttrCase<"NaN", 2, "nan">]>;
def TT_AtomicKind : TT_Enum<"AtomicKind", [
  I32EnumAttrCase<"And", 1, "and">, I32EnumAttrCase<"Or", 2, "or">,
  I32EnumAttrCase<"Xor", 3, "xor">, I32EnumAttrCase<"Add", 4, "add">,
  I32EnumAttrCase<"FAdd", 5, "fadd">, I32EnumAttrCase<"Max", 6, "max">,
  I32EnumAttrCase<"Min", 7, "min">, I32EnumAttrCase<"UMax", 8, "umax">,
  I32EnumAttrCase<"UMin", 9, "umin">, I32EnumAttrCase<"Exch", 10, "exch">]>;
def TT_ReduceKind : TT_Enum<"ReduceKind", [
  I32EnumAttrCase<"Add", 1, "add">, I32EnumAttrCase<"Min", 2, "min">,
  I32EnumAttrCase<"Max", 3, "max">, I32EnumAttrCase<"Inc", 4, "inc">,
  I32EnumAttrCase<"Dec", 5, "dec">, I32EnumAttrCase<"And", 6, "and">,
  I32EnumAttrCase<"Or", 7, "or">, I32EnumAttrCase<"Xor", 8, "xor">]>;
def TT_MemoryOrder : TT_Enum<"MemoryOrder", [
  I32EnumAttrCase<"Relaxed", 1, "relaxed">, I32EnumAttrCase<"Acquire", 2, "acquire">,
  I32EnumAttrCase<"Release", 3, "release">, I32EnumAttrCase<"AcqRel", 4, "acq_rel">]>;
def TT_MemoryScope : TT_Enum<"MemoryScope", [
  I32EnumAttrCase<"Gpu", 1, "gpu">, I32EnumAttrCase<"Cta", 2, "cta">,
  I32EnumAttrCase<"System", 3, "sys">]>;
def TT_Rounding : TT_Enum<"Rounding", [
  I32EnumAttrCase<"RTZ", 0, "rtz">, I32EnumAttrCase<"RTNE", 1, "rtne">]>;
def TT_PropagateNan : TT_Enum<"PropagateNan", [
  I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"All", 65535, "all">]>;
def TT_InputPrecision : TT_Enum<"InputPrecision", [
  I32EnumAttrCase<"TF32", 0, "tf32">, I32EnumAttrCase<"TF32x3", 1, "tf32x3">,
  I32EnumAttrCase<"IEEE", 2, "ieee">, I32EnumAttrCase<"BF16x3", 3, "bf16x3">,
  I32EnumAttrCase<"BF16x6", 4, "bf16x6">]>;
def TT_ScaledFormat : TT_Enum<"ScaledFormat", [
  I32EnumAttrCase<"E4M3", 0, "e4m3">, I32EnumAttrCase<"E5M2", 1, "e5m2">,
  I32EnumAttrCase<"E2M3", 2, "e2m3">, I32EnumAttrCase<"E3M2", 3, "e3m2">,
  I32EnumAttrCase<"E2M1", 4, "e2m1">, I32EnumAttrCase<"BF16", 5, "bf16">,
  I32EnumAttrCase<"FP16", 6, "fp16">]>;

def TT_CachePolicyAttr : AttrDef<TT_Dialect, "CachePolicy"> {
  let mnemonic = "cache_policy";
  let summary = "cache hints, as Triton 3.9 prints them";
  let description = [{
    Example: `#tt.cache_policy<cache_modifier = cg, eviction_policy = evict_normal>`.
  }];
  let parameters = (ins EnumParameter<TT_CacheModifier>:$cache_modifier,
                        EnumParameter<TT_EvictionPolicy>:$eviction_policy);
  let assemblyFormat = "`<` struct(params) `>`";
}

#endif // TEGULA_FRONTEND_TTIR_TRITONDIALECT_TD
