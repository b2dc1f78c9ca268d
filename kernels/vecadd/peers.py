def with_torch(torch, a):
    return lambda: torch.add(a.x, a.y, out=a.out)


def with_numba(numba, a):
    @numba.njit(parallel=True, fastmath=True)
    def add(x, y, out):
        for i in numba.prange(x.size):
            out[i] = x[i] + y[i]

    return lambda: add(a.x, a.y, a.out)
