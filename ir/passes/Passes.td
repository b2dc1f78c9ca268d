//===- Passes.td - From frontends' tile IR to raised tile IR -*- tablegen -*-=//

#ifndef TEGULA_IR_PASSES_PASSES_TD
#define TEGULA_IR_PASSES_PASSES_TD

include "mlir/Pass/PassBase.td"

def StripUniformSteps : Pass<"tegula-strip-uniform-steps", "::mlir::func::FuncOp"> {
  let summary = "Carry the uniform step of an index tensor as a scalar";
  let description = [{
    A tensor of pointers or integers that a loop carries and moves by the same
    amount in all lanes (`p += BLOCK * stride`) becomes its initial value plus a
    carried scalar. Then the analyses, which look at definitions only, see
    through the loop. Does nothing where the step differs from lane to lane.

    Before: `scf.for iter_args(%p = %p0) { ...; yield ptr_add(%p, splat(%s)) }`
    After:  `scf.for iter_args(%o = 0) { %p = ptr_add(%p0, splat(%o)); ...; yield %o + %s }`
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::tegula::tile::TileDialect"];
}

def RaiseMemory : Pass<"tegula-raise-memory", "::mlir::func::FuncOp"> {
  let summary = "Say what each memory op touches";
  let description = [{
    Turns `tile.load` and `tile.store` on tensors of pointers into
    `tile.load_box` and `tile.store_box` where the pointers are affine in the
    tile's coordinates: tier *box*, or *rows* where a dimension goes through an
    index tensor. What can't be raised stays and is tier *gather*; scalar
    accesses are tier *scalar*. Masks become bounds for each dimension, uniform
    conditions an empty range, the rest a mask operand. Attribute `tile.tier`
    names the tier, `tile.blocked_by` the op that stood in the way of a better
    one; with `remarks` both are emitted as remarks.
  }];
  let options = [Option<"remarks", "remarks", "bool", "false",
                        "Emit a remark for each access">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::tegula::tile::TileDialect"];
}

def RaiseDescriptors : Pass<"tegula-raise-descriptors", "::mlir::func::FuncOp"> {
  let summary = "Turn accesses through descriptors into boxes";
  let description = [{
    The descriptor must be made in the same function. Bounds come from its shape,
    padding becomes `other`. Gathers and scatters of rows are *rows* boxes,
    `tile.desc_reduce` becomes `tile.atomic_rmw`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::tegula::tile::TileDialect"];
}

#endif // TEGULA_IR_PASSES_PASSES_TD
