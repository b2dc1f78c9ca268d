# Kernels that would never end, or make too much, are refused at once.
# RUN: not tegula-lang-import %s::unrolled x=*f32 n=i32 2>&1 | FileCheck %s --check-prefix=UNROLL
# RUN: not tegula-lang-import %s::huge x=*f32 n=i32 2>&1 | FileCheck %s --check-prefix=HUGE
# RUN: not tegula-lang-import %s::endless x=*f32 n=i32 2>&1 | FileCheck %s --check-prefix=ENDLESS
# RUN: not tegula-lang-import %s::deep x=*f32 n=i32 2>&1 | FileCheck %s --check-prefix=DEEP
# RUN: %python -c "print('import triton\n@triton.jit\ndef k(n):\n    y = ' + '(' * 100000 + '1' + ')' * 100000)" > %t.py
# RUN: not tegula-lang-import %t.py n=i32 2>&1 | FileCheck %s --check-prefix=NESTED
# RUN: %python -c "print('import triton\n@triton.jit\ndef k(n):\n    y = ' + '+'.join(['n'] * 100000))" > %t.py
# RUN: not tegula-lang-import %t.py n=i32 2>&1 | FileCheck %s --check-prefix=CHAIN
# RUN: %python -c "print('import triton\n@triton.jit\ndef k(n):\n    y = ' + 'x' * 100000)" > %t.py
# RUN: not tegula-lang-import %t.py n=i32 2>&1 | FileCheck %s --check-prefix=LONG
# LONG: :4:9: error: '{{x+}} ... {{x+}}' is not defined
# NESTED: :4:{{[0-9]+}}: error: this expression is nested too deeply
# CHAIN: :4:{{[0-9]+}}: error: this expression has too many operators
import triton
import triton.language as tl


@triton.jit
def unrolled(x, n):
    # UNROLL: error: this range has 1000000000 elements, too many to go through at compile time
    for i in tl.static_range(10**9):
        tl.store(x + i, 0.0)
    for i in tl.static_range(1000):
        for j in tl.static_range(1000):
            # UNROLL: error: this takes too long to evaluate at compile time
            tl.store(x + i, 0.0)


@triton.jit
def huge(x, n):
    i = tl.arange(0, 65536)
    # HUGE: error: a tensor has at most 1048576 elements; this one would have shape [65536, 65536]
    # HUGE: hint: go through it in a loop over smaller blocks
    a = i[:, None] + i[None, :]
    # HUGE: error: a tensor's dimensions must be positive, not -4
    tl.zeros((-4, ), tl.float32)
    # HUGE: error: the integer result is too big
    tl.store(x, 10**10**10)
    # HUGE: error: the repeated sequence is too long
    b: tl.constexpr = [0] * 10**9
    # HUGE: error: a tensor's dimensions must be powers of two, not 3
    tl.make_block_ptr(x, (n, ), (1, ), (0, ), (3, ), (0, ))


@triton.constexpr_function
def forever():
    while True:
        pass


@triton.jit
def endless(x, n):
    # ENDLESS: error: the condition of this loop is always true
    while True:
        tl.store(x, 0.0)
    # ENDLESS: error: this takes too long to evaluate at compile time
    tl.store(x, forever())


ITSELF = tl.constexpr((lambda f: f(f))(lambda f: f(f)))
MUTUAL = OTHER
OTHER = MUTUAL


@triton.jit
def deep(x, n):
    # DEEP: error: 'ITSELF' is not known at compile time: calls are nested too deeply
    tl.store(x, ITSELF)
    # DEEP: error: 'MUTUAL' is not known at compile time
    tl.store(x, MUTUAL)
