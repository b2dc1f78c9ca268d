"""Addresses of arrays in this process's memory; nothing is ever copied."""

import ctypes
from dataclasses import dataclass

# Names of element types: NumPy's (`typestr` without byte order), other
# libraries' (the last part of their str()), DLPack's (code, bits).
_NUMPY = {
    "b1": "i1", "i1": "i8", "i2": "i16", "i4": "i32", "i8": "i64",
    "u1": "u8", "u2": "u16", "u4": "u32", "u8": "u64",
    "f2": "f16", "f4": "f32", "f8": "f64",
}  # fmt: skip
_NAMED = {
    "bool": "i1", "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64",
    "uint8": "u8", "uint16": "u16", "uint32": "u32", "uint64": "u64",
    "float16": "f16", "half": "f16", "bfloat16": "bf16",
    "float32": "f32", "float": "f32", "float64": "f64", "double": "f64",
    "float8_e4m3fn": "f8e4m3", "float8_e5m2": "f8e5m2",
    "float8_e4m3fnuz": "f8e4m3fnuz", "float8_e5m2fnuz": "f8e5m2fnuz",
}  # fmt: skip
#: Of our element types, the first of the other libraries' names.
NAMES = {element: name for name, element in reversed(_NAMED.items())}
_DLPACK = {0: "i", 1: "u", 2: "f", 4: "bf", 6: "bool"}


@dataclass(frozen=True)
class Array:
    """A C-contiguous array: where it is and what it holds."""

    address: int
    element: str
    bytes: int
    #: Keeps the memory alive.
    owner: object


def find_array(value) -> "Array | None":
    """The array behind `value`; None if it is no array.

    Raises ValueError or TypeError for arrays that a kernel on this processor
    can't take: on another device, not C-contiguous, of unknown dtype.
    """
    if hasattr(value, "data_ptr"):
        return _from_pointer(value)
    interface = getattr(value, "__array_interface__", None)
    if interface is not None:
        return _from_interface(value, interface)
    if hasattr(value, "__cuda_array_interface__"):
        raise ValueError(f"{_called(value)} is in a GPU's memory; a kernel for the CPU can't reach it")
    if hasattr(value, "__dlpack__"):
        return _from_dlpack(value)
    return None


def _called(value) -> str:
    return f"the {type(value).__module__}.{type(value).__qualname__}"


def _require_contiguous(value, shape, strides, item: int) -> None:
    """`strides` in bytes; None says C-contiguous."""
    expected = item
    for extent, stride in reversed(list(zip(shape, strides or ()))):
        if extent > 1 and stride != expected:
            raise ValueError(
                f"{_called(value)} of shape {tuple(shape)} has the strides {tuple(strides)} in bytes, "
                "but kernels take C-contiguous arrays; make one by numpy.ascontiguousarray"
            )
        expected *= extent


def _count(shape) -> int:
    count = 1
    for extent in shape:
        count *= extent
    return count


def _unknown(value, name) -> TypeError:
    return TypeError(f"{_called(value)} has elements of type {name}, which kernels don't have")


def _from_interface(value, interface) -> Array:
    name = interface["typestr"]
    element = _NUMPY.get(name[1:])
    if element is None:  # ml_dtypes' bfloat16 and fp8 are "V2" to NumPy.
        element = _NAMED.get(str(getattr(value, "dtype", name)))
    if element is None:
        raise _unknown(value, getattr(value, "dtype", name))
    if name[0] == ">":
        raise TypeError(f"{_called(value)} is big-endian; kernels take the processor's byte order")
    item, shape = int(name[2:]), interface["shape"]
    _require_contiguous(value, shape, interface.get("strides"), item)
    address, is_read_only = interface["data"]
    if is_read_only:
        raise ValueError(f"{_called(value)} is read-only; a kernel may write to its arrays")
    return Array(address, element, _count(shape) * item, value)


def _from_pointer(value) -> Array:
    """A torch tensor, or an object like one."""
    device = getattr(value, "device", None)
    if getattr(device, "type", "cpu") != "cpu":
        raise ValueError(f"{_called(value)} is on device '{device}'; a kernel for the CPU can't reach it")
    element = _NAMED.get(str(value.dtype).rpartition(".")[2])
    if element is None:
        raise _unknown(value, value.dtype)
    if hasattr(value, "is_contiguous") and not value.is_contiguous():
        raise ValueError(
            f"{_called(value)} of shape {tuple(value.shape)} isn't contiguous; make it so by .contiguous()"
        )
    bytes_ = value.nbytes if hasattr(value, "nbytes") else 0
    return Array(value.data_ptr(), element, bytes_, value)


class _DLTensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


_capsule_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_capsule_pointer.restype = ctypes.c_void_p
_capsule_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


def _from_dlpack(value) -> Array:
    device = value.__dlpack_device__()
    if device[0] != 1:
        raise ValueError(f"{_called(value)} is on DLPack device {tuple(device)}; a kernel for the CPU can't reach it")
    capsule = value.__dlpack__()
    # Never renamed to "used_dltensor": the capsule's own destructor frees it.
    tensor = _DLTensor.from_address(_capsule_pointer(capsule, b"dltensor"))
    name = _DLPACK.get(tensor.code, "?") + str(tensor.bits)
    element = "i1" if name == "bool8" else name
    if element not in set(_NAMED.values()) or tensor.lanes != 1:
        raise _unknown(value, name)
    shape = tensor.shape[: tensor.ndim]
    item = tensor.bits // 8
    strides = [s * item for s in tensor.strides[: tensor.ndim]] if tensor.strides else None
    _require_contiguous(value, shape, strides, item)
    return Array((tensor.data or 0) + tensor.byte_offset, element, _count(shape) * item, capsule)
