def with_torch(torch, a):
    def run():
        values, places = torch.topk(a.x, a.K, dim=1)
        a.values.copy_(values)
        a.indices.copy_(places)

    return run
