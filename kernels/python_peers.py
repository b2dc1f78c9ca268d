"""Other implementations of the corpus' kernels in Python, for
`tegula bench --peers torch,inductor,numba --python PYTHON`.

A request is a line of JSON on the standard input, its answer one on the
standard output:

  {"prepare": ID, "peer": "torch", "folder": "kernels/softmax", "threads": 1,
   "arrays": [{"name", "dtype", "shape", "file"}], "values": {"n_cols": 1024}}
      -> {"seconds": of the first run, "comparable": true}
  {"run": ID, "repeats": 10}  -> {"seconds": of all together, after one more}
  {"forget": ID}              -> {}

A request that can't be done is answered by {"error": why}. Arrays are shared:
`file` is mapped, so outputs are seen by the caller.

A kernel's peers are functions in kernels/NAME/peers.py:

  def with_torch(torch, a):       # a.x: a tensor; a.n_cols: a number or text
      return lambda: torch.softmax(a.x, 1, out=a.y)

  def with_inductor(torch, a):    # what torch.compile is given; with_torch's
      ...                         # function where this one is missing
  def with_numba(numba, a):       # a.x: a NumPy array

The function that is returned does the whole work. One whose results are not the
kernel's (other random numbers) says so: `run.comparable = False`.
"""

import importlib.util
import json
import os
import sys
import time
import types

# What NumPy has no type for is seen through an integer of its size.
NUMPY_NAMES = {
    "i1": "bool", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64",
    "u8": "uint8", "u16": "uint16", "u32": "uint32", "u64": "uint64",
    "f16": "float16", "bf16": "uint16", "f32": "float32", "f64": "float64",
    "f8e4m3": "uint8", "f8e5m2": "uint8",
}  # fmt: skip
TORCH_NAMES = {
    "bf16": "bfloat16", "f8e4m3": "float8_e4m3fn", "f8e5m2": "float8_e5m2",
}  # fmt: skip


def map_array(described, as_tensor):
    import numpy

    dtype = described["dtype"]
    array = numpy.memmap(
        described["file"],
        dtype=NUMPY_NAMES[dtype],
        mode="r+",
        shape=tuple(described["shape"]),
    )
    if not as_tensor:
        return array
    import torch

    tensor = torch.from_numpy(array)
    return tensor.view(getattr(torch, TORCH_NAMES[dtype])) if dtype in TORCH_NAMES else tensor


def load_peers(folder):
    path = os.path.join(folder, "peers.py")
    if not os.path.exists(path):
        raise LookupError("the kernel has no peers in Python")
    spec = importlib.util.spec_from_file_location("peers", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_run(request):
    peer, peers = request["peer"], load_peers(request["folder"])
    library = importlib.import_module("numba" if peer == "numba" else "torch")
    make = getattr(peers, "with_" + peer, None)
    if peer == "inductor":
        make = make or getattr(peers, "with_torch", None)
    if make is None:
        raise LookupError(f"the kernel has no peer {peer}")
    arguments = types.SimpleNamespace(**request["values"])
    for described in request["arrays"]:
        setattr(arguments, described["name"], map_array(described, peer != "numba"))
    if peer == "numba":
        library.set_num_threads(min(request["threads"], library.config.NUMBA_NUM_THREADS))
    else:
        library.set_num_threads(request["threads"])
    run = make(library, arguments)
    comparable = getattr(run, "comparable", True)
    if peer != "inductor":
        return run, comparable
    # Each case is compiled for its own shapes.
    library._dynamo.reset()
    return library.compile(run, dynamic=False), comparable


def answer(request, prepared):
    if "prepare" in request:
        run, comparable = make_run(request)
        start = time.perf_counter()
        run()
        prepared[request["prepare"]] = run
        return {"seconds": time.perf_counter() - start, "comparable": comparable}
    if "run" in request:
        run, repeats = prepared[request["run"]], request["repeats"]
        # Others had the caches, and sleeping threads have to wake up.
        run()
        start = time.perf_counter()
        for _ in range(repeats):
            run()
        return {"seconds": time.perf_counter() - start}
    if "forget" in request:
        prepared.pop(request["forget"], None)
        return {}
    return {"error": "no such request"}


def main():
    # What libraries print must not end up among the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    prepared = {}
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line), prepared)
        except Exception as error:  # whatever a library raises is an answer
            reply = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
