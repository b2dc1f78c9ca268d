# RUN: tegula-lang-import %s::loops x=*f32 n=i32 step=i32 | FileCheck %s --check-prefix=LOOP
# RUN: tegula-lang-import %s::branches x=*f32 n=i32 | FileCheck %s --check-prefix=IF
# RUN: tegula-lang-import %s::early x=*f32 n=i32 | FileCheck %s --check-prefix=EARLY
# RUN: tegula-lang-import %s::spin lock=*i32 x=*f32 | FileCheck %s --check-prefix=WHILE
# RUN: tegula-lang-import %s::skips x=*f32 n=i32 | FileCheck %s --check-prefix=CONTINUE
import triton
import triton.language as tl


# LOOP-LABEL: func.func @loops
@triton.jit
def loops(x, n, step):
    acc = tl.zeros((16, ), dtype=tl.float32)
    # LOOP: %[[ACC:.*]] = scf.for %[[I:.*]] = %{{.*}} to %arg1 step %{{.*}} iter_args(%[[A:.*]] = %{{.*}}) -> (tensor<16xf32>) : i32
    for i in range(0, n, 16):
        # LOOP: arith.addf %[[A]]
        acc += tl.load(x + i + tl.arange(0, 16))
    # LOOP: tile.store %{{.*}}, %[[ACC]]
    tl.store(x + tl.arange(0, 16), acc)
    # A falling loop is mirrored.
    # LOOP: scf.for %[[J:.*]] = %[[LOW:.*]] to %arg1 step
    # LOOP-NEXT: arith.subi %arg1, %[[J]]
    # LOOP-NEXT: arith.addi %{{.*}}, %[[LOW]]
    for j in range(n, 0, -1):
        tl.store(x + j, 0.0)
    # LOOP: scf.for {{.*}} step %arg2
    # LOOP: {tile.num_stages = 3 : i32}
    for j in tl.range(0, n, step, num_stages=3):
        tl.store(x + j, 1.0)
    # Unrolled.
    # LOOP-NOT: scf.for
    # LOOP: arith.constant 0 : i32
    # LOOP: arith.constant 1 : i32
    for j in tl.static_range(2):
        tl.store(x + j, 2.0)


# IF-LABEL: func.func @branches
@triton.jit
def branches(x, n):
    value = 1.0
    # IF: %[[V:.*]]:2 = scf.if %{{.*}} -> (i32, f32)
    if n > 4:
        value = tl.load(x)
        count = 1
    # IF: else
    elif n > 2:
        value = 3.0
        count = 2
    else:
        count = 3
    # IF: tile.store %{{.*}}, %[[V]]#1
    tl.store(x, value)
    # IF: arith.sitofp %[[V]]#0
    tl.store(x, count)
    # No else, no result: no else region.
    # IF: scf.if %{{.*}} {
    # IF-NEXT: arith.constant
    # IF-NEXT: tile.store
    # IF-NEXT: }
    if n == 7:
        tl.store(x, 0.0)
    # IF: scf.if %{{.*}} -> (i32)
    tl.store(x, 5 if n > 1 else 6)
    # IF-NEXT: arith.constant 5 : i32
    # Known conditions leave no trace.
    # IF-NOT: scf.if
    if x is None:
        tl.store(x, 8.0)


# EARLY-LABEL: func.func @early
@triton.jit
def early(x, n):
    pid = tl.program_id(0)
    # EARLY: scf.if
    # EARLY-NEXT: } else {
    if pid >= n:
        return
    # EARLY: scf.if
    # EARLY: tile.store
    # EARLY: else
    if pid == 0:
        tl.store(x, pick(n))
        return
    # EARLY: tile.store
    tl.store(x + pid, 1.0)
    # EARLY: return
    # EARLY-NOT: tile.store


@triton.jit
def pick(n):
    if n > 3:
        return 1.0
    if n > 2:
        return 2.0
    return 3.0


# WHILE-LABEL: func.func @spin
@triton.jit
def spin(lock, x):
    # WHILE: scf.while
    # WHILE: tile.atomic_cas acq_rel gpu
    # WHILE: scf.condition
    while tl.atomic_cas(lock, 0, 1) == 1:
        pass
    count = 0
    # WHILE: scf.while (%[[C:.*]] = %{{.*}}) : (i32) -> i32
    # WHILE: arith.cmpi slt, %[[C]]
    while count < 10:
        count += 1
    tl.store(x, count)
    # WHILE: tile.atomic_rmw xchg acq_rel gpu
    tl.atomic_xchg(lock, 0)


# CONTINUE-LABEL: func.func @skips
@triton.jit
def skips(x, n):
    total = 0.0
    # CONTINUE: scf.for {{.*}} iter_args(%[[T:.*]] =
    for i in range(n):
        # CONTINUE: scf.if %{{.*}} -> (f32)
        # CONTINUE-NEXT: scf.yield %[[T]] : f32
        if i == 2:
            continue
        # CONTINUE: arith.addf %[[T]]
        total += tl.load(x + i)
    tl.store(x, total)
