"""Whose files are: what root makes in a directory of the gateway's belongs to the gateway.

An administrator runs `faxgate queue` as root before the gateway has ever run, and the gateway,
which runs as a user of its own, must still be able to write to the store that came to be.
"""

from __future__ import annotations

import os
from pathlib import Path


def hand_over(path: Path) -> None:
    """Give a file that root has just made to the owner of its directory."""
    if os.geteuid() == 0:
        place = path.parent.stat()
        os.chown(path, place.st_uid, place.st_gid)
