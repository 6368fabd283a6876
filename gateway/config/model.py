"""What an administrator can write in `gateway.yaml`, with every default in one place.

Each field's description becomes the text of `config/schema.json`, so editors show it, and of the
error that says a setting is missing. What one value may be is `gateway.config.types`; what several
must be together is `gateway.config.rules`; reading the file, and saying where in it an error lies,
is `gateway.config.load`. Relative paths are relative to the directory in which `faxgate` runs.
"""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from gateway.config.addressing import Contact, DialPlan
from gateway.config.answer import AnswerRule
from gateway.config.documents import Documents
from gateway.config.faults import Fault
from gateway.config.imap import ImapOutbox
from gateway.config.mail import MailOut
from gateway.config.ocr import Ocr
from gateway.config.pages import CopyQuality, Header
from gateway.config.receiving import AnyTarget, Route, RouteExpectation, TargetKey
from gateway.config.retention import Retention
from gateway.config.retry import Retry
from gateway.config.section import Section, Tls
from gateway.config.sending import (
    EVERYBODY,
    Ceiling,
    Dns,
    Expectation,
    Rule,
    SenderEntry,
    Tariff,
    Upstream,
)
from gateway.config.types import (
    E164,
    Country,
    Domain,
    DomainOrEmpty,
    Duration,
    DurationOrNone,
    IpAddress,
    Network,
    PasswordHash,
    Size,
    TimeZone,
)


class Listener(Section):
    """One address on which mail is taken."""

    address: IpAddress = Field("127.0.0.1", description="IP address to listen on")
    port: int = Field(25, ge=0, le=65535, description="TCP port: 25, 587 (submission), 465 (TLS)")
    tls: Tls = Field(
        "none", description="starttls offers it; implicit speaks TLS from the first byte (465)"
    )


class User(Section):
    """Somebody who may log in and send."""

    name: str = Field(min_length=1, max_length=255, description="login name")
    password: PasswordHash = Field(description="argon2 hash; `faxgate hash-password` makes one")


class Smtp(Section):
    """Mail in."""

    listen: tuple[Listener, ...] = Field(
        (Listener(port=8025),), min_length=1, description="where mail is taken"
    )
    hostname: DomainOrEmpty = Field(
        "", description="the gateway's own name for other machines; the fax domain if empty"
    )
    networks: tuple[Network, ...] = Field(
        (), description="clients that may send without logging in"
    )
    users: tuple[User, ...] = Field((), description="who may log in and send")
    upstream: tuple[Upstream, ...] = Field(
        (), description="mail servers of ours in front, whose Authentication-Results are believed"
    )
    certificate: Path | None = Field(None, description="PEM file for STARTTLS and implicit TLS")
    key: Path | None = Field(
        None, description="PEM file of its private key; the certificate's file if not given"
    )
    max_size: Size = Field(50_000_000, gt=0, description="largest mail, octets")
    max_recipients: int = Field(50, gt=0, description="most recipients of one mail")
    max_connections: int = Field(100, gt=0, description="clients served at the same time")
    max_connections_per_client: int = Field(10, gt=0, description="of them from one IP address")
    timeout: Duration = Field(timedelta(seconds=300), description="longest silence of a client")


class LineSection(Section):
    """What every line has, whatever it is connected by."""

    name: str = Field(min_length=1, description="what logs and people call it")
    number: E164 = Field(description="the line's own number, E.164 with +")
    identity: str = Field("", max_length=20, description="CSI/TSI; the number when empty")
    sender: str = Field(
        "", max_length=60, description="the sender's name in the header line of pages"
    )
    use: tuple[Literal["send", "receive"], ...] = Field(
        ("send", "receive"), min_length=1, description="what calls it is for"
    )
    answer: tuple[AnswerRule, ...] = Field(
        (), description="when it answers otherwise, or not at all; first match wins"
    )


class SimulatedLine(LineSection):
    """A line of the built-in exchange: calls between two of them never leave the process."""

    type: Literal["simulated"] = Field("simulated", description="the kind of line")
    rings: int = Field(1, ge=1, le=12, description="answer at this ring")
    dtmf: str = Field(
        "", pattern=r"^[0-9A-D*#]{0,40}$", description="digits that calls from this line key in"
    )
    exchange: str = Field("default", description="lines of one exchange reach each other")
    speed: float = Field(1.0, gt=0, description="the clock runs this many times faster than life")
    max_rate: int = Field(14400, gt=0, description="highest bit rate")
    ecm: bool = Field(True, description="error correction, where the far machine has it")
    faults: tuple[Fault, ...] = Field((), description="what goes wrong on it, to try things out")


class DialRule(Section):
    """How numbers that begin alike are dialled on a line."""

    prefix: str = Field(pattern=r"^\+?[0-9]*$", description="numbers that begin with this")
    dial: str = Field("", pattern=r"^[0-9*#,Ww]*$", description="what is dialled instead of it")


class Class1Modem(Section):
    """A modem of Class 1 or 1.0 on a serial port, and how calls go over it."""

    device: str = Field(min_length=1, description="serial device, such as /dev/ttyUSB0")
    baud: int = Field(115200, ge=19200, le=921600, description="bits per second of the port")
    flow: Literal["auto", "rtscts", "xonxoff", "none"] = Field(
        "auto", description="flow control; auto is RTS/CTS where the port has these wires"
    )
    init: tuple[str, ...] = Field((), description="AT commands after the gateway's own, without AT")
    rings: int = Field(
        2,
        ge=1,
        le=20,
        description="answer at this ring; the caller's number comes "
        "between the first and the second",
    )
    caller_id: bool = Field(True, description="ask the modem for the caller's number")
    adaptive: bool = Field(False, description="let the modem tell data calls from fax calls")
    distinctive: dict[str, E164] = Field(
        {}, description="our number for each distinctive ring, such as A or 1"
    )
    dial: tuple[DialRule, ...] = Field(
        (DialRule(prefix="+", dial="00"),), description="how a number is dialled, first match wins"
    )
    pulse: bool = Field(False, description="dial by pulses instead of tones")
    max_rate: int = Field(14400, gt=0, description="highest bit rate")
    ecm: bool = Field(True, description="error correction, where the far machine has it")


class Class1Line(LineSection, Class1Modem):
    """A line with such a modem; T.30 runs in the gateway."""

    type: Literal["class1"] = Field("class1", description="the kind of line")
    dtmf: bool = Field(
        False, description="the modem tells the digits that a caller has keyed in, as DTMF="
    )


def _kind_or_simulated(line: object) -> object:
    """A line without `type` is a simulated one."""
    return {"type": "simulated", **line} if isinstance(line, dict) else line


AnyLine = Annotated[
    SimulatedLine | Class1Line,
    Field(discriminator="type"),
    BeforeValidator(_kind_or_simulated),
]


class Config(Section):
    """The whole file."""

    domain: Domain = Field(description="mail to +number@domain becomes a fax")
    node: str = Field("", description="name of this gateway in a shared queue; the host's if empty")
    country: Country = Field("PL", description="country whose national numbers are understood")
    timezone: TimeZone = Field(
        "", description="IANA time zone of hours, days and months; the system's if empty"
    )
    state: Path = Field(Path("/var/lib/faxgate"), description="directory of the database")
    database: str = Field("", description="SQLAlchemy URL; SQLite in the state directory if empty")
    reserve: Size = Field(
        100_000_000,
        ge=0,
        description="room on the disk, in octets, below which no call is answered and no mail "
        "taken; 0: none",
    )
    smtp: Smtp = Field(Smtp(), description="mail in")
    dial_plans: tuple[DialPlan, ...] = Field(
        (), description="how people write numbers, first plan that fits the sender"
    )
    address_book: tuple[Contact, ...] = Field((), description="names to fax to")
    dns: Dns = Field(Dns(), description="name servers that DMARC, DKIM and SPF are asked of")
    senders: tuple[SenderEntry, ...] = Field((), description="who senders are, and their groups")
    rules: tuple[Rule, ...] = Field(
        EVERYBODY, description="who may send what, first match wins; what matches none is refused"
    )
    ceilings: tuple[Ceiling, ...] = Field((), description="the most in a day or a month")
    confirm_within: Duration = Field(
        timedelta(days=2), description="how long a held fax waits until its sender confirms it"
    )
    tariff: Tariff = Field(Tariff(), description="what calls cost")
    expect: tuple[Expectation, ...] = Field(
        (), description="tests of the rules, run by `faxgate check`"
    )
    documents: Documents = Field(Documents(), description="how mail becomes pages")
    lines: tuple[AnyLine, ...] = Field((), description="the telephone lines")
    targets: dict[TargetKey, AnyTarget] = Field(
        {}, description="places that routes deliver to, beside mail addresses"
    )
    routes: tuple[Route, ...] = Field((), description="where a received fax goes, first match wins")
    imap_outboxes: dict[TargetKey, ImapOutbox] = Field(
        {}, description="folders of IMAP servers whose mails are faxed"
    )
    repeat_within: DurationOrNone = Field(
        timedelta(minutes=30),
        description="a fax that its caller repeats so soon after the call broke is delivered as "
        "one, every page once; 0: never",
    )
    junk: Path | None = Field(
        None, description="file of the junk list; in the state directory if not given"
    )
    ocr: Ocr = Field(Ocr(), description="reading the text on received pages")
    junk_by_reply: bool = Field(
        False, description="mails of faxes name an address that puts the caller on the junk list"
    )
    expect_routes: tuple[RouteExpectation, ...] = Field(
        (), description="tests of the routes, run by `faxgate check`"
    )
    mail: MailOut = Field(description="receipts and received faxes, on their way out")
    header: Header = Field(Header(), description="the line at the top of pages that go out")
    copy_quality: CopyQuality = Field(
        CopyQuality(), description="when a page that came in is good enough"
    )
    retry: Retry = Field(Retry(), description="when a fax that did not go out is tried again")
    retention: Retention = Field(Retention(), description="when what has ended is deleted")

    @property
    def node_name(self) -> str:
        """The name under which this gateway holds calls in a shared queue."""
        return self.node or socket.gethostname()

    @property
    def hostname(self) -> str:
        """The name by which other machines know this one."""
        return self.smtp.hostname or self.domain

    @property
    def zone(self) -> ZoneInfo | None:
        """The time zone of hours, days and months; None for the system's."""
        return ZoneInfo(self.timezone) if self.timezone else None

    @property
    def junk_list(self) -> Path:
        """The file of junk callers."""
        return self.junk or self.state / "junk.txt"

    @property
    def readers_junk_list(self) -> Path | None:
        """The same, where readers of faxes may extend it."""
        return self.junk_list if self.junk_by_reply else None

    @property
    def database_url(self) -> str:
        """Where the store is."""
        return self.database or f"sqlite:///{self.state / 'faxgate.db'}"
