"""No way out for a process that reads strangers' documents: no network, nobody else's memory.

A filter of system calls (seccomp) that any user may put on and nobody can take off, for this
process and all that it starts. It leaves the sockets by which the threads of one program speak to
each other, and forbids to connect any; the addresses of the network do not exist at all. Calls of
another machine's numbering, and the ring that makes sockets without a system call, are shut too.

A second filter leaves a process its threads and no other process. RLIMIT_NPROC cannot: for every
user but root it counts the threads too, and Pango asks for fonts in one.

seccomp(2), the classic BPF of linux/filter.h, numbers from asm/unistd.h. Machines that are not in
`MACHINES` have a name space of their own instead (see `limits`), or nothing and then no documents.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct
import sys
from dataclasses import dataclass

from gateway.offramp.foreign import LIBC, forgo_new_powers

PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2  # linux/seccomp.h
KILL, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
NUMBER, ARCH, FIRST, SECOND = 0, 4, 16, 24  # offsets in struct seccomp_data, little endian
LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06  # linux/filter.h
X32 = 0x40000000  # calls of the x32 ABI begin here
TYPE_MASK = 0xF  # of a socket's type, without its flags
CLONE_THREAD = 0x10000  # linux/sched.h
CLONE3 = 435  # alike on every machine


@dataclass(frozen=True, slots=True)
class Calls:
    """The numbers of one machine: AUDIT_ARCH of linux/audit.h, `socket`, and what is forbidden."""

    arch: int
    socket: int
    # connect, ptrace, process_vm_readv, process_vm_writev, io_uring_setup, pidfd_getfd
    forbidden: tuple[int, ...]
    # What no other barrier sees, were the process root's: owners and modes of files (chmod, fchmod,
    # fchmodat, fchmodat2, chown and its kin, setxattr and its kin), mknod, mount, umount2,
    # pivot_root, chroot, unshare, setns, open_by_handle_at, modules of the kernel, kexec_load, bpf,
    # perf_event_open, keys, userfaultfd
    meddling: tuple[int, ...] = ()
    clone: int = 0
    forks: tuple[int, ...] = ()  # fork, vfork


MACHINES = {
    "x86_64": Calls(
        0xC000003E,
        41,
        (42, 101, 310, 311, 425, 438),
        (
            *(90, 91, 268, 452, 92, 93, 94, 260, 188, 189, 190, 133, 259, 165, 166, 155, 161),
            *(272, 308, 304, 175, 313, 176, 246, 321, 298, 248, 249, 250, 323),
        ),
        56,
        (57, 58),
    ),
    "aarch64": Calls(
        0xC00000B7,
        198,
        (203, 117, 270, 271, 425, 438),
        (
            *(52, 53, 452, 54, 55, 5, 6, 7, 33, 40, 39, 41, 51),
            *(97, 268, 265, 105, 273, 106, 104, 280, 241, 217, 218, 219, 282),
        ),
        220,
    ),
}


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


Steps = list[tuple[int, int, int, int]]  # code, jumps if true and if false, value
PERMIT = (RETURN, 0, 0, ALLOW)


def shut() -> bool:
    """Put the filter on this process; False where the kernel or the machine has none."""
    calls = _calls()
    return calls is not None and _put_on(assembled(calls))


def one_process() -> bool:
    """Let this process start threads only; False where the kernel or the machine has no filter."""
    calls = _calls()
    return calls is not None and _put_on(assembled_for_one(calls))


def _calls() -> Calls | None:
    return MACHINES.get(platform.machine()) if sys.maxsize > 2**32 else None


def _put_on(code: bytes) -> bool:
    program = _Program(len(code) // 8, code)
    forgo_new_powers()
    done = LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    return bool(done == 0)


def assembled(calls: Calls) -> bytes:
    """Put the filter into octets: struct sock_filter, one after the other."""
    refuse = _refusal(errno.EACCES)
    steps = _beginning(calls)
    for number in calls.forbidden + calls.meddling:
        steps += [(EQUAL, 0, 1, number), refuse]
    steps += [
        (EQUAL, 1, 0, calls.socket),
        PERMIT,
        (LOAD, 0, 0, FIRST),
        (EQUAL, 1, 0, socket.AF_UNIX),
        refuse,
        (LOAD, 0, 0, SECOND),
        (AND, 0, 0, TYPE_MASK),
        (EQUAL, 1, 0, socket.SOCK_STREAM),
        refuse,
        PERMIT,
    ]
    return _octets(steps)


def assembled_for_one(calls: Calls) -> bytes:
    """The filter of a process that starts no other.

    A filter cannot read what clone3 is asked for; glibc asks clone where there is no clone3.
    """
    steps = _beginning(calls)
    for number in calls.forks:
        steps += [(EQUAL, 0, 1, number), _refusal(errno.EAGAIN)]
    steps += [
        (EQUAL, 0, 1, CLONE3),
        _refusal(errno.ENOSYS),
        (EQUAL, 1, 0, calls.clone),
        PERMIT,
        (LOAD, 0, 0, FIRST),
        (AND, 0, 0, CLONE_THREAD),
        (EQUAL, 1, 0, CLONE_THREAD),
        _refusal(errno.EAGAIN),
        PERMIT,
    ]
    return _octets(steps)


def _beginning(calls: Calls) -> Steps:
    """Only calls of this machine, by their number."""
    return [
        (LOAD, 0, 0, ARCH),
        (EQUAL, 1, 0, calls.arch),  # true: over the next one
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        _refusal(errno.EACCES),
    ]


def _refusal(number: int) -> tuple[int, int, int, int]:
    return (RETURN, 0, 0, ERRNO | number)


def _octets(steps: Steps) -> bytes:
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
