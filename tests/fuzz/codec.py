"""`python -m tests.fuzz.codec`: attack the codec with mutated streams, for a time or a number.

The seeds are parts of the ITU charts in every coding; what is done to them is what lines and
enemies do. Each target's first line is its invariant. A failure prints the octets and the coding
that caused it. `--sanitized` runs under AddressSanitizer (see `tests.fuzz.sanitized`).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence

import t4codec
from t4codec import CodedPage, Coding, Compression, Decoder, coded_bits, decode, encode, tiff
from tests.bench.pages import charts
from tests.fuzz import sanitized

MAX_ROWS = 500
SEED_ROWS = 60
WIDTHS = (1, 7, 8, 57, 63, 64, 65, 1728, 2432, 2624, 10_000)
SLOWEST = 5.0  # seconds of CPU time for one stream, on a busy machine


def survives(stream: bytes, coding: Coding, rng: random.Random) -> None:
    """Any octets decode to whole rows within the bound, the same however they are split."""
    decoded = decode(stream, coding, max_rows=MAX_ROWS)
    pieces = Decoder(coding, max_rows=MAX_ROWS)
    rows, at = bytearray(), 0
    while at < len(stream):
        size = rng.choice((1, 2, 3, 64, 4096))
        rows += pieces.feed(stream[at : at + size])
        at += size
    rows += pieces.close()
    assert decoded.height <= MAX_ROWS
    assert len(decoded.rows) == decoded.height * coding.stride
    assert bytes(rows) == decoded.rows
    assert pieces.quality == decoded.quality


def comes_back(stream: bytes, coding: Coding, rng: random.Random) -> None:
    """Rows of any pels come back from every coding, in as many bits as were counted."""
    rows = stream[: len(stream) // coding.stride * coding.stride]
    coded = encode(rows, coding)
    decoded = decode(coded, coding)
    assert encode(decoded.rows, coding) == coded
    assert (coded_bits(rows, coding) + 7) // 8 == len(coded)
    assert (decoded.height, decoded.quality.bad_rows) == (len(rows) // coding.stride, 0)


def reads(stream: bytes, coding: Coding, rng: random.Random) -> None:
    """Every page of a mutated TIFF file has the rows that it says."""
    page = CodedPage(stream, coding, rng.randrange(1, 100))
    file = mutated(tiff.write([page, page]), rng)
    document = tiff.read(file)
    for each in document.pages:
        assert decode(each.page.data, each.page.coding).height == each.page.height


TARGETS: Sequence[Callable[[bytes, Coding, random.Random], None]] = (survives, comes_back, reads)


def mutated(octets: bytes, rng: random.Random) -> bytes:
    """Some octets after a bad line or an enemy had them."""
    result = bytearray(octets)
    for _ in range(rng.randrange(1, 12)):
        at = rng.randrange(len(result) + 1)
        burst = rng.choice((1, 1, 2, 8, 100))
        match rng.randrange(5):
            case 0:
                result[at : at + 1] = bytes(b ^ 1 << rng.randrange(8) for b in result[at : at + 1])
            case 1:
                result[at : at + burst] = rng.randbytes(burst)
            case 2:
                del result[at : at + burst]
            case 3:
                result[at:at] = bytes([rng.choice((0, 255, 1, 128))]) * burst
            case _:
                start = rng.randrange(len(result) + 1)
                result[at:at] = result[start : start + burst]
    return bytes(result)


def any_coding(width: int, rng: random.Random) -> Coding:
    """One of all codings of a width."""
    compression = rng.choice(list(Compression))
    return Coding(
        compression,
        width=width,
        k=rng.randrange(1, 6),
        eol=compression is not Compression.MH or rng.random() < 0.7,
        eol_aligned=rng.random() < 0.3,
        row_aligned=rng.random() < 0.2,
        min_row_bits=rng.choice((0, 0, 96, 576)),
        end_mark=rng.random() < 0.7,
        lsb_first=rng.random() < 0.5,
    )


def attack(rng: random.Random, seeds: Sequence[bytes]) -> None:
    """One stream against each target."""
    width = rng.choice(WIDTHS)
    coding = any_coding(width, rng)
    rows = rng.choice(seeds)
    rows = rows[: min(SEED_ROWS * coding.stride, len(rows)) // coding.stride * coding.stride]
    stream = mutated(encode(rows, coding), rng)
    if rng.random() < 0.1:
        stream = rng.randbytes(rng.randrange(400))
    for target in TARGETS:
        start = time.process_time()
        try:
            target(stream, coding, rng)
            assert time.process_time() - start < SLOWEST, "too slow"
        except BaseException:
            sys.stderr.write(f"{target.__name__} broke: {coding}\n{stream.hex()}\n")
            raise


def main() -> int:
    """Attack until the time or the number is reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--streams", type=int, default=sys.maxsize)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sanitized", action="store_true", help="under AddressSanitizer")
    arguments = parser.parse_args()
    if arguments.sanitized and not sanitized.running():
        return sanitized.run_again(sys.argv[1:])
    rng = random.Random(arguments.seed)
    seeds = [page.rows[at * 216 :] for page in charts() for at in (0, 300, 1500)]
    until, streams = time.monotonic() + arguments.seconds, 0
    while streams < arguments.streams and time.monotonic() < until:
        attack(rng, seeds)
        streams += 1
    variant = "compiled" if t4codec.compiled else "interpreted"
    under = " under AddressSanitizer" if sanitized.running() else ""
    sys.stdout.write(f"{streams} streams survived by the {variant} codec{under}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
