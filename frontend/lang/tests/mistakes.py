# Typical mistakes of a newcomer, and what they are told.
# RUN: not tegula-lang-import %s::names x=*f32 n=i32 BLOCK=16 2>&1 | FileCheck %s --check-prefix=NAMES
# RUN: not tegula-lang-import %s::habits x=*f32 n=i32 BLOCK=16 2>&1 | FileCheck %s --check-prefix=HABITS
# RUN: not tegula-lang-import %s::leaving x=*f32 n=i32 2>&1 | FileCheck %s --check-prefix=LEAVING
import triton
import triton.language as tl


@triton.jit
def helper(left, right):
    return left + right


@triton.jit
def names(x, n, BLOCK: tl.constexpr):
    offsets = tl.arange(0, BLOCK)
    # NAMES: error: 'lt' is not defined
    # NAMES: hint: did you mean 'tl'?
    lt.load(x)
    # NAMES: error: there is no 'tl.laod'
    # NAMES: hint: did you mean 'load'?
    tl.laod(x)
    # NAMES: error: there is no 'tl.math.epx'
    # NAMES: hint: did you mean 'exp'?
    tl.math.epx(1.0)
    # NAMES: error: there is no 'tl.tanh'
    # NAMES: hint: it is libdevice.tanh: from triton.language.extra import libdevice
    tl.tanh(1.0)
    # NAMES: error: 'ofsets' is not defined
    # NAMES: hint: did you mean 'offsets'?
    x + ofsets
    # NAMES: error: 'block' is not defined
    # NAMES: hint: did you mean 'BLOCK'?
    x + block
    # NAMES: error: 'float32' is not defined
    # NAMES: hint: did you mean 'tl.float32'?
    n.to(float32)
    # NAMES: error: 'helper' has no parameter 'rigth'
    # NAMES: hint: did you mean 'right'?
    helper(1, rigth=2)
    # NAMES: error: 'load' is given 'mask' twice
    tl.load(x, n > 1, mask=n > 2)
    # NAMES: error: a tensor has no 'shpae' (this is int32[16])
    # NAMES: hint: did you mean 'shape'?
    offsets.shpae
    # Nothing is near to this one.
    # NAMES: error: 'np' is not defined
    # NAMES-NEXT: {{^}}        np.exp(n)
    # NAMES-NEXT: {{^}}        ^~
    # NAMES-NOT: hint
    np.exp(n)


@triton.jit
def habits(x, n, BLOCK: tl.constexpr):
    v = tl.load(x + tl.arange(0, BLOCK))
    # HABITS: error: a tensor has no 'astype' (this is float32[16])
    # HABITS: hint: convert with .to(tl.float32) and the like
    v.astype(tl.float16)
    # HABITS: error: operator '**' does not take floats: float32[16] and
    # HABITS: hint: multiply, or take libdevice.pow
    v ** 2
    # HABITS: error: operator '@' does not take floats: float32[16] and float32[16]
    # HABITS: hint: matrices are multiplied by tl.dot
    v @ v
    # HABITS: error: cannot convert pointer<float32> to float32
    # HABITS: hint: this is an address; tl.load gives what stands there
    tl.store(x, x)
    # HABITS: error: there is no 'tl.float8e4b15'
    # HABITS: hint: this float8 is not supported; use tl.float8e4nv or tl.float8e5
    v.to(tl.float8e4b15)


@triton.jit
def leaving(x, n):
    for i in range(n):
        if tl.load(x + i) > 3:
            # LEAVING: :[[#@LINE+3]]:13: error: 'break' cannot end a loop that runs at run time, here as in Triton
            # LEAVING-NEXT: {{^}}                break
            # LEAVING-NEXT: {{^}}                ^~~~~
            break
    for i in range(n):
        if i == 4:
            # LEAVING: :[[#@LINE+1]]:13: error: a 'return' cannot stand inside a loop that runs at run time
            return
