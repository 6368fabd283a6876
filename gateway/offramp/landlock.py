"""Only these files: what a process and all that it starts may read and write, for good.

Landlock (landlock(7), Linux 5.13): any process may give up rights to files, nobody can take them
back, and rules that are laid one upon the other only ever narrow. What the kernel does not know
yet is left out of the rules; `version` says what it knows. Reading a directory's rights, `stat`
and links are not covered: they tell names, not what is in files.

Beside files: no process outside may be signalled or traced, and no socket of the abstract name
space reached (version 6); tracing is refused since the first version, which shuts /proc/PID/environ
and the like too.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from gateway.offramp.foreign import LIBC, forgo_new_powers

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # asm/unistd.h, alike on every machine
VERSION: Final = 1  # LANDLOCK_CREATE_RULESET_VERSION
PATH_BENEATH: Final = 1  # LANDLOCK_RULE_PATH_BENEATH

# linux/landlock.h, LANDLOCK_ACCESS_FS_*, bit by bit.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
CHANGE_DIR = 0x1FF0  # remove and make whatever may be in a directory
MAKE_SOCK = 0x200
REFER, TRUNCATE, IOCTL_DEV = 0x2000, 0x4000, 0x8000
SINCE: Final = {1: 0x1FFF, 2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}  # by version
OF_FILES: Final = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

READ: Final = EXECUTE | READ_FILE | READ_DIR
WRITE: Final = READ | WRITE_FILE | CHANGE_DIR | REFER | TRUNCATE
ABSTRACT_SOCKETS_AND_SIGNALS: Final = 3  # LANDLOCK_SCOPE_*


def version() -> int:
    """What the kernel knows of it; 0 where it knows nothing, or has it switched off."""
    return max(0, int(LIBC.syscall(CREATE_RULESET, None, 0, VERSION)))


def confine(read: Iterable[Path], write: Iterable[Path], sockets: Iterable[Path] = ()) -> bool:
    """Leave this process these files and directories only; False where the kernel cannot.

    In the directories `sockets` it may only bind sockets. What does not exist is left out.
    """
    known = version()
    if not known:
        return False
    handled = sum(bits for since, bits in SINCE.items() if since <= known)
    scoped = ABSTRACT_SOCKETS_AND_SIGNALS if known >= 6 else 0
    ruleset = _ruleset(handled, scoped)
    if ruleset < 0:
        return False
    try:
        for paths, access in ((read, READ), (write, WRITE), (sockets, MAKE_SOCK)):
            for path in paths:
                _allow(ruleset, path, access & handled)
        forgo_new_powers()
        return bool(LIBC.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _ruleset(handled: int, scoped: int) -> int:
    """Struct landlock_ruleset_attr: files, network (nothing here), scopes."""
    attributes = struct.pack("=QQQ", handled, 0, scoped)
    size = 24 if scoped else 8  # an older kernel's struct is shorter
    return int(LIBC.syscall(CREATE_RULESET, attributes, size, 0))


def _allow(ruleset: int, path: Path, access: int) -> None:
    """Struct landlock_path_beneath_attr."""
    with suppress(OSError):
        found = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(found).st_mode):
                access &= OF_FILES
            rule = struct.pack("=Qi", access, found)
            LIBC.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
        finally:
            os.close(found)
