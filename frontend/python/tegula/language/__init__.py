"""The names of the Triton language, for files that do without Triton.

Kernels are read from their source: nothing here is ever called, it only has to
exist when Python defines the function. dtypes may be passed as constants.
"""


class dtype:
    """An element type, by its name in the language."""

    def __init__(self, name: str):
        self.name = name

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return "tl." + self.name

    def __eq__(self, other) -> bool:
        return isinstance(other, dtype) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


for _name in (
    "int1 int8 int16 int32 int64 uint8 uint16 uint32 uint64 float8e4nv float8e4b8 "
    "float8e5 float8e5b16 float16 bfloat16 float32 float64"
).split():
    globals()[_name] = dtype(_name)


class constexpr:
    """The annotation of parameters that are compiled in, or a constant."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        return int(self.value)


class _Name:
    """Something that means nothing outside a kernel."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Name(f"{self._name}.{name}")

    def __call__(self, *args, **kwargs):
        raise TypeError(f"{self._name} means something only within a kernel")


def __getattr__(name: str):
    if name.startswith("__"):
        raise AttributeError(name)
    return _Name(f"tl.{name}")
