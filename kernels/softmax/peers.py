def with_torch(torch, a):
    return lambda: torch.softmax(a.x, 1, out=a.y)


def with_inductor(torch, a):
    return lambda: a.y.copy_(torch.softmax(a.x, 1))


def with_numba(numba, a):
    import math

    @numba.njit(parallel=True, fastmath=True)
    def softmax(x, y):
        for row in numba.prange(x.shape[0]):
            largest = x[row].max()
            total = numba.float32(0)
            for i in range(x.shape[1]):
                y[row, i] = math.exp(x[row, i] - largest)
                total += y[row, i]
            scale = 1 / total
            for i in range(x.shape[1]):
                y[row, i] *= scale

    if a.x.dtype != "float32":
        raise TypeError("the Numba peer does f32 only")
    return lambda: softmax(a.x, a.y)
