"""This processor as a device of Triton."""

import ctypes
import hashlib
import importlib
import json
import os
import re
import time
import warnings

from . import versions

try:
    from triton.backends.compiler import GPUTarget
    from triton.backends.driver import DriverBase
except ImportError as error:
    versions.refuse(error)

from .. import _tegula


class Utils:
    """What Triton asks of a device's driver library."""

    def get_device_properties(self, device) -> dict:
        return {
            "max_shared_mem": 256 << 10,
            "max_num_regs": 1 << 16,
            "multiprocessor_count": len(os.sched_getaffinity(0)),
            "warpSize": 1,
            "warp_size": 1,
            "sm_clock_rate": 3_000_000,
            "mem_clock_rate": 3_000_000,
            "mem_bus_width": 128,
        }

    def load_binary(self, name: str, code: bytes, shared: int, device: int):
        """(module, function, registers, spills, threads): the launcher loads
        the code, since it knows the metadata."""
        return code, code, 0, 0, 1 << 30

    def unload_module(self, module) -> None:
        pass


class Origin:
    """What a kernel's code was compiled from: Triton's cache may have damaged the
    code, and a launch may want other code."""

    def __init__(self, metadata):
        self._metadata = metadata

    def checked(self, code: bytes) -> bytes:
        if hashlib.sha256(code).hexdigest() == self._metadata.tegula_sha256:
            return code
        warnings.warn(f"the code of '{self._metadata.name}' in Triton's cache is damaged: compiled again")
        return self._compile(self._metadata.tegula_ttir).code

    def pad_with_nan(self, descriptors: list) -> tuple:
        """(code, metadata) for host descriptors of these numbers that pad with NaN."""
        attribute = f"tegula.nan_descriptors = array<i32: {str(descriptors)[1:-1]}>"
        text, count = re.subn(
            "^module (attributes {)?",
            lambda found: f"module attributes {{{attribute}" + (", " if found[1] else "} "),
            self._metadata.tegula_ttir, count=1, flags=re.MULTILINE,
        )  # fmt: skip
        assert count == 1
        compiled = self._compile(text)
        return compiled.code, compiled.metadata

    def _compile(self, text: str) -> "_tegula.Compiled":
        target, is_host = self._metadata.tegula_target
        path = f"{self._metadata.name}.ttir"
        source = _tegula.Source(text=text, path=path, kind="ttir", target=target, must_run=is_host)
        return _tegula.compile(source)


def make_launcher(src, metadata) -> "_tegula.Launcher":
    """For a kernel compiled from `src`, a function or a file of TTIR."""
    about = metadata.tegula
    asks_for_aliases = about["uses"]["aliases"]
    function = getattr(src, "fn", None)
    if function is None:
        signature = [argument["type"] for argument in about["args"]]
        is_constant = [False] * len(signature)
    else:
        # A signature of triton.compile may leave constants out.
        signature = [src.signature.get(name, "constexpr") for name in function.arg_names]
        is_constant = [param.is_constexpr for param in function.params]
    return _tegula.Launcher(json.dumps(about), signature, is_constant, asks_for_aliases, Origin(metadata))


class Event:
    """A point in time; launches have ended when they return."""

    def __init__(self, enable_timing: bool = False, **_):
        self._time = 0.0

    def record(self, stream=None) -> None:
        self._time = time.perf_counter()

    def elapsed_time(self, end: "Event") -> float:
        return (end._time - self._time) * 1e3

    def synchronize(self) -> None:
        pass

    wait = query = lambda self, *_: True


class DeviceInterface:
    """torch.cpu, with the timed events that it lacks; works without torch."""

    Event = Event

    @staticmethod
    def synchronize(device=None) -> None:
        pass

    @staticmethod
    def current_device() -> str:
        return "cpu"

    @staticmethod
    def device_count() -> int:
        return 1

    @staticmethod
    def is_available() -> bool:
        return True

    def __getattr__(self, name: str):
        import torch

        return getattr(torch.cpu, name)


def _last_level_cache() -> int:
    try:
        return os.sysconf("SC_LEVEL3_CACHE_SIZE")
    except (ValueError, OSError):
        return 0


class CPUDriver(DriverBase):
    def __init__(self):
        self.utils = Utils()
        self.launcher_cls = make_launcher
        self._interface = DeviceInterface()

    @classmethod
    def is_active(cls) -> bool:
        """When asked for by name, or where there is no other device."""
        chosen = os.environ.get("TRITON_DEFAULT_BACKEND")
        if chosen:
            return chosen == "cpu"
        from triton.backends import backends

        return not any(_is_active(b.driver) for b in backends.values() if b.driver is not cls)

    def get_current_target(self) -> GPUTarget:
        return GPUTarget("cpu", _tegula.host_processor(), 1)

    # As torch.cpu says it: Triton and libraries use it as a key.
    def get_current_device(self) -> str:
        return "cpu"

    def set_current_device(self, device) -> None:
        pass

    def get_current_stream(self, device) -> int:
        return 0

    def get_device_capability(self, device: int = 0):
        return (0, 0)

    def get_active_torch_device(self):
        import torch

        return torch.device("cpu")

    def get_device_interface(self) -> DeviceInterface:
        return self._interface

    def map_python_to_cpp_type(self, type: str) -> str:
        if type.startswith("*"):
            return "void *"
        names = {"i1": "int8_t", "u1": "uint8_t", "fp16": "uint16_t", "bf16": "uint16_t"}
        names |= {"fp32": "float", "f32": "float", "fp64": "double", "f64": "double"}
        return names.get(type) or ("u" if type[0] == "u" else "") + f"int{type[1:]}_t"

    def assemble_tensormap_to_arg(self, tensormaps_info, args):
        return args

    def get_benchmarker(self):
        from triton.testing import do_bench

        return do_bench

    def get_empty_cache_for_benchmark(self):
        return bytearray(min(max(2 * _last_level_cache(), 8 << 20), 128 << 20))

    def clear_cache(self, cache: bytearray) -> None:
        ctypes.memset((ctypes.c_char * len(cache)).from_buffer(cache), 0, len(cache))


def _is_active(driver) -> bool:
    """A driver whose libraries are missing isn't."""
    try:
        return driver.is_active()
    except Exception:
        return False


def _hide_other_devices() -> None:
    """Triton before 3.7 doesn't know TRITON_DEFAULT_BACKEND: it takes the one driver
    that is active, and two are an error."""
    for name in ("nvidia", "amd"):
        try:
            module = importlib.import_module(f"triton.backends.{name}.driver")
        except Exception:
            continue  # Not in this Triton, or its libraries are missing.
        for driver in vars(module).values():
            if isinstance(driver, type) and "is_active" in vars(driver):
                driver.is_active = staticmethod(lambda: False)


if versions.installed() < (3, 7) and os.environ.get("TRITON_DEFAULT_BACKEND") == "cpu":
    _hide_other_devices()
