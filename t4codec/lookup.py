"""What the coder and the decoder look up, derived from the tables of the Recommendations.

An entry packs what one look needs:

`RUN_CODES` (encoding)
    index: a white run of 0 to 2623 pels, or `BLACK` + a black one. Bits 5 and up: its code,
    make-up and terminating code joined; bits 4-0: the length of that (white 20, black 25 at most).
`VERTICAL_CODES` (encoding)
    index: a1 - b1 + 3. The same packing.
`RUNS` (decoding)
    index: the next 13 bits on the line, for black 8192 more. Bits 5 and up: run of the code
    that they begin with, in pels; bit 4: it is a make-up code; bits 3-0: its length. 0 where no
    code begins so.
`RUN_PAIRS` (decoding)
    index: the same. Where a white and a black terminating code both fit, neither of run 0: bits
    15-10: the white run; bits 9-4: the black one; bits 3-0: the length of both. Else 0.
`MODES` (decoding)
    index: the next 7 bits. Bits 7-4: `PASS`, `HORIZONTAL`, or a1 - b1 + 3 for vertical mode;
    bits 3-0: the length. 0 where no mode begins so.
"""

from __future__ import annotations

from array import array
from itertools import product

from t4codec import tables

LONGEST_RUN = 2623  # one make-up and one terminating code; T.4 4.1.1.1 repeats 2560 for more
BLACK = LONGEST_RUN + 1
MAKE_UP = 16
RUN_BITS = 13  # the longest run code (black 512 to 1728)
MODE_BITS = 7  # the longest mode code (VR3, VL3)
PASS = 7
HORIZONTAL = 8
VERTICAL_ZERO = 3  # add a1 - b1


def _joined(codes: dict[int, str], run: int) -> str:
    make_up = run // 64 * 64
    return (codes[make_up] if make_up else "") + codes[run - make_up]


def _entry(code: str) -> int:
    return int(code, 2) << 5 | len(code)


def _run_codes(codes: dict[int, str]) -> list[int]:
    return [_entry(_joined(codes, run)) for run in range(LONGEST_RUN + 1)]


def _begin_with(code: str, bits: int) -> range:
    """Every index of `bits` bits that begins with `code`."""
    free = bits - len(code)
    first = int(code, 2) << free
    return range(first, first + (1 << free))


def _runs(codes: dict[int, str]) -> array[int]:
    table = array("I", bytes(4 << RUN_BITS))
    for run, code in codes.items():
        for index in _begin_with(code, RUN_BITS):
            table[index] = run << 5 | MAKE_UP * (run >= 64) | len(code)
    return table


def _run_pairs() -> array[int]:
    table = array("H", bytes(2 << RUN_BITS))
    for white, black in product(range(1, 64), repeat=2):
        code = tables.WHITE[white] + tables.BLACK[black]
        if len(code) <= RUN_BITS:
            for index in _begin_with(code, RUN_BITS):
                table[index] = white << 10 | black << 4 | len(code)
    return table


def _modes() -> array[int]:
    table = array("B", bytes(1 << MODE_BITS))
    codes = {PASS: tables.PASS, HORIZONTAL: tables.HORIZONTAL}
    codes |= {VERTICAL_ZERO + delta: code for delta, code in tables.VERTICAL.items()}
    for mode, code in codes.items():
        for index in _begin_with(code, MODE_BITS):
            table[index] = mode << 4 | len(code)
    return table


RUN_CODES = array("I", _run_codes(tables.WHITE) + _run_codes(tables.BLACK))
VERTICAL_CODES = array("I", [_entry(tables.VERTICAL[delta]) for delta in range(-3, 4)])
RUNS = _runs(tables.WHITE) + _runs(tables.BLACK)
RUN_PAIRS = _run_pairs()
MODES = bytes(_modes())
REVERSED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))  # for bytes.translate
