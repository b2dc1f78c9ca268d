# Random numbers: the Philox 4x32-10 and 4x64-10 generators of Salmon et al.,
# "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).


@triton.jit
def philox_impl(c0, c1, c2, c3, k0, k1, n_rounds: tl.constexpr = 10):
    wide: tl.constexpr = c0.dtype == tl.uint64
    tl.static_assert(wide or c0.dtype == tl.uint32, "philox counts in uint32 or uint64")
    multiply_a: tl.constexpr = 0xD2E7470EE14C6C93 if wide else 0xD2511F53
    multiply_b: tl.constexpr = 0xCA5A826395121157 if wide else 0xCD9E8D57
    weyl_a: tl.constexpr = 0x9E3779B97F4A7C15 if wide else 0x9E3779B9
    weyl_b: tl.constexpr = 0xBB67AE8584CAA73B if wide else 0xBB67AE85
    for _ in tl.static_range(n_rounds):
        low_a = c0 * multiply_a
        low_b = c2 * multiply_b
        high_a = tl.umulhi(c0, multiply_a)
        high_b = tl.umulhi(c2, multiply_b)
        c0 = high_b ^ c1 ^ k0
        c1 = low_b
        c2 = high_a ^ c3 ^ k1
        c3 = low_a
        k0 = k0 + weyl_a
        k1 = k1 + weyl_b
    return c0, c1, c2, c3


@triton.jit
def philox(seed, c0, c1, c2, c3, n_rounds: tl.constexpr = 10):
    key = tl.to_tensor(seed)
    tl.static_assert(key.dtype.is_int(), "the seed of a random number must be an integer")
    key = key.to(tl.uint64)
    c0 = tl.to_tensor(c0)
    c1 = tl.to_tensor(c1)
    c2 = tl.to_tensor(c2)
    c3 = tl.to_tensor(c3)
    if c0.dtype.primitive_bitwidth == 32:
        word: tl.constexpr = tl.uint32
        k0 = key.to(tl.uint32)
        k1 = (key >> 32).to(tl.uint32)
    else:
        word: tl.constexpr = tl.uint64
        k0 = key
        k1 = tl.full((1, ), 0, tl.uint64)
    return philox_impl(c0.to(word, bitcast=True), c1.to(word, bitcast=True), c2.to(word, bitcast=True),
                       c3.to(word, bitcast=True), k0, k1, n_rounds)


@triton.jit
def randint4x(seed, offset, n_rounds: tl.constexpr = 10):
    place = tl.to_tensor(offset)
    low = place.to(tl.uint32)
    zero = low * 0
    if place.dtype.primitive_bitwidth > 32:
        high = (place >> 32).to(tl.uint32)
    else:
        high = zero
    return philox(seed, low, high, zero, zero, n_rounds)


@triton.jit
def randint(seed, offset, n_rounds: tl.constexpr = 10):
    number, _, _, _ = randint4x(seed, offset, n_rounds)
    return number


@triton.jit
def uint_to_uniform_float(x):
    # Folds the negative half over, then scales so that the largest integer
    # stays below 1 after rounding.
    narrow: tl.constexpr = x.dtype.primitive_bitwidth == 32
    number = x.to(tl.int32 if narrow else tl.int64, bitcast=True)
    positive = tl.where(number < 0, ~number, number)
    scale = 4.6566127342e-10 if narrow else 1.0842020432385337e-19
    return positive * scale


@triton.jit
def rand4x(seed, offsets, n_rounds: tl.constexpr = 10):
    a, b, c, d = randint4x(seed, offsets, n_rounds)
    return uint_to_uniform_float(a), uint_to_uniform_float(b), uint_to_uniform_float(c), uint_to_uniform_float(d)


@triton.jit
def rand(seed, offset, n_rounds: tl.constexpr = 10):
    return uint_to_uniform_float(randint(seed, offset, n_rounds))


@triton.jit
def pair_uniform_to_normal(u1, u2):
    # Box and Muller's transform; log(0) is kept away.
    radius = tl.sqrt(-2.0 * tl.log(tl.maximum(1.0e-7, u1)))
    angle = 6.283185307179586 * u2
    return radius * tl.cos(angle), radius * tl.sin(angle)


@triton.jit
def randn4x(seed, offset, n_rounds: tl.constexpr = 10):
    a, b, c, d = rand4x(seed, offset, n_rounds)
    first, second = pair_uniform_to_normal(a, b)
    third, fourth = pair_uniform_to_normal(c, d)
    return first, second, third, fourth


@triton.jit
def randn(seed, offset, n_rounds: tl.constexpr = 10):
    a, b, _, _ = randint4x(seed, offset, n_rounds)
    normal, _ = pair_uniform_to_normal(uint_to_uniform_float(a), uint_to_uniform_float(b))
    return normal
