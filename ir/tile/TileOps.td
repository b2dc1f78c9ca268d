//===- TileOps.td - Programs, shapes and pointers ----------*- tablegen -*-===//
//
// Ops are grouped as a kernel uses them: this file makes index tensors, changes
// shapes and computes addresses; TileMemoryOps.td moves data; TileComputeOps.td
// combines elements.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_TILE_TILEOPS_TD
#define TEGULA_IR_TILE_TILEOPS_TD

include "mlir/IR/CommonTypeConstraints.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/tile/TileDialect.td"
include "ir/tile/TileEnums.td"

class Tile_Op<string opMnemonic, list<Trait> traits = []>
    : Op<Tile_Dialect, opMnemonic, traits>;

defvar Tile_Tensor = AnyStaticShapeTensor;
def Tile_Ptr : Type<CPred<"::llvm::isa<::tegula::tile::PtrType>($_self)">,
                    "pointer (!tile.ptr)", "::tegula::tile::PtrType">;
def Tile_PtrLike : Type<CPred<"::tegula::tile::isPtrLike($_self)">,
                        "pointer or tensor of pointers">;
def Tile_IntLike : Type<CPred<"::tegula::tile::isIntLike($_self)">,
                        "integer or tensor of integers">;
def Tile_BoolLike : Type<CPred<"::tegula::tile::isBoolLike($_self)">,
                         "i1 or tensor of i1">;
def Tile_FloatLike : Type<CPred<"::tegula::tile::isFloatLike($_self)">,
                          "float or tensor of floats">;
def Tile_Desc : Type<CPred<"::llvm::isa<::tegula::tile::DescType>($_self)">,
                     "tensor descriptor (!tile.desc)", "::tegula::tile::DescType">;

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

def Tile_ProgramIdOp : Tile_Op<"program_id", [Pure]> {
  let summary = "index of this program along an axis of the launch grid";
  let description = [{
    A value in `[0, num_programs(axis))`, the same for the whole program.

    ```mlir
    %pid = tile.program_id x : i32
    ```
  }];
  let arguments = (ins Tile_AxisAttr:$axis);
  let results = (outs I32:$result);
  let assemblyFormat = "$axis attr-dict `:` type($result)";
}

def Tile_NumProgramsOp : Tile_Op<"num_programs", [Pure]> {
  let summary = "number of programs along an axis of the launch grid";
  let description = [{
    At least 1, the same for all programs of a launch.

    ```mlir
    %n = tile.num_programs x : i32
    ```
  }];
  let arguments = (ins Tile_AxisAttr:$axis);
  let results = (outs I32:$result);
  let assemblyFormat = "$axis attr-dict `:` type($result)";
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

def Tile_RangeOp : Tile_Op<"range", [Pure]> {
  let summary = "the integers start, start+1, ..., end-1";
  let description = [{
    Element `i` is `start + i`, both read as signed. The result has `end - start`
    elements of i32.

    ```mlir
    %cols = tile.range 0 to 128 : tensor<128xi32>
    ```
  }];
  let arguments = (ins I32Attr:$start, I32Attr:$end);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$start `to` $end attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tile_SplatOp : Tile_Op<"splat", [Pure]> {
  let summary = "a tensor with the scalar in every element";
  let description = [{
    The scalar is a number or a pointer.

    ```mlir
    %t = tile.splat %s : f32 -> tensor<64x32xf32>
    ```
  }];
  let arguments = (ins AnyType:$src);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_UnsplatOp : Tile_Op<"unsplat", [Pure]> {
  let summary = "the one element of a tensor of one element";
  let description = [{
    The tensor may have any rank; the result has no dimensions at all.

    ```mlir
    %s = tile.unsplat %t : tensor<1x1xf32> -> f32
    ```
  }];
  let arguments = (ins Tile_Tensor:$src);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_BroadcastOp : Tile_Op<"broadcast", [Pure, SameOperandsAndResultElementType]> {
  let summary = "repeats dimensions of size 1";
  let description = [{
    Source and result have the same rank; a dimension of the source is either the
    result's or 1. Element `(i, j)` is the source's at the same index, 0 where the
    source's size is 1.

    ```mlir
    %t = tile.broadcast %row : tensor<1x64xf32> -> tensor<32x64xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$src);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_ExpandDimsOp : Tile_Op<"expand_dims", [Pure, SameOperandsAndResultElementType]> {
  let summary = "inserts a dimension of size 1";
  let description = [{
    The new dimension stands at index `axis` of the result.

    ```mlir
    %t = tile.expand_dims %x axis 1 : tensor<64xi32> -> tensor<64x1xi32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$src, I32Attr:$axis);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$src `axis` $axis attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_ReshapeOp : Tile_Op<"reshape", [Pure, SameOperandsAndResultElementType]> {
  let summary = "the same elements in row-major order in another shape";
  let description = [{
    `allow_reorder` permits a target to choose another order of the elements; the
    reference keeps row-major order.

    ```mlir
    %t = tile.reshape %x : tensor<64xf32> -> tensor<8x8xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$src, UnitAttr:$allow_reorder);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat =
      "$src (`allow_reorder` $allow_reorder^)? attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_TransOp : Tile_Op<"trans", [Pure, SameOperandsAndResultElementType]> {
  let summary = "permutes dimensions";
  let description = [{
    Dimension `d` of the result is dimension `order[d]` of the source.

    ```mlir
    %t = tile.trans %x [1, 0] : tensor<64x32xf32> -> tensor<32x64xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$src, DenseI32ArrayAttr:$order);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$src $order attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_JoinOp : Tile_Op<"join", [Pure]> {
  let summary = "two tensors side by side along a new last dimension of size 2";
  let description = [{
    Element `(..., 0)` of the result is `lhs`'s, element `(..., 1)` is `rhs`'s.
    Also takes two scalars and gives `tensor<2xT>`.

    ```mlir
    %t = tile.join %a, %b : tensor<64xf32>, tensor<64xf32> -> tensor<64x2xf32>
    ```
  }];
  let arguments = (ins AnyType:$lhs, AnyType:$rhs);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_SplitOp : Tile_Op<"split", [Pure]> {
  let summary = "the two halves of a last dimension of size 2";
  let description = [{
    The inverse of `tile.join`; a `tensor<2xT>` gives two scalars.

    ```mlir
    %a, %b = tile.split %t : tensor<64x2xf32> -> tensor<64xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$src);
  let results = (outs AnyType:$lhs, AnyType:$rhs);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
}

def Tile_CatOp : Tile_Op<"cat", [Pure]> {
  let summary = "two tensors one after the other along the first dimension";
  let description = [{
    All elements of `lhs` stand before those of `rhs`; the other dimensions agree.

    ```mlir
    %t = tile.cat %a, %b : tensor<64xf32>, tensor<64xf32> -> tensor<128xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$lhs, Tile_Tensor:$rhs);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat =
      "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Pointers
//===----------------------------------------------------------------------===//

def Tile_PtrAddOp : Tile_Op<"ptr_add", [Pure, AllTypesMatch<["ptr", "result"]>]> {
  let summary = "moves a pointer by a number of elements";
  let description = [{
    The offset is signed and counts elements of the pointee. Tensors go element
    by element.

    ```mlir
    %q = tile.ptr_add %p, %i : tensor<64x!tile.ptr<f32>>, tensor<64xi32>
    ```
  }];
  let arguments = (ins Tile_PtrLike:$ptr, Tile_IntLike:$offset);
  let results = (outs Tile_PtrLike:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$ptr, "::mlir::Value":$offset), [{
    build($_builder, $_state, ptr.getType(), ptr, offset);
  }]>];
  let assemblyFormat = "$ptr `,` $offset attr-dict `:` type($ptr) `,` type($offset)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

class Tile_CastOp<string mnemonic> : Tile_Op<mnemonic, [Pure]> {
  let results = (outs AnyType:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_PtrCastOp : Tile_CastOp<"ptr_cast"> {
  let summary = "the same address as a pointer to another type";
  let description = [{
    Only the pointee's type changes; nothing is moved or converted.

    ```mlir
    %q = tile.ptr_cast %p : !tile.ptr<f32> -> !tile.ptr<i32>
    ```
  }];
  let arguments = (ins Tile_PtrLike:$src);
}

def Tile_IntToPtrOp : Tile_CastOp<"int_to_ptr"> {
  let summary = "a 64-bit integer taken as an address";
  let description = [{
    The pointer has no origin that an analysis knows of: it may alias any other.

    ```mlir
    %p = tile.int_to_ptr %i : i64 -> !tile.ptr<f16>
    ```
  }];
  let arguments = (ins Tile_IntLike:$src);
}

def Tile_PtrToIntOp : Tile_CastOp<"ptr_to_int"> {
  let summary = "an address as a 64-bit integer";
  let description = [{
    Gives the address in bytes, whatever the pointee is.

    ```mlir
    %i = tile.ptr_to_int %p : !tile.ptr<f16> -> i64
    ```
  }];
  let arguments = (ins Tile_PtrLike:$src);
}

include "ir/tile/TileMemoryOps.td"
include "ir/tile/TileComputeOps.td"

#endif // TEGULA_IR_TILE_TILEOPS_TD
