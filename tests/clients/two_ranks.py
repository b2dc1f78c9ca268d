"""What each rank of test_processes.py runs under torchrun."""

import torch
import torch.distributed as dist
import triton
import triton.language as tl


@triton.autotune(configs=[triton.Config({"BLOCK": block}) for block in (64, 256)], key=["n"])
@triton.jit
def scale(x, y, n, factor, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y + i, tl.load(x + i, mask=i < n) * factor, mask=i < n)


dist.init_process_group("gloo")
rank, n = dist.get_rank(), 10000
x = torch.arange(float(n))
for factor in range(1, 4):
    y = torch.zeros(n)
    scale[lambda meta: (triton.cdiv(n, meta["BLOCK"]),)](x, y, n, float(factor + rank))
    dist.all_reduce(y)
    torch.testing.assert_close(y, x * (2 * factor + 1))
compiled = torch.compile(lambda t: torch.nn.functional.softmax(t.sin(), -1).sum(0), options={"cpu_backend": "triton"})
total = compiled(x.reshape(100, 100) + rank)
dist.all_reduce(total)
expected = sum(torch.softmax((x.reshape(100, 100) + r).sin(), -1).sum(0) for r in range(2))
torch.testing.assert_close(total, expected)
print(f"rank {rank} is done", flush=True)
dist.destroy_process_group()
