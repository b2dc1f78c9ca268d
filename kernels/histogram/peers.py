def with_torch(torch, a):
    return lambda: a.counts.add_(torch.bincount(a.x, minlength=a.BINS))


def with_numba(numba, a):
    import numpy

    threads = numba.get_num_threads()

    @numba.njit(parallel=True)
    def count(x, counts):
        partial = numpy.zeros((threads, counts.size), numpy.int32)
        share = (x.size + threads - 1) // threads
        for thread in numba.prange(threads):
            for i in range(thread * share, min((thread + 1) * share, x.size)):
                partial[thread, x[i]] += 1
        for thread in range(threads):
            counts += partial[thread]

    return lambda: count(a.x, a.counts)
