"""One Dovecot for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway.imap import dovecot


@pytest.fixture(scope="session")
def server() -> Iterator[dovecot.Dovecot]:
    """A running server with one user."""
    with dovecot.running() as running:
        yield running
