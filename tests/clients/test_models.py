"""Whole models with random weights through Inductor, forward and backward, beside
eager PyTorch: transformers' and timm's small forms."""

import copy

import pytest
import torch

import torch._inductor.config as inductor

TEXT = dict(vocab_size=1000, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128)
TRANSFORMERS = {
    "BertModel": TEXT,
    "GPT2LMHeadModel": dict(vocab_size=1000, n_embd=64, n_layer=2, n_head=4),
    "LlamaForCausalLM": dict(num_key_value_heads=2, **TEXT),
    "Gemma2ForCausalLM": dict(num_key_value_heads=2, head_dim=16, **TEXT),
    "Qwen3ForCausalLM": dict(num_key_value_heads=2, head_dim=16, **TEXT),
    "MixtralForCausalLM": dict(num_key_value_heads=2, num_local_experts=4, **TEXT),
    "T5EncoderModel": dict(vocab_size=1000, d_model=64, d_ff=128, num_layers=2, num_heads=4, d_kv=16),
    "MambaForCausalLM": dict(vocab_size=1000, hidden_size=64, num_hidden_layers=2),
    "DebertaV2Model": TEXT,
}
TIMM = {
    "resnet18": 64,
    "mobilenetv3_small_100": 64,
    "efficientnet_b0": 64,
    "convnext_atto": 64,
    "swin_tiny_patch4_window7_224": 224,
    "regnety_002": 64,
}


def results(model, inputs):
    """A model's first result and the gradients of its parameters."""
    model.zero_grad()
    output = model(*inputs)
    output = output if torch.is_tensor(output) else output[0]
    weights = torch.linspace(-1, 1, output.numel()).reshape(output.shape)
    (output * weights).sum().backward()
    return output.detach(), {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


def check_model(model, inputs):
    model.eval()  # Without dropout and statistics of the batch: the same numbers.
    expected, gradients = results(model, inputs)
    with inductor.patch(cpu_backend="triton", fx_graph_cache=False):
        found, found_gradients = results(torch.compile(copy.deepcopy(model)), inputs)
    size = float(expected.abs().max())
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4 * size)
    found_gradients = {name.removeprefix("_orig_mod."): value for name, value in found_gradients.items()}
    # A compiled model gives zeros where eager gives none.
    assert not any(found_gradients[name].any() for name in found_gradients.keys() - gradients.keys())
    for name, gradient in gradients.items():
        size = float(gradient.abs().max())
        torch.testing.assert_close(found_gradients[name], gradient, rtol=2e-3, atol=2e-3 * size + 1e-6, msg=name)


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_transformers(name):
    transformers = pytest.importorskip("transformers")
    kind = getattr(transformers, name)
    config = kind.config_class(**TRANSFORMERS[name])
    if hasattr(config, "use_cache"):
        config.use_cache = False
    check_model(kind(config), [torch.randint(0, 1000, (2, 17))])


@pytest.mark.parametrize("name", TIMM)
def test_timm(name):
    timm = pytest.importorskip("timm")
    size = TIMM[name]
    check_model(timm.create_model(name, num_classes=10), [torch.randn(2, 3, size, size)])
