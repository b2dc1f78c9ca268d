def with_torch(torch, a):
    x = torch.as_strided(a.x, (a.M, a.N), (a.stride_xm, a.stride_xn))
    y = torch.as_strided(a.y, (a.M, a.N), (a.stride_ym, a.stride_yn))
    return lambda: y.copy_(x)
