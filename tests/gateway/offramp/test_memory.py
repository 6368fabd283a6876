"""A process that is forked for every document has its memory in order, and loses none of it."""

from __future__ import annotations

import gc
import subprocess
from pathlib import Path

import pytest

from gateway.offramp import memory
from gateway.offramp.isolate import Outcome, Say, run_isolated
from gateway.offramp.memory import HUGE, TUNABLES, collapse, keep_apart, settle
from gateway.offramp.workers import environment

# From Python 3.12 on a fork beside threads warns; those of other tests wait and hold no lock.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

ROOM = 4_000_000_000


def in_a_child(work: object) -> Outcome:
    """What work said, whose settings are gone with it."""
    assert callable(work)
    return run_isolated(work, memory=ROOM, seconds=20, octets=1000)


def huge_pages() -> int:
    """Octets of this process that lie in huge pages."""
    rollup = Path("/proc/self/smaps_rollup").read_text()
    return int(rollup.split("AnonHugePages:")[1].split()[0]) << 10


def has_huge_pages() -> bool:
    """Whether this kernel has them for who asks."""
    setting = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    return setting.exists() and "[never]" not in setting.read_text()


def test_what_is_in_memory_stays_in_it() -> None:
    """Everything has its value after the memory was put in order."""

    def work(say: Say) -> None:
        keep_apart()
        kept = [bytearray([number % 251]) * 50_000 for number in range(200)]
        del kept[::3]
        settle()
        number = [n for n in range(200) if n % 3]
        right = all(
            found == bytes([n % 251]) * 50_000 for n, found in zip(number, kept, strict=True)
        )
        say(repr((right, gc.get_freeze_count() > 1000)).encode())

    assert in_a_child(work).said == b"(True, True)"


def test_memory_that_is_used_goes_into_huge_pages() -> None:
    """Where the kernel has huge pages, what is mostly used gets one."""
    if not has_huge_pages():
        pytest.skip("the kernel has no transparent huge pages")

    def work(say: Say) -> None:
        before = huge_pages()
        kept = bytearray(b"x") * (8 * HUGE)
        made = collapse()
        say(repr((made > 0, huge_pages() > before, kept.count(b"x") == 8 * HUGE)).encode())

    assert in_a_child(work).said == b"(True, True, True)"


def test_a_kernel_without_it_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are no huge pages, or no mallopt, everything goes on."""

    class Bare:
        """A C library that knows of nothing."""

        def madvise(self, *_: object) -> int:
            return -1

    def work(say: Say) -> None:
        monkeypatch.setattr(memory, "LIBC", Bare())
        keep_apart()
        settle()
        say(str(collapse()).encode())

    assert in_a_child(work).said == b"0"


def test_a_worker_asks_for_huge_pages() -> None:
    """The C library reads its setting before a process begins, from the environment."""
    assert "glibc.malloc.hugetlb=1" in environment()["GLIBC_TUNABLES"]


def test_the_c_library_takes_every_setting() -> None:
    """Names and values are ones that it knows and allows; ld.so lists those in force."""
    linker = Path("/lib64/ld-linux-x86-64.so.2")
    if not linker.exists():
        pytest.skip("another machine's linker")
    listed = subprocess.run(
        [linker, "--list-tunables"], env=TUNABLES, capture_output=True, text=True, check=True
    ).stdout
    for setting in TUNABLES["GLIBC_TUNABLES"].split(":"):
        name, value = setting.split("=")
        assert f"{name}: {int(value):#x} " in listed or f"{name}: {value} " in listed
