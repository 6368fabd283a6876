"""The parts of Debian's libspandsp2 (0.0.6) that the peers use, through ctypes.

A T.31 modem and a fax terminal, both over blocks of 16-bit samples at 8000 per second. Handlers
must be kept by whoever sets them, or Python frees them under spandsp's feet.
"""

from __future__ import annotations

import ctypes as c
import functools
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from tests.peer import need_library

RATE = 8000  # samples per second
BLOCK = 160  # samples: 20 ms
SILENCE = bytes(2 * BLOCK)

# Called by spandsp. The control handler's last argument is a string or a number, by operation.
AtTransmit = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.POINTER(c.c_uint8), c.c_size_t)
ModemControl = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_int, c.c_void_p)
PhaseEnd = c.CFUNCTYPE(None, c.c_void_p, c.c_void_p, c.c_int)
PageEnd = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_int)
Says = c.CFUNCTYPE(None, c.c_int, c.c_char_p)


class Event(IntEnum):
    """What the telephone network tells a modem."""

    ALERTING = 1
    CONNECTED = 2
    ANSWERED = 3
    BUSY = 4
    NO_DIALTONE = 5
    NO_ANSWER = 6
    HANGUP = 7


class Control(IntEnum):
    """What a modem asks of the telephone network and its serial port."""

    CALL = 0
    ANSWER = 1
    HANGUP = 2
    OFFHOOK = 3
    ONHOOK = 4
    CTS = 7


MODEMS = {"v27ter": 1, "v29": 2, "v17": 4}
CODINGS = {"mh": 2, "mr": 4, "mmr": 8}
RESOLUTIONS = {"standard": 1, "fine": 2, "superfine": 4}
R4_R8_R16 = 0x10000 | 0x20000 | 0x40000
WIDTHS_AND_LENGTHS = 1 | 2 | 4 | 0x10000 | 0x20000 | 0x40000 | 0x80000 | 0x100000
FEATURES = 0x01 | 0x02 | 0x04 | 0x10  # SID and PWD, SEP, PSA, SUB
FLOW = 5  # level of logging that tells of states, frames and timers
TIFF_CODINGS = {"mh": 1, "mr": 2, "mmr": 3}
CODING_NAMES = {1: "MH", 2: "MR", 3: "MMR"}


class _Statistics(c.Structure):
    """t30_stats_t, with room behind it."""

    _fields_ = [
        *(
            (name, c.c_int)
            for name in (
                *("bit_rate", "error_correcting_mode", "pages_tx", "pages_rx", "pages_in_file"),
                *("x_resolution", "y_resolution", "width", "length", "image_size", "encoding"),
                *("bad_rows", "longest_bad_row_run", "retries", "current_status"),
            )
        ),
        ("_room", c.c_int * 32),
    ]


@dataclass(frozen=True, slots=True)
class Statistics:
    """How a call of a fax terminal went, in its own words."""

    bit_rate: int
    ecm: bool
    coding: str
    rows_per_metre: int
    pages_sent: int
    pages_received: int
    bad_rows: int
    octets: int  # of the last page, as coded


_PROTOTYPES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "t31_init": (c.c_void_p, (c.c_void_p, AtTransmit, c.c_void_p, ModemControl, *[c.c_void_p] * 3)),
    "t31_call_event": (None, (c.c_void_p, c.c_int)),
    "t31_at_rx": (c.c_int, (c.c_void_p, c.c_char_p, c.c_int)),
    "t31_rx": (c.c_int, (c.c_void_p, c.c_char_p, c.c_int)),
    "t31_tx": (c.c_int, (c.c_void_p, c.c_char_p, c.c_int)),
    "t31_set_transmit_on_idle": (None, (c.c_void_p, c.c_int)),
    "fax_init": (c.c_void_p, (c.c_void_p, c.c_int)),
    "fax_free": (c.c_int, (c.c_void_p,)),
    "fax_rx": (c.c_int, (c.c_void_p, c.c_char_p, c.c_int)),
    "fax_tx": (c.c_int, (c.c_void_p, c.c_char_p, c.c_int)),
    "fax_set_transmit_on_idle": (None, (c.c_void_p, c.c_int)),
    "fax_get_t30_state": (c.c_void_p, (c.c_void_p,)),
    "t30_get_logging_state": (c.c_void_p, (c.c_void_p,)),
    "span_log_set_message_handler": (None, (c.c_void_p, Says)),
    "span_log_set_level": (None, (c.c_void_p, c.c_int)),
    "t30_terminate": (None, (c.c_void_p,)),
    "t30_get_transfer_statistics": (None, (c.c_void_p, c.c_void_p)),
    "t30_set_phase_e_handler": (None, (c.c_void_p, PhaseEnd, c.c_void_p)),
    "t30_set_phase_d_handler": (None, (c.c_void_p, PageEnd, c.c_void_p)),
    "t30_completion_code_to_str": (c.c_char_p, (c.c_int,)),
    "t30_set_rx_file": (None, (c.c_void_p, c.c_char_p, c.c_int)),
    "t30_set_tx_file": (None, (c.c_void_p, c.c_char_p, c.c_int, c.c_int)),
    **{
        f"t30_set_{name}": (c.c_int, (c.c_void_p, c.c_char_p))
        for name in ("tx_ident", "tx_sub_address", "tx_password", "tx_sender_ident")
    },
    **{
        f"t30_get_rx_{name}": (c.c_char_p, (c.c_void_p,))
        for name in ("ident", "sub_address", "password", "sender_ident")
    },
    **{
        f"t30_set_{name}": (c.c_int, (c.c_void_p, c.c_int))
        for name in (
            *("ecm_capability", "rx_encoding", "minimum_scan_line_time", "supported_modems"),
            *("supported_compressions", "supported_resolutions", "supported_image_sizes"),
            *("supported_t30_features", "receiver_not_ready"),
        )
    },
}


@functools.cache
def library() -> Any:
    """The library, with its prototypes."""
    loaded = c.CDLL(need_library("spandsp", "libspandsp2"))
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, list(arguments)
    return loaded


def statistics(t30: int) -> Statistics:
    """What a terminal counted so far."""
    raw = _Statistics()
    library().t30_get_transfer_statistics(t30, c.byref(raw))
    return Statistics(
        raw.bit_rate,
        bool(raw.error_correcting_mode),
        CODING_NAMES.get(raw.encoding, "?"),
        raw.y_resolution,
        raw.pages_tx,
        raw.pages_rx,
        raw.bad_rows,
        raw.image_size,
    )
