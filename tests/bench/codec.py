"""`python -m tests.bench.codec`: the codec against libtiff and Pillow, in one run on one core.

CPU time per page in milliseconds, the median of rounds in which the rivals take turns, packed rows
in and out on every side. libtiff is its C API on a file in memory, of which only coding or decoding
the strip is measured; Pillow saves and opens whole files, as its users do. The ratio is libtiff's
time by ours, so more is better; below stands the geometric mean over the ITU charts.

`--short` takes fewer rounds and leaves the interpreted codec out. `--require-compiled` fails where
the compiled modules were not built.
"""

from __future__ import annotations

import argparse
import ctypes
import io
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, TiffImagePlugin

import t4codec
from t4codec import Coding, Compression, decode, encode
from tests.bench import libtiff
from tests.bench.pages import Page, all_pages
from tests.t4codec.variants import interpreted

K = 4
RUNS = 5
GROUP3_OPTIONS = 292
CHART_NAMES = {f"itu{number}" for number in range(1, 9)}

Measure = Callable[[], float]  # runs once; CPU seconds


@dataclass(frozen=True)
class Rival:
    """One implementation, prepared for one page and coding: its two measures."""

    name: str
    encode: Measure
    decode: Measure


def timed(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    start = time.process_time()
    work()
    return time.process_time() - start


def ours(name: str, page: Page, compression: Compression) -> Rival:
    """t4codec as it was imported."""
    coding = Coding(compression, width=page.width, k=K)
    coded = encode(page.rows, coding)
    assert decode(coded, coding).rows == page.rows
    return Rival(
        name,
        lambda: timed(lambda: encode(page.rows, coding)),
        lambda: timed(lambda: decode(coded, coding)),
    )


def ours_interpreted(page: Page, compression: Compression) -> Rival:
    """t4codec from source."""
    rival = ours("interpreted", page, compression)

    def within(measure: Measure) -> float:
        with interpreted():
            return measure()

    return Rival(rival.name, lambda: within(rival.encode), lambda: within(rival.decode))


def by_libtiff(page: Page, compression: Compression) -> Rival:
    """The C API of libtiff on memory."""
    group = libtiff.GROUP4 if compression is Compression.MMR else libtiff.GROUP3

    def writing() -> tuple[float, bytes]:
        file = libtiff.MemoryTiff()
        two_dimensional = compression is Compression.MR
        file.prepare(page.width, page.height, group, two_dimensional=two_dimensional)
        seconds = timed(lambda: file.write_strip(page.rows))
        return seconds, file.close()

    def reading() -> float:
        file = libtiff.MemoryTiff(written)
        seconds = timed(lambda: file.read_strip(rows))
        file.close()
        return seconds

    rows = ctypes.create_string_buffer(len(page.rows))
    written = writing()[1]
    reading()
    assert rows.raw == page.rows
    return Rival("libtiff", lambda: writing()[0], reading)


def by_pillow(page: Page, compression: Compression) -> Rival:
    """Pillow's save and load of a TIFF file in memory."""
    image = Image.frombytes("1", (page.width, page.height), page.rows)
    options = TiffImagePlugin.ImageFileDirectory_v2()
    options[GROUP3_OPTIONS] = int(compression is Compression.MR)
    name = "group4" if compression is Compression.MMR else "group3"

    def save() -> bytes:
        file = io.BytesIO()
        image.save(file, "TIFF", compression=name, tiffinfo=options, strip_size=1 << 30)
        return file.getvalue()

    def load() -> bytes:
        with Image.open(io.BytesIO(saved)) as opened:
            return opened.tobytes()

    saved = save()
    assert load() == page.rows
    return Rival("Pillow", lambda: timed(save), lambda: timed(load))


def rivals(page: Page, compression: Compression, *, short: bool) -> list[Rival]:
    """Everyone who takes part, ourselves first and libtiff second."""
    mine = ours("compiled" if t4codec.compiled else "t4codec", page, compression)
    others = [by_pillow(page, compression)]
    if libtiff.available():
        others.insert(0, by_libtiff(page, compression))
    if t4codec.compiled and not short:
        others.append(ours_interpreted(page, compression))
    return [mine, *others]


def milliseconds(rivals: Sequence[Rival], way: str, rounds: int) -> dict[str, float]:
    """The median of each rival, five runs in a row at each turn, so that its caches are warm.

    The interpreted one, whose caches do not matter, runs once in a few turns.
    """
    taken: dict[str, list[float]] = {rival.name: [] for rival in rivals}
    for turn in range(rounds):
        for rival in rivals:
            measure: Measure = getattr(rival, way)
            if rival.name != "interpreted":
                taken[rival.name] += [measure() for _ in range(RUNS)]
            elif turn % 4 == 0:
                taken[rival.name].append(measure())
    return {name: statistics.median(times) * 1000 for name, times in taken.items()}


def line(label: str, times: dict[str, float]) -> str:
    """A row of the table."""
    mine, *others = times
    cells = [f"{label:<12}{times[mine]:>12.3f}", *(f"{times[other]:>12.3f}" for other in others)]
    if "libtiff" in times:
        cells.append(f"{times['libtiff'] / times[mine]:>8.2f}x")
    return "".join(cells)


def bench(compression: Compression, way: str, pages: Sequence[Page], *, short: bool) -> float:
    """Print the table of one coding and way; return the ratio to libtiff over the charts."""
    results = {}
    for page in pages:
        results[page.name] = milliseconds(
            rivals(page, compression, short=short), way, rounds=3 if short else 9
        )
    names = list(next(iter(results.values())))
    heads = "".join(f"{name:>12}" for name in names)
    sys.stdout.write(f"\n{compression.name} {way}, ms per page\n{'':<12}{heads}{'ratio':>9}\n")
    for name, times in results.items():
        sys.stdout.write(line(name, times) + "\n")
    means = {
        name: statistics.geometric_mean([results[chart][name] for chart in CHART_NAMES])
        for name in names
    }
    sys.stdout.write(line("charts", means) + "\n")
    return means.get("libtiff", 0.0) / means[names[0]]


def main() -> int:
    """Run the whole table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer rounds, nothing interpreted")
    parser.add_argument("--require-compiled", action="store_true")
    arguments = parser.parse_args()
    if arguments.require_compiled and not t4codec.compiled:
        sys.stderr.write("The compiled codec was not built.\n")
        return 1
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    pages = all_pages()
    ratios = {
        f"{compression.name} {way}": bench(compression, way, pages, short=arguments.short)
        for way in ("encode", "decode")
        for compression in Compression
    }
    sys.stdout.write("\nTimes faster than libtiff, geometric mean over the charts\n")
    for name, ratio in ratios.items():
        sys.stdout.write(f"{name:<12}{ratio:>8.2f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
