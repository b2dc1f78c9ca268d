"""Kernels of stock Triton on NumPy arrays, through the plugin."""

import os

import numpy as np
import pytest
import triton
import triton.language as tl
from arrays import Thin, rand
from triton.backends.compiler import GPUTarget
from triton.tools.tensor_descriptor import TensorDescriptor

import tegula


@triton.jit
def add(x_ptr, y_ptr, out_ptr, n, BLOCK: tl.constexpr):
    offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < n
    tl.store(out_ptr + offs, tl.load(x_ptr + offs, mask=mask) + tl.load(y_ptr + offs, mask=mask), mask=mask)


def run_add(n=1000, **options):
    x, y, out = rand(n), rand(n, seed=1), np.zeros(n, np.float32)
    grid = (triton.cdiv(n, 256),)
    kernel = add[grid](Thin(x), Thin(y), Thin(out), n, BLOCK=256, **options)
    np.testing.assert_array_equal(out, x + y)
    return kernel


def test_target():
    target = triton.runtime.driver.active.get_current_target()
    assert (target.backend, target.warp_size) == ("cpu", 1) and target.arch


def test_vecadd_and_its_stages():
    kernel = run_add()
    assert {"ttir", "tile", "raised", "loops", "so"} <= set(kernel.asm)
    assert "tt.load" in kernel.asm["ttir"] and "tile.load" in kernel.asm["tile"]
    assert "tile.load_box" in kernel.asm["raised"] and "define" in kernel.asm["llir"]
    assert "tegula_entry" in kernel.asm["asm"] and kernel.asm["so"].startswith(b"\x7fELF")
    with pytest.raises(KeyError, match="no-such-stage"):
        kernel.asm["no-such-stage"]
    assert kernel.metadata.tegula["args"][0] == {"name": "x_ptr", "type": "*f32"}


@pytest.mark.parametrize(
    "options",
    [
        {"num_warps": 8, "num_stages": 4, "num_ctas": 1, "maxnreg": 128},
        {"waves_per_eu": 2, "matrix_instr_nonkdim": 16, "kpack": 2},
        {"grf_mode": "large", "enable_fp_fusion": False, "debug": True},
    ],
)
def test_knobs_of_other_vendors_do_nothing(options):
    run_add(**options)


def test_unknown_options_are_refused():
    with pytest.raises(KeyError, match="nonsense"):
        run_add(nonsense=1)


def test_num_warps_is_a_power_of_2():
    with pytest.raises(AssertionError, match="must be a power of 2"):
        run_add(num_warps=3)


@triton.jit
def add_up(out_ptr, n, FACTOR: tl.constexpr):
    for i in tl.range(0, n, loop_unroll_factor=FACTOR):
        tl.atomic_add(out_ptr, i)


@pytest.mark.parametrize("factor", [1, 4])
def test_loops_are_unrolled_where_asked(factor):
    out = np.zeros(1, np.int32)
    kernel = add_up[(1,)](Thin(out), 10, FACTOR=factor)
    assert out[0] == 45
    assert kernel.asm["ttir"].count("tt.atomic_rmw") >= factor


def test_num_warps_is_no_part_of_the_cache_key():
    assert run_add(num_warps=1).hash == run_add(num_warps=16).hash


@triton.jit
def softmax(y_ptr, x_ptr, stride, n_cols, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    x = tl.load(x_ptr + row * stride + cols, mask=cols < n_cols, other=-float("inf"))
    e = tl.exp(x - tl.max(x, axis=0))
    tl.store(y_ptr + row * stride + cols, e / tl.sum(e, axis=0), mask=cols < n_cols)


def test_softmax():
    x = rand(37, 781)
    y = np.empty_like(x)
    softmax[(37,)](Thin(y), Thin(x), 781, 781, BLOCK=1024)
    e = np.exp(x.astype(np.float64) - x.max(axis=1, keepdims=True))
    np.testing.assert_allclose(y, e / e.sum(axis=1, keepdims=True), rtol=1e-5)


@triton.autotune(
    configs=[
        triton.Config({"BM": 32, "BN": 32, "BK": 32}, num_warps=4),
        triton.Config({"BM": 64, "BN": 64, "BK": 32}, num_warps=8, num_stages=4),
    ],
    key=["M", "N", "K"],
)
@triton.jit
def matmul(a_ptr, b_ptr, c_ptr, M, N, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    rm = tl.program_id(0) * BM + tl.arange(0, BM)
    rn = tl.program_id(1) * BN + tl.arange(0, BN)
    acc = tl.zeros((BM, BN), dtype=tl.float32)
    for k in range(0, K, BK):
        rk = k + tl.arange(0, BK)
        a = tl.load(a_ptr + rm[:, None] * K + rk[None, :], mask=(rm[:, None] < M) & (rk[None, :] < K), other=0.0)
        b = tl.load(b_ptr + rk[:, None] * N + rn[None, :], mask=(rk[:, None] < K) & (rn[None, :] < N), other=0.0)
        acc = tl.dot(a, b, acc)
    tl.store(c_ptr + rm[:, None] * N + rn[None, :], acc, mask=(rm[:, None] < M) & (rn[None, :] < N))


def test_autotuned_matmul():
    M, N, K = 100, 130, 70
    a, b, c = rand(M, K), rand(K, N, seed=1), np.zeros((M, N), np.float32)
    grid = lambda meta: (triton.cdiv(M, meta["BM"]), triton.cdiv(N, meta["BN"]))  # noqa: E731
    matmul[grid](Thin(a), Thin(b), Thin(c), M, N, K)
    np.testing.assert_allclose(c, a @ b, rtol=1e-4, atol=1e-4)
    assert matmul.best_config in matmul.configs


@triton.jit
def matmul_without_masks(a_ptr, b_ptr, c_ptr, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    m, n, k = tl.arange(0, BM), tl.arange(0, BN), tl.arange(0, BK)
    a_ptrs = a_ptr + m[:, None] * K + k[None, :]
    b_ptrs = b_ptr + k[:, None] * BN + n[None, :]
    acc = tl.zeros((BM, BN), dtype=tl.float32)
    for _ in range(0, tl.cdiv(K, BK)):
        acc = tl.dot(tl.load(a_ptrs), tl.load(b_ptrs), acc=acc)
        a_ptrs += BK
        b_ptrs += BK * BN
    tl.store(c_ptr + BN * m[:, None] + n[None, :], acc)


def test_matmul_without_masks():
    a, b, c = rand(32, 160), rand(160, 32, seed=1), np.zeros((32, 32), np.float32)
    matmul_without_masks[(1,)](Thin(a), Thin(b), Thin(c), 160, BM=32, BN=32, BK=32)
    np.testing.assert_allclose(c, a @ b, rtol=1e-4, atol=1e-4)


def test_do_bench():
    assert triton.testing.do_bench(lambda: run_add(64), warmup=1, rep=2) > 0
    assert len(triton.testing.do_bench(lambda: run_add(64), warmup=1, rep=2, quantiles=[0.2, 0.5])) == 2


@triton.jit
def dropout(x_ptr, y_ptr, n, p, seed, BLOCK: tl.constexpr):
    offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    x = tl.load(x_ptr + offs, mask=offs < n)
    keep = tl.rand(seed, offs) > p
    tl.store(y_ptr + offs, tl.where(keep, x / (1 - p), 0.0), mask=offs < n)


def test_dropout():
    n = 10000
    x, y, z = np.ones(n, np.float32), np.zeros(n, np.float32), np.zeros(n, np.float32)
    for out in (y, z):
        dropout[(triton.cdiv(n, 512),)](Thin(x), Thin(out), n, 0.25, 123, BLOCK=512)
    np.testing.assert_array_equal(y, z)
    kept = y != 0
    assert 0.7 < kept.mean() < 0.8
    np.testing.assert_allclose(y[kept], 1 / 0.75, rtol=1e-6)


@triton.jit
def count(x_ptr, bins_ptr, top_ptr, n, BLOCK: tl.constexpr):
    offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    x = tl.load(x_ptr + offs, mask=offs < n, other=0)
    tl.atomic_add(bins_ptr + x, 1, mask=offs < n)
    tl.atomic_max(top_ptr, tl.max(x, axis=0))


def test_atomics():
    x = np.random.default_rng(0).integers(0, 10, 5000).astype(np.int32)
    bins, top = np.zeros(10, np.int32), np.zeros(1, np.int32)
    count[(triton.cdiv(5000, 128),)](Thin(x), Thin(bins), Thin(top), 5000, BLOCK=128)
    np.testing.assert_array_equal(bins, np.bincount(x, minlength=10))
    assert top[0] == 9


@triton.jit
def locked_sum(x_ptr, sum_ptr, lock_ptr, BLOCK: tl.constexpr):
    x = tl.sum(tl.load(x_ptr + tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)), axis=0)
    while tl.atomic_cas(lock_ptr, 0, 1) == 1:
        pass
    tl.store(sum_ptr, tl.load(sum_ptr) + x)
    tl.debug_barrier()
    tl.atomic_xchg(lock_ptr, 0)


def test_spin_lock_progresses():
    x = np.ones(64 * 50, np.float32)
    total, lock = np.zeros(1, np.float32), np.zeros(1, np.int32)
    locked_sum[(50,)](Thin(x), Thin(total), Thin(lock), BLOCK=64)
    assert total[0] == x.size


@triton.jit
def checked(x_ptr, BLOCK: tl.constexpr):
    x = tl.load(x_ptr + tl.program_id(0) * BLOCK + tl.arange(0, BLOCK))
    tl.device_assert(x >= 0, "negative")


def test_device_assert():
    x = np.ones(64, np.float32)
    checked[(4,)](Thin(x), BLOCK=16, debug=True)
    x[20] = -1
    checked[(4,)](Thin(x), BLOCK=16, debug=False)
    with pytest.raises(tegula.AssertionFailed, match=r"test_triton.py:\d+.*program \(1, 0, 0\).*negative"):
        checked[(4,)](Thin(x), BLOCK=16, debug=True)


@triton.jit
def printing(x_ptr):
    tl.device_print("value", tl.load(x_ptr))


def test_device_print(capfd):
    printing[(1,)](Thin(np.array([42], np.int32)))
    assert "value: 42" in capfd.readouterr().out


@triton.jit
def copy_by_device_descriptors(x_ptr, y_ptr, M, N, BM: tl.constexpr, BN: tl.constexpr):
    x = tl.make_tensor_descriptor(x_ptr, shape=[M, N], strides=[N, 1], block_shape=[BM, BN])
    y = tl.make_tensor_descriptor(y_ptr, shape=[M, N], strides=[N, 1], block_shape=[BM, BN])
    at = [tl.program_id(0) * BM, tl.program_id(1) * BN]
    y.store(at, x.load(at) + 1)


@triton.jit
def copy_by_host_descriptors(x, y, BM: tl.constexpr, BN: tl.constexpr):
    at = [tl.program_id(0) * BM, tl.program_id(1) * BN]
    y.store(at, x.load(at) + 1)


def test_descriptors():
    x = rand(30, 64)
    y = np.zeros_like(x)
    copy_by_device_descriptors[(2, 2)](Thin(x), Thin(y), 30, 64, BM=16, BN=32)
    np.testing.assert_array_equal(y, x + 1)
    y[:] = 0
    make = lambda a: TensorDescriptor(Thin(a), [30, 64], [64, 1], [16, 32])  # noqa: E731
    copy_by_host_descriptors[(2, 2)](make(x), make(y), BM=16, BN=32)
    np.testing.assert_array_equal(y, x + 1)


@triton.jit
def load_beyond_the_end(x, y, out_ptr, B: tl.constexpr):
    offsets = tl.arange(0, B)
    tl.store(out_ptr + offsets, x.load([0]))
    tl.store(out_ptr + B + offsets, y.load([0]))


def test_padding_of_host_descriptors():
    """Each launch decides it, descriptor by descriptor."""
    if "padding" not in TensorDescriptor.__dataclass_fields__:
        pytest.skip("this Triton's descriptors pad with zeros")
    x = rand(20)
    whole = {"zero": np.pad(x, (0, 12)), "nan": np.pad(x, (0, 12), constant_values=np.nan)}
    for paddings in [("zero", "zero"), ("nan", "zero"), ("zero", "nan"), ("nan", "nan"), ("nan", "zero")]:
        out = np.zeros((2, 32), np.float32)
        made = [TensorDescriptor(Thin(x), [20], [1], [32]) for _ in paddings]
        for descriptor, padding in zip(made, paddings):
            descriptor.padding = padding  # The constructor asks PyTorch about the dtype.
        load_beyond_the_end[(1,)](*made, Thin(out), B=32)
        np.testing.assert_array_equal(out, [whole[padding] for padding in paddings])


@triton.jit
def sum_of_tuple(out_ptr, pair, scale):
    tl.store(out_ptr, tl.load(pair[0]) * scale + pair[1])


def test_tuples():
    out = np.zeros(1, np.float32)
    sum_of_tuple[(1,)](Thin(out), (Thin(np.array([3], np.float32)), 7), 2.5)
    assert out[0] == 14.5


def test_scalars_of_every_width():
    out = np.zeros(1, np.float32)
    sum_of_tuple[(1,)](Thin(out), (Thin(np.array([1], np.float32)), 2**40), 1.5)
    assert out[0] == np.float32(2**40)
    with pytest.raises(OverflowError):
        kernel = run_add()
        kernel[(1, 1, 1)](Thin(out), Thin(out), Thin(out), 2**40, 256)


def test_relaunch_checks_the_count():
    kernel = run_add()
    x, out = rand(16), np.zeros(16, np.float32)
    kernel[(1, 1, 1)](Thin(x), Thin(x), Thin(out), 16, 256)
    np.testing.assert_array_equal(out, 2 * x)
    out[:] = 0
    kernel[(1, 1, 1)](Thin(x), Thin(x), Thin(out), 16)
    np.testing.assert_array_equal(out, 2 * x)
    with pytest.raises(TypeError, match="takes 5 arguments, or 4 .* but the launch passes 3"):
        kernel[(1, 1, 1)](Thin(x), Thin(x), Thin(out))
    with pytest.raises(TypeError, match="data_ptr"):
        kernel[(1, 1, 1)](Thin(x), Thin(x), "text", 16, 256)


class OnGpu(Thin):
    device, is_cpu = "cuda:0", False


def test_arguments_on_another_device():
    x = rand(16)
    with pytest.raises(ValueError, match="cuda:0"):
        add[(1,)](OnGpu(x), Thin(x), Thin(x), 16, BLOCK=16)


def test_hooks_and_warmup():
    seen = []
    enter = triton.knobs.runtime.launch_enter_hook
    hook = lambda metadata: seen.append(metadata.get()["name"])  # noqa: E731
    enter.add(hook)
    try:
        run_add()
    finally:
        enter.remove(hook)
    assert seen == ["add"]
    x = rand(16)
    kernel = add.warmup(Thin(x), Thin(x), Thin(x), 1000, BLOCK=64, grid=(1,))
    assert "so" in kernel.asm
    np.testing.assert_array_equal(x, rand(16))


def test_compile_ahead_of_time():
    source = triton.compiler.ASTSource(
        fn=add,
        signature={"x_ptr": "*fp32", "y_ptr": "*fp32", "out_ptr": "*fp32", "n": "i32", "BLOCK": "constexpr"},
        constexprs={"BLOCK": 128},
    )
    kernel = triton.compile(source, target=GPUTarget("cpu", "x86-64-v2", 1))
    assert kernel.metadata.tegula["target"] == "cpu:x86-64-v2"
    assert "zmm" not in kernel.asm["asm"] and "ymm" not in kernel.asm["asm"]
    with pytest.raises(tegula.CompileError, match="no-such-processor"):
        triton.compile(source, target=GPUTarget("cpu", "no-such-processor", 1))


def test_compile_a_file_of_ttir(tmp_path):
    file = tmp_path / "add.ttir"
    file.write_text(run_add().asm["ttir"])
    kernel = triton.compile(str(file))
    x, out = rand(256), np.zeros(256, np.float32)
    kernel[(1, 1, 1)](Thin(x), Thin(x), Thin(out), 256)
    np.testing.assert_array_equal(out, 2 * x)
    with pytest.raises(TypeError, match="takes 4 arguments, but the launch passes 1"):
        kernel[(1, 1, 1)](Thin(x))


@triton.jit
def inline_assembly(x_ptr):
    x = tl.load(x_ptr)
    tl.store(x_ptr, tl.inline_asm_elementwise("mov.b32 $0, $1;", "=r,r", [x], dtype=tl.int32, is_pure=True, pack=1))


def test_refusals_name_the_line():
    with pytest.raises(tegula.CompileError, match=r"test_triton.py:\d+:\d+: error: .*assembly"):
        inline_assembly[(1,)](Thin(np.zeros(1, np.int32)))


def test_forked_children_launch():
    run_add(100000)
    child = os.fork()
    if child == 0:
        try:
            run_add(100000)
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


def test_threads_launch_while_others_compile():
    import threading

    failures = []

    def work(index):
        try:
            for n in range(20):
                run_add(100 + n)
            sizes = {"BLOCK": 16 << index}
            x, out = rand(500), np.zeros(500, np.float32)
            add[(triton.cdiv(500, sizes["BLOCK"]),)](Thin(x), Thin(x), Thin(out), 500, **sizes)
            np.testing.assert_array_equal(out, 2 * x)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@triton.jit
def convert_fp8e4b15(codes_ptr, value_ptr, half_ptr, code_ptr, BLOCK: tl.constexpr):
    offs = tl.arange(0, 256)
    code = tl.load(codes_ptr + offs)
    tl.store(value_ptr + offs, code.to(tl.float8e4b15, bitcast=True).to(tl.float32))
    offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    half = tl.load(half_ptr + offs).to(tl.float8e4b15)
    tl.store(code_ptr + offs, half.to(tl.uint8, bitcast=True))


def test_fp8e4b15():
    codes, values = np.arange(256, dtype=np.uint8), np.zeros(256, np.float32)
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    found = np.zeros(1 << 16, np.uint8)
    convert_fp8e4b15[(16,)](Thin(codes), Thin(values), Thin(halves), Thin(found), BLOCK=4096)

    exponent, mantissa = (codes >> 3) & 15, codes & 7
    magnitude = np.where(exponent == 0, mantissa / 8 * 2.0**-14, (1 + mantissa / 8) * 2.0 ** (exponent - 15.0))
    np.testing.assert_array_equal(values, np.where(codes < 128, magnitude, -magnitude).astype(np.float32))

    # The nearest of the codes up to 1.75, the upper one of two; NaN ends there, too.
    steps = magnitude[:127]
    halfway = (steps[1:] + steps[:-1]) / 2
    size = np.nan_to_num(np.abs(halves.astype(np.float64)), nan=2.0)
    expected = np.searchsorted(halfway, size, side="right") | (halves.view(np.uint16) >> 8 & 0x80)
    np.testing.assert_array_equal(found, expected)
