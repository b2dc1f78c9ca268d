# What is wrong is told with the line, a caret, the types and a hint; several
# mistakes are told in one run, and none is told twice.
# RUN: not tegula-lang-import %s::types x=*f32 i=*i32 u=*u32 n=i32 2>&1 | FileCheck %s --check-prefix=TYPES
# RUN: not tegula-lang-import %s::shapes x=*f32 n=i32 2>&1 | FileCheck %s --check-prefix=SHAPES
# RUN: not tegula-lang-import %s::flow x=*f32 n=i32 2>&1 | FileCheck %s --check-prefix=FLOW
# RUN: not tegula-lang-import %s::calls x=*f32 n=i32 2>&1 | FileCheck %s --check-prefix=CALLS
# RUN: not tegula-lang-import %s::python x=*f32 n=i32 2>&1 | FileCheck %s --check-prefix=PYTHON
# RUN: not tegula-lang-import %s 2>&1 | FileCheck %s --check-prefix=WHICH
# RUN: not tegula-lang-import %s::nothing 2>&1 | FileCheck %s --check-prefix=NONE
# RUN: not tegula-lang-import %s::types i=*i32 u=*u32 n=i32 2>&1 | FileCheck %s --check-prefix=MISSING
# RUN: not tegula-lang-import %s::types x=*f32 i=*i32 u=*u32 n=i32 z=1 2>&1 | FileCheck %s --check-prefix=EXTRA
import torch
import triton
import triton.language as tl

FACTOR = torch.tensor(3).item()

# WHICH: errors.py: error: the file has several kernels: types, shapes, flow, inner, forever, calls and python
# WHICH-NEXT: hint: choose one with FILE.py::KERNEL
# NONE: error: the file has no kernel 'nothing'
# MISSING: :[[#@LINE+6]]:11: error: the kernel's parameter 'x' has no value
# MISSING: hint: give x=TYPE_OR_VALUE, for instance x=*f32 or x=i32
# EXTRA: error: the kernel 'types' has no parameter 'z'


@triton.jit
def types(x, i, u, n):
    # TYPES: :[[#@LINE+3]]:9: error: these types cannot be combined: pointer<float32> and 0.5
    # TYPES-NEXT: {{^}}        a = x + 0.5
    # TYPES-NEXT: {{^}}            ^~~~~~~
    a = x + 0.5
    # TYPES: :[[#@LINE+2]]:9: error: division and remainder of int32 and uint32, which differ in sign: int32 and uint32
    # TYPES: hint: convert one operand so that both are signed or both unsigned
    b = tl.load(i) // tl.load(u)
    # TYPES: error: operator '//' does not take floats: float32 and float32
    # TYPES: hint: divide with '/' and round with tl.floor
    c = tl.load(x) // 2
    # TYPES: error: operator '&' takes integers, not float32 and 1
    d = tl.load(x) & 1
    # TYPES: error: tl.exp takes float32 or float64, not int32
    # TYPES: hint: convert it first: .to(tl.float32)
    e = tl.exp(n)
    # TYPES: error: the number 300 is out of range for int8
    f = n.to(tl.int8) + 300
    # TYPES: error: cannot reinterpret float32 (32 bits) as int64 (64 bits)
    g = tl.load(x).to(tl.int64, bitcast=True)
    # TYPES: error: tl.load takes a pointer, not int32
    h = tl.load(n)
    # TYPES: error: a tensor has no 'foo' (this is int32)
    j = n.foo
    # The names above are poisoned: no more errors follow from them.
    # TYPES-NOT: error:
    tl.store(x, a + b + c + d + e + f + g + h + j)


@triton.jit
def shapes(x, n):
    i = tl.arange(0, 8)
    # SHAPES: error: shapes do not fit together: int32[8] and int32[16] (8 against 16 in dimension 0)
    # SHAPES: hint: each dimension must be the same or 1
    a = i + tl.arange(0, 16)
    # SHAPES: error: the range of tl.arange must be a power of two, not 12
    b = tl.arange(0, 12)
    # SHAPES: error: the end of tl.arange must be a constant integer, not int32
    # SHAPES: hint: make it a tl.constexpr
    c = tl.arange(0, n)
    # SHAPES: error: reshape cannot change the number of elements: int32[8] has 8, shape [4, 4] has 16
    d = tl.reshape(i, (4, 4))
    # SHAPES: error: a tensor can be indexed with ':' and None only, not with 0
    e = i[0]
    # SHAPES: error: cannot store int32[8] through a scalar pointer
    # SHAPES: hint: add tl.arange(...) to the pointer
    tl.store(x, i)
    f = tl.zeros((16, 32), tl.float16)
    # SHAPES: error: these shapes cannot be multiplied: float16[16, 32] and float16[16, 32]
    g = tl.dot(f, f)
    # SHAPES: error: axis 3 does not exist in float16[16, 32]
    h = tl.sum(f, axis=3)


@triton.jit
def flow(x, n):
    acc = 0.0
    # FLOW: error: the loop changes the type of 'acc' from float32 to float32[8]
    # FLOW: hint: start it as tl.zeros(...) of the full shape
    for k in range(n):
        acc += tl.load(x + tl.arange(0, 8))
        late = k
    # FLOW: error: 'late' is not defined
    # FLOW: hint: it gets its value inside a loop or branch only; give it one before
    tl.store(x, late)
    # FLOW: error: 'v' has different types after this 'if': int32 in one branch, float32 in the other
    if n > 1:
        v = 1
    else:
        v = 1.0
    # FLOW: error: the condition of an 'if' must be a scalar, not int1[4]
    # FLOW: hint: use tl.where or a mask to choose element by element
    if tl.arange(0, 4) > 1:
        pass
    for k in range(n):
        if k > 2:
            # FLOW: error: a 'return' cannot stand inside a loop that runs at run time
            return
    for k in range(n):
        # FLOW: error: 'break' cannot end a loop that runs at run time, here as in Triton
        # FLOW: hint: put the condition into the loop's own: while i < n and running: ...
        break


@triton.jit
def inner(v):
    return v.to(tl.int32) + forever(v)


@triton.jit
def forever(v):
    # CALLS: :[[#@LINE+4]]:12: error: 'forever' calls itself
    # CALLS: hint: kernels cannot recurse; use a loop
    # CALLS: note: called from here
    # CALLS: note: called from here
    return forever(v)


@triton.jit
def calls(x, n):
    tl.store(x, inner(n))
    # CALLS: error: 'load' has no parameter 'masked'
    # CALLS: hint: did you mean 'mask'?
    tl.load(x, masked=True)
    # CALLS: error: 'store' needs the argument 'value'
    tl.store(x)
    # CALLS: error: 'forever' needs the argument 'v'
    forever()
    # CALLS: error: there is no 'tl.cidv'
    tl.cidv(n, 4)
    # CALLS: error: tl.inline_asm_elementwise is not supported: its text runs on one machine only
    tl.inline_asm_elementwise("mov $0, $1;", "=r,r", [n], tl.int32, True, 1)
    # CALLS: error: 'FACTOR' is not known at compile time: torch.tensor is host code
    tl.store(x, FACTOR)
    # CALLS: error: 'undefined' is not defined
    tl.store(x, undefined)
    # CALLS: error: static assertion failed: n must be even
    tl.static_assert(3 % 2 == 0, "n must be even")
    # CALLS: error: tl.abs does not take pointer<float32>
    tl.abs(x)


@triton.jit
def python(x, n):
    # PYTHON: error: kernels cannot use 'try'
    try:
        pass
    except ValueError:
        pass
    # PYTHON: error: kernels cannot use 'with'
    with n:
        pass
    # PYTHON: error: a function cannot be defined inside a kernel
    def nested():
        pass
    # PYTHON: error: elements of a tensor cannot be assigned
    x[0] = 1
    # PYTHON: error: cannot unpack 2 values into 3 names
    a, b, c = 1, 2
    # PYTHON: error: an f-string can show only what is known at compile time; this is int32
    tl.static_print(f"{n}")
    # PYTHON: error: int() takes constants, not int32
    int(n)
    # PYTHON: error: a kernel returns nothing, but this one returns int32
    return n
