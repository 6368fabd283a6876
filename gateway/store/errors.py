"""What the store raises. Each leaf says who must act."""

from __future__ import annotations


class StoreError(Exception):
    """Something the store cannot do for its caller."""


class ClaimLost(StoreError):  # noqa: N818 - it is an outcome
    """The claim is no longer ours: its lease ended. The caller hangs up and forgets the fax."""


class StoreUnavailable(StoreError):  # noqa: N818 - a state of affairs
    """Not now: the disk is full, the database is gone or busy. Nothing of the change happened."""


class StoreFull(StoreUnavailable):
    """Not now: there is no room left for it."""


class UnusableDatabase(StoreError):  # noqa: N818 - the operator reads it as it stands
    """The operator must act: the database cannot be opened, or a newer Faxgate has made it."""
