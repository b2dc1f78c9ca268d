import pytest
import torch


@pytest.fixture(autouse=True)
def same_numbers():
    """Each test starts with the same random numbers and compiles everything anew."""
    torch.manual_seed(0)
    torch._dynamo.reset()
    yield
