//===- TileEnums.td - Enumerations of the tile dialect -----*- tablegen -*-===//

#ifndef TEGULA_IR_TILE_TILEENUMS_TD
#define TEGULA_IR_TILE_TILEENUMS_TD

include "mlir/IR/EnumAttr.td"
include "ir/tile/TileDialect.td"

class Tile_Enum<string name, string doc, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, doc, cases> {
  let cppNamespace = "::tegula::tile";
  let genSpecializedAttr = 0;
}
class Tile_EnumAttr<EnumAttrInfo info, string attrMnemonic>
    : EnumAttr<Tile_Dialect, info, attrMnemonic>;

def Tile_Axis : Tile_Enum<"Axis", "axis of the launch grid", [
  I32EnumAttrCase<"X", 0, "x">, I32EnumAttrCase<"Y", 1, "y">,
  I32EnumAttrCase<"Z", 2, "z">]>;
def Tile_AxisAttr : Tile_EnumAttr<Tile_Axis, "axis"> { let assemblyFormat = "$value"; }

def Tile_CacheModifier : Tile_Enum<"CacheModifier", "cache hint", [
  I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"CA", 1, "ca">,
  I32EnumAttrCase<"CG", 2, "cg">, I32EnumAttrCase<"WB", 3, "wb">,
  I32EnumAttrCase<"CS", 4, "cs">, I32EnumAttrCase<"WT", 5, "wt">,
  I32EnumAttrCase<"CV", 6, "cv">]>;
def Tile_CacheModifierAttr : Tile_EnumAttr<Tile_CacheModifier, "cache">;

def Tile_EvictionPolicy : Tile_Enum<"EvictionPolicy", "eviction hint", [
  I32EnumAttrCase<"Normal", 0, "normal">, I32EnumAttrCase<"First", 1, "first">,
  I32EnumAttrCase<"Last", 2, "last">]>;
def Tile_EvictionPolicyAttr : Tile_EnumAttr<Tile_EvictionPolicy, "evict">;

def Tile_AtomicKind : Tile_Enum<"AtomicKind", "what an atomic update does", [
  I32EnumAttrCase<"And", 0, "and">, I32EnumAttrCase<"Or", 1, "or">,
  I32EnumAttrCase<"Xor", 2, "xor">, I32EnumAttrCase<"Add", 3, "add">,
  I32EnumAttrCase<"FAdd", 4, "fadd">, I32EnumAttrCase<"Max", 5, "max">,
  I32EnumAttrCase<"Min", 6, "min">, I32EnumAttrCase<"UMax", 7, "umax">,
  I32EnumAttrCase<"UMin", 8, "umin">, I32EnumAttrCase<"Xchg", 9, "xchg">,
  I32EnumAttrCase<"FMax", 10, "fmax">, I32EnumAttrCase<"FMin", 11, "fmin">,
  I32EnumAttrCase<"Inc", 12, "inc">, I32EnumAttrCase<"Dec", 13, "dec">]>;
def Tile_AtomicKindAttr : Tile_EnumAttr<Tile_AtomicKind, "atomic_kind"> { let assemblyFormat = "$value"; }

def Tile_MemoryOrder : Tile_Enum<"MemoryOrder", "memory order of an atomic", [
  I32EnumAttrCase<"Relaxed", 1, "relaxed">, I32EnumAttrCase<"Acquire", 2, "acquire">,
  I32EnumAttrCase<"Release", 3, "release">, I32EnumAttrCase<"AcqRel", 4, "acq_rel">]>;
def Tile_MemoryOrderAttr : Tile_EnumAttr<Tile_MemoryOrder, "order"> { let assemblyFormat = "$value"; }

def Tile_MemoryScope : Tile_Enum<"MemoryScope", "who must see an atomic in order", [
  I32EnumAttrCase<"Gpu", 1, "gpu">, I32EnumAttrCase<"Cta", 2, "cta">,
  I32EnumAttrCase<"System", 3, "sys">]>;
def Tile_MemoryScopeAttr : Tile_EnumAttr<Tile_MemoryScope, "scope"> { let assemblyFormat = "$value"; }

def Tile_Rounding : Tile_Enum<"Rounding", "rounding of a narrowing conversion", [
  I32EnumAttrCase<"RTNE", 0, "rtne">, I32EnumAttrCase<"RTZ", 1, "rtz">]>;
def Tile_RoundingAttr : Tile_EnumAttr<Tile_Rounding, "rounding"> { let assemblyFormat = "$value"; }

def Tile_DotPrecision : Tile_Enum<"DotPrecision", "least precision of f32 products", [
  I32EnumAttrCase<"TF32", 0, "tf32">, I32EnumAttrCase<"TF32x3", 1, "tf32x3">,
  I32EnumAttrCase<"IEEE", 2, "ieee">, I32EnumAttrCase<"BF16x3", 3, "bf16x3">,
  I32EnumAttrCase<"BF16x6", 4, "bf16x6">]>;
def Tile_DotPrecisionAttr : Tile_EnumAttr<Tile_DotPrecision, "precision"> { let assemblyFormat = "$value"; }

def Tile_ScaledFormat : Tile_Enum<"ScaledFormat", "element format of a scaled operand", [
  I32EnumAttrCase<"E4M3", 0, "e4m3">, I32EnumAttrCase<"E5M2", 1, "e5m2">,
  I32EnumAttrCase<"E2M3", 2, "e2m3">, I32EnumAttrCase<"E3M2", 3, "e3m2">,
  I32EnumAttrCase<"E2M1", 4, "e2m1">, I32EnumAttrCase<"BF16", 5, "bf16">,
  I32EnumAttrCase<"FP16", 6, "fp16">]>;
def Tile_ScaledFormatAttr : Tile_EnumAttr<Tile_ScaledFormat, "format"> { let assemblyFormat = "$value"; }

def Tile_Padding : Tile_Enum<"Padding", "what a descriptor gives outside its array", [
  I32EnumAttrCase<"Zero", 0, "zero">, I32EnumAttrCase<"NaN", 1, "nan">]>;
def Tile_PaddingAttr : Tile_EnumAttr<Tile_Padding, "padding"> { let assemblyFormat = "$value"; }

#endif // TEGULA_IR_TILE_TILEENUMS_TD
