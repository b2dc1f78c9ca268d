def with_torch(torch, a):
    return lambda: a.y.copy_(a.x.t())


def with_numba(numba, a):
    @numba.njit(parallel=True)
    def transpose(x, y):
        rows, cols = y.shape
        for block in numba.prange((rows + 31) // 32):
            for first in range(0, cols, 32):
                for i in range(block * 32, min(block * 32 + 32, rows)):
                    for j in range(first, min(first + 32, cols)):
                        y[i, j] = x[j, i]

    return lambda: transpose(a.x, a.y)
