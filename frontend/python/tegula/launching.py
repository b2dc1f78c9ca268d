"""`tegula.launch`: kernels of stock Triton on arrays that aren't torch's."""

from .arrays import NAMES, find_array


class _Pointer:
    """As much of a tensor as Triton looks at."""

    __slots__ = ("dtype", "_address", "_owner")

    def __init__(self, array):
        self.dtype = NAMES[array.element]
        self._address, self._owner = array.address, array.owner

    def data_ptr(self) -> int:
        return self._address


def _pass(name, value):
    if isinstance(value, (tuple, list)):
        return type(value)(_pass(f"{name}[{i}]", v) for i, v in enumerate(value))
    if hasattr(value, "data_ptr"):
        return value
    if not hasattr(value, "__setitem__"):
        return value.item() if getattr(value, "shape", None) == () else value
    try:
        array = find_array(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"argument {name}: {error}") from None
    return value if array is None else _Pointer(array)


def launch(kernel, grid, *args, **kwargs):
    """Runs `kernel[grid](*args, **kwargs)`, where arrays may be NumPy's or those of
    any library that speaks DLPack; none is copied.

        tegula.launch(add, (4,), x, y, out, 1000, BLOCK=256)

    `kernel` is a function of `triton.jit` or `tegula.jit`.
    """
    passed = [_pass(i, value) for i, value in enumerate(args)]
    return kernel[grid](*passed, **{name: _pass(f"'{name}'", value) for name, value in kwargs.items()})
