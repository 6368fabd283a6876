"""The package's face."""

from __future__ import annotations

import doctest
import os
import runpy
from pathlib import Path

import pytest

import t4codec
from tests.t4codec.variants import FOLDER, HOT_MODULES, interpreted_modules


def test_the_example_works() -> None:
    """The example in the package's docstring is true."""
    assert doctest.testmod(t4codec).failed == 0
    assert doctest.testmod(t4codec).attempted > 0


def test_all_names_are_there() -> None:
    """What the package promises to export it exports."""
    assert [name for name in t4codec.__all__ if not hasattr(t4codec, name)] == []


def test_it_says_whether_it_is_compiled(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m t4codec` tells a person which variant runs."""
    runpy.run_module("t4codec", run_name="__main__")

    says = capsys.readouterr().out
    assert says == f"t4codec is {'compiled' if t4codec.compiled else 'interpreted (slow)'}\n"


def test_ci_runs_the_compiled_codec() -> None:
    """Where the build was required, what runs is compiled."""
    if os.environ.get("FAXGATE_REQUIRE_COMPILED") == "1":
        assert t4codec.compiled


def test_every_hot_module_is_known() -> None:
    """Each `*_cy.py` has its types beside it and is run both ways by these tests."""
    assert sorted(path.stem for path in FOLDER.glob("*_cy.py")) == sorted(HOT_MODULES)
    assert [stem for stem in HOT_MODULES if not (FOLDER / f"{stem}.pxd").exists()] == []


def test_the_interpreted_variant_is_interpreted() -> None:
    """The modules that tests call interpreted come from source, whatever was imported before."""
    files = {Path(str(module.__file__)).suffix for module in interpreted_modules().values()}
    assert files == {".py"}
