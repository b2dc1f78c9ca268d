# RUN: tegula-lang-import --list %s | FileCheck %s
# RUN: tegula-lang-import --eval 'cdiv(n, BLOCK)' n=1000 BLOCK=256 | FileCheck %s --check-prefix=FOUR
# RUN: tegula-lang-import --eval 'lambda meta: (triton.cdiv(meta["n"], meta["BLOCK"]),)' n=1000 BLOCK=256 | FileCheck %s --check-prefix=TUPLE
# RUN: tegula-lang-import --eval '2*M*N*K + x.shape[0] * x.stride(0) + x.nbytes' M=2 N=3 K=4 x=array:f16:5x7 | FileCheck %s --check-prefix=SUM
# RUN: tegula-lang-import --eval 'triton.next_power_of_2(max(x.shape)) if x.dtype == tl.float32 else None' x=array:f32:5x7 | FileCheck %s --check-prefix=EIGHT
# RUN: not tegula-lang-import --eval 'cdiv(n, 0)' n=3 2>&1 | FileCheck %s --check-prefix=ZERO
# RUN: not tegula-lang-import --eval 'n +' n=3 2>&1 | FileCheck %s --check-prefix=BAD
# FOUR: 4
# TUPLE: (4,)
# SUM: 153
# EIGHT: 8
# ZERO: <expression>:1:1: error: division by zero
# ZERO-NEXT: cdiv(n, 0)
# BAD: <expression>:1:4: error: syntax error: expected an expression
import torch
import triton
import triton.language as tl


def configs():
    return [triton.Config({"BLOCK": b, "DTYPE": tl.float16}, num_warps=w) for b in (64, 128) for w in [4]]


# CHECK: copy_kernel line [[#@LINE+4]]
@triton.autotune(configs=configs(), key=["n"], reset_to_zero=["y"])
@triton.heuristics({"EVEN": lambda args: args["n"] % args["BLOCK"] == 0})
@triton.jit(do_not_specialize=["n"])
def copy_kernel(x, y, n, scale=1.5, BLOCK: tl.constexpr = 64, EVEN: tl.constexpr = None, DTYPE: "tl.constexpr" = tl.float32):
    # CHECK-NEXT: x{{$}}
    # CHECK-NEXT: y{{$}}
    # CHECK-NEXT: n (not specialised)
    # CHECK-NEXT: scale = 1.5
    # CHECK-NEXT: BLOCK: constexpr = 64
    # CHECK-NEXT: EVEN: constexpr = None
    # CHECK-NEXT: DTYPE: constexpr = f32
    # CHECK-NEXT: config BLOCK=64 DTYPE=f16 num_warps=4
    # CHECK-NEXT: config BLOCK=128 DTYPE=f16 num_warps=4
    # CHECK-NEXT: heuristic EVEN: lambda args: args["n"] % args["BLOCK"] == 0
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y + i, helper(tl.load(x + i, mask=i < n)), mask=i < n)


# CHECK: helper line [[#@LINE+2]] (called by others)
@triton.jit
def helper(v):
    return v


# Host code of every kind is skipped.
class Function(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x: torch.Tensor, /, *args, key=None, **kwargs) -> "torch.Tensor":
        grid = lambda META: (triton.cdiv(x.numel(), META["BLOCK"]), )
        with torch.cuda.device(x.device) as d, open("f") as (f):
            copy_kernel[grid](x, x, *args, n=len(x), **kwargs)
        async def later():
            await something
            yield 1
        assert (y := x[..., 1:2, ::3]) is not None, f"{x!r:>{10}} {x=} {{}} {d['k']}"
        match x:
            case [1, *rest] if rest: pass
            case {"a": 1, **kw}: pass
            case _:
                raise ValueError("x") from None
        del x, y
        return {**kwargs, "a": 1 if not args else 2}, {1, 2}, [*args], 1_000j, r"\n" b"", -x @ y, x if x else (yield)


def main[T](a: list[T] = [], *, b: int = 3) -> None:
    global Z
    for i, (j, k) in enumerate([(1, (2, 3))]): print(i, j, k, sep="")
    else: pass
    try: pass
    except (A, B) as e: pass
    except* C: pass
    finally: pass
    x: int; y = z = 1; x += 1; x @= 2
    while 1: break
    type Alias = int
    return not a < b != 3 is not None in {} not in [] and a or b, lambda *a, k=1, **kw: a[1:, None]


if __name__ == "__main__":
    main()
