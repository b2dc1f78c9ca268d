# Sorting and reversing, by gathers along one axis: the code does not grow with
# the tensor.


def _log2(n):
    return n.bit_length() - 1


def _last_axis(x_shape, dim):
    axis = len(x_shape) - 1 if dim is None else dim
    return axis + len(x_shape) if axis < 0 else axis


@triton.jit
def _places(shape, axis: tl.constexpr):
    # Each element's index along `axis`.
    index = tl.arange(0, shape[axis])
    index = tl.reshape(index, [1] * axis + [shape[axis]] + [1] * (len(shape) - axis - 1))
    return tl.broadcast_to(index, shape)


@triton.jit
def flip(x, dim=None):
    axis: tl.constexpr = _last_axis(x.shape, dim)
    tl.static_assert(0 <= axis and axis < len(x.shape), "flip: the dimension does not exist")
    return tl.gather(x, x.shape[axis] - 1 - _places(x.shape, axis), axis)


@triton.jit
def sort(x, dim: tl.constexpr = None, descending: tl.constexpr = False):
    axis: tl.constexpr = _last_axis(x.shape, dim)
    tl.static_assert(axis == len(x.shape) - 1, "sort: only the last dimension can be sorted")
    place = _places(x.shape, axis)
    # Batcher's bitonic network. Both partners of a pair see the same outcome of
    # the comparison, so the result is a permutation even with NaN.
    for stage in range(1, _log2(x.shape[axis]) + 1):
        for step in range(stage):
            distance = 1 << (stage - 1 - step)
            other = tl.gather(x, place ^ distance, axis)
            rising = ((place >> stage) & 1) == 0
            lower = (place & distance) == 0
            wants_less = (rising == lower) != descending
            takes = tl.where(wants_less, x > other, x < other)
            x = tl.where(takes, other, x)
    return x


@triton.jit
def topk(x, k: tl.constexpr, dim: tl.constexpr = None, descending: tl.constexpr = True):
    axis: tl.constexpr = _last_axis(x.shape, dim)
    tl.static_assert(k > 0 and k & (k - 1) == 0, "topk: k must be a power of two")
    tl.static_assert(k <= x.shape[axis], "topk: k is larger than the dimension")
    best = tl.gather(sort(x, dim, descending), _places(x.shape[:axis] + [k], axis), axis)
    # Triton selects by reductions, which widen narrow values.
    if k < x.shape[axis] or k == 1:
        best = best.to(_order_type(x.dtype))
    return best


@triton.jit
def bitonic_merge(x, dim: tl.constexpr = None, descending: tl.constexpr = False):
    return sort(x, dim, descending)
