def operands(torch, a):
    batch = a.c.shape[0]
    left = torch.as_strided(a.a, (batch, a.M, a.K), (a.stride_az, a.stride_am, a.stride_ak))
    right = torch.as_strided(a.b, (batch, a.K, a.N), (a.stride_bz, a.stride_bk, a.stride_bn))
    return left, right


def with_torch(torch, a):
    left, right = operands(torch, a)
    return lambda: torch.bmm(left, right, out=a.c)


def with_inductor(torch, a):
    left, right = operands(torch, a)
    return lambda: a.c.copy_(torch.bmm(left, right))
