"""The codec's hot modules twice: as they were imported, and from their source as plain Python."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType

from t4codec import decoder, encoder

FOLDER = Path(encoder.__file__).parent
HOT_MODULES = ("changes_cy", "encoder_cy", "rows_cy", "decoder_cy")  # each imports earlier ones


@cache
def interpreted_modules() -> dict[str, ModuleType]:
    """The hot modules from source, which import each other and not the compiled ones."""
    names = [f"t4codec.{stem}" for stem in HOT_MODULES]
    compiled = {name: sys.modules[name] for name in names}
    modules = {}
    try:
        for stem, name in zip(HOT_MODULES, names, strict=True):
            spec = importlib.util.spec_from_file_location(name, FOLDER / f"{stem}.py")
            assert spec is not None
            assert spec.loader is not None
            modules[stem] = sys.modules[name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(modules[stem])
    finally:
        sys.modules.update(compiled)
    return modules


@contextmanager
def interpreted() -> Iterator[None]:
    """Within it, `t4codec` works with the interpreted modules."""
    modules = interpreted_modules()
    kept = vars(encoder)["PageEncoder"], vars(decoder)["PageDecoder"]
    vars(encoder)["PageEncoder"] = modules["encoder_cy"].PageEncoder
    vars(decoder)["PageDecoder"] = modules["decoder_cy"].PageDecoder
    try:
        yield
    finally:
        vars(encoder)["PageEncoder"], vars(decoder)["PageDecoder"] = kept
