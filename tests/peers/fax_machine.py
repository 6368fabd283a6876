"""A fax machine: spandsp's own terminal with T.30, codings and modems, on an `Exchange`."""

from __future__ import annotations

import ctypes as c
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from tests.peers.exchange import Subscriber
from tests.peers.spandsp import (
    BLOCK,
    CODINGS,
    FEATURES,
    FLOW,
    MODEMS,
    R4_R8_R16,
    RESOLUTIONS,
    SILENCE,
    TIFF_CODINGS,
    WIDTHS_AND_LENGTHS,
    Event,
    PageEnd,
    PhaseEnd,
    Says,
    library,
    statistics,
)

LINGER = 1.0  # s after its end, so that DCN leaves the line


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine can do, and its paper."""

    number: str = "200"
    ecm: bool = True
    modems: tuple[str, ...] = ("v27ter", "v29", "v17")
    codings: tuple[str, ...] = ("mh", "mr", "mmr")
    resolutions: tuple[str, ...] = ("standard", "fine", "superfine")
    sends: str = ""  # TIFF file
    receives: str = ""  # TIFF file
    scan_time: int = 0  # ms
    not_ready: int = 0  # RNR so many times
    subaddress: str = ""
    password: str = ""
    tells_all: bool = False  # "says": the lines of its log


class FaxMachine(Subscriber):
    """Answers at the first ring, and calls when `call_number` is called."""

    def __init__(self, machine: Machine) -> None:
        self.number = machine.number
        self._machine = machine
        self._fax: int | None = None
        self._hang_up_at: float | None = None
        self._block = c.create_string_buffer(2 * BLOCK)
        self._ended = PhaseEnd(self._at_end)
        self._page_ended = PageEnd(self._at_page_end)
        self._says = Says(self._at_words)

    def call_number(self, number: str) -> None:
        """Call somebody."""
        self.exchange.dial(self, number)

    def ring(self) -> None:
        """Answer."""
        if self.exchange.answer(self):
            self._begin(calling=False)

    def connected(self) -> None:
        """Begin to call."""
        self._begin(calling=True)

    def failed(self, why: Event) -> None:
        """Nobody to send to."""
        self.exchange.tell("machine failed", why.name)

    def cleared(self) -> None:
        """The other end has gone."""
        self.off_hook = False
        if self._fax is not None and self._hang_up_at is None:
            library().t30_terminate(self._t30)
        self._end()

    def speak(self) -> bytes:
        """What the machine sends."""
        if self._fax is None:
            return SILENCE
        library().fax_tx(self._fax, self._block, BLOCK)
        return self._block.raw

    def hear(self, block: bytes) -> None:
        """What the machine receives."""
        if self._fax is not None:
            library().fax_rx(self._fax, block, BLOCK)

    def step(self) -> None:
        """Hang up when it is time."""
        if self._hang_up_at is not None and self.exchange.now >= self._hang_up_at:
            self.exchange.hang_up(self)
            self._end()

    @property
    def _t30(self) -> int:
        t30: int = library().fax_get_t30_state(self._fax)
        return t30

    def _begin(self, *, calling: bool) -> None:
        self._fax = library().fax_init(None, int(calling))
        library().fax_set_transmit_on_idle(self._fax, 1)
        for name, value in _settings(self._machine).items():
            getattr(library(), f"t30_set_{name}")(self._t30, value)
        if self._machine.receives:
            library().t30_set_rx_file(self._t30, self._machine.receives.encode(), -1)
        if self._machine.sends:
            library().t30_set_tx_file(self._t30, self._machine.sends.encode(), -1, -1)
        if self._machine.tells_all:
            log = library().t30_get_logging_state(self._t30)
            library().span_log_set_message_handler(log, self._says)
            library().span_log_set_level(log, FLOW)
        library().t30_set_phase_d_handler(self._t30, self._page_ended, None)
        library().t30_set_phase_e_handler(self._t30, self._ended, None)

    def _at_words(self, _level: int, words: bytes) -> None:
        """A line of its log."""
        self.exchange.tell("says", words.decode(errors="replace").rstrip())

    def _at_page_end(self, t30: int, _user: int, _command: int) -> int:
        """Phase D: tell what the page was."""
        self.exchange.tell("page", self.number, asdict(statistics(t30)))
        return 0

    def _at_end(self, t30: int, _user: int, code: int) -> None:
        """Phase E: tell how it went."""
        words = library().t30_completion_code_to_str(code).decode()
        said = {
            name: (getattr(library(), f"t30_get_rx_{name}")(t30) or b"").decode("latin1")
            for name in ("ident", "sub_address", "password", "sender_ident")
        }
        told = asdict(statistics(t30)) | said
        self.exchange.tell("machine ended", code, words, told)
        self._hang_up_at = self.exchange.now + LINGER

    def _end(self) -> None:
        if self._fax is not None:
            library().fax_free(self._fax)
        self._fax = self._hang_up_at = None


def _settings(machine: Machine) -> Mapping[str, bytes | int]:
    """The arguments of spandsp's t30_set_ functions."""
    words: dict[str, bytes | int] = {
        "tx_ident": f"+{machine.number}".encode(),
        "tx_sub_address": machine.subaddress.encode(),
        "tx_password": machine.password.encode(),
    }
    numbers: dict[str, bytes | int] = {
        "ecm_capability": int(machine.ecm),
        "supported_modems": sum(MODEMS[m] for m in machine.modems),
        "supported_compressions": sum(CODINGS[name] for name in machine.codings),
        "supported_resolutions": sum(RESOLUTIONS[r] for r in machine.resolutions) | R4_R8_R16,
        "supported_image_sizes": WIDTHS_AND_LENGTHS,
        "supported_t30_features": FEATURES,
        "minimum_scan_line_time": machine.scan_time,
        "rx_encoding": TIFF_CODINGS["mmr"],
        "receiver_not_ready": machine.not_ready,
    }
    return {name: value for name, value in (words | numbers).items() if value != b""}
