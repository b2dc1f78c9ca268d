"""Which Triton this package is for. Triton's interface to backends changes with each
of its versions."""

import functools
import warnings

import triton

#: What the tests run with. From 3.4 on Triton looks for backends in other packages
#: and runs this one, too; older ones never ask for it.
TESTED = (3, 9)


def installed() -> "tuple[int, ...]":
    """(3, 9)"""
    return tuple(int(part) for part in triton.__version__.split(".")[:2])


def _advice() -> "str | None":
    """What is to be said about the installed version; None: nothing."""
    if installed() == TESTED:
        return None
    is_newer = installed() > TESTED
    return (
        f"Triton {triton.__version__} is {'newer' if is_newer else 'older'} than what tegula's backend 'cpu' is "
        f"tested with (3.9); where it fails, install triton==3.9.0{' or a newer tegula' if is_newer else ''}"
    )


@functools.cache
def say_version() -> None:
    """Once, when the backend is used: on a machine with a GPU nobody may want it."""
    if advice := _advice():
        warnings.warn(advice, stacklevel=2)


def refuse(error: ImportError):
    """Triton lacks a name that a backend needs."""
    raise ImportError(
        f"{_advice() or 'tegula: this Triton is damaged'} ({error}); TRITON_BACKENDS_IN_TREE=1 lets Triton "
        "start without backends of other packages"
    ) from error
