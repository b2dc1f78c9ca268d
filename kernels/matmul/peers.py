def operands(torch, a):
    left = torch.as_strided(a.a, (a.M, a.K), (a.stride_am, a.stride_ak))
    right = torch.as_strided(a.b, (a.K, a.N), (a.stride_bk, a.stride_bn))
    return left, right, torch.as_strided(a.c, (a.M, a.N), (a.stride_cm, a.stride_cn))


def with_torch(torch, a):
    if a.ACTIVATION != "none":
        raise ValueError("the torch peer has no activation")
    left, right, result = operands(torch, a)
    return lambda: torch.mm(left, right, out=result)


def with_inductor(torch, a):
    left, right, result = operands(torch, a)
    return lambda: result.copy_(torch.mm(left, right))
