import pytest


@pytest.fixture(autouse=True, scope="session")
def own_caches(tmp_path_factory):
    """Tests neither see nor fill the user's caches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRITON_CACHE_DIR", str(tmp_path_factory.mktemp("triton")))
        patch.setenv("TEGULA_CACHE_DIR", str(tmp_path_factory.mktemp("tegula")))
        yield
