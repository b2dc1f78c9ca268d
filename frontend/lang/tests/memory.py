# RUN: tegula-lang-import %s::plain x=*f32:16 flags=*i1 n=i32 | FileCheck %s --check-prefix=PLAIN
# RUN: tegula-lang-import %s::blocks x=*f16 y=*f16 M=i32 N=i32 | FileCheck %s --check-prefix=BLOCK
# RUN: tegula-lang-import %s::descriptors x=*f16 M=i32 N=i32 host=desc:f16:8x16 | FileCheck %s --check-prefix=DESC
# RUN: tegula-lang-import %s::atomics x=*f32 i=*i32 u=*u32 n=i32 | FileCheck %s --check-prefix=ATOMIC
# RUN: tegula-lang-import %s::addresses table=*i64 x=*f32 | FileCheck %s --check-prefix=ADDR
import triton
import triton.language as tl


# PLAIN-LABEL: func.func @plain(
# PLAIN-SAME: %arg0: !tile.ptr<f32> {tile.divisibility = 16 : i32, tile.name = "x"}
# PLAIN-SAME: %arg2: i32 {tile.name = "n"}
@triton.jit
def plain(x, flags, n):
    i = tl.arange(0, 8)
    # PLAIN: tile.load %{{.*}} mask %{{.*}} other %{{.*}} {cache = #tile<cache cg>, evict = #tile<evict last>}
    a = tl.load(x + i, mask=i < n, other=1.0, cache_modifier=".cg", eviction_policy="evict_last")
    # A scalar mask and a scalar value spread to the pointers' shape.
    # PLAIN: tile.splat %{{.*}} : i1 -> tensor<8xi1>
    # PLAIN: tile.store %{{.*}}, %{{.*}} mask
    tl.store(x + i, 2, mask=n > 3)
    # A bool in memory is a byte that is 0 or not.
    # PLAIN: tile.ptr_cast %{{.*}} -> tensor<8x!tile.ptr<i8>>
    # PLAIN: arith.cmpi ne
    b = tl.load(flags + i)
    # PLAIN: arith.select
    tl.store(x + i, tl.where(b, a, 0), mask=i < n, cache_modifier=".wt")
    # PLAIN: tile.load %{{.*}} {is_volatile}
    tl.store(x, tl.load(x, volatile=True))


# BLOCK-LABEL: func.func @blocks
@triton.jit
def blocks(x, y, M, N):
    p = tl.make_block_ptr(base=x, shape=(M, N), strides=(N, 1), offsets=(tl.program_id(0) * 8, 0),
                          block_shape=(8, 16), order=(1, 0))
    q = tl.make_block_ptr(y, (M, N), (N, 1), (0, 0), (8, 16), (1, 0))
    # BLOCK: scf.for
    for k in range(0, N, 16):
        # BLOCK: arith.cmpi sge
        # BLOCK: arith.cmpi slt
        # BLOCK: tile.load %{{.*}} mask %{{.*}} other %{{.*}} : tensor<8x16x!tile.ptr<f16>>
        v = tl.load(p, boundary_check=(0, 1), padding_option="zero")
        # BLOCK: tile.store %{{.*}}, %{{.*}} : tensor<8x16x!tile.ptr<f16>>
        tl.store(q, v)
        p = tl.advance(p, (0, 16))
        q = q.advance([0, 16])


# DESC-LABEL: func.func @descriptors
@triton.jit
def descriptors(x, M, N, host):
    # DESC: tile.make_desc %arg0 shape(%arg1, %arg2) stride(%{{.*}}, %{{.*}}) : <f16> -> <8x16xf16>
    d = tl.make_tensor_descriptor(x, shape=[M, N], strides=[N, 1], block_shape=[8, 16])
    # DESC: tile.desc_load %{{.*}}[%{{.*}}, %{{.*}}] : <8x16xf16> -> tensor<8x16xf16>
    v = d.load([0, 16])
    # DESC: tile.desc_store %arg3[
    host.store([0, 0], v.to(tl.float32) + 1)
    # DESC: tile.desc_reduce fadd
    host.atomic_add([0, 0], v)
    # DESC: tile.make_desc %{{.*}} padding nan
    r = tl.make_tensor_descriptor(x, [M, N], [N, 1], [1, 16], padding_option="nan")
    # DESC: tile.desc_gather
    g = r.gather(tl.arange(0, 8), 16)
    # DESC: tile.desc_scatter
    r.scatter(g, tl.arange(0, 8), 0)


# ATOMIC-LABEL: func.func @atomics
@triton.jit
def atomics(x, i, u, n):
    lanes = tl.arange(0, 4)
    # ATOMIC: tile.atomic_rmw fadd relaxed gpu %{{.*}} mask
    tl.atomic_add(x + lanes, 1, mask=lanes < n, sem="relaxed")
    # ATOMIC: tile.atomic_rmw add acq_rel sys
    tl.atomic_add(i, 1, scope="sys")
    # ATOMIC: tile.atomic_rmw max
    tl.atomic_max(i, 5)
    # ATOMIC: tile.atomic_rmw umin
    tl.atomic_min(u, 5)
    # ATOMIC: tile.atomic_rmw fmax
    tl.atomic_max(x, 5.0)
    # ATOMIC: tile.atomic_rmw or
    (i + lanes).atomic_or(1)
    # ATOMIC: tile.atomic_cas release cta %{{.*}} : tensor<4x!tile.ptr<i32>>, tensor<4xi32>
    tl.atomic_cas(i + lanes, 0, 1, sem="release", scope="cta")


# ADDR-LABEL: func.func @addresses
@triton.jit
def addresses(table, x):
    # ADDR: tile.int_to_ptr %{{.*}} : i64 -> !tile.ptr<f16>
    p = tl.load(table).to(tl.pointer_type(tl.float16))
    tl.store(x, tl.load(p))
    # ADDR: tile.ptr_to_int %{{.*}} : !tile.ptr<f32> -> i64
    tl.store(table, x.to(tl.int64))
    # ADDR: tile.ptr_cast %{{.*}} : !tile.ptr<f32> -> !tile.ptr<i32>
    tl.store(x.to(tl.pointer_type(tl.int32), bitcast=True), 1)
    # ADDR: arith.extui %{{.*}} : i32 to i64
    # ADDR: tile.ptr_add
    tl.store(x + tl.program_id(0).to(tl.uint32), 0.0)
