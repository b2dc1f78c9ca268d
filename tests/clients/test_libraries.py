"""Kernels of other libraries on CPU tensors, against what they say they compute.

Libraries that aren't installed are skipped. Several ask for a CUDA device around a
launch; here that is nothing. Tuners try their first configuration only."""

import contextlib

import pytest
import torch
import torch.nn.functional as F
import triton
from compare import assert_close, run


@pytest.fixture(autouse=True)
def no_gpu_and_no_tuning(monkeypatch):
    class NoDevice(contextlib.nullcontext):
        def __init__(self, *_):
            super().__init__()

    monkeypatch.setattr(torch.cuda, "device", NoDevice)
    monkeypatch.setattr(triton.runtime.autotuner.Autotuner, "prune_configs", lambda self, kwargs, *_, **__: self.configs[:1])


def randn(*shape):
    return torch.randn(*shape, requires_grad=True)


def unit(x):
    return F.normalize(x, p=2, dim=-1)


def first(result):
    return result[0] if isinstance(result, tuple) else result


B, T, H, K = 2, 100, 2, 32


def decays(*shape):
    return F.logsigmoid(torch.randn(*shape)).detach().requires_grad_()


def fla(name):
    """(an operation of flash-linear-attention, its reference, arguments)."""
    import importlib

    def of(module, function):
        return getattr(importlib.import_module(f"fla.ops.{module}"), function)

    q, k, v, beta = randn(B, T, H, K), randn(B, T, H, K), randn(B, T, H, K), torch.rand(B, T, H).requires_grad_()
    turned = lambda f: lambda *a: f(*(x.transpose(1, 2) for x in a)).transpose(1, 2)  # noqa: E731
    if name == "gla":
        return of("gla", "chunk_gla"), of("gla.naive", "naive_recurrent_gla"), [q, k, v, decays(B, T, H, K)]
    if name == "gla_recurrent":
        return of("gla", "fused_recurrent_gla"), of("gla.naive", "naive_recurrent_gla"), [q, k, v, decays(B, T, H, K)]
    if name == "simple_gla":
        return of("simple_gla", "chunk_simple_gla"), of("simple_gla.naive", "naive_recurrent_simple_gla"), [q, k, v, decays(B, T, H)]
    if name == "gated_delta_rule":
        ours, reference = of("gated_delta_rule", "chunk_gated_delta_rule"), of("gated_delta_rule.naive", "naive_recurrent_gated_delta_rule")
        return (
            lambda q, k, v, b, g: ours(q, unit(k), v, beta=b, g=g),
            lambda q, k, v, b, g: reference(q, unit(k), v, b, g),
            [q, k, v, beta, decays(B, T, H)],
        )
    if name == "kda":
        ours, reference = of("kda", "chunk_kda"), of("kda.naive", "naive_recurrent_kda")
        return (
            lambda q, k, v, g, b: ours(unit(q), unit(k), v, g, b),
            lambda q, k, v, g, b: reference(unit(q), unit(k), v, g, b),
            [q, k, v, decays(B, T, H, K), beta],
        )
    if name == "hgrn":
        return of("hgrn", "chunk_hgrn"), of("hgrn.naive", "naive_recurrent_hgrn"), [randn(B, T, 64), decays(B, T, 64)]
    if name == "forgetting_attn":
        return of("forgetting_attn", "parallel_forgetting_attn"), of("forgetting_attn.naive", "naive_forgetting_attn"), [q, k, v, decays(B, T, H)]
    assert name == "attn"
    return of("attn", "parallel_attn"), turned(lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True)), [q, k, v]


@pytest.mark.parametrize("name", ["gla", "gla_recurrent", "simple_gla", "gated_delta_rule", "kda", "hgrn", "forgetting_attn", "attn"])
def test_flash_linear_attention(name):
    pytest.importorskip("fla")
    ours, reference, inputs = fla(name)
    assert_close(run(lambda *a: first(ours(*a)), inputs, True), run(lambda *a: first(reference(*a)), inputs, True), 1e-4)


def test_cut_cross_entropy():
    cce = pytest.importorskip("cut_cross_entropy")
    targets = torch.randint(0, 500, (200,))
    e, c = (torch.randn(n, 64).bfloat16().requires_grad_() for n in (200, 500))
    actual = run(lambda e, c: cce.linear_cross_entropy(e, c, targets, impl="cce").float(), [e, c], True)
    expected = run(lambda e, c: F.cross_entropy(e.float() @ c.float().t(), targets), [e, c], True)
    assert_close(actual, expected, 2e-2)


def test_xformers():
    norms = pytest.importorskip("xformers.ops._triton.rmsnorm_kernels")
    products = pytest.importorskip("xformers.ops._triton.tiled_matmul_kernels")
    x, y, w = torch.randn(7, 300), torch.randn(7, 300), torch.randn(300)
    assert_close(norms._rms_norm_forward(x, w, 1e-6), F.rms_norm(x, (300,), w, 1e-6))
    total = x + y
    assert_close(norms._rms_norm_add_forward(x, y, w, 1e-6), F.rms_norm(total, (300,), w, 1e-6))
    a, b, c = torch.randn(100, 70), torch.randn(70, 90), torch.empty(100, 90)
    products._launch_triton_matmul([[a]], [[b]], [[c]], [100], [90], [70])
    assert_close(c, a @ b, 1e-4)


def test_bitsandbytes():
    ops = pytest.importorskip("bitsandbytes.backends.triton.ops")
    x = torch.randn(64, 64).bfloat16()
    packed, scales = ops.quantize_4bit(x, 64, "nf4", torch.uint8)
    expected = torch.ops.bitsandbytes.quantize_4bit.default(x, 64, "nf4", torch.uint8)
    assert_close([packed.flatten(), scales.flatten()], [t.flatten() for t in expected])
    again = ops.dequantize_4bit(packed, scales, 64, "nf4", x.shape, x.dtype)
    assert_close(again, torch.ops.bitsandbytes.dequantize_4bit.default(*expected, 64, "nf4", x.shape, x.dtype))
    parameter, gradient, m, v = torch.randn(512), torch.randn(512), torch.zeros(512), torch.zeros(512)
    reference = torch.nn.Parameter(parameter.clone())
    reference.grad = gradient
    torch.optim.Adam([reference], lr=1e-2).step()
    ops.optimizer_update_32bit("adam", gradient, parameter, m, v, None, 0.0, 0.0, 0.9, 0.999, 0.0, 0.0, 1e-8, 0.0, 1, 1e-2, 1.0, False)
    assert_close(parameter, reference.detach())
