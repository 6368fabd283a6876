"""What the gateway must not forget: every table and every transaction.

`Store` is loaded when it is first asked for, so that a process that only needs the records, such as
a document worker, does not pay 0.3 s for SQLAlchemy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.store.errors import (
    ClaimLost,
    StoreError,
    StoreFull,
    StoreUnavailable,
    UnusableDatabase,
)

if TYPE_CHECKING:
    from gateway.store.store import Store

__all__ = ["ClaimLost", "Store", "StoreError", "StoreFull", "StoreUnavailable", "UnusableDatabase"]


def __getattr__(name: str) -> object:
    if name == "Store":
        from gateway.store.store import Store

        return Store
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
