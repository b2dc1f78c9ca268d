# RUN: tegula-lang-import --locations %s::kernel x=*f32 | FileCheck %s
import triton
import triton.language as tl


@triton.jit
def square(v):
    return v * v


@triton.jit
def kernel(x):
    # Each op has the place of its expression; inlined code also where it was
    # called; library functions only that.
    # CHECK: tile.load {{.*}} loc(#[[LOAD:.*]])
    v = tl.load(x)
    # CHECK: arith.mulf {{.*}} loc(#[[MUL:.*]])
    v = square(v)
    # CHECK: math.exp {{.*}} loc(#[[EXP:.*]])
    tl.store(x, tl.sigmoid(v))


# CHECK-DAG: #[[LOAD]] = loc("{{.*}}locations.py":16:9)
# CHECK-DAG: #[[MUL]] = loc(callsite(#[[AT:.*]] at #[[CALL:.*]]))
# CHECK-DAG: #[[AT]] = loc("{{.*}}locations.py":8:12)
# CHECK-DAG: #[[CALL]] = loc("{{.*}}locations.py":18:9)
# CHECK-DAG: #[[EXP]] = loc("{{.*}}locations.py":20:17)
