# RUN: tegula-lang-import %s::kernel x=*f16 n=8 one=1 scale=0.5 flag=true KIND=a | FileCheck %s --check-prefix=GIVEN
# RUN: tegula-lang-import %s::kernel x=*f16 n=i64:16 one=i32 scale=f32 flag=i1 MODE=2 KIND=b | FileCheck %s --check-prefix=PASSED
# RUN: not tegula-lang-import %s::kernel x=*f16 n=i32 one=1 scale=f32 flag=i1 KIND=*f32 2>&1 | FileCheck %s --check-prefix=POINTER
# RUN: tegula-lang-import --list %s | FileCheck %s --check-prefix=LIST
# RUN: printf 'import triton\r\n@triton.jit\r\ndef k(x):\r\n    """doc\r\n    """\r\n    pass; "a\\\r\nb"\r\n' > %t.py && tegula-lang-import %t.py x=*f32 | FileCheck %s --check-prefix=CRLF
# CRLF: func.func @k
# POINTER: error: the parameter 'KIND' is a tl.constexpr and needs a constant
import triton
import triton.language as tl

NEW = triton.__version__ >= "3.0.0"

# One of two definitions counts.
if NEW:

    # LIST: choice line [[#@LINE+2]]
    @triton.jit
    def choice(v):
        return v * 2

else:

    @triton.jit
    def choice(v):
        return v * 3


# LIST-NOT: choice
# LIST: kernel line


# GIVEN: func.func @kernel(%arg0: !tile.ptr<f16> {tile.name = "x"}) {
# PASSED: func.func @kernel(%arg0: !tile.ptr<f16> {tile.name = "x"}, %arg1: i64 {tile.divisibility = 16 : i32, tile.name = "n"}, %arg2: i32 {tile.name = "one"}, %arg3: f32 {tile.name = "scale"}, %arg4: i1 {tile.name = "flag"}) {
@triton.jit
def kernel(x, n, one, scale, flag, KIND: tl.constexpr, MODE: tl.constexpr = 1, other=None):
    v = tl.load(x)
    # A number compiled in has its type as an argument: float32 here, so the
    # half is widened; 1 is a constant, weak as any.
    # GIVEN-DAG: arith.constant 5.000000e-01 : f32
    # GIVEN-DAG: arith.constant true
    # GIVEN-DAG: arith.extf %{{.*}} : f16 to f32
    # GIVEN: arith.mulf %{{.*}} : f32
    tl.store(x, v * scale)
    # GIVEN: arith.constant 1.000000e+00 : f16
    # GIVEN: arith.addf %{{.*}} : f16
    tl.store(x, v + one)
    # GIVEN: arith.constant 2.000000e+00
    tl.store(x, choice(v))
    if one == 1:
        # GIVEN: tile.ptr_add
        tl.store(x + n, 0.0)
    if flag:
        tl.store(x, 1.0)
    tl.static_assert(other is None)
    # PASSED: arith.constant 7.000000e+00 : f16
    if KIND == "b" and MODE == 2:
        tl.store(x, 7)
