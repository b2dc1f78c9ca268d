//===- TritonGPU.td - What TTIR holds of Triton's GPU dialect -*- tablegen -*-//

#ifndef TEGULA_FRONTEND_TTIR_TRITONGPU_TD
#define TEGULA_FRONTEND_TTIR_TRITONGPU_TD

include "mlir/IR/OpBase.td"

def TTG_Dialect : Dialect {
  let name = "ttg";
  let cppNamespace = "::tegula::frontend::tt";
  let summary = "The barrier that tl.debug_barrier prints";
}

def TTG_BarrierOp : Op<TTG_Dialect, "barrier"> {
  let summary = "tl.debug_barrier: `all`, or memory spaces as `local|global_read`";
  let hasCustomAssemblyFormat = 1;
}

#endif // TEGULA_FRONTEND_TTIR_TRITONGPU_TD
