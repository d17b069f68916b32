"""Everything about derivatives is tested twice: with compiled kernels where there is a compiler, and without."""

import pytest

from pinr.derivatives.engines import jets
from pinr.derivatives.native.library import why_not


@pytest.fixture(params=["compiled", "plain"])
def tier(request, monkeypatch):
    if request.param == "plain":
        monkeypatch.setattr(jets, "why_not", lambda: "the test hides it")
    elif why_not() is not None:
        pytest.skip(f"no compiled kernels: {why_not()}")
    return request.param
