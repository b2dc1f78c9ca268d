"""On a machine with a GPU: the backend 'cpu' stays out of the way until asked for.

By hand, with PyTorch, Triton, a CUDA device and the package installed:

    python tests/clients/gpu_host.py
"""

import os
import subprocess
import sys

import torch
import triton
import triton.language as tl


@triton.jit
def scale(x_ptr, y_ptr, n, FACTOR: tl.constexpr, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offsets < n
    tl.store(y_ptr + offsets, tl.exp(tl.load(x_ptr + offsets, mask=mask)) * FACTOR, mask=mask)


@triton.jit
def multiply(a_ptr, b_ptr, c_ptr, N: tl.constexpr):
    i, j = tl.arange(0, N)[:, None], tl.arange(0, N)[None, :]
    product = tl.dot(tl.load(a_ptr + i * N + j), tl.load(b_ptr + i * N + j), input_precision="ieee")
    tl.store(c_ptr + i * N + j, product)


def run(device):
    torch.manual_seed(0)
    x, a, b = torch.randn(1000), torch.randn(64, 64), torch.randn(64, 64)
    x, a, b = x.to(device), a.to(device), b.to(device)
    y, c = torch.empty_like(x), torch.empty_like(a)
    scale[(triton.cdiv(1000, 256),)](x, y, 1000, FACTOR=3, BLOCK=256)
    multiply[(1,)](a, b, c, N=64)
    torch.testing.assert_close(y, torch.exp(x) * 3)
    torch.testing.assert_close(c.cpu().double(), a.cpu().double() @ b.cpu().double(), rtol=1e-4, atol=1e-4)


def on_the_gpu():
    from tegula.triton_backend.driver import CPUDriver

    assert not CPUDriver.is_active()
    assert triton.runtime.driver.active.get_current_target().backend == "cuda"
    run("cuda")


def on_the_processor():
    from tegula.triton_backend.driver import CPUDriver

    assert CPUDriver.is_active()
    assert triton.runtime.driver.active.get_current_target().backend == "cpu"
    run("cpu")
    x = torch.randn(1000, device="cuda")
    try:
        scale[(4,)](x, torch.empty(1000), 1000, FACTOR=3, BLOCK=256)
    except Exception as error:
        message = str(error)
        print("a tensor of the GPU:", type(error).__name__, message)
        assert "cuda" in message.lower()
    else:
        raise AssertionError("a tensor of the GPU was taken")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        globals()[sys.argv[1]]()
        sys.exit()
    if not torch.cuda.is_available():
        sys.exit("gpu_host.py: there is no CUDA device here")
    for name, chosen in [("on_the_gpu", ""), ("on_the_processor", "cpu")]:
        environment = {k: v for k, v in os.environ.items() if k != "TRITON_DEFAULT_BACKEND"}
        if chosen:
            environment["TRITON_DEFAULT_BACKEND"] = chosen
        subprocess.run([sys.executable, __file__, name], env=environment, check=True)
        print(f"{name}: ok")
