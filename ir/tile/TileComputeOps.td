//===- TileComputeOps.td - Combining elements --------------*- tablegen -*-===//

#ifndef TEGULA_IR_TILE_TILECOMPUTEOPS_TD
#define TEGULA_IR_TILE_TILECOMPUTEOPS_TD

//===----------------------------------------------------------------------===//
// Element by element, where arith and math have no op
//===----------------------------------------------------------------------===//

def Tile_FpConvertOp : Tile_Op<"fp_convert", [Pure]> {
  let summary = "converts floats with a stated rounding";
  let description = [{
    As `arith.extf`/`arith.truncf`, but `rtz` rounds towards zero, and with
    `saturate` a value beyond the largest finite one becomes that one (NaN stays
    NaN). Types without an infinity turn an overflow into NaN unless they
    saturate. Also between types of the same width (f16 and bf16).

    ```mlir
    %y = tile.fp_convert %x rtne saturate : tensor<64xf32> -> tensor<64xf8E4M3FN>
    ```
  }];
  let arguments = (ins Tile_FloatLike:$src, Tile_RoundingAttr:$rounding, UnitAttr:$saturate);
  let results = (outs Tile_FloatLike:$result);
  let assemblyFormat = [{
    $src $rounding (`saturate` $saturate^)? attr-dict `:` type($src) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_ExternMathOp : Tile_Op<"extern_math", [Pure]> {
  let summary = "a math function by its usual name";
  let description = [{
    `name` is the C name without a type suffix, or libdevice's where C has none
    (`acos`, `rsqrt`, `erfcinv`, `cyl_bessel_i0`, ...). Element by element;
    operands and result have the same shape. Within 2 ulp of the exact value for
    f32 unless the folder of the target says otherwise.

    ```mlir
    %y = tile.extern_math "atan2"(%a, %b) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, Variadic<AnyType>:$args);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$name `(` $args `)` attr-dict `:` functional-type($args, $result)";
  let hasVerifier = 1;
}

def Tile_MapElementwiseOp : Tile_Op<"map_elementwise",
    [RecursiveMemoryEffects, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "applies a scalar function to each element";
  let description = [{
    All operands and results have one shape. The region takes `pack` consecutive
    elements (row-major) of each operand and yields `pack` of each result:
    arguments are operand-major (`a0 a1 b0 b1` for pack 2). Its control flow is
    `scf`.

    ```mlir
    %y = tile.map_elementwise %x pack 1 : (tensor<64xf32>) -> tensor<64xf32> {
    ^bb0(%e: f32):
      %s = arith.mulf %e, %e : f32
      tile.yield %s : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Tile_Tensor>:$args, I32Attr:$pack);
  let results = (outs Variadic<Tile_Tensor>:$outs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $args `pack` $pack attr-dict `:` functional-type($args, $outs) $body
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Along an axis
//===----------------------------------------------------------------------===//

class Tile_AxisRegionOp<string mnemonic> : Tile_Op<mnemonic,
    [RecursiveMemoryEffects, SingleBlockImplicitTerminator<"YieldOp">]> {
  let regions = (region SizedRegion<1>:$combine);
  let hasVerifier = 1;
}

def Tile_ReduceOp : Tile_AxisRegionOp<"reduce"> {
  let summary = "combines all elements along an axis";
  let description = [{
    N operands of one shape give N results without that axis (scalars from 1-D
    operands). The region combines two groups of N scalars, `(a1..aN, b1..bN)`,
    and must be associative; the order of combination is free, but the `a` side
    always stands before the `b` side along the axis, so a combiner that is not
    commutative keeps its meaning.
    Tolerance: the order of float additions is free.

    ```mlir
    %s = tile.reduce %x axis 1 : (tensor<8x64xf32>) -> tensor<8xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = arith.addf %a, %b : f32
      tile.yield %c : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Tile_Tensor>:$srcs, I32Attr:$axis);
  let results = (outs Variadic<AnyType>:$outs);
  let assemblyFormat = [{
    $srcs `axis` $axis attr-dict `:` functional-type($srcs, $outs) $combine
  }];
}

def Tile_ScanOp : Tile_AxisRegionOp<"scan"> {
  let summary = "running combination along an axis";
  let description = [{
    Element `i` of a result combines elements `0..i` (with `reverse`, elements
    `i..last`, from the last on: the accumulated side is the region's first group).
    The region must be associative: how neighbours are grouped is free, their
    order isn't.
    Tolerance: the grouping of float operations is free.

    ```mlir
    %s = tile.scan %x axis 0 : (tensor<64xf32>) -> tensor<64xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = arith.addf %a, %b : f32
      tile.yield %c : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Tile_Tensor>:$srcs, I32Attr:$axis, UnitAttr:$reverse);
  let results = (outs Variadic<Tile_Tensor>:$outs);
  let assemblyFormat = [{
    $srcs `axis` $axis (`reverse` $reverse^)? attr-dict
    `:` functional-type($srcs, $outs) $combine
  }];
}

def Tile_YieldOp : Tile_Op<"yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["ReduceOp", "ScanOp", "MapElementwiseOp"]>]> {
  let summary = "ends a region of this dialect with its values";
  let description = [{
    The values become the parent's: a combined group for `tile.reduce` and
    `tile.scan`, a pack of elements of each result for `tile.map_elementwise`.

    ```mlir
    tile.yield %c : f32
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  // A body that is empty would be left for us to write.
  let builders = [OpBuilder<(ins), [{ /* no values */ }]>];
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

def Tile_GatherOp : Tile_Op<"gather", [Pure]> {
  let summary = "picks elements of a tensor along an axis";
  let description = [{
    `result[.., i, ..] = src[.., indices[.., i, ..], ..]`; the result has the
    shape of `indices`. An index outside the axis gives an unspecified element
    (the reference reports it).

    ```mlir
    %y = tile.gather %x[%i] axis 0 : tensor<64xf32>, tensor<32xi32> -> tensor<32xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$src, Tile_Tensor:$indices, I32Attr:$axis);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $src `[` $indices `]` `axis` $axis attr-dict
    `:` type($src) `,` type($indices) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_HistogramOp : Tile_Op<"histogram", [Pure]> {
  let summary = "counts the values 0, 1, ... of an integer tensor";
  let description = [{
    Bin `b` of the result counts the active elements equal to `b`, read as signed;
    other values are not counted.

    ```mlir
    %h = tile.histogram %x mask %m : tensor<64xi1> : tensor<64xi32> -> tensor<16xi32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$src, Optional<Tile_Tensor>:$mask);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $src (`mask` $mask^ `:` type($mask))? attr-dict `:` type($src) `->` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

def Tile_DotOp : Tile_Op<"dot", [Pure, AllTypesMatch<["c", "result"]>]> {
  let summary = "matrix product plus accumulator";
  let description = [{
    `d = a * b + c` with `a` MxK, `b` KxN, `c` MxN; or a batch of them (BxMxK).
    Products and sums are made in the type of `c` (f32 for f16/bf16/fp8 operands
    with an f32 accumulator, i32 for i8); f16 accumulators may use f32 inside.
    `precision` is the least precision of f32 products: more is always allowed.
    Tolerance: the order of additions over K is free; a product may be off by
    half a unit in the last place of f32, and what is below 2^-66 of the largest
    element of an operand may count as zero.

    ```mlir
    %d = tile.dot %a, %b, %c : tensor<64x32xf32>, tensor<32x64xf32> -> tensor<64x64xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$a, Tile_Tensor:$b, Tile_Tensor:$c,
      DefaultValuedAttr<Tile_DotPrecisionAttr, "::tegula::tile::DotPrecision::IEEE">:$precision,
      DefaultValuedAttr<I32Attr, "0">:$max_imprecise_acc);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $a `,` $b `,` $c (`precision` $precision^)? attr-dict
    `:` type($a) `,` type($b) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_DotScaledOp : Tile_Op<"dot_scaled", [Pure, AttrSizedOperandSegments]> {
  let summary = "matrix product of block-scaled operands (OCP microscaling formats)";
  let description = [{
    As `tile.dot`, each operand element first multiplied by its scale. Elements
    of the formats of 8 bits lie one to a byte (i8, or their fp8 type); `e2m1`
    packs two to an i8, the lower half first, along K if `a_k_pack`/`b_k_pack`,
    else along the other dimension; `bf16`/`fp16` operands are floats as they are.
    A scale is an i8 exponent (E8M0: `2^(s-127)`, 255 is NaN) for each 32
    elements along K, or an f8E4M3FN for each 16 or 32: `a_scale` is `M x K/32`
    or `M x K/16`, `b_scale` is `N x K/32` or `N x K/16`.

    ```mlir
    %d = tile.dot_scaled %a scale %sa : tensor<64x2xi8>, %b scale %sb : tensor<64x2xi8>, %c
           e4m3 e2m1
           : tensor<64x64xi8>, tensor<32x64xi8>, tensor<64x64xf32> -> tensor<64x64xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$a, Tile_Tensor:$b, Tile_Tensor:$c,
      Optional<Tile_Tensor>:$a_scale, Optional<Tile_Tensor>:$b_scale,
      Tile_ScaledFormatAttr:$a_format, Tile_ScaledFormatAttr:$b_format,
      UnitAttr:$fast_math, DefaultValuedAttr<BoolAttr, "true">:$a_k_pack,
      DefaultValuedAttr<BoolAttr, "true">:$b_k_pack);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $a (`scale` $a_scale^ `:` type($a_scale))? `,` $b (`scale` $b_scale^ `:` type($b_scale))? `,` $c
    $a_format $b_format attr-dict
    `:` type($a) `,` type($b) `,` type($c) `->` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Talking to the user
//===----------------------------------------------------------------------===//

def Tile_AssertOp : Tile_Op<"assert", [MemoryEffects<[MemWrite]>]> {
  let summary = "ends the launch with an error where a condition is false";
  let description = [{
    The error holds the message, the op's place in the source and the program's
    id. What other programs have written by then is unspecified.

    ```mlir
    tile.assert %ok, "index out of range" : tensor<64xi1>
    ```
  }];
  let arguments = (ins Tile_BoolLike:$condition, StrAttr:$message);
  let assemblyFormat = "$condition `,` $message attr-dict `:` type($condition)";
}

def Tile_PrintOp : Tile_Op<"print", [MemoryEffects<[MemWrite]>]> {
  let summary = "prints values of a program";
  let description = [{
    One line for each element, those of one program together, of the form
    `pid (0, 0, 0) idx (12) x: 0.5`. `hex` prints the bits. `is_signed` has one
    entry for each argument (0: an integer is read as unsigned); without it all
    are signed.

    ```mlir
    tile.print "x: " (%x) {is_signed = array<i32: 1>} : tensor<64xi32>
    ```
  }];
  let arguments = (ins StrAttr:$prefix, Variadic<AnyType>:$args, UnitAttr:$hex,
                       DefaultValuedAttr<DenseI32ArrayAttr, "{}">:$is_signed);
  let assemblyFormat = "$prefix `(` $args `)` attr-dict (`:` type($args)^)?";
  let hasVerifier = 1;
}

#endif // TEGULA_IR_TILE_TILECOMPUTEOPS_TD
