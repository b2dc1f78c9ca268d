import triton
import triton.language as tl


@triton.autotune(
    configs=[
        triton.Config({"BLOCK": 1}),
        triton.Config({"BLOCK": 1024}),
        triton.Config({"BLOCK": 4096}, num_warps=8),
        triton.Config({"BLOCK": 4096}, num_warps=4),
    ],
    key=["n"],
)
@triton.jit
def tuned(x, y, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offsets < n
    tl.store(y + offsets, tl.load(x + offsets, mask=mask) * 2, mask=mask)
