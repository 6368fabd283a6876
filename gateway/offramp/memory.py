"""The memory of a process that is forked for every document: few pages to copy, and large ones.

A fork copies an entry for each page of its parent, and a child takes a fault for each that it
touches: with pages of 4 KB that is half of the time of a small document. So the arrays of warming
up are kept out of the heap and given back, what stays lies in huge pages where the kernel has them
(`enabled` of transparent_hugepage is `madvise` or `always`), and a child keeps what it frees.
Where the C library or the kernel has none of this, everything works as before, only slower.

mallopt(3), madvise(2). The variable `TUNABLES` has malloc ask for huge pages (glibc 2.35).
"""

from __future__ import annotations

import ctypes
import gc
import mmap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from gateway.offramp.foreign import LIBC

TUNABLES: Final = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # malloc.h
MADV_COLLAPSE: Final = 25  # linux/mman.h, since Linux 6.1
HUGE: Final = 2 << 20  # octets of a huge page
ARRAY: Final = 256 << 10  # what is larger is given back as soon as it is free, while warming up
WORTH: Final = 0.5  # share of a huge page that is in use, from which it is made one
PRESENT: Final = 0x80  # in the last octet of an entry of /proc/PID/pagemap


def keep_apart() -> None:
    """From now on have arrays outside of the heap, so that they leave no holes in it."""
    _set(M_MMAP_THRESHOLD, ARRAY)


def settle() -> None:
    """Make this process cheap to fork: nothing free, what lives in huge pages, out of gc's sight.

    From now on freed memory is kept: the arrays of a page are a few megabytes, again and again, and
    given back to the kernel each time they cost a third of a page's time.
    """
    gc.collect()
    gc.freeze()
    trim = getattr(LIBC, "malloc_trim", None)
    if trim is not None:
        trim(0)
    with suppress(OSError):
        collapse()
    _set(M_MMAP_THRESHOLD, 32 << 20)
    _set(M_TRIM_THRESHOLD, 512 << 20)
    _set(M_TOP_PAD, 16 << 20)


def collapse() -> int:
    """Have the kernel put what this process uses most of into huge pages; give how many."""
    made = 0
    with Path("/proc/self/pagemap").open("rb", buffering=0) as pagemap:
        for start in _private():
            pagemap.seek(start // mmap.PAGESIZE * 8)
            entries = pagemap.read(HUGE // mmap.PAGESIZE * 8)
            used = sum(octet >= PRESENT for octet in entries[7::8])
            if used * mmap.PAGESIZE >= WORTH * HUGE:
                address, size = ctypes.c_void_p(start), ctypes.c_size_t(HUGE)
                made += LIBC.madvise(address, size, MADV_COLLAPSE) == 0
    return made


def _private() -> Iterator[int]:
    """Where a huge page would fit into this process's own writable memory."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, *_, inode = line.split()[:5]
        named = line.split()[5:]
        if rights == "rw-p" and inode == "0" and named in ([], ["[heap]"]):
            low, high = (int(address, 16) for address in addresses.split("-"))
            yield from range(-(-low // HUGE) * HUGE, high - HUGE + 1, HUGE)


def _set(parameter: int, value: int) -> None:
    mallopt = getattr(LIBC, "mallopt", None)
    if mallopt is not None:
        mallopt(parameter, value)
