def with_torch(torch, a):
    if a.REVERSE:
        return lambda: a.y.copy_(torch.flip(torch.cumsum(torch.flip(a.x, (1,)), 1), (1,)))
    return lambda: torch.cumsum(a.x, 1, out=a.y)


def with_inductor(torch, a):
    return lambda: a.y.copy_(torch.cumsum(a.x, 1))


def with_numba(numba, a):
    @numba.njit(parallel=True)
    def cumsum(x, y):
        for row in numba.prange(x.shape[0]):
            total = x[row, 0] * 0
            for i in range(x.shape[1]):
                total += x[row, i]
                y[row, i] = total

    if a.REVERSE:
        raise ValueError("the Numba peer sums forwards only")
    return lambda: cumsum(a.x, a.y)
