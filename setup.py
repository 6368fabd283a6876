"""Compile the codec's hot modules where a C compiler is there; install them as Python where not.

Every `t4codec/*_cy.py` is plain Python that Cython also compiles. `FAXGATE_REQUIRE_COMPILED=1`
turns a failed build into an error (CI), `FAXGATE_NO_COMPILE=1` skips it (to test the fallback).
"""

from __future__ import annotations

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

REQUIRED = os.environ.get("FAXGATE_REQUIRE_COMPILED") == "1"
SKIPPED = os.environ.get("FAXGATE_NO_COMPILE") == "1"


def extensions() -> list[Extension]:
    """One optional extension for each hot module."""
    sources = sorted(Path("t4codec").glob("*_cy.py"))
    return [
        Extension(f"t4codec.{p.stem}", [str(p)], optional=not REQUIRED, extra_compile_args=["-O3"])
        for p in sources
    ]


setup(ext_modules=[] if SKIPPED else cythonize(extensions(), language_level=3))
