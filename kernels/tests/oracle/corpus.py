"""What the corpus' scripts share: specs, inputs, the C++ references."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

KERNELS = Path(__file__).resolve().parents[2]
GENERATORS = ("zeros", "rand", "randn", "randint", "empty")
NUMPY_TYPES = {
    "i1": np.uint8,
    "i8": np.int8,
    "i16": np.int16,
    "i32": np.int32,
    "i64": np.int64,
    "u8": np.uint8,
    "u16": np.uint16,
    "u32": np.uint32,
    "u64": np.uint64,
    "f16": np.float16,
    "f32": np.float32,
    "f64": np.float64,
    "bf16": np.uint16,
}


class Array:
    """Stored bits (bf16 as uint16) with the dtype's name."""

    def __init__(self, dtype, data):
        self.dtype = dtype
        self.data = np.ascontiguousarray(data)

    def values(self):
        """As float64."""
        if self.dtype == "bf16":
            wide = self.data.astype(np.uint32) << 16
            return wide.view(np.float32).astype(np.float64)
        return self.data.astype(np.float64)


def to_bf16(values):
    bits = np.asarray(values, np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    rounded = np.where(np.isnan(values), 0x7FC0, rounded)
    return rounded.astype(np.uint16)


def make_array(value):
    kind, dtype, shape, *rest = value.split(":")
    shape = tuple(int(extent) for extent in shape.split("x"))
    numpy_type = NUMPY_TYPES[dtype]
    if kind == "zeros":
        return Array(dtype, np.zeros(shape, numpy_type))
    if kind == "empty":
        bits = np.full(shape + (np.dtype(numpy_type).itemsize,), 0xFF, np.uint8)
        return Array(dtype, bits.view(numpy_type).reshape(shape))
    if kind == "randint":
        low, high, *rest = rest
        rng = np.random.default_rng(int(rest[0]) if rest else 0)
        return Array(dtype, rng.integers(int(low), int(high), shape).astype(numpy_type))
    rng = np.random.default_rng(int(rest[0]) if rest else 0)
    values = rng.random(shape) if kind == "rand" else rng.standard_normal(shape)
    return Array(
        dtype, to_bf16(values) if dtype == "bf16" else values.astype(numpy_type)
    )


def make_value(value):
    """An Array, a number, True/False/None or a text."""
    if value.split(":")[0] in GENERATORS:
        return make_array(value)
    named = {"True": True, "False": False, "true": True, "false": False, "None": None}
    if value in named:
        return named[value]
    dtype, _, number = value.rpartition(":")
    for kind in (int, float):
        try:
            return kind(number)
        except ValueError:
            pass
    return value.strip("'\"")


def smoke_cases(only=()):
    """(kernel, spec, case, dtype, arguments) of every tiny case."""
    for folder in sorted(path.parent for path in KERNELS.glob("*/spec.json")):
        if only and folder.name not in only:
            continue
        spec = json.loads((folder / "spec.json").read_text())
        for case in spec["cases"]:
            if not case.get("smoke"):
                continue
            for dtype in case["dtypes"]:
                arguments = {
                    name: make_value(value.replace("{dtype}", dtype))
                    for name, value in case["args"].items()
                }
                yield folder.name, spec, case, dtype, arguments


def reference(tool, kernel, outputs, arguments):
    """The C++ reference's outputs, as float64 arrays by name."""
    with tempfile.TemporaryDirectory() as folder:
        words = []
        for name, value in arguments.items():
            if isinstance(value, Array):
                path = os.path.join(folder, name + ".raw")
                value.data.tofile(path)
                shape = "x".join(str(extent) for extent in value.data.shape)
                words.append(f"{name}=@{value.dtype}:{shape}:{path}")
            else:
                words.append(f"{name}={value}")
        subprocess.run([tool, kernel, folder, ",".join(outputs), *words], check=True)
        return {
            name: np.fromfile(os.path.join(folder, name + ".f64")).reshape(
                arguments[name].data.shape
            )
            for name in outputs
        }


def error(actual, expected):
    """The largest error as the corpus counts it; NaN equals NaN."""
    same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    with np.errstate(invalid="ignore"):
        errors = np.abs(actual - expected) / np.maximum(1, np.abs(expected))
    errors = np.where(same, 0, np.where(np.isnan(errors), np.inf, errors))
    return float(errors.max(initial=0))
