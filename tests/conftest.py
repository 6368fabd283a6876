"""The event loop of each test: virtual time where it is marked so, asyncio's own otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import settings

from tests.virtual_time import VirtualTimeLoop

# A machine that does other work meanwhile is slow, not wrong: time is measured in `make bench`.
settings.register_profile("faxgate", deadline=None)
settings.load_profile("faxgate")


def pytest_configure(config: pytest.Config) -> None:
    """Name our marker."""
    config.addinivalue_line(
        "markers", "virtual_time: runs on a loop whose clock jumps to the next timer"
    )


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tell pytest-asyncio which loop a test runs on."""
    if item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.new_event_loop}
