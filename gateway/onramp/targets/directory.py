"""A file in a directory: written beside its name, synced, and renamed, so it is there whole.

A repeat after a crash finds its own file and leaves it; another fax whose name would be the same,
also one that is written at that moment, gets its number behind it. Names are made of facts that
strangers supply: what is not a letter, a digit or one of a few signs becomes a hyphen.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from functools import partial
from pathlib import Path
from typing import Final

from gateway.config.receiving import FILE_NAME_FIELDS, DirectoryTarget
from gateway.mailout.maildir import sync_directory
from gateway.mailout.transport import PermanentFailure, TemporaryFailure
from gateway.onramp.targets.parcel import Parcel
from gateway.said import said

LONGEST: Final = 150  # characters of a name
_UNSAFE = re.compile(r"[^\w.+=@-]+")


class Directory:
    """Drops files into one directory."""

    def __init__(self, settings: DirectoryTarget) -> None:
        self._settings = settings

    async def deliver(self, parcel: Parcel) -> None:
        """Write the fax, and its facts if they are wanted."""
        try:
            await asyncio.to_thread(self._deliver, parcel)
        except OSError as error:
            raise TemporaryFailure(f"{self._settings.path}: {error.strerror or error}") from error
        except (KeyError, IndexError, ValueError) as error:
            raise PermanentFailure(
                said("the name {name} cannot be filled", name=self._settings.name)
            ) from error

    def _deliver(self, parcel: Parcel) -> None:
        folder = self._settings.path
        folder.mkdir(parents=True, exist_ok=True)
        ending, octets = _written(parcel, self._settings.format)
        path = _placed(folder, self.name_of(parcel), ending, octets, parcel)
        beside = partial(_beside, path, _part(folder, parcel))
        if self._settings.text:
            beside(".txt", "\f".join(parcel.texts()) + "\n")
        if self._settings.json_beside:
            facts = {**parcel.facts(), "file": path.name}
            beside(".json", json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
        sync_directory(folder)

    def name_of(self, parcel: Parcel) -> str:
        """The file's name without its ending."""
        at = parcel.fax.started_at.astimezone(parcel.zone)
        facts = parcel.facts()
        filled = {name: str(facts.get(name, "")) for name in FILE_NAME_FIELDS}
        filled |= {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H%M%S}"}
        safe = {name: _UNSAFE.sub("-", value).strip("-.") for name, value in filled.items()}
        name = _UNSAFE.sub("-", self._settings.name.format(**safe)).strip("-.")
        return name[:LONGEST] or f"fax-{parcel.fax.id}"


def _written(parcel: Parcel, form: str) -> tuple[str, bytes]:
    """The ending of the file's name, and its octets."""
    if form == "pdf":
        return ".pdf", parcel.pdf()
    return ".tif", parcel.tiff() if form == "tiff" else parcel.minimal_tiff()


def _placed(folder: Path, name: str, ending: str, octets: bytes, parcel: Parcel) -> Path:
    """The file under its name, or behind its number where that is another fax's."""
    part = _part(folder, parcel)
    part.unlink(missing_ok=True)  # of a try that was killed, perhaps the very file that has a name
    for candidate in (name, f"{name}-{parcel.fax.id}"):
        path = folder / f"{candidate}{ending}"
        if not path.exists():
            _write(part, octets)
            if _named(part, path):
                return path
        if path.read_bytes() == octets:
            part.unlink(missing_ok=True)
            return path
    _write(part, octets)
    part.replace(path)
    return path


def _beside(path: Path, part: Path, ending: str, text: str) -> None:
    """A file of the same name with another ending."""
    _write(part, text.encode())
    part.replace(path.with_suffix(ending))


def _part(folder: Path, parcel: Parcel) -> Path:
    """What is being written: the same at every try, so that a kill leaves nothing for ever."""
    return folder / f".faxgate-{_UNSAFE.sub('-', parcel.delivery).strip('-.')}"


def _named(part: Path, path: Path) -> bool:
    """Give a file its name; False where another fax has got it meanwhile."""
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        part.replace(path)
        return True
    part.unlink()
    return True


def _write(part: Path, octets: bytes) -> None:
    """Durable when it returns."""
    try:
        with part.open("wb") as file:
            os.fchmod(file.fileno(), 0o640)
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
