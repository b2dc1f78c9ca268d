# The language under the name of our own package, for files without Triton.
# RUN: tegula compile %s x=*f32 BLOCK=16 --emit tile | FileCheck %s
# CHECK: func.func @double
# CHECK: math.exp2
import tegula
import tegula.language as tl
from tegula.language.extra import libdevice


@tegula.jit
def double(x, BLOCK: tl.constexpr):
    offs = tl.arange(0, BLOCK)
    tl.store(x + offs, 2 * libdevice.exp2(tl.load(x + offs)))
