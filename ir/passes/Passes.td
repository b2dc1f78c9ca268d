//===- Passes.td - Passes on tile IR -----------------------*- tablegen -*-===//

#ifndef TEGULA_IR_PASSES_PASSES_TD
#define TEGULA_IR_PASSES_PASSES_TD

include "mlir/Pass/PassBase.td"

defvar tileDialects = ["::tegula::tile::TileDialect", "::mlir::arith::ArithDialect",
                       "::mlir::scf::SCFDialect"];

def NarrowElementwise : Pass<"tegula-narrow-elementwise"> {
  let summary = "Compute elementwise ops on the smallest shape that has the values";
  let description = [{
    An elementwise op on splats becomes a scalar op and a splat of its result; on
    operands that were all expanded, or all broadcast from one shape, it moves
    before that change of shape. What is the same for all lanes is then visible
    as a scalar to every later pass, and is computed once.
  }];
  let dependentDialects = tileDialects;
}

def SimplifyLoopCarried : Pass<"tegula-simplify-loop-carried", "::mlir::func::FuncOp"> {
  let summary = "Carry steps of pointers and indices instead of tensors of them";
  let description = [{
    A tensor of pointers or of integers that a loop carries and moves by the same
    amount in all lanes (`p += BLOCK * stride`) becomes its initial value plus a
    scalar: a multiple of the induction variable where that is possible, a
    carried sum otherwise. A step that differs from lane to lane but not from
    iteration to iteration becomes a carried count. Results of `scf.if` and
    `arith.select` that share their base become that base plus the chosen step.
    Afterwards definitions alone tell an address, and no tensor of pointers is
    carried by a loop.

    Before: `scf.for iter_args(%p = %p0) { ...; yield ptr_add(%p, splat(%s)) }`
    After:  `scf.for iter_args(%o = 0) { %p = ptr_add(%p0, splat(%o)); ...; yield %o + %s }`
  }];
  let dependentDialects = tileDialects;
}

def CarryAddresses : Pass<"tegula-carry-addresses", "::mlir::func::FuncOp"> {
  let summary = "Choose and carry addresses instead of tensors of pointers";
  let description = [{
    The last resort: tensors of pointers that are still chosen by `arith.select`
    and `scf.if` or carried by loops, because their arrays differ from lane to
    lane or from iteration to iteration, become tensors of i64.
  }];
  let dependentDialects = tileDialects;
}

def ExpandDotScaled : Pass<"tegula-expand-dot-scaled", "::mlir::func::FuncOp"> {
  let summary = "Turn block-scaled matrix products into plain ones";
  let description = [{
    Each operand of a `tile.dot_scaled` becomes an f32 tensor: elements are decoded
    with integer arithmetic and multiplied by their scales, both exactly; packed
    pairs become neighbours by `tile.join`. What is left is a `tile.dot`.
  }];
  let dependentDialects = tileDialects;
}

def SplitDescriptors : Pass<"tegula-split-descriptors", "::mlir::func::FuncOp"> {
  let summary = "Hand on descriptors in parts";
  let description = [{
    An argument `d` that is a descriptor becomes arguments for its base `d`, its
    sizes `d.shape0`, ... (i32) and its strides `d.stride0`, ... (i64, in
    elements). Branches, loops and `arith.select` hand on these parts, too.
    Afterwards each access sees the op that makes its descriptor.
  }];
  let dependentDialects = tileDialects;
}

def AccumulateDots : Pass<"tegula-accumulate-dots", "::mlir::func::FuncOp"> {
  let summary = "Let products add to what their result is added to";
  let description = [{
    `acc += dot(a, b)` is a product that starts from zero, and an addition. It
    becomes one that starts from `acc`, as Triton's own compiler has it too: what
    recognises the loop of a product, and keeps its sums in registers, looks for that
    form. The sums are rounded in another order. f32, f64 and i32 only: narrower ones
    would be rounded less often.

    Before: `arith.addf %acc, (tile.dot %a, %b, %zeros)`
    After:  `tile.dot %a, %b, %acc`
  }];
  let dependentDialects = tileDialects;
}

def WidenScans : Pass<"tegula-widen-scans", "::mlir::func::FuncOp"> {
  let summary = "Carry running sums of f16 and bf16 in f32";
  let description = [{
    A scan whose region adds, multiplies or calls functions on f16 or bf16 rounds
    its result once for each element that it runs over: bf16 is lost after a dozen.
    The region computes on f32 instead, and each element is rounded once at the end,
    as Triton's own tests want it. So does a reduction, whose sum of many bf16 stops
    growing. Scans and reductions that only compare and select stay.

    Before: `tile.scan %x : (tensor<64xbf16>) -> tensor<64xbf16> { addf : bf16 }`
    After:  `truncf (tile.scan (extf %x) : (tensor<64xf32>) -> tensor<64xf32> { addf : f32 })`
  }];
  let dependentDialects = tileDialects;
}

def FlattenCubes : Pass<"tegula-flatten-cubes", "::mlir::func::FuncOp"> {
  let summary = "Compute sorting networks on one dimension";
  let description = [{
    Triton's sort and topk work on a tile of 2 x 2 x ... x 2, where the neighbour
    along a dimension is `x ^ (the exclusive or of both)`. Their values are computed
    as one dimension instead: a coordinate is a bit of the position, a neighbour a
    `tile.gather` at the position with this bit flipped.

    Before: `%s = tile.reduce %x axis 1 { xori }; %y = arith.xori %x, broadcast(%s)`
    After:  `%y = tile.gather %x[%position ^ 4] axis 0`
  }];
  let dependentDialects = tileDialects;
}

def RaiseDescriptors : Pass<"tegula-raise-descriptors", "::mlir::func::FuncOp"> {
  let summary = "Turn accesses through descriptors into boxes";
  let description = [{
    Bounds come from the descriptor's shape, padding becomes `other`. Gathers and
    scatters of rows are *rows* boxes, `tile.desc_reduce` becomes
    `tile.atomic_rmw`.
  }];
  let dependentDialects = tileDialects;
}

def VerifyRaised : Pass<"tegula-verify-raised", "::mlir::func::FuncOp"> {
  let summary = "Refuse what no lowering expects after raising";
  let description = [{
    Raised IR has no calls, no blocks that branch to each other, no descriptors,
    no tensors of pointers in the results of loops and branches, and each memory
    op says its tier. What is left of these is an error at its place.
  }];
}

def RaiseMemory : Pass<"tegula-raise-memory", "::mlir::func::FuncOp"> {
  let summary = "Say which addresses loads and stores touch";
  let description = [{
    Turns `tile.load` and `tile.store` through tensors of pointers into
    `tile.load_box` and `tile.store_box` where the addresses are a sum over the
    coordinates, and gives every memory op the attribute `tile.tier` (box, rows,
    gather or scalar) and, where a better tier was missed, `tile.blocked_by`.

    The form it writes: the base is the kernel's own pointer moved by all that is
    the same for every lane; starts are 0 but for wrapped dimensions, whose start
    stays out of the base; known strides and bounds are constants; without a mask
    the bounds are 0 and the tile's size; equal operands are one SSA value in all
    memory ops; each operand is computed in the outermost loop where it is known.
    A condition that is the same for all lanes empties dimension 0.
  }];
  let options = [Option<"remarks", "remarks", "bool", "false",
                        "Report the tier of each access as a remark">];
  let dependentDialects = tileDialects;
}

#endif // TEGULA_IR_PASSES_PASSES_TD
