"""What a process that reads strangers' documents may touch: libraries, fonts, and a directory.

A worker puts the fence up once, before it reads anything, and every process below it is inside:
no network and nobody else's memory (`barrier`), no files but what drawing needs (`landlock`), and,
where the gateway runs as root, none of root's powers. Each document gets a narrower one besides:
it writes into its own directory only, so that it leaves nothing for the next. What this kernel
does not offer is missing from `Fence.up`, which the log and `faxgate check` show.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import struct
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import gateway
import modems
import t4codec
from gateway.offramp import landlock
from gateway.offramp.barrier import shut
from gateway.offramp.foreign import FONTCONFIG, LIBC, declared
from gateway.offramp.limits import move_to_empty_network

# Programs, libraries and what they are set up with: nothing of it is anybody's secret.
SYSTEM: Final = (
    *("/bin", "/lib", "/lib32", "/lib64", "/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64"),
    *("/usr/libexec", "/usr/share", "/usr/local/lib", "/usr/local/share", "/var/lib/libreoffice"),
    *("/var/spool/libreoffice",),
    *("/etc/alternatives", "/etc/fonts", "/etc/libreoffice", "/etc/localtime", "/etc/mime.types"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/papersize"),
    *("/etc/locale.alias", "/etc/nsswitch.conf", "/etc/passwd"),  # LibreOffice asks who it is
    *("/var/cache/fontconfig", "/proc/cpuinfo", "/proc/meminfo", "/proc/filesystems"),
    *("/proc/self", "/proc/stat", "/proc/sys/vm", "/sys/devices/system/cpu"),
    *("/dev/random", "/dev/urandom", "/dev/zero"),
)
SINKS: Final = (Path("/dev/null"),)  # written to by everybody
SOCKETS: Final = (Path("/tmp"), Path("/var/tmp"))
FONTS: Final = ("FONTCONFIG_FILE", "FONTCONFIG_PATH")  # in the environment, where set

NETWORK, NAMESPACE = "no network (seccomp)", "a network name space of its own"
FILES, POWERS = "no files but fonts and libraries (Landlock {version})", "no powers of root"

PR_CAPBSET_DROP: Final = 24  # linux/prctl.h
LAST_CAP: Final = 63
CAPABILITY_VERSION: Final = 0x20080522  # linux/capability.h, version 3
DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2
CAPSET: Final = {"x86_64": 126, "aarch64": 91}


@dataclass(frozen=True, slots=True)
class Fence:
    """Which barriers stand, in words for the administrator."""

    up: tuple[str, ...]
    network: bool
    files: bool


def fence_in(scratch: Path, *also: Path) -> Fence:
    """Put every barrier up around this process that the kernel has; it writes to `scratch` only.

    Besides what drawing reads it may read `also`.
    """
    namespace, filtered = move_to_empty_network(), shut()
    files = landlock.confine((*readable(), *also), (scratch, *SINKS), SOCKETS)
    powers = os.geteuid() == 0 and give_up_powers(keep_reading=files)
    stand = (
        (filtered, NETWORK),
        (namespace, NAMESPACE),
        (files, FILES.format(version=landlock.version())),
        (powers, POWERS),
    )
    return Fence(tuple(text for up, text in stand if up), filtered or namespace, files)


def fence_writing(scratch: Path) -> None:
    """From now on this process writes to `scratch` only; inside of a fence."""
    landlock.confine((Path("/"),), (scratch, *SINKS), SOCKETS)


def readable() -> Iterator[Path]:
    """Every place that drawing reads."""
    yield from map(Path, SYSTEM)
    yield from (Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "platlib"))
    yield Path(sysconfig.get_path("purelib"))
    yield from (Path(place) for package in (gateway, modems, t4codec) for place in package.__path__)
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office:
        yield Path(office).resolve().parents[1]
    yield from (Path(os.environ[name]) for name in FONTS if name in os.environ)
    if "XDG_CACHE_HOME" in os.environ:
        yield Path(os.environ["XDG_CACHE_HOME"], "fontconfig")
    yield from font_directories()


def font_directories() -> list[Path]:
    """Where fontconfig looks for fonts (FcConfigGetFontDirs)."""
    pointer = ctypes.c_void_p
    functions = {
        "FcConfigGetFontDirs": (pointer, pointer),
        "FcStrListNext": (ctypes.c_char_p, pointer),
    }
    try:
        library = declared(FONTCONFIG, functions)
    except OSError:
        return []
    found, listed = [], library.FcConfigGetFontDirs(None)
    while listed and (name := library.FcStrListNext(listed)):
        found.append(Path(os.fsdecode(name)))
    return found


def give_up_powers(*, keep_reading: bool) -> bool:
    """Drop root's capabilities for good (capabilities(7)).

    With `keep_reading` those that open files stay, for another barrier says which files.
    """
    number = CAPSET.get(os.uname().machine)
    if number is None:
        return False
    kept = {DAC_OVERRIDE, DAC_READ_SEARCH} if keep_reading else set()
    for capability in set(range(LAST_CAP + 1)) - kept:
        LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    bits = sum(1 << capability for capability in kept)
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    data = struct.pack("=6I", bits, bits, 0, 0, 0, 0)  # effective, permitted, inheritable, twice
    return bool(LIBC.syscall(number, header, data) == 0)
