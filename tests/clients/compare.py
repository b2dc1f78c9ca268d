"""Compiled against eager, forward and backward."""

import copy

import torch

#: What a result may differ by, relative to the largest number of its tensor. Eager
#: rounds f16 and bf16 after each operation, a fused kernel once at its end.
TOLERANCE = {torch.float64: 1e-6, torch.float32: 2e-5, torch.float16: 4e-3, torch.bfloat16: 3e-2}


def leaves(value):
    """The tensors in a structure of tuples, lists and dicts."""
    return [leaf for leaf in torch.utils._pytree.tree_leaves(value) if isinstance(leaf, torch.Tensor)]


def assert_close(actual, expected, tolerance=None, exact=None):
    """Both have the same tensors, within what their dtype allows. With `exact`, the
    same in f64, `actual` may be three times as far from it as `expected` is beside that."""
    actual, expected = leaves(actual), leaves(expected)
    exact = leaves(exact) if exact is not None else expected
    assert len(actual) == len(expected) == len(exact) > 0
    for a, e, x in zip(actual, expected, exact):
        assert a.shape == e.shape and a.dtype == e.dtype
        if not e.is_floating_point():
            torch.testing.assert_close(a, e, rtol=0, atol=0)
            continue
        allowed = tolerance or TOLERANCE[e.dtype]
        finite = e[e.isfinite()].double()
        size = float(finite.abs().max()) if finite.numel() else 1.0
        error = float((e.double() - x.double()).nan_to_num().abs().max()) if e.numel() else 0.0
        atol = allowed * max(size, 1e-6) + 3 * error
        torch.testing.assert_close(a.double(), x.double(), rtol=allowed, atol=atol, equal_nan=True)


def run(function, inputs, backward):
    """The results, and with `backward` the gradients of inputs and parameters."""
    inputs = copy.deepcopy(inputs)
    results = function(*inputs)
    if not backward:
        return [results, inputs]
    floating = [r for r in leaves(results) if r.is_floating_point()]
    weights = [torch.linspace(-1, 1, r.numel(), dtype=torch.float64).reshape(r.shape) for r in floating]
    sum((r.double() * w).sum() for r, w in zip(floating, weights)).backward()
    parameters = list(function.parameters()) if isinstance(function, torch.nn.Module) else []
    gradients = [t.grad for t in [*leaves(inputs), *parameters] if t.grad is not None]
    assert gradients
    return [results, gradients]


def in_double(tensor):
    if not tensor.is_floating_point():
        return tensor
    return tensor.detach().double().requires_grad_(tensor.requires_grad)


def check(function, inputs, backward=False, tolerance=None):
    """Compiles `function` by Inductor and compares it with itself."""
    expected = run(copy.deepcopy(function), inputs, backward)
    exact = None
    if isinstance(function, torch.nn.Module):
        doubled = torch.utils._pytree.tree_map_only(torch.Tensor, in_double, inputs)
        exact = run(copy.deepcopy(function).double(), doubled, backward)
    compiled = torch.compile(copy.deepcopy(function), fullgraph=True)
    assert_close(run(compiled, inputs, backward), expected, tolerance, exact)
