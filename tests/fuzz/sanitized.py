"""Run a fuzzer again on hot modules that were compiled with AddressSanitizer.

They are built beside the source tree, never into it. Python's own allocator is switched off, so
that every buffer has its red zones.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BUILD = ROOT / "build" / "sanitized"
_MARK = "T4CODEC_SANITIZED"
_FLAGS = "-O1 -g -fno-omit-frame-pointer -fsanitize=address"


def running() -> bool:
    """Whether this process runs the sanitized modules."""
    return os.environ.get(_MARK) == "1"


def run_again(arguments: list[str]) -> int:
    """Build, then run `tests.fuzz.codec` with the same arguments; its exit status."""
    _build()
    environment = os.environ | {
        _MARK: "1",
        "PYTHONSAFEPATH": "1",  # else the source tree would come before PYTHONPATH
        "PYTHONPATH": f"{BUILD}:{ROOT}",
        "PYTHONMALLOC": "malloc",
        "LD_PRELOAD": _library(),
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",  # the interpreter leaks at its end
    }
    command = [sys.executable, "-m", "tests.fuzz.codec", *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode


def _build() -> None:
    package = BUILD / "t4codec"
    shutil.rmtree(BUILD, ignore_errors=True)
    shutil.copytree(ROOT / "t4codec", package, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    environment = os.environ | {
        "CFLAGS": _FLAGS,
        "LDFLAGS": "-fsanitize=address",
        "FAXGATE_REQUIRE_COMPILED": "1",
    }
    command = [sys.executable, "setup.py", "-q", "build_ext", "--force"]
    command += ["--build-lib", str(BUILD), "--build-temp", str(BUILD / "temporary")]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)


def _library() -> str:
    """The AddressSanitizer library of the compiler."""
    compiler = os.environ.get("CC", "gcc")
    answer = subprocess.run(
        [compiler, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()
