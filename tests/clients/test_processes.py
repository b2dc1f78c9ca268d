"""Processes and threads: torchrun, OpenMP's pool, Triton's interpreter."""

import os
import subprocess
import sys
import textwrap

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))


def python(*arguments, **environment):
    run = subprocess.run(
        [sys.executable, *arguments], cwd=HERE, env={**os.environ, **environment}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert run.returncode == 0, run.stdout
    return run.stdout


def test_two_ranks_with_one_cache(tmp_path):
    caches = {f"{name}_CACHE_DIR": str(tmp_path / name) for name in ("TRITON", "TEGULA", "TORCHINDUCTOR")}
    output = python("-m", "torch.distributed.run", "--nproc-per-node", "2", "two_ranks.py", OMP_NUM_THREADS="1", **caches)
    assert "rank 0 is done" in output and "rank 1 is done" in output


KERNEL = """
import {first}, os, torch, triton, triton.language as tl

def threads():
    return len(os.listdir("/proc/self/task"))

def pools():
    return sorted({{os.path.realpath(line.split()[-1]) for line in open("/proc/self/maps") if "omp" in os.path.basename(line.split()[-1])}})

from kernels import softmax
torch.set_num_threads(4)
before = threads()
x = torch.randn(4096, 1024)
for _ in range(2):
    y = torch.empty_like(x)
    softmax[(4096,)](y, x, 1024, 1024, BLOCK=1024)
    torch.testing.assert_close(y, torch.softmax(x, -1))
print(threads() - before, pools())
"""


@pytest.mark.parametrize("first", ["torch", "tegula"])
def test_one_pool_of_threads(first):
    """Three more threads for four, whoever starts them, and one library of OpenMP."""
    output = python("-c", KERNEL.format(first=first), TEGULA_NUM_THREADS="4", OMP_NUM_THREADS="4").splitlines()[-1]
    added, pools = output.split(" ", 1)
    assert int(added) <= 3 and len(eval(pools)) == 1, output


def test_the_interpreter_of_triton_works_beside_us():
    code = """
        import torch
        from kernels import softmax
        x = torch.randn(5, 33)
        y = torch.empty_like(x)
        softmax[(5,)](y, x, 33, 33, BLOCK=64)
        torch.testing.assert_close(y, torch.softmax(x, -1))
        print(type(softmax).__name__)
    """
    assert python("-c", textwrap.dedent(code), TRITON_INTERPRET="1").split()[-1] == "InterpretedFunction"
    assert python("-c", textwrap.dedent(code)).split()[-1] == "JITFunction"
