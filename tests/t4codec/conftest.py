"""Fixtures of the codec's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import t4codec
from tests.t4codec.variants import interpreted


@pytest.fixture(params=["compiled", "interpreted"], scope="class")
def variant(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the test with the compiled codec and with the interpreted one."""
    if request.param == "interpreted":
        with interpreted():
            yield "interpreted"
    else:
        if not t4codec.compiled:
            pytest.skip("the compiled codec: it was not built here")
        yield "compiled"
