# RUN: tegula-lang-import %s::shapes x=*f32 | FileCheck %s --check-prefix=SHAPE
# RUN: tegula-lang-import %s::products a=*f16 b=*f16 c=*f32 i=*i8 | FileCheck %s --check-prefix=DOT
# RUN: tegula-lang-import %s::maths x=*f32 h=*f16 i=*i32 u=*u32 | FileCheck %s --check-prefix=MATH
# RUN: tegula-lang-import %s::talk x=*f32 n=i32 2>&1 | FileCheck %s --check-prefix=TALK
# RUN: tegula-lang-import %s::casts x=*f32 y=*f8e4m3 h=*bf16 i=*i32 | FileCheck %s --check-prefix=CAST
# RUN: tegula-lang-import %s::others x=*f32 i=*i32 seed=i32 | FileCheck %s --check-prefix=OTHER
import triton
import triton.language as tl
from triton.language.extra.cuda import libdevice


# SHAPE-LABEL: func.func @shapes
@triton.jit
def shapes(x):
    i = tl.arange(0, 16)
    # SHAPE: tile.expand_dims %{{.*}} axis 1 : tensor<16xi32> -> tensor<16x1xi32>
    # SHAPE: tile.expand_dims %{{.*}} axis 0 : tensor<16xi32> -> tensor<1x16xi32>
    # SHAPE: tile.broadcast %{{.*}} : tensor<16x1xi32> -> tensor<16x16xi32>
    grid = i[:, None] * 16 + i[None, :]
    # SHAPE: tile.trans %{{.*}} [1, 0]
    t = grid.T
    # SHAPE: tile.reshape %{{.*}} : tensor<16x16xi32> -> tensor<4x4x16xi32>
    r = t.reshape(4, 4, 16)
    # SHAPE: tile.trans %{{.*}} [2, 0, 1]
    p = tl.permute(r, (2, 0, 1))
    # SHAPE: tile.reshape %{{.*}} allow_reorder
    v = tl.view(p, [128, 2])
    # SHAPE: tile.split
    a, b = tl.split(v)
    # SHAPE: tile.join
    # SHAPE: tile.reshape {{.*}} -> tensor<256xi32>
    both = tl.interleave(a, b)
    # SHAPE: tile.cat
    c = tl.cat(a, b, can_reorder=True)
    # SHAPE: tile.gather %{{.*}}[%{{.*}}] axis 0
    g = tl.gather(c, both & 255, 0)
    # SHAPE: tile.gather
    f = tl.flip(g)
    # SHAPE: tile.broadcast {{.*}} -> tensor<2x256xi32>
    w = tl.broadcast_to(f[None, :], [2, 256])
    # SHAPE: tile.histogram %{{.*}} : tensor<256xi32> -> tensor<8xi32>
    h = tl.histogram(f, 8)
    tl.store(x + tl.arange(0, 8), h + tl.sum(w))


# DOT-LABEL: func.func @products
@triton.jit
def products(a, b, c, i):
    k = tl.arange(0, 16)
    grid = k[:, None] * 16 + k[None, :]
    x = tl.load(a + grid)
    y = tl.load(b + grid)
    acc = tl.zeros((16, 16), dtype=tl.float32)
    # DOT: tile.dot %{{.*}}, %{{.*}}, %{{.*}} : tensor<16x16xf16>, tensor<16x16xf16> -> tensor<16x16xf32>
    acc = tl.dot(x, y, acc)
    # DOT: tile.dot {{.*}} precision tf32 :
    acc += tl.dot(x.to(tl.float32), y.to(tl.float32), allow_tf32=True)
    # DOT: tile.dot {{.*}} -> tensor<16x16xf16>
    acc += tl.dot(x, y, out_dtype=tl.float16)
    tl.store(c + grid, acc)
    # DOT: tile.dot {{.*}} : tensor<16x16xi8>, tensor<16x16xi8> -> tensor<16x16xi32>
    z = tl.load(i + grid)
    tl.store(c + grid, tl.dot(z, z))


# MATH-LABEL: func.func @maths
@triton.jit
def maths(x, h, i, u):
    v = tl.load(x)
    # MATH: math.exp2
    # MATH: math.rsqrt
    # MATH: math.fma
    v = tl.fma(tl.exp2(v), tl.rsqrt(v), 1.0)
    # MATH: arith.maximumf
    v = tl.maximum(v, 0.0, propagate_nan=tl.PropagateNan.ALL)
    # MATH: arith.maxnumf
    # MATH: arith.minnumf
    v = tl.clamp(v, -1.0, 1.0)
    # MATH: math.absf
    # MATH: math.floor
    v = tl.math.floor(tl.abs(v))
    # MATH: math.atan2
    # MATH: tile.extern_math "hypot"
    v = libdevice.hypot(libdevice.atan2(v, 2.0), v)
    # MATH: arith.negf
    # MATH: arith.divf
    tl.store(x, tl.sigmoid(v))
    # A half goes through float32 in libdevice.
    # MATH: arith.extf
    # MATH: math.powf %{{.*}} : f32
    # MATH: arith.truncf
    tl.store(h, libdevice.pow(tl.load(h), 2.0))
    # MATH: arith.minsi
    # MATH: arith.maxui
    tl.store(i, min(tl.load(i), 3))
    tl.store(u, tl.maximum(tl.load(u), 3))
    # MATH: arith.mului_extended
    tl.store(u, tl.umulhi(tl.load(u), tl.load(u)))
    # MATH: arith.addi
    # MATH: arith.divsi
    tl.store(i, tl.cdiv(tl.load(i), 8))


# TALK-DAG: shape [4]
# TALK-LABEL: func.func @talk
@triton.jit
def talk(x, n):
    lanes = tl.arange(0, 4)
    tl.static_print("shape", lanes.shape)
    # TALK: tile.print "n and lanes"(%{{.*}}, %{{.*}}) {is_signed = array<i32: 1, 1>} : i32, tensor<4xi32>
    tl.device_print("n and lanes", n, lanes)
    # TALK: tile.assert %{{.*}}, "lanes" : tensor<4xi1>
    tl.device_assert(lanes < n, "lanes")
    # TALK: tile.assert %{{.*}}, "n" : i1
    assert n > 0, "n"
    # TALK: tile.multiple_of = array<i32: 8>
    tl.store(x + tl.multiple_of(lanes * 8, 8), 0.0)
    tl.debug_barrier()
    tl.assume(n > 0)


# CAST-LABEL: func.func @casts
@triton.jit
def casts(x, y, h, i):
    v = tl.load(x)
    # CAST: tile.fp_convert %{{.*}} rtne saturate : f32 -> f8E4M3FN
    tl.store(y, v.to(tl.float8e4nv))
    # CAST: tile.fp_convert %{{.*}} rtz : f32 -> bf16
    tl.store(h, v.to(tl.bfloat16, fp_downcast_rounding="rtz"))
    # CAST: arith.bitcast %{{.*}} : f32 to i32
    tl.store(i, v.to(tl.int32, bitcast=True))
    # CAST: arith.fptoui %{{.*}} : f32 to i32
    tl.store(i, tl.cast(v, tl.uint32))
    # CAST: arith.cmpf une
    # CAST: arith.extui %{{.*}} : i1 to i32
    tl.store(i, v.to(tl.int1))
    # CAST: arith.extf %{{.*}} : f8E4M3FN to f32
    tl.store(x, tl.load(y).to(x.dtype.element_ty))


# OTHER-LABEL: func.func @others
@triton.jit
def others(x, i, seed):
    lanes = tl.arange(0, 8)
    # OTHER-COUNT-20: arith.mului_extended
    # OTHER-NOT: arith.mului_extended
    tl.store(x + lanes, tl.rand(seed, lanes))
    # OTHER: scf.for
    # OTHER: scf.for
    # OTHER: tile.gather
    tl.store(x + lanes, tl.sort(tl.load(x + lanes), descending=True))
    # OTHER: tile.gather {{.*}} -> tensor<2xf32>
    tl.store(x + tl.arange(0, 2), tl.topk(tl.load(x + lanes), 2))
    # Selection widens narrow values, as Triton's does.
    # OTHER: tile.gather {{.*}} -> tensor<2xi8>
    # OTHER: arith.extsi {{.*}} : tensor<2xi8> to tensor<2xi32>
    tl.store(i + tl.arange(0, 2), tl.topk(lanes.to(tl.int8), 2))
    # OTHER: tile.reduce
    tl.store(i, tl.argmin(lanes, 0))
    # OTHER: math.exp
    tl.store(x + lanes, tl.softmax(tl.load(x + lanes)))
