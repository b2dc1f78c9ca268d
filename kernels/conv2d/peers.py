def with_torch(torch, a):
    conv2d = torch.nn.functional.conv2d
    return lambda: a.y.copy_(conv2d(a.x, a.weight, a.bias, a.stride, a.padding))
