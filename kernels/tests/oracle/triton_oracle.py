"""Runs the corpus' kernels in stock Triton's interpreter (no GPU, no torch) and
compares them with the references:

  pip install triton==3.9.0 numpy
  python triton_oracle.py BUILD/bin/tegula-corpus-reference [KERNEL..]

A developer's tool: it tells whether a kernel means what its author thinks. With
--compile it asks stock Triton to compile every kernel for an NVIDIA target
instead, which checks its types.
"""

import importlib.util
import math
import os
import sys

COMPILE = "--compile" in sys.argv
if not COMPILE:
    os.environ["TRITON_INTERPRET"] = "1"

import corpus
import numpy as np
import triton
import triton.language as tl

TRITON_TYPES = {
    "i1": tl.int1,
    "i8": tl.int8,
    "i16": tl.int16,
    "i32": tl.int32,
    "i64": tl.int64,
    "u8": tl.uint8,
    "u16": tl.uint16,
    "u32": tl.uint32,
    "u64": tl.uint64,
    "f16": tl.float16,
    "bf16": tl.bfloat16,
    "f32": tl.float32,
    "f64": tl.float64,
}
MANGLED = {"i1": "i1", "f16": "fp16", "bf16": "bf16", "f32": "fp32", "f64": "fp64"}


class Tensor:
    """The few things of a torch tensor that the interpreter asks for."""

    def __init__(self, array):
        self.array = array
        self.dtype = MANGLED.get(array.dtype, array.dtype)

    def data_ptr(self):
        return self.array.data.ctypes.data

    def untyped_storage(self):
        return self

    def cpu(self):
        return self

    def new_empty(self, size, device):
        return Tensor(self.array)

    def set_(self, storage, offset, size, stride):
        pass

    def storage_offset(self):
        return 0

    def size(self):
        return self.array.data.shape

    def stride(self):
        return ()

    def copy_(self, other):
        pass


class Sizes:
    """An array in a grid expression."""

    def __init__(self, data):
        self.size, self.shape = data.size, data.shape
        self.nbytes, self.itemsize = data.nbytes, data.itemsize


def evaluate(expression, arguments):
    names = {"cdiv": lambda a, b: -(-a // b), "min": min, "max": max}
    for name, value in arguments.items():
        names[name] = Sizes(value.data) if isinstance(value, corpus.Array) else value
    result = eval(expression, {"__builtins__": {}}, names)
    return result if isinstance(result, tuple) else (result,)


def load(name):
    path = corpus.KERNELS / name / (name + ".py")
    spec = importlib.util.spec_from_file_location("corpus_" + name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def patch_libdevice():
    """The interpreter has no libdevice: the functions the corpus uses."""
    from triton.language.extra import libdevice
    from triton.runtime.interpreter import TensorHandle

    def tanh(x):
        return tl.tensor(TensorHandle(np.tanh(x.handle.data), x.handle.dtype), x.type)

    libdevice.tanh = tanh


def interpret(kernel, grid, arguments):
    values = {
        name: Tensor(value) if isinstance(value, corpus.Array) else value
        for name, value in arguments.items()
    }
    values = {
        name: TRITON_TYPES.get(value, value) if isinstance(value, str) else value
        for name, value in values.items()
    }
    kernel[grid](**values)


def compile_only(kernel, arguments):
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    signature, constants = {}, {}
    for parameter in kernel.params:
        value = arguments[parameter.name]
        if parameter.is_constexpr:
            signature[parameter.name] = "constexpr"
            constants[parameter.name] = (
                TRITON_TYPES.get(value, value) if isinstance(value, str) else value
            )
        elif isinstance(value, corpus.Array):
            signature[parameter.name] = "*" + MANGLED.get(value.dtype, value.dtype)
        elif isinstance(value, float):
            signature[parameter.name] = "fp32"
        else:
            signature[parameter.name] = "i32" if abs(value) < 2**31 else "i64"
    source = ASTSource(kernel, signature, constants)
    triton.compile(source, target=GPUTarget("cuda", 90, 32))


def main():
    tool, *only = [word for word in sys.argv[1:] if word != "--compile"]
    patch_libdevice()
    failures = 0
    for name, spec, case, dtype, arguments in corpus.smoke_cases(only):
        kernel = getattr(load(name), spec["kernel"])
        title = f"{name}/{case['name']}/{dtype}"
        if dtype == "bf16" and not COMPILE:
            continue  # the interpreter truncates and has no bf16 arithmetic
        try:
            if COMPILE:
                compile_only(kernel, arguments)
                print(f"ok {title}")
                continue
            expected = corpus.reference(tool, name, case["outputs"], arguments)
            interpret(kernel, evaluate(case["grid"], arguments), arguments)
        except Exception as problem:
            failures += 1
            print(f"FAILED {title}: {type(problem).__name__}: {str(problem)[-600:]}")
            continue
        worst = max(
            (corpus.error(arguments[o].values(), expected[o]) for o in case["outputs"]),
            default=0,
        )
        good = worst <= case["tolerance"][dtype]
        failures += not good
        print(
            f"{'ok' if good else 'FAILED'} {title}: error {worst:.2e}, "
            f"tolerance {case['tolerance'][dtype]:g}"
        )
    sys.exit(failures != 0)


main()
