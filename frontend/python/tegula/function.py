"""`tegula.jit`: functions in the Triton language, without Triton."""

import functools
import inspect
import linecache
import threading

from . import _tegula
from .arrays import find_array

#: Options of stock Triton's launches that mean nothing on a processor.
_IGNORED = {"num_warps", "num_stages", "num_ctas", "maxnreg", "warmup"}


class CompiledFunction:
    """A function compiled for the types and constants of one call."""

    def __init__(self, source: "_tegula.Source", passed: "list[str]"):
        self._source = source
        compiled = _tegula.compile(source)
        self.name = compiled.name
        self.target = compiled.target
        self.metadata = compiled.metadata
        self.code = compiled.code
        if compiled.target.partition(":")[0] != "cpu":
            raise _tegula.TargetUnavailable(
                f"{self.name}: Python launches kernels on 'cpu', not yet on '{self.target}'; "
                "`tegula run` and `tegula compile` take other targets"
            )
        self.kernel = _tegula.Kernel(compiled.code, compiled.metadata)
        names = [name for name, _ in self.kernel.arguments]
        #: The parameters that a launch passes, in their order.
        self.passed = [name for name in passed if name in names]

    def asm(self, stage: str):
        """A stage on the road to machine code: tile, raised, loops, llvm, asm, so."""
        return self._source.stage({"llir": "llvm"}.get(stage, stage))


class Function:
    """What `tegula.jit` makes: `function[grid](arguments)` runs it."""

    def __init__(self, function, target: str, do_not_specialize, do_not_specialize_on_alignment):
        self.fn = function
        self.target = target
        self._signature = inspect.signature(function)
        self._path = inspect.getsourcefile(function) or function.__code__.co_filename
        if function.__qualname__ != function.__name__:
            raise TypeError(f"{function.__qualname__}: a kernel must stand at the top level of its file")
        names = list(self._signature.parameters)
        pick = lambda chosen: {names[c] if isinstance(c, int) else c for c in chosen or ()}  # noqa: E731
        self._unspecialized = pick(do_not_specialize)
        self._unaligned = pick(do_not_specialize_on_alignment)
        self._constants = {
            name for name, p in self._signature.parameters.items() if _is_constexpr(p.annotation)
        }
        self._compiled = {}
        self._lock = threading.Lock()
        functools.update_wrapper(self, function)

    def __getitem__(self, grid):
        return functools.partial(self.run, grid=grid)

    def __call__(self, *args, **kwargs):
        raise TypeError(f"{self.fn.__name__} is a kernel: call it with a grid, {self.fn.__name__}[(4,)](...)")

    def run(self, *args, grid, threads: int = 0, **kwargs):
        """Launches, after compiling if these types and constants are new."""
        bound = self._bind(args, kwargs)
        types, constants, values, extents = self._specialize(bound)
        compiled = self._compile(types, constants)
        if callable(grid):
            grid = grid(bound)
        compiled.kernel.launch(
            grid,
            [values[name] for name in compiled.passed],
            [extents[name] for name in compiled.passed],
            threads,
        )
        return compiled

    def warmup(self, *args, **kwargs):
        """Compiles for these arguments without running anything."""
        kwargs.pop("grid", None)
        types, constants, _, _ = self._specialize(self._bind(args, kwargs))
        return self._compile(types, constants)

    def _bind(self, args, kwargs):
        names = self._signature.parameters
        options = {k: v for k, v in kwargs.items() if k in names or k not in _IGNORED}
        bound = self._signature.bind(*args, **options)
        bound.apply_defaults()
        return bound.arguments

    def _specialize(self, bound):
        """Triton's rules: 1 is compiled in, multiples of 16 are known to be."""
        types, constants, values, extents = {}, {}, {}, {}
        for name, value in bound.items():
            if name in self._constants or value is None:
                value = getattr(value, "value", value)
                constants[name] = tuple(value) if isinstance(value, list) else value
                continue
            try:
                type_, values[name], extents[name] = self._classify(name, value)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{self.fn.__name__}: argument '{name}': {error}") from None
            if type_ is None:
                constants[name] = value
            else:
                types[name] = type_
        return types, constants, values, extents

    def _classify(self, name, value):
        specialize = name not in self._unspecialized
        aligned = specialize and name not in self._unaligned
        # NumPy's scalars look like arrays, but nothing can be stored to them.
        if getattr(value, "shape", None) == () and not hasattr(value, "__setitem__"):
            value = value.item()
        if isinstance(value, bool):
            return "i1", value, 0
        if isinstance(value, float):
            return "f32", value, 0
        if isinstance(value, int):
            if value == 1 and specialize:
                return None, value, 0
            element = "i32" if -(2**31) <= value < 2**31 else "i64" if value < 2**63 else "u64"
            return element + (":16" if aligned and value % 16 == 0 else ""), value, 0
        array = find_array(value)
        if array is None:
            raise TypeError(f"a number or an array is wanted, not {type(value).__qualname__}")
        multiple = ":16" if aligned and array.address % 16 == 0 else ""
        return f"*{array.element}{multiple}", array.address, array.bytes

    def _compile(self, types, constants) -> CompiledFunction:
        key = (tuple(types.items()), tuple((n, type(v), v) for n, v in constants.items()))
        with self._lock:
            if key not in self._compiled:
                source = _tegula.Source(
                    text="".join(linecache.getlines(self._path)),
                    path=self._path,
                    kind="python",
                    kernel=self.fn.__name__,
                    types=types,
                    constants=constants,
                    target=self.target,
                )
                self._compiled[key] = CompiledFunction(source, list(types))
            return self._compiled[key]


def _is_constexpr(annotation) -> bool:
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    return text.rpartition(".")[2] == "constexpr"


def jit(function=None, *, target: str = "", do_not_specialize=None, do_not_specialize_on_alignment=None):
    """Makes a function in the Triton language a kernel.

    Its source file is read, not its bytecode; `target` is one of `tegula
    targets`, by default the best one here.
    """
    make = lambda f: Function(f, target, do_not_specialize, do_not_specialize_on_alignment)  # noqa: E731
    return make if function is None else make(function)
