def with_torch(torch, a):
    normalise = torch.ops.aten.native_layer_norm.out
    mean, rstd = a.mean[:, None], a.rstd[:, None]

    def run():
        normalise(
            a.x, (a.n_cols,), a.weight, a.bias, a.eps, out0=a.y, out1=mean, out2=rstd
        )  # fmt: skip

    return run


def with_inductor(torch, a):
    def run():
        y, mean, rstd = torch.native_layer_norm(a.x, (a.n_cols,), a.weight, a.bias, a.eps)
        a.y.copy_(y)
        a.mean.copy_(mean.view(-1))
        a.rstd.copy_(rstd.view(-1))

    return run
