def with_torch(torch, a):
    weight = a.weight + a.offset
    rms_norm = torch.nn.functional.rms_norm

    def run():
        a.y.copy_(rms_norm(a.x, (a.n_cols,), weight, a.eps))

    return run


def with_inductor(torch, a):
    weight = a.weight.float() + a.offset

    def run():
        x = a.x.float()
        inverse = torch.rsqrt(x.square().mean(1) + a.eps)
        a.rstd.copy_(inverse)
        a.y.copy_(x * inverse[:, None] * weight)

    return run
