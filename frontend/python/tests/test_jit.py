"""tegula.jit, with NumPy alone."""

import ctypes
import math
import platform
import subprocess
import sys

import kernels_without_triton as kernels
import numpy as np
import pytest
from arrays import rand

import tegula
import tegula.language as tl


def test_scale():
    x, y = rand(1000), np.empty(1000, np.float32)
    compiled = kernels.scale[(tegula.cdiv(1000, 256),)](x, y, 1000, BLOCK=256)
    np.testing.assert_array_equal(y, 2 * x)
    assert compiled.name == "scale"
    assert "tile.program_id" in compiled.asm("tile")
    assert "scf.for" in compiled.asm("loops")
    assert "define" in compiled.asm("llir")
    assert compiled.asm("so").startswith(b"\x7fELF")


def test_one_compilation_for_each_specialization():
    function = tegula.jit(kernels.scale.fn)
    y = np.zeros(64, np.float32)
    for n in (1, 16, 32, 17, 33):
        function[(1,)](rand(64), y, n, BLOCK=64)
    # 1 is a constant, 16 and 32 are multiples of 16, 17 and 33 are any number.
    assert len(function._compiled) == 3


def test_grid_of_the_arguments_and_numbers():
    x, y = rand(300), np.zeros(300, np.float32)
    kernels.scale[lambda meta: (tegula.cdiv(meta["n"], meta["BLOCK"]),)](x, y, 300, BLOCK=128)
    np.testing.assert_array_equal(y, 2 * x)
    y[:] = 0
    kernels.scale[3](x, y, 300, BLOCK=128)
    np.testing.assert_array_equal(y, 2 * x)
    kernels.scale[(0,)](x, y, 300, BLOCK=128)
    with pytest.raises(ValueError, match="one to three"):
        kernels.scale[(1, 1, 1, 1)](x, y, 300, BLOCK=128)


@pytest.mark.parametrize("dtype", [tl.int32, tl.float64])
def test_dtypes_are_constants(dtype):
    x = np.array([1.9, -2.9, 3.5], np.float32)
    y = np.zeros(3, np.int32 if dtype is tl.int32 else np.float64)
    kernels.cast[(1,)](x, y, 3, BLOCK=4, DTYPE=dtype)
    np.testing.assert_array_equal(y, x.astype(y.dtype))


def test_scalars_of_every_kind():
    y = np.zeros(1, np.float64)
    kernels.add_scalars[(1,)](y, 2**40, -(2**20), 0.0)
    assert y[0] == 2**40 - 2**20
    kernels.add_scalars[(1,)](y, np.int64(7), True, np.float32(0.25))
    assert y[0] == 8.25


def test_library_functions():
    x = np.linspace(-2, 2, 64, dtype=np.float32)
    expected = [math.erf(v) + math.exp(-v * v) for v in x.astype(float)]
    kernels.gauss[(1,)](x, BLOCK=64)
    np.testing.assert_allclose(x, expected, rtol=1e-6, atol=1e-6)


def test_errors_have_a_place():
    with pytest.raises(tegula.CompileError) as caught:
        kernels.refuse[(1,)](rand(16), BLOCK=16)
    text = str(caught.value)
    assert "kernels_without_triton.py:" in text
    assert "'unknown_name' is not defined" in text
    assert "tl.store(x_ptr + offs, unknown_name)" in text and "^~~" in text


def test_unknown_target():
    function = tegula.jit(kernels.scale.fn, target="cpu:no-such-processor")
    with pytest.raises(tegula.CompileError, match="no-such-processor"):
        function[(1,)](rand(16), rand(16), 16, BLOCK=16)


def test_targets_that_python_can_not_launch(monkeypatch):
    function = tegula.jit(kernels.scale.fn, target="cpu:neoverse-v2" if platform.machine() == "x86_64" else "cpu:znver4")
    with pytest.raises(tegula.TargetUnavailable, match="doesn't run on this"):
        function[(1,)](rand(16), rand(16), 16, BLOCK=16)
    monkeypatch.setenv("TEGULA_TARGET", "interp")
    with pytest.raises(tegula.TargetUnavailable, match="not yet on 'interp'"):
        tegula.jit(kernels.scale.fn)[(1,)](rand(16), rand(16), 16, BLOCK=16)


def test_device_assert():
    x = np.ones(64, np.float32)
    kernels.positive[(4,)](x, 64, BLOCK=16)
    x[40] = -1
    with pytest.raises(tegula.AssertionFailed, match=r"program \(2, 0, 0\).*not positive") as caught:
        kernels.positive[(4,)](x, 64, BLOCK=16)
    assert isinstance(caught.value, AssertionError) and isinstance(caught.value, RuntimeError)


@pytest.mark.parametrize(
    "array, message",
    [
        (np.zeros((8, 8), np.float32)[:, ::2], "C-contiguous"),
        (np.zeros((8, 8), np.float32).T, "C-contiguous"),
        (np.zeros(8, np.float32)[::-1], "C-contiguous"),
        (np.zeros(8, np.complex64), "complex64"),
        (np.zeros(8, ">f4"), "big-endian"),
        (np.broadcast_to(np.float32(1), 8), "read-only|C-contiguous"),
        ("text", "a number or an array is wanted"),
    ],
)
def test_arguments_that_are_refused(array, message):
    with pytest.raises((TypeError, ValueError), match=f"argument 'x_ptr': .*({message})"):
        kernels.scale[(1,)](array, np.zeros(8, np.float32), 8, BLOCK=8)


def test_missing_and_unknown_arguments():
    with pytest.raises(TypeError, match="missing a required argument: 'n'"):
        kernels.scale[(1,)](rand(8), rand(8), BLOCK=8)
    with pytest.raises(TypeError, match="nonsense"):
        kernels.scale[(1,)](rand(8), rand(8), 8, BLOCK=8, nonsense=1)
    kernels.scale[(1,)](rand(8), rand(8), 8, BLOCK=8, num_warps=4, num_stages=2)


class OnGpu:
    """What a GPU's array says of itself."""

    __cuda_array_interface__ = {"shape": (8,), "typestr": "<f4", "data": (1, False), "version": 3}


class DlpackOnly:
    """An array of a library that speaks DLPack alone."""

    def __init__(self, array, device=(1, 0)):
        self.array, self.device = array, device

    def __dlpack__(self, **kwargs):
        return self.array.__dlpack__()

    def __dlpack_device__(self):
        return self.device


def test_arrays_elsewhere():
    y = np.zeros(8, np.float32)
    with pytest.raises(ValueError, match="'x_ptr'.*GPU"):
        kernels.scale[(1,)](OnGpu(), y, 8, BLOCK=8)
    with pytest.raises(ValueError, match=r"'x_ptr'.*device \(2, 0\)"):
        kernels.scale[(1,)](DlpackOnly(y, (2, 0)), y, 8, BLOCK=8)


def test_dlpack_without_a_copy():
    x, y = rand(8), np.zeros((2, 4), np.float32)
    kernels.scale[(1,)](DlpackOnly(x), DlpackOnly(y), 8, BLOCK=8)
    np.testing.assert_array_equal(y.ravel(), 2 * x)
    with pytest.raises(ValueError, match="C-contiguous"):
        kernels.scale[(1,)](DlpackOnly(np.zeros((4, 4), np.float32).T), y, 8, BLOCK=8)


def test_ctypes_arrays_have_no_interface():
    with pytest.raises(TypeError, match="a number or an array"):
        kernels.scale[(1,)]((ctypes.c_float * 8)(), rand(8), 8, BLOCK=8)


def test_no_triton_and_no_numpy_is_imported():
    code = "import sys, tegula; print([m for m in ('triton', 'torch', 'numpy') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
