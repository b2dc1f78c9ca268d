//===- TileMemoryOps.td - Loads, stores, descriptors, atomics -*- tablegen -*-//

#ifndef TEGULA_IR_TILE_TILEMEMORYOPS_TD
#define TEGULA_IR_TILE_TILEMEMORYOPS_TD

//===----------------------------------------------------------------------===//
// Through pointers (as frontends write them)
//===----------------------------------------------------------------------===//

defvar cacheArgs = (ins
  DefaultValuedAttr<Tile_CacheModifierAttr, "::tegula::tile::CacheModifier::None">:$cache,
  DefaultValuedAttr<Tile_EvictionPolicyAttr, "::tegula::tile::EvictionPolicy::Normal">:$evict);

def Tile_LoadOp : Tile_Op<"load", [AttrSizedOperandSegments]> {
  let summary = "reads the pointees of a pointer or of a tensor of pointers";
  let description = [{
    Where `mask` is false nothing is read and the result is `other`, or 0 without
    `other` (`tegula check` reports kernels that use such an element).

    ```mlir
    %x = tile.load %p mask %m other %o : tensor<64x!tile.ptr<f32>>
    ```
  }];
  let arguments = !con((ins Arg<Tile_PtrLike, "", [MemRead]>:$ptr,
      Optional<Tile_BoolLike>:$mask, Optional<AnyType>:$other), cacheArgs,
      (ins UnitAttr:$is_volatile));
  let results = (outs AnyType:$result);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  let builders = [OpBuilder<(ins "::mlir::Value":$ptr, CArg<"::mlir::Value", "{}">:$mask,
                                 CArg<"::mlir::Value", "{}">:$other)>];
}

def Tile_StoreOp : Tile_Op<"store"> {
  let summary = "writes through a pointer or a tensor of pointers";
  let description = [{
    Where `mask` is false nothing is written. Two lanes of one store that write
    the same address leave one of their values.

    ```mlir
    tile.store %p, %v mask %m : tensor<64x!tile.ptr<f32>>
    ```
  }];
  let arguments = !con((ins Arg<Tile_PtrLike, "", [MemWrite]>:$ptr, AnyType:$value,
      Optional<Tile_BoolLike>:$mask), cacheArgs);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

//===----------------------------------------------------------------------===//
// Through boxes (as raising writes them)
//===----------------------------------------------------------------------===//

// The operands that say which addresses a box touches.
defvar boxArgs = (ins Variadic<I64>:$starts, Variadic<I64>:$strides,
    Variadic<I64>:$lowers, Variadic<I64>:$uppers, Variadic<I64>:$wraps,
    Variadic<Tile_Tensor>:$indices, Optional<Tile_Tensor>:$mask);

defvar boxAddressDoc = [{
    Along dimension `d` coordinate `i` stands for position
    `p = start[d] + i`, or `p mod wrap[d]` where `wrap[d]` is not 0, or
    `p = index[k][i] + start[d]` where `d` is the k-th of `indexed_dims`. The
    address is `base + sum of p * stride[d]`, in elements. A coordinate is active
    where `lower[d] <= i < upper[d]` in every dimension and `mask` (if any) is true.
    `starts`, `strides`, `lowers` and `uppers` hold one i64 for each dimension;
    `wraps` the same or nothing; every wrapped position is >= 0 before the modulo.
    Bounds may be negative or larger than the tile.
    A box without indices is the *box* tier, with them the *rows* tier.
}];

class Tile_BoxOp<string mnemonic> : Tile_Op<mnemonic, [AttrSizedOperandSegments]> {
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The tile's shape, element type included.
    ::mlir::RankedTensorType getTileType();
    /// Position in `indices` of dimension `dim`, or -1 if it is strided.
    int64_t indexOperandOf(int64_t dim);
  }];
}

def Tile_LoadBoxOp : Tile_BoxOp<"load_box"> {
  let summary = "reads a box of an array";
  let description = boxAddressDoc # [{
    An inactive element is `other`, or 0 without it.

    ```mlir
    %x = tile.load_box %p start(%i, %c0) stride(%ld, %c1) lower(%c0, %c0)
           upper(%m, %n) : !tile.ptr<f32> -> tensor<64x32xf32>
    ```
  }];
  let arguments = !con((ins Arg<Tile_Ptr, "", [MemRead]>:$base), boxArgs,
      (ins Optional<Tile_Tensor>:$other,
           DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$indexed_dims), cacheArgs,
      (ins UnitAttr:$is_volatile));
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $base `start` `(` $starts `)` `stride` `(` $strides `)`
    `lower` `(` $lowers `)` `upper` `(` $uppers `)`
    (`wrap` `(` $wraps^ `)`)? (`index` `(` $indices^ `:` type($indices) `)`)?
    (`mask` $mask^ `:` type($mask))? (`other` $other^ `:` type($other))?
    attr-dict `:` type($base) `->` type($result)
  }];
}

def Tile_StoreBoxOp : Tile_BoxOp<"store_box"> {
  let summary = "writes a box of an array";
  let description = boxAddressDoc # [{
    Inactive elements are not written.

    ```mlir
    tile.store_box %p, %v start(%i, %c0) stride(%ld, %c1) lower(%c0, %c0)
      upper(%m, %n) : !tile.ptr<f32>, tensor<64x32xf32>
    ```
  }];
  let arguments = !con((ins Arg<Tile_Ptr, "", [MemWrite]>:$base, Tile_Tensor:$value),
      boxArgs, (ins DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$indexed_dims),
      cacheArgs);
  let assemblyFormat = [{
    $base `,` $value `start` `(` $starts `)` `stride` `(` $strides `)`
    `lower` `(` $lowers `)` `upper` `(` $uppers `)`
    (`wrap` `(` $wraps^ `)`)? (`index` `(` $indices^ `:` type($indices) `)`)?
    (`mask` $mask^ `:` type($mask))?
    attr-dict `:` type($base) `,` type($value)
  }];
}

//===----------------------------------------------------------------------===//
// Through descriptors
//===----------------------------------------------------------------------===//

def Tile_MakeDescOp : Tile_Op<"make_desc", [Pure, AttrSizedOperandSegments]> {
  let summary = "describes an array in memory";
  let description = [{
    `shape` (i32) and `strides` (i64, in elements) have one value for each
    dimension of the block. Blocks that reach outside the array read `padding`
    and do not write there.

    ```mlir
    %d = tile.make_desc %p shape(%m, %n) stride(%ld, %c1) padding zero
           : !tile.ptr<f16> -> !tile.desc<64x32xf16>
    ```
  }];
  let arguments = (ins Tile_Ptr:$base, Variadic<I32>:$shape, Variadic<I64>:$strides,
      DefaultValuedAttr<Tile_PaddingAttr, "::tegula::tile::Padding::Zero">:$padding);
  let results = (outs Tile_Desc:$result);
  let assemblyFormat = [{
    $base `shape` `(` $shape `)` `stride` `(` $strides `)` (`padding` $padding^)?
    attr-dict `:` type($base) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_DescLoadOp : Tile_Op<"desc_load"> {
  let summary = "reads a block";
  let description = [{
    The block's first element stands at the given indices. The result may drop
    or add dimensions of size 1 of the block's shape.

    ```mlir
    %x = tile.desc_load %d[%i, %j] : !tile.desc<64x32xf16> -> tensor<64x32xf16>
    ```
  }];
  let arguments = !con((ins Arg<Tile_Desc, "", [MemRead]>:$desc, Variadic<I32>:$indices),
                       cacheArgs);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat =
      "$desc `[` $indices `]` attr-dict `:` type($desc) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_DescStoreOp : Tile_Op<"desc_store"> {
  let summary = "writes a block";
  let description = [{
    As `tile.desc_load`; what lies outside the array is not written.

    ```mlir
    tile.desc_store %d[%i, %j], %x : !tile.desc<64x32xf16>, tensor<64x32xf16>
    ```
  }];
  let arguments = (ins Arg<Tile_Desc, "", [MemWrite]>:$desc, Variadic<I32>:$indices,
                       Tile_Tensor:$value);
  let assemblyFormat =
      "$desc `[` $indices `]` `,` $value attr-dict `:` type($desc) `,` type($value)";
  let hasVerifier = 1;
}

def Tile_DescReduceOp : Tile_Op<"desc_reduce"> {
  let summary = "combines a block into memory, each element atomically";
  let description = [{
    As `tile.desc_store`, each element with the meaning of a relaxed
    `tile.atomic_rmw`; `add`, `min` and `max` on floats mean `fadd`, `fmin` and
    `fmax`.

    ```mlir
    tile.desc_reduce add %d[%i, %j], %x : !tile.desc<64x32xf32>, tensor<64x32xf32>
    ```
  }];
  let arguments = (ins Tile_AtomicKindAttr:$kind,
      Arg<Tile_Desc, "", [MemRead, MemWrite]>:$desc, Variadic<I32>:$indices,
      Tile_Tensor:$value);
  let assemblyFormat = [{
    $kind $desc `[` $indices `]` `,` $value attr-dict `:` type($desc) `,` type($value)
  }];
  let hasVerifier = 1;
}

def Tile_DescGatherOp : Tile_Op<"desc_gather"> {
  let summary = "reads rows given by a tensor of row numbers";
  let description = [{
    The descriptor's block is `1 x N`. Row `r` of the result holds the array's
    row `rows[r]`, columns `column` to `column + N`; what lies outside the array
    is the descriptor's padding.

    ```mlir
    %x = tile.desc_gather %d[%rows, %y] : !tile.desc<1x32xf16>, tensor<8xi32> -> tensor<8x32xf16>
    ```
  }];
  let arguments = (ins Arg<Tile_Desc, "", [MemRead]>:$desc, Tile_Tensor:$rows, I32:$column);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $desc `[` $rows `,` $column `]` attr-dict `:` type($desc) `,` type($rows) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_DescScatterOp : Tile_Op<"desc_scatter"> {
  let summary = "writes rows given by a tensor of row numbers";
  let description = [{
    As `tile.desc_gather`; rows and columns outside the array are not written.

    ```mlir
    tile.desc_scatter %d[%rows, %y], %x : !tile.desc<1x32xf16>, tensor<8xi32>, tensor<8x32xf16>
    ```
  }];
  let arguments = (ins Arg<Tile_Desc, "", [MemWrite]>:$desc, Tile_Tensor:$rows, I32:$column,
                       Tile_Tensor:$value);
  let assemblyFormat = [{
    $desc `[` $rows `,` $column `]` `,` $value attr-dict
    `:` type($desc) `,` type($rows) `,` type($value)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Atomics
//===----------------------------------------------------------------------===//

def Tile_AtomicRMWOp : Tile_Op<"atomic_rmw"> {
  let summary = "updates memory atomically and gives the old values";
  let description = [{
    `max`/`min` read signed integers, `umax`/`umin` unsigned ones, `fmax`/`fmin`
    floats (a NaN operand loses). `inc`/`dec` wrap at the operand as CUDA's do.
    The result of an inactive lane is 0.

    ```mlir
    %old = tile.atomic_rmw add relaxed gpu %p, %v mask %m : tensor<64xi1>
             : tensor<64x!tile.ptr<i32>>, tensor<64xi32> -> tensor<64xi32>
    ```
  }];
  let arguments = (ins Tile_AtomicKindAttr:$kind, Tile_MemoryOrderAttr:$order,
      Tile_MemoryScopeAttr:$scope, Arg<Tile_PtrLike, "", [MemRead, MemWrite]>:$ptr,
      AnyType:$value, Optional<Tile_BoolLike>:$mask);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $kind $order $scope $ptr `,` $value (`mask` $mask^ `:` type($mask))? attr-dict
    `:` type($ptr) `,` type($value) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_AtomicCASOp : Tile_Op<"atomic_cas", [AllTypesMatch<["expected", "value"]>]> {
  let summary = "writes a value where memory holds the expected one; gives the old value";
  let description = [{
    Compares bit patterns, so that -0.0 is not 0.0 and a NaN equals itself.

    ```mlir
    %old = tile.atomic_cas acq_rel gpu %p, %expected, %new : !tile.ptr<i32>, i32 -> i32
    ```
  }];
  let arguments = (ins Tile_MemoryOrderAttr:$order, Tile_MemoryScopeAttr:$scope,
      Arg<Tile_PtrLike, "", [MemRead, MemWrite]>:$ptr, AnyType:$expected, AnyType:$value);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $order $scope $ptr `,` $expected `,` $value attr-dict
    `:` type($ptr) `,` type($expected)
    `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_AtomicPollOp : Tile_Op<"atomic_poll"> {
  let summary = "waits until memory holds a value";
  let description = [{
    Gives true once the pointee equals `expected`, false if `timeout` (in
    nanoseconds) has passed before.

    ```mlir
    %ok = tile.atomic_poll acquire gpu %p, %expected : !tile.ptr<i32>, i32
    ```
  }];
  let arguments = (ins Tile_MemoryOrderAttr:$order, Tile_MemoryScopeAttr:$scope,
      Arg<Tile_Ptr, "", [MemRead, MemWrite]>:$ptr, AnyType:$expected, Optional<I64>:$timeout);
  let results = (outs I1:$result);
  let assemblyFormat = [{
    $order $scope $ptr `,` $expected (`timeout` $timeout^)? attr-dict
    `:` type($ptr) `,` type($expected)
  }];
  let hasVerifier = 1;
}

#endif // TEGULA_IR_TILE_TILEMEMORYOPS_TD
