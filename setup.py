"""Compile the codec's hot modules where a C compiler is there; install them as Python where not.

Every `t4codec/*_cy.py` is plain Python that Cython also compiles, with its C types in the `.pxd`
of the same name. `FAXGATE_REQUIRE_COMPILED=1` turns a failed build into an error (CI),
`FAXGATE_NO_COMPILE=1` skips it (to test the fallback).
"""

from __future__ import annotations

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

REQUIRED = os.environ.get("FAXGATE_REQUIRE_COMPILED") == "1"
SKIPPED = os.environ.get("FAXGATE_NO_COMPILE") == "1"

DIRECTIVES = {
    "language_level": 3,
    "annotation_typing": False,  # the .pxd says the C types; the annotations are for mypy
    "boundscheck": True,
    "wraparound": False,  # no index counts from the end
    "initializedcheck": False,  # every view is set in __init__
    "cdivision": True,  # every divisor is a positive constant or checked by Coding
}


def extensions() -> list[Extension]:
    """One optional extension for each hot module."""
    sources = sorted(Path("t4codec").glob("*_cy.py"))
    return [
        Extension(f"t4codec.{p.stem}", [str(p)], optional=not REQUIRED, extra_compile_args=["-O3"])
        for p in sources
    ]


class BuildExt(build_ext):
    """Goes on without an extension that cannot be built, and says which, unless it is required."""

    def build_extension(self, ext: Extension) -> None:
        """Build one extension, or leave its module interpreted."""
        try:
            super().build_extension(ext)
        except Exception as error:  # setuptools has two of each class, and OSError besides
            if REQUIRED:
                raise
            self.warn(f"{ext.name} stays interpreted: {error}")


setup(
    ext_modules=[] if SKIPPED else cythonize(extensions(), compiler_directives=DIRECTIVES),
    cmdclass={"build_ext": BuildExt},
)
