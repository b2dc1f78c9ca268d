# RUN: tegula-lang-import %s::calls x=*f32 n=i32 BLOCK=8 MODE=fast | FileCheck %s --check-prefix=CALL
# RUN: tegula-lang-import %s::tuples x=*f32 n=i32 | FileCheck %s --check-prefix=TUPLE
# RUN: tegula-lang-import %s::combine x=*f32 i=*i32 | FileCheck %s --check-prefix=COMBINE
# RUN: tegula-lang-import %s::constants x=*f32 DTYPE=f16 | FileCheck %s --check-prefix=CONST
# RUN: tegula-lang-import %s::imported x=*f32 | FileCheck %s --check-prefix=IMPORT
import math

import triton
import triton.language as tl
from triton.language.extra import libdevice

from .Inputs import helpers
from .Inputs.helpers import doubled as twice

try:
    import nowhere
except ImportError:
    nowhere = None

SCALE: tl.constexpr = 4
LIMIT = tl.constexpr(2**SCALE)
if triton.__version__ >= "3.0.0":
    exp = tl.exp
else:
    exp = nowhere.exp


@triton.jit
def scaled(v, factor=2.0, *, offset: tl.constexpr = 0):
    if offset > 0:
        v += offset
    return v * factor


@triton.jit
def apply(fn: tl.constexpr, v):
    return fn(v)


# CALL-LABEL: func.func @calls
@triton.jit
def calls(x, n, BLOCK: tl.constexpr, MODE: tl.constexpr = "slow"):
    v = tl.load(x + tl.arange(0, BLOCK))
    # CALL: arith.constant dense<2.000000e+00> : tensor<8xf32>
    # CALL-NEXT: arith.mulf
    v = scaled(v)
    # CALL: dense<3.000000e+00>
    # CALL-NEXT: arith.addf
    # CALL: dense<5.000000e-01>
    v = scaled(factor=0.5, v=v, offset=3)
    # CALL: math.exp
    v = apply(exp, v)
    # CALL: math.tanh
    if MODE == "fast":
        v = libdevice.tanh(v)
    # CALL-NOT: math.sin
    else:
        v = tl.sin(v)
    tl.store(x + tl.arange(0, BLOCK), v)


@triton.jit
def both(a, b):
    return a + b, a - b


# TUPLE-LABEL: func.func @tuples
@triton.jit
def tuples(x, n):
    # TUPLE: %[[S:.*]] = arith.addi
    # TUPLE: %[[D:.*]] = arith.subi
    s, d = both(n, 3)
    # TUPLE: arith.muli %[[D]], %[[S]]
    s, d = d, s
    pair = (s * d, n)
    # TUPLE: scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %arg1) -> (i32, i32)
    for i in range(n):
        pair = (pair[0] + i, pair[1])
    tl.store(x, pair[0] + pair[-1] + len(pair))


@triton.jit
def first_greater(a, i, b, j):
    return tl.where(a > b, a, b), tl.where(a > b, i, j)


# COMBINE-LABEL: func.func @combine
@triton.jit
def combine(x, i):
    lanes = tl.arange(0, 32)
    v = tl.load(x + lanes)
    # COMBINE: tile.reduce %{{.*}}, %{{.*}} axis 0 : (tensor<32xf32>, tensor<32xi32>) -> (f32, i32)
    # COMBINE: ^bb0(%[[A:.*]]: f32, %[[I:.*]]: i32, %[[B:.*]]: f32, %[[J:.*]]: i32):
    # COMBINE: arith.cmpf ogt, %[[A]], %[[B]]
    # COMBINE: tile.yield %{{.*}}, %{{.*}} : f32, i32
    best, where = tl.reduce((v, lanes), 0, first_greater)
    tl.store(x, best)
    tl.store(i, where)
    # COMBINE: tile.scan %{{.*}} axis 0 reverse : (tensor<32xf32>) -> tensor<32xf32>
    tl.store(x + lanes, tl.cumsum(v, 0, reverse=True))
    # COMBINE: tile.reduce %{{.*}} axis 1 : (tensor<8x4xf32>) -> tensor<8xf32>
    # COMBINE: arith.maxnumf
    # COMBINE: tile.expand_dims %{{.*}} axis 1
    m = tl.reshape(v, (8, 4)).max(axis=1, keep_dims=True)
    tl.store(x + tl.arange(0, 8)[:, None], m)
    # COMBINE: tile.reduce
    # COMBINE: arith.xori
    tl.store(i, tl.xor_sum(lanes))


@triton.constexpr_function
def log2(n):
    count = 0
    while n > 1:
        n //= 2
        count += 1
    return count


# CONST-LABEL: func.func @constants
@triton.jit
def constants(x, DTYPE: tl.constexpr):
    # CONST: arith.constant 1.600000e+01 : f32
    tl.store(x, LIMIT)
    # CONST: arith.constant 7.000000e+00 : f32
    tl.store(x, log2(128))
    # CONST: arith.constant dense<0.000000e+00> : tensor<4xf16>
    z = tl.zeros([LIMIT // SCALE], dtype=DTYPE)
    # CONST: tile.store
    if DTYPE == tl.float16 and z.dtype.primitive_bitwidth == 16:
        tl.store(x + tl.arange(0, 4), z)
    # CONST: arith.constant 1.44269502 : f32
    inverse: tl.constexpr = 1 / math.log(2)
    tl.store(x, inverse)
    tl.static_assert(z.shape[0] == 4, f"unexpected shape {z.shape}")
    # CONST: arith.constant 0xFF800000 : f32
    tl.store(x, -float("inf"))
    # CONST: arith.constant 6.000000e+00 : f32
    tl.store(x, sum([i for i in (1, 2, 3)]) if SCALE else 0)


# IMPORT-LABEL: func.func @imported
@triton.jit
def imported(x):
    # IMPORT: arith.addf
    v = twice(tl.load(x))
    # IMPORT: arith.constant 7.000000e+00 : f32
    tl.store(x, v + helpers.SEVEN)
