# Functions of the language that are written in it. They are parsed with every
# kernel that needs them; names with an underscore are theirs alone.
import triton
import triton.language as tl


@triton.jit
def cdiv(x, div):
    return (x + (div - 1)) // div


@triton.jit
def zeros(shape, dtype):
    return tl.full(shape, 0, dtype)


@triton.jit
def zeros_like(input):
    return tl.full(input.shape, 0, input.dtype)


@triton.jit
def sigmoid(x):
    return 1 / (1 + tl.exp(-x))


@triton.jit
def softmax(x, dim=None, keep_dims=False, ieee_rounding=False):
    axis: tl.constexpr = 0 if dim is None else dim
    shifted = x - max(x, axis, keep_dims=True)
    powers = tl.exp(shifted)
    return tl.fdiv(powers, sum(powers, axis, keep_dims=True), ieee_rounding)


@triton.jit
def ravel(x, can_reorder=False):
    return tl.reshape(x, [x.numel], can_reorder=can_reorder)


@triton.jit
def swizzle2d(i, j, size_i, size_j, size_g):
    # Walks a matrix of tiles in bands of `size_g` rows, column by column.
    linear = i * size_j + j
    per_band = size_g * size_j
    band_start = linear // per_band * size_g
    band_rows = tl.minimum(size_i - band_start, size_g)
    inside = linear % per_band
    return band_start + inside % band_rows, inside // band_rows


@triton.jit
def squeeze(x, dim: tl.constexpr):
    axis: tl.constexpr = dim + len(x.shape) if dim < 0 else dim
    tl.static_assert(x.shape[axis] == 1, "squeeze: the dimension must have size 1")
    return tl.reshape(x, x.shape[:axis] + x.shape[axis + 1:])


@triton.jit
def unsqueeze(x, dim: tl.constexpr):
    return tl.expand_dims(x, dim)


@triton.jit
def interleave(a, b):
    both = tl.join(a, b)
    if len(both.shape) == 1:
        return both
    return tl.reshape(both, both.shape[:-2] + [2 * both.shape[-2]])


# Reductions.


@triton.jit
def _sum_combine(a, b):
    return a + b


@triton.jit
def _prod_combine(a, b):
    return a * b


@triton.jit
def _max_combine(a, b):
    return tl.maximum(a, b)


@triton.jit
def _min_combine(a, b):
    return tl.minimum(a, b)


@triton.jit
def _xor_combine(a, b):
    return a ^ b


@triton.jit
def _or_combine(a, b):
    return a | b


@triton.jit
def _argmax_first(value, index, other, other_index):
    wins = (value > other) | ((value == other) & (index < other_index))
    return tl.where(wins, value, other), tl.where(wins, index, other_index)


@triton.jit
def _argmax_any(value, index, other, other_index):
    wins = value > other
    return tl.where(wins, value, other), tl.where(wins, index, other_index)


@triton.jit
def _argmin_first(value, index, other, other_index):
    wins = (value < other) | ((value == other) & (index < other_index))
    return tl.where(wins, value, other), tl.where(wins, index, other_index)


@triton.jit
def _argmin_any(value, index, other, other_index):
    wins = value < other
    return tl.where(wins, value, other), tl.where(wins, index, other_index)


def _sum_type(given, wanted):
    # Narrow integers are summed in 32 bits of the same sign.
    if wanted is not None:
        return wanted
    if given.is_int_signed() and given.int_bitwidth < 32:
        return tl.int32
    if given.is_int_unsigned() and given.int_bitwidth < 32:
        return tl.uint32
    if given.is_bool():
        return tl.uint32
    return given


def _order_type(given):
    # Narrow values are compared in 32 bits.
    if given.primitive_bitwidth >= 32:
        return given
    return tl.float32 if given.is_floating() else tl.int32


@triton.jit
def _with_indices(input, axis, combine, keep_dims):
    flat = input if axis is not None else tl.reshape(input, [input.numel])
    along: tl.constexpr = 0 if axis is None else (axis + len(flat.shape) if axis < 0 else axis)
    index = tl.arange(0, flat.shape[along])
    if len(flat.shape) > 1:
        index = tl.reshape(index, [1] * along + [flat.shape[along]] + [1] * (len(flat.shape) - along - 1))
        index = tl.broadcast_to(index, flat.shape)
    value, where = tl.reduce((flat, index), along, combine, keep_dims=keep_dims if axis is not None else False)
    if axis is None and keep_dims:
        value = tl.reshape(value, [1] * len(input.shape))
        where = tl.reshape(where, [1] * len(input.shape))
    return value, where


@triton.jit
def sum(input, axis=None, keep_dims=False, dtype: tl.constexpr = None):
    wide: tl.constexpr = _sum_type(input.dtype, dtype)
    return tl.reduce(input.to(wide), axis, _sum_combine, keep_dims=keep_dims)


@triton.jit
def max(input, axis=None, return_indices=False, return_indices_tie_break_left=True, keep_dims=False):
    wide: tl.constexpr = _order_type(input.dtype)
    if return_indices:
        combine: tl.constexpr = _argmax_first if return_indices_tie_break_left else _argmax_any
        return _with_indices(input, axis, combine, keep_dims)
    return tl.reduce(input.to(wide), axis, _max_combine, keep_dims=keep_dims)


@triton.jit
def min(input, axis=None, return_indices=False, return_indices_tie_break_left=True, keep_dims=False):
    wide: tl.constexpr = _order_type(input.dtype)
    if return_indices:
        combine: tl.constexpr = _argmin_first if return_indices_tie_break_left else _argmin_any
        return _with_indices(input, axis, combine, keep_dims)
    return tl.reduce(input.to(wide), axis, _min_combine, keep_dims=keep_dims)


@triton.jit
def argmax(input, axis, tie_break_left=True, keep_dims=False):
    value, index = max(input, axis, return_indices=True, return_indices_tie_break_left=tie_break_left, keep_dims=keep_dims)
    return index


@triton.jit
def argmin(input, axis, tie_break_left=True, keep_dims=False):
    value, index = min(input, axis, return_indices=True, return_indices_tie_break_left=tie_break_left, keep_dims=keep_dims)
    return index


@triton.jit
def xor_sum(input, axis=None, keep_dims=False):
    tl.static_assert(input.dtype.is_int(), "xor_sum takes integers")
    return tl.reduce(input, axis, _xor_combine, keep_dims=keep_dims)


@triton.jit
def reduce_or(input, axis, keep_dims=False):
    tl.static_assert(input.dtype.is_int(), "reduce_or takes integers")
    return tl.reduce(input, axis, _or_combine, keep_dims=keep_dims)


@triton.jit
def cumsum(input, axis=0, reverse=False, dtype: tl.constexpr = None):
    wide: tl.constexpr = _sum_type(input.dtype, dtype)
    return tl.associative_scan(input.to(wide), axis, _sum_combine, reverse)


@triton.jit
def cumprod(input, axis=0, reverse=False, dtype: tl.constexpr = None):
    wide: tl.constexpr = _sum_type(input.dtype, dtype)
    return tl.associative_scan(input.to(wide), axis, _prod_combine, reverse)
