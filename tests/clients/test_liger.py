"""Liger-Kernel's fused layers on CPU tensors, forward and backward, against PyTorch.

Its `dyt` isn't here: backward it knows no number of processors but CUDA's and XPU's."""

import pytest
import torch
import torch.nn.functional as F
from compare import assert_close, in_double, run

liger = pytest.importorskip("liger_kernel.transformers.functional")
DTYPES = [torch.float32, torch.bfloat16]


def randn(*shape, dtype=torch.float32, grad=True):
    return torch.randn(shape).to(dtype).requires_grad_(grad)


def rms_norm(x, w, offset=0.0):
    wide = torch.promote_types(x.dtype, torch.float32)
    y = x.to(wide)
    return (y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + 1e-6)).to(x.dtype) * (w + offset)


def rope(q, k, cos, sin):
    def turn(x):
        a, b = x.chunk(2, -1)
        return x * cos[:, None] + torch.cat([-b, a], -1) * sin[:, None]

    return turn(q), turn(k)


def sparsemax(x):
    z = x.sort(-1, descending=True)[0]
    k = torch.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    support = 1 + k * z > z.cumsum(-1)
    count = support.sum(-1, keepdim=True)
    tau = (torch.where(support, z, 0).sum(-1, keepdim=True) - 1) / count
    return (x - tau).clamp(min=0)


def jsd(log_q, log_p):
    p, q = log_p.exp(), log_q.exp()
    m = (0.5 * (p + q)).log()
    return 0.5 * (F.kl_div(m, log_p, reduction="sum", log_target=True) + F.kl_div(m, log_q, reduction="sum", log_target=True)) / log_q.shape[0]


def poly_norm(x, w, b):
    norm = lambda t: t * torch.rsqrt(t.pow(2).mean(-1, keepdim=True) + 1e-6)  # noqa: E731
    return w[0] * norm(x**3) + w[1] * norm(x**2) + w[2] * norm(x) + b


def logs(*shape, dtype=torch.float32, grad=True):
    return torch.randn(*shape).log_softmax(-1).to(dtype).detach().requires_grad_(grad)


# Name: (Liger's, PyTorch's, the arguments of a dtype).
LAYERS = {
    "rms_norm": (lambda x, w: liger.liger_rms_norm(x, w, 1e-6), rms_norm, lambda d: [randn(37, 331, dtype=d), randn(331, dtype=d)]),
    "rms_norm_gemma": (
        lambda x, w: liger.liger_rms_norm(x, w, 1e-6, 1.0, "gemma"), lambda x, w: rms_norm(x, w, 1.0),
        lambda d: [randn(5, 9, 256, dtype=d), randn(256, dtype=d)],
    ),
    "fused_add_rms_norm": (
        lambda x, r, w: liger.liger_fused_add_rms_norm(x, r, w, 1e-6), lambda x, r, w: (rms_norm(x + r, w), x + r),
        lambda d: [randn(33, 200, dtype=d), randn(33, 200, dtype=d), randn(200, dtype=d)],
    ),
    "layer_norm": (
        lambda x, w, b: liger.liger_layer_norm(x, w, b, 1e-5), lambda x, w, b: F.layer_norm(x, x.shape[-1:], w, b),
        lambda d: [randn(37, 331, dtype=d), randn(331, dtype=d), randn(331, dtype=d)],
    ),
    "group_norm": (
        lambda x, w, b: liger.liger_group_norm(x, w, b, 12, 4, 1e-5),
        lambda x, w, b: F.group_norm(x, 4, w, b, 1e-5),
        lambda d: [randn(3, 12, 50, dtype=d), randn(12, dtype=d), randn(12, dtype=d)],
    ),
    "poly_norm": (liger.liger_poly_norm, poly_norm, lambda d: [randn(21, 130, dtype=d), randn(3, dtype=d), randn(dtype=d)]),
    "swiglu": (liger.liger_swiglu, lambda a, b: F.silu(a) * b, lambda d: [randn(35, 300, dtype=d), randn(35, 300, dtype=d)]),
    "geglu": (
        liger.liger_geglu, lambda a, b: F.gelu(a, approximate="tanh") * b, lambda d: [randn(35, 300, dtype=d), randn(35, 300, dtype=d)],
    ),
    "relu_squared": (liger.liger_relu_squared, lambda x: F.relu(x) ** 2, lambda d: [randn(35, 300, dtype=d)]),
    "softmax": (liger.liger_softmax, lambda x: x.softmax(-1), lambda d: [randn(35, 1300, dtype=d)]),
    "softmax_wide": (liger.liger_softmax, lambda x: x.softmax(-1), lambda d: [randn(3, 40000, dtype=d)]),
    "sparsemax": (liger.liger_sparsemax, sparsemax, lambda d: [randn(35, 130)]),
    "cross_entropy": (
        lambda x: liger.liger_cross_entropy(x, torch.arange(33) * 7 % 501), lambda x: F.cross_entropy(x, torch.arange(33) * 7 % 501),
        lambda d: [randn(33, 501, dtype=d)],
    ),
    "cross_entropy_smooth": (
        lambda x: liger.liger_cross_entropy(x, torch.arange(33), label_smoothing=0.1, ignore_index=5, reduction="sum"),
        lambda x: F.cross_entropy(x, torch.arange(33), label_smoothing=0.1, ignore_index=5, reduction="sum"),
        lambda d: [randn(33, 501)],
    ),
    "fused_linear_cross_entropy": (
        # The loss of bf16 is an f32 there.
        lambda x, w, b: liger.liger_fused_linear_cross_entropy(x, w, torch.arange(33), b).to(x.dtype),
        lambda x, w, b: F.cross_entropy(F.linear(x, w, b), torch.arange(33)),
        lambda d: [randn(33, 48, dtype=d), randn(101, 48, dtype=d), randn(101, dtype=d)],
    ),
    "fused_linear_jsd": (
        lambda x, w, y, v: liger.liger_fused_linear_jsd(x, w, y, v),
        lambda x, w, y, v: jsd((x @ w.t()).log_softmax(-1), (y @ v.t()).log_softmax(-1)),
        lambda d: [randn(33, 48), randn(101, 48), randn(33, 48, grad=False), randn(101, 48, grad=False)],
    ),
    "kl_div": (
        lambda x, y: liger.liger_kl_div(x, y, reduction="batchmean"), lambda x, y: F.kl_div(x, y, reduction="batchmean"),
        lambda d: [logs(20, 150), logs(20, 150, grad=False).exp()],
    ),
    "jsd": (liger.liger_jsd, jsd, lambda d: [logs(20, 150), logs(20, 150, grad=False)]),
    "tvd": (
        lambda p, q: liger.liger_tvd(p, q, reduction="batchmean"), lambda p, q: 0.5 * (p - q).abs().sum() / p.shape[0],
        lambda d: [logs(20, 150).exp().detach().requires_grad_(), logs(20, 150, grad=False).exp()],
    ),
    "rope": (
        liger.liger_rope, rope,
        lambda d: [randn(2, 4, 9, 32, dtype=d), randn(2, 2, 9, 32, dtype=d), *(f(torch.randn(1, 9, 16).repeat(1, 1, 2)).to(d) for f in (torch.cos, torch.sin))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_layers(name, dtype):
    ours, reference, arguments = LAYERS[name]
    inputs = arguments(dtype)
    expected = run(reference, inputs, backward=True)
    exact = run(reference, torch.utils._pytree.tree_map_only(torch.Tensor, in_double, inputs), backward=True)
    assert_close(run(ours, inputs, backward=True), expected, exact=exact, tolerance=1e-4 if dtype == torch.float32 else None)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_multi_token_attention(dtype):
    scores, weight = randn(2, 3, 12, 12, dtype=dtype), randn(3, 3, 3, 3, dtype=dtype)
    mask = torch.ones(12, 12, dtype=torch.bool).tril()

    def reference(scores, weight):
        s = scores.masked_fill(~mask, -1e9).softmax(-1)
        return F.conv2d(s, weight, padding=1).masked_fill(~mask, 0)

    exact = run(reference, [in_double(scores), in_double(weight)], True)
    actual = run(lambda s, w: liger.liger_multi_token_attention(s, w, padding=1), [scores, weight], True)
    assert_close(actual, run(reference, [scores, weight], True), exact=exact)
