"""Foreign judges: programs and libraries from Debian that a test asks for by name.

A person without them sees a skip that names the package; with FAXGATE_REQUIRE_PEERS=1, as in CI,
the test fails instead, so that no judge is ever silently absent.
"""

from __future__ import annotations

import ctypes.util
import os
import shutil

import pytest


def need_program(name: str, package: str) -> str:
    """The path of a program from a Debian package."""
    return shutil.which(name) or _missing(f"{name} (Debian package {package})")


def need_library(name: str, package: str) -> str:
    """The file name of a shared library from a Debian package, as ctypes loads it."""
    return ctypes.util.find_library(name) or _missing(f"lib{name} (Debian package {package})")


def need_root(what: str) -> None:
    """For a judge that only root can start."""
    if os.geteuid():
        _missing(f"{what}, which only root can start")


def _missing(what: str) -> str:
    if os.environ.get("FAXGATE_REQUIRE_PEERS") == "1":
        pytest.fail(f"peer missing: {what}")
    pytest.skip(f"peer missing: {what}")
