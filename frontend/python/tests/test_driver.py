"""The driver's part: what happens around launches, as users meet it."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
import triton
import triton.language as tl
from arrays import Thin, rand

import tegula
from tegula.triton_backend import versions
from tegula.triton_backend.driver import CPUDriver

TESTS = os.path.dirname(os.path.abspath(__file__))


@triton.jit
def add(x_ptr, y_ptr, n, offset, BLOCK: tl.constexpr, SCALE: tl.constexpr = 1):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y_ptr + i, tl.load(x_ptr + i, mask=i < n) * SCALE + offset, mask=i < n)


@triton.jit
def spin(x_ptr, rounds):
    x = tl.load(x_ptr)
    for _ in range(rounds):
        x = x * 1103515245 + 12345
    tl.atomic_xor(x_ptr, x)


def python(code, **environment):
    """A new interpreter in this folder; returns its exit status and its output."""
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=TESTS, env={**os.environ, **environment}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return run.returncode, run.stdout


def interrupted_after(seconds):
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    return timer


LONG = ((1 << 31) - 1,)


def test_ctrl_c_ends_a_long_launch():
    x = Thin(np.ones(1, np.int32))
    spin[(1,)](x, 1000)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        # Loading a kernel (rounds is a constant here) takes the signal over again.
        spin[(1,)](x, 1)
        timer, start = interrupted_after(0.3), time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            spin[LONG](x, 100000)
        timer.join()
        assert time.monotonic() - start < 20
        spin[(1,)](x, 1000)
    finally:
        signal.signal(signal.SIGINT, before)


def test_own_handlers_of_ctrl_c_do_not_end_launches():
    x, seen = Thin(np.ones(1, np.int32)), []
    spin[(1,)](x, 10)
    before = signal.signal(signal.SIGINT, lambda *_: seen.append(time.monotonic()))
    try:
        timer = interrupted_after(0.05)
        start = time.monotonic()
        while not seen and time.monotonic() - start < 20:
            spin[(2000,)](x, 10000)
        timer.join()
        assert len(seen) == 1
    finally:
        signal.signal(signal.SIGINT, before)


def compiled():
    x, y = rand(64), np.zeros(64, np.float32)
    return add[(1,)](Thin(x), Thin(y), 64, 0.5, BLOCK=64, SCALE=2), x, y


@pytest.mark.parametrize("constants", [(), (64, 2)], ids=["without constants", "with constants"])
def test_relaunch(constants):
    kernel, x, y = compiled()
    kernel[(1, 1, 1)](Thin(x), Thin(y), 64, 1.5, *constants)
    np.testing.assert_allclose(y, 2 * x + 1.5, rtol=1e-6)


@pytest.mark.parametrize(
    "change, error, message",
    [
        (lambda a: a[:3], TypeError, "takes 6 arguments, or 4 without those that are compiled in, but the launch passes 3"),
        (lambda a: a + [64], TypeError, "but the launch passes 5"),
        (lambda a: a + [64, 2, 3], TypeError, "but the launch passes 7"),
        (lambda a: [a[2], a[1], a[2], a[3]], TypeError, r"data_ptr\(\) is wanted, not the number 64"),
        (lambda a: ["text", *a[1:]], TypeError, r"data_ptr\(\) is wanted, not a str"),
        (lambda a: [a[0].array, *a[1:]], TypeError, r"data_ptr\(\) is wanted, not a ndarray"),
        (lambda a: [a[0], a[1], a[0], a[3]], TypeError, "i32 is wanted, not a arrays.Thin"),
        (lambda a: [a[0], a[1], 1.5, a[3]], TypeError, "i32 is wanted, not a float"),
        (lambda a: [a[0], a[1], 2**31, a[3]], OverflowError, "2147483648 doesn't fit i32"),
        (lambda a: [a[0], a[1], 64, "text"], TypeError, "f32 is wanted, not a str"),
        (lambda a: [a[0], -1, 64, a[3]], OverflowError, "negative"),
    ],
)  # fmt: skip
def test_wrong_relaunches(change, error, message):
    kernel, x, y = compiled()
    with pytest.raises(error, match=message):
        kernel[(1, 1, 1)](*change([Thin(x), Thin(y), 64, 1.5]))


def test_arrays_of_numpy():
    x, y = rand(8, 8), np.zeros((8, 8), np.float32)
    tegula.launch(add, (1,), x, y, 64, 0.5, BLOCK=64, SCALE=2)
    np.testing.assert_allclose(y, 2 * x + 0.5, rtol=1e-6)
    tegula.launch(add, (1,), y_ptr=y, x_ptr=x, n=np.int64(64), offset=np.float32(1), BLOCK=64)
    np.testing.assert_allclose(y, x + 1, rtol=1e-6)
    with pytest.raises(ValueError, match="argument 0: .*C-contiguous"):
        tegula.launch(add, (1,), x.T, y, 64, 0.5, BLOCK=64)
    with pytest.raises(TypeError, match="argument 'x_ptr': .*complex64"):
        tegula.launch(add, (1,), x_ptr=x.astype(np.complex64), y_ptr=y, n=64, offset=0.5, BLOCK=64)


@triton.jit
def first_of_each(pair, out_ptr):
    tl.store(out_ptr, tl.load(pair[0]) + tl.load(pair[1]))


def test_arrays_of_numpy_in_tuples():
    out = np.zeros(1, np.float64)
    tegula.launch(first_of_each, (1,), (np.array([2.0]), np.array([3], np.int64)), out)
    assert out[0] == 5


@pytest.mark.parametrize("grid", [(-1, 1, 1), (2**32, 1, 1), (1.5, 1, 1), ("1", 1, 1)], ids=str)
def test_wrong_grids(grid):
    kernel, x, y = compiled()
    with pytest.raises((TypeError, OverflowError), match="u32"):
        kernel[grid](Thin(x), Thin(y), 64, 1.5)


class FakeDriver:
    active = True

    @classmethod
    def is_active(cls):
        if cls.active == "broken":
            raise OSError("libcuda.so.1: cannot open shared object file")
        return cls.active


@pytest.mark.parametrize(
    "gpu, chosen, expected",
    [
        (False, None, True), (True, None, False), ("broken", None, True),
        (True, "cpu", True), (False, "cuda", False), (True, "", False),
    ],
)  # fmt: skip
def test_active_only_without_a_gpu_or_by_name(monkeypatch, gpu, chosen, expected):
    import triton.backends as found

    class Gpu(FakeDriver):
        active = gpu

    others = {"gpu": type("Backend", (), {"driver": Gpu}), "cpu": found.backends["cpu"]}
    monkeypatch.setattr(found, "backends", others)
    monkeypatch.delenv("TRITON_DEFAULT_BACKEND", raising=False)
    if chosen is not None:
        monkeypatch.setenv("TRITON_DEFAULT_BACKEND", chosen)
    assert CPUDriver.is_active() is expected


@pytest.mark.parametrize("version, says", [("3.10.0", "newer than .* or a newer tegula"), ("3.6.1", "older than"), ("3.9.1", None)])
def test_other_versions_of_triton_are_named(monkeypatch, recwarn, version, says):
    monkeypatch.setattr(triton, "__version__", version)
    versions.say_version.cache_clear()
    versions.say_version()
    if says is None:
        assert not recwarn.list
    else:
        with pytest.raises(ImportError, match=f"Triton {version} is {says}.*no name.*TRITON_BACKENDS_IN_TREE"):
            versions.refuse(ImportError("no name"))
        assert f"Triton {version} is {says[:5]}" in str(recwarn.pop().message)


def test_no_symbol_of_ours_is_visible_to_others():
    """libtriton has an LLVM of its own in this process, which exports its symbols."""
    import ctypes

    compiled()
    everyone = ctypes.CDLL(None)
    for symbol in ("LLVMContextCreate", "mlirContextCreate", "tegula_launch"):
        assert not hasattr(everyone, symbol)
    with open("/proc/self/maps") as maps:
        loaded = {os.path.basename(line.split()[-1]) for line in maps if "/" in line}
    assert any(name.startswith("libtriton") for name in loaded)
    assert any(name.startswith(("libLLVM", "libMLIR")) for name in loaded)


def test_device_properties():
    driver = triton.runtime.driver.active
    device = driver.get_current_device()
    properties = driver.utils.get_device_properties(device)
    assert properties["multiprocessor_count"] >= 1 and properties["max_shared_mem"] >= 64 << 10
    interface = driver.get_device_interface()
    start, end = interface.Event(enable_timing=True), interface.Event(enable_timing=True)
    start.record()
    time.sleep(0.01)
    end.record()
    interface.synchronize()
    assert 9 < start.elapsed_time(end) < 5000


def test_launch_hooks_see_every_launch():
    seen = []
    enter, leave = triton.knobs.runtime.launch_enter_hook, triton.knobs.runtime.launch_exit_hook
    hooks = [lambda data, what=what: seen.append((what, data.get()["name"])) for what in ("enter", "exit")]
    kernel, x, y = compiled()
    enter.add(hooks[0])
    leave.add(hooks[1])
    try:
        kernel[(1, 1, 1)](Thin(x), Thin(y), 64, 1.5)
    finally:
        enter.remove(hooks[0])
        leave.remove(hooks[1])
    assert seen == [("enter", "add"), ("exit", "add")]


def test_errors_of_hooks_reach_the_caller():
    def fail(data):
        raise ZeroDivisionError

    kernel, x, y = compiled()
    triton.knobs.runtime.launch_enter_hook.add(fail)
    try:
        with pytest.raises(ZeroDivisionError):
            kernel[(1, 1, 1)](Thin(x), Thin(y), 64, 1.5)
    finally:
        triton.knobs.runtime.launch_enter_hook.remove(fail)


def test_two_threads_launch_while_a_third_compiles():
    kernel, x, _ = compiled()
    stop, failures, launches = threading.Event(), [], [0, 0]

    def launch(index):
        y = np.zeros(64, np.float32)
        while not stop.is_set():
            y[:] = 0
            kernel[(1, 1, 1)](Thin(x), Thin(y), 64, 1.5)
            launches[index] += 1
            # Busy threads starve one that gives up the interpreter's lock at each file.
            time.sleep(1e-4)
            if not np.allclose(y, 2 * x + 1.5):
                failures.append(y)

    threads = [threading.Thread(target=launch, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    try:
        for scale in range(3, 9):
            y = np.zeros(64, np.float32)
            add[(1,)](Thin(x), Thin(y), 64, 0.0, BLOCK=64, SCALE=scale)
            np.testing.assert_allclose(y, scale * x, rtol=1e-6)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures and min(launches) > 0


def test_a_fork_after_a_launch_compiles_and_launches():
    compiled()
    child = os.fork()
    if child == 0:
        try:
            x, y = rand(64), np.zeros(64, np.float32)
            add[(1,)](Thin(x), Thin(y), 64, 0.0, BLOCK=64, SCALE=123)
            os._exit(0 if np.allclose(y, 123 * x) else 1)
        except BaseException:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0


def test_an_old_triton_sees_no_second_device():
    """Before 3.7 it refuses to choose where the processor is asked for beside a GPU."""
    status, output = python("""
        import triton.backends.nvidia.driver as nvidia
        from tegula.triton_backend import driver
        nvidia.CudaDriver.is_active = staticmethod(lambda: True)
        driver._hide_other_devices()
        print(nvidia.CudaDriver.is_active())
    """)
    assert status == 0 and output == "False\n", output


COMPILE_ALL = """
    import numpy as np, test_driver as t
    print("ready", flush=True)
    for scale in range(20, 26):
        x, y = t.rand(64), np.zeros(64, np.float32)
        t.add[(1,)](t.Thin(x), t.Thin(y), 64, 0.0, BLOCK=64, SCALE=scale)
        assert np.allclose(y, scale * x)
    print("done")
"""


def test_a_process_killed_while_it_compiles_leaves_a_good_cache(tmp_path):
    caches = {"TRITON_CACHE_DIR": str(tmp_path / "triton"), "TEGULA_CACHE_DIR": str(tmp_path / "tegula")}
    for delay in (0.02, 0.1):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(COMPILE_ALL)],
            cwd=TESTS, env={**os.environ, **caches}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay)
        process.kill()
        process.wait()
        process.stdout.close()
    status, output = python(COMPILE_ALL, **caches)
    assert status == 0 and output.endswith("done\n"), output


@pytest.mark.parametrize("damage", ["half", "flipped", "empty"])
def test_damaged_code_in_the_cache_is_compiled_again(damage):
    kernel, x, y = compiled()
    path = next(p for name, p in kernel.metadata_group.items() if name.endswith(".so"))
    with open(path, "rb") as file:
        good = file.read()
    caches = {"TRITON_CACHE_DIR": os.path.dirname(os.path.dirname(path))}
    try:
        with open(path, "wb") as file:
            middle = len(good) // 2
            flipped = good[:middle] + bytes([good[middle] ^ 255]) + good[middle + 1 :]
            file.write({"half": good[:middle], "flipped": flipped, "empty": b""}[damage])
        status, output = python("import test_driver as t; t.compiled()", **caches)
    finally:
        with open(path, "wb") as file:
            file.write(good)
    assert status == 0 and "is damaged: compiled again" in output, output
