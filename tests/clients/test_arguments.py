"""What torch's tensors say of themselves at a launch."""

import pytest
import torch
import triton
import triton.language as tl


@triton.jit
def take(x_ptr, index_ptr, y_ptr, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    tl.store(y_ptr + i, tl.load(x_ptr + tl.load(index_ptr + i)))


def test_a_kernel_may_leave_the_view_that_it_gets():
    """Both views are disjoint, but the kernel turns y round in its place."""
    memory = torch.arange(128.0)
    y, x = memory[:64], memory[64:]
    kernel = take[(1,)](x, torch.arange(63, -1, -1) - 64, y, BLOCK=64)
    assert kernel.metadata.tegula["uses"]["aliases"]
    torch.testing.assert_close(y, torch.arange(63.0, -1, -1))
    z = torch.empty(64)
    take[(1,)](y, torch.arange(63, -1, -1), z, BLOCK=64)
    torch.testing.assert_close(z, torch.arange(64.0))


def test_dtypes_that_a_kernel_was_not_compiled_for():
    index = torch.zeros(64, dtype=torch.int64)
    x, y = torch.ones(64), torch.zeros(64)
    kernel = take[(1,)](x, index, y, BLOCK=64)
    kernel[(1, 1, 1)](x, index, y)
    with pytest.raises(TypeError, match="elements of 32 bits are wanted, but a .*Tensor with elements of 64 bits"):
        kernel[(1, 1, 1)](x.double(), index, y)
    with pytest.raises(TypeError, match="elements of 64 bits are wanted"):
        kernel[(1, 1, 1)](x, index.int(), y)


@pytest.mark.parametrize("make", [torch.nn.Parameter, lambda x: x.as_subclass(type("Own", (torch.Tensor,), {}))])
def test_kinds_of_tensors(make):
    y = torch.zeros(64)
    take[(1,)](make(torch.ones(64)), torch.zeros(64, dtype=torch.int64), y, BLOCK=64)
    torch.testing.assert_close(y, torch.ones(64))


def test_tensors_elsewhere():
    index, y = torch.zeros(64, dtype=torch.int64), torch.zeros(64)
    with pytest.raises((RuntimeError, ValueError), match="meta"):
        take[(1,)](torch.ones(64, device="meta"), index, y, BLOCK=64)


def test_complex_numbers_are_refused():
    with pytest.raises(Exception, match="complex64"):
        take[(1,)](torch.ones(64, dtype=torch.complex64), torch.zeros(64, dtype=torch.int64), torch.zeros(64), BLOCK=64)


def test_null_and_empty_tensors():
    y = torch.zeros(0)
    take[(0,)](y, y.long(), y, BLOCK=64)
