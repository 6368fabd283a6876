"""What a process that reads strangers' documents may use, set by itself before it reads any.

Memory, processor time, file size, open files, no new processes, no core dump, and a network name
space of its own where the kernel gives one to an ordinary process (containers often do not); what
it may reach besides is the matter of `fence`. None of this can be undone by the process. Its parent
adds what only a parent can: the wall clock, and SIGKILL, also for what a child started and left
behind.
"""

from __future__ import annotations

import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

from gateway.offramp.barrier import one_process
from gateway.offramp.foreign import LIBC, forgo_new_powers

CLONE_NEWUSER = 0x10000000  # linux/sched.h
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36
FILE_SIZE = 512_000_000  # octets
GRACE = 2  # s between SIGXCPU, which says why, and SIGKILL, which does not
OPEN_FILES = 256


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies, however that comes about."""
    parent = os.getppid()
    LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel was told
        os.kill(os.getpid(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of every process below whose own parent dies, instead of init."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_orphans() -> None:
    """Kill and reap every child that there is; only for a process that waits for none."""
    while True:
        for child in _children():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    try:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    except OSError:  # a kernel without CONFIG_PROC_CHILDREN; their group was killed already
        return []
    return [int(child) for child in children.split()]


def move_to_empty_network() -> bool:
    """Move to an empty network name space; False where the kernel does not allow it."""
    forgo_new_powers()
    if LIBC.unshare(CLONE_NEWNET) == 0:
        return True
    user, group = os.getuid(), os.getgid()
    if LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    _keep_identity(user, group)
    return True


def _keep_identity(user: int, group: int) -> None:
    """Stay who we were in the new user name space (user_namespaces(7)), to read the fonts."""
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError:  # then we are nobody, who can read what everyone can
        return


def limit(*, memory: int, seconds: float, processes: bool) -> None:
    """Set the limits of this process and its children.

    `memory` in octets of address space, `seconds` of processor time; `processes` tells whether it
    may start others.
    """
    _lower(resource.RLIMIT_AS, memory)
    _lower(resource.RLIMIT_CPU, max(1, round(seconds)), GRACE)
    _lower(resource.RLIMIT_FSIZE, FILE_SIZE)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    _lower(resource.RLIMIT_CORE, 0)
    if not processes and not one_process():
        _lower(resource.RLIMIT_NPROC, 0)


def _lower(which: int, value: int, grace: int = 0) -> None:
    """Lower a limit for good; `grace` is how much higher the hard one is."""
    _, hard = resource.getrlimit(which)
    most = value + grace if hard == resource.RLIM_INFINITY else min(value + grace, hard)
    resource.setrlimit(which, (min(value, most), most))
