def with_torch(torch, a):
    silu = torch.nn.functional.silu
    return lambda: torch.mul(silu(a.gate), a.up, out=a.out)


def with_inductor(torch, a):
    silu = torch.nn.functional.silu
    return lambda: a.out.copy_(silu(a.gate) * a.up)
