"""A fax terminal as the gateway sees it: send a document, receive one, get a report.

The same whether T.30 runs here (`LineTerminal`) or in a Class 2 modem. Whatever the far end does, a
call ends in a `CallReport`, never in an exception. Pages come from a `PageSource` and go to a
`PageSink`; both belong to the caller, and both are told of a confirmation when it happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from modems.dialler import IncomingCall
from modems.session import DF, VR, Dialled, Hangup, SessionParameters


@dataclass(frozen=True, slots=True)
class PageShape:
    """A page to send before anyone knows what the far end can take: pels, rows, resolution.

    `bits` may say how long the page is in each coding; where it does for every coding that both
    ends have, the shortest is taken. A page that begins a document is parted from the one before
    it (EOM), so that a receiver can file them apart.
    """

    width: int
    height: int
    vr: VR
    bits: Mapping[DF, int] = field(default_factory=dict, hash=False)
    begins_document: bool = False  # of no matter for the first page


@dataclass(frozen=True, slots=True)
class PageForm:
    """How a page travels: what DCS settled for it.

    `min_row_bits` is the fill that the minimum scan-line time asks for (T.4 4.1.3), in bits per
    coded row at the agreed rate; 0 for none. `max_rows` is the longest page that the far end has
    paper for; 0 for any length.
    """

    width: int
    vr: VR
    df: DF
    min_row_bits: int = 0
    max_rows: int = 0


class PageVerdict(Enum):
    """What was said of a page after it: the receiver's answer to MPS, EOM or EOP."""

    MCF = "confirmed"
    RTP = "confirmed, retrain"
    RTN = "rejected, retrain"
    PIP = "confirmed, operator"
    PIN = "rejected, operator"
    NONE = "no answer"

    @property
    def confirmed(self) -> bool:
        """Whether the receiver has taken responsibility for the page."""
        return self in {PageVerdict.MCF, PageVerdict.RTP, PageVerdict.PIP}


@dataclass(frozen=True, slots=True)
class PageQuality:
    """What the decoder counted in a received page."""

    rows: int = 0
    bad_rows: int = 0
    longest_bad_run: int = 0
    ended: bool = True  # the page's own end (RTC, EOFB) was seen: nothing is missing after the rows


@dataclass(frozen=True, slots=True)
class PageReport:
    """One page as it went over the line. `number` counts from 1 within the call's document."""

    number: int
    form: PageForm
    bit_rate: int
    octets: int
    seconds: float  # from the start of its training to the answer after it
    verdict: PageVerdict
    attempts: int = 1  # how often it was sent in this call
    quality: PageQuality | None = None  # received pages only


class TraceKind(Enum):
    """Who did it."""

    SENT = ">"
    RECEIVED = "<"
    NOTE = "-"


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One line of a call's trace: what the operator reads, the receipt quotes and tests compare."""

    seconds: float  # since the call began
    kind: TraceKind
    text: str

    def __str__(self) -> str:
        return f"{self.seconds:8.3f} {self.kind.value} {self.text}"


@dataclass(frozen=True, slots=True)
class CallReport:
    """How a call went. `status` is T.32's; `cause` one plain sentence for people."""

    status: Hangup
    cause: str
    number: str = ""  # dialled, or the caller's ID
    dialled: Dialled = Dialled.CONNECTED
    remote_identity: str = ""  # CSI when we called, TSI or CIG when we were called
    remote_machine: str = ""  # maker and model, where NSF, NSC or NSS tells (see `t30.nsf`)
    subaddress: str = ""  # SUB as it was sent or received: for whom at the number the document is
    parameters: SessionParameters | None = None  # the last DCS, None before the first
    pages: tuple[PageReport, ...] = ()
    seconds: float = 0.0  # from dialling or answering to the hang-up
    ringing: float = 0.0  # of these, until a call of ours was answered: it costs nothing yet
    trace: tuple[TraceEntry, ...] = field(default=(), repr=False)
    out_of_order: str = ""  # what is wrong with our own line after this call; usually nothing

    @property
    def succeeded(self) -> bool:
        """Whether every page was confirmed and the call ended in order."""
        return self.status is Hangup.NORMAL and all(p.verdict.confirmed for p in self.pages)

    @property
    def subaddress_refused(self) -> bool:
        """Whether the far end takes nothing for the subaddress that it was given (FNV)."""
        return self.status is Hangup.REMOTE_CANNOT and bool(self.subaddress)


def anybody(_number: str, _subaddress: str) -> bool:
    """Every caller is welcome."""
    return True


@dataclass(frozen=True, slots=True)
class Identity:
    """What we say of ourselves, and whom we want at the far end.

    Each at most 20 characters of digits, space and +; all but the number also * and # (T.30
    5.3.6.2.4 to 5.3.6.2.8).
    """

    number: str  # CSI, TSI or CIG
    subaddress: str = ""  # SUB: to whom at the far end a document goes
    password: str = ""  # SID when we send, PWD when we poll
    selective: str = ""  # SEP: which of its documents we want when we poll
    # Asked with TSI and SUB of each DCS; the call ends where it says False. Must not wait.
    welcome: Callable[[str, str], bool] = anybody


class PageSource(Protocol):
    """The document to send. The engine calls nothing else, in this order for each page."""

    @property
    def shapes(self) -> Sequence[PageShape]:
        """Every page still to send, in order."""
        ...

    async def coded(self, index: int, form: PageForm) -> bytes:
        """Page `index` coded as `form` says, converted where its own shape differs, with RTC.

        LSB view: the first code bit is bit 0 of the first octet. Prepared within milliseconds.
        """
        ...

    async def confirming(self, index: int) -> None:
        """The page is out and the post-page command is next: from now on it may be confirmed.

        Made durable before returning, so that a crash cannot hide a page that may have arrived.
        """
        ...

    async def confirmed(self, index: int, report: PageReport) -> None:
        """The far end answered for the page (also with RTN). Durable before returning."""
        ...


class PageWriter(Protocol):
    """Takes one received page."""

    def feed(self, chunk: bytes) -> None:
        """Take octets of the page, LSB view, in any split; returns within a millisecond or two."""
        ...

    @property
    def quality(self) -> PageQuality:
        """What has been decoded so far."""
        ...

    async def commit(self, report: PageReport) -> bool:
        """Make the page durable; only after True may it be confirmed. False: it cannot be kept.

        Called once for each page that began, with the verdict that is to be answered. RTN is a
        page that was rejected and will probably come again, under the same number; NONE is what
        there was of a page when the call broke off. Both are kept where that is of use, and the
        answer for them is ignored.
        """
        ...


class PageSink(Protocol):
    """Where received pages go."""

    def begin(self, form: PageForm) -> PageWriter:
        """A page of this form comes next."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """A document that a caller may fetch (polling), and what he must know to get it."""

    source: PageSource
    password: str = ""  # PWD; empty: none is asked for
    selective: str = ""  # SEP; empty: any caller that polls gets it


Observer = Callable[[TraceEntry], None]  # told of each trace entry as it happens; must not block


class Terminal(Protocol):
    """One fax terminal, idle or in one call."""

    async def send(
        self, number: str, source: PageSource, identity: Identity, observer: Observer | None = None
    ) -> CallReport:
        """Call `number` and send every page of `source`."""
        ...

    async def wait_for_call(self) -> IncomingCall:
        """Wait until the line rings."""
        ...

    async def receive(
        self,
        call: IncomingCall,
        sink: PageSink,
        identity: Identity,
        observer: Observer | None = None,
    ) -> CallReport:
        """Answer `call` and give its pages to `sink`."""
        ...
