"""What an administrator can write in `gateway.yaml`, with every default in one place.

Each field's description becomes the text of `config/schema.json`, so editors show it. Reading the
file, and saying where in it an error lies, is `gateway.config.load`.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A mapping in the YAML; a key that no one reads is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Listener(Section):
    """One address on which mail is taken."""

    address: str = Field("127.0.0.1", description="IP address to listen on")
    port: int = Field(25, ge=0, le=65535)
    tls: Literal["none", "starttls", "implicit"] = Field(
        "none", description="starttls offers it; implicit speaks TLS from the first byte (465)"
    )


class User(Section):
    """Somebody who may log in and send."""

    name: str
    password: str = Field(description="argon2 hash; `faxgate hash-password` makes one")


class Smtp(Section):
    """Mail in."""

    listen: tuple[Listener, ...] = (Listener(port=8025),)
    hostname: str = Field("localhost", description="the name in the greeting")
    networks: tuple[str, ...] = Field((), description="clients that may send without logging in")
    users: tuple[User, ...] = ()
    certificate: Path | None = Field(None, description="PEM file for STARTTLS and implicit TLS")
    key: Path | None = None
    max_size: int = Field(50_000_000, gt=0, description="largest mail, octets")
    max_recipients: int = Field(50, gt=0)
    max_connections: int = Field(100, gt=0)
    max_connections_per_client: int = Field(10, gt=0)
    timeout: timedelta = Field(timedelta(seconds=300), description="longest silence of a client")


class Documents(Section):
    """How parts become pages."""

    paper: Literal["A4", "Letter"] = "A4"
    resolution: Literal["standard", "fine", "superfine"] = "fine"
    workers: int = Field(2, gt=0, description="documents rendered at the same time")
    seconds: float = Field(60.0, gt=0, description="longest time for one part, wall clock")
    memory: int = Field(1_000_000_000, gt=0, description="memory of a worker process, octets")
    max_pages: int = Field(200, gt=0, description="most pages of one mail")
    on_bad_part: Literal["nothing", "rest"] = Field(
        "nothing", description="what is sent when one part cannot be: nothing, or the rest"
    )


class Fault(Section):
    """A fault on demand of a simulated line; see modems/simulated."""

    kind: Literal["lose_frame", "fail_training", "damage_rows", "hang_up"]
    frame: str = Field("", description="FCF name for lose_frame and hang_up, such as MCF")
    nth: int = Field(1, ge=1, description="which one, counted from 1")
    times: int = Field(1, ge=1, description="how many in a row")
    above_rate: int = Field(0, description="fail_training: only above this bit rate")
    page: int = Field(1, ge=1, description="damage_rows and hang_up: in this page")
    rows: int = Field(10, ge=1, description="damage_rows: about so many rows")
    after: float = Field(0.5, ge=0, le=1, description="at this fraction of the page")


class SimulatedLine(Section):
    """A line of the built-in exchange: calls between two of them never leave the process."""

    type: Literal["simulated"] = "simulated"
    name: str
    number: str = Field(description="the line's own number, E.164 with +")
    identity: str = Field("", description="CSI/TSI; the number when empty")
    use: tuple[Literal["send", "receive"], ...] = ("send", "receive")
    exchange: str = "default"
    speed: float = Field(1.0, gt=0, description="the clock runs this many times faster than life")
    max_rate: int = Field(14400, description="highest bit rate")
    faults: tuple[Fault, ...] = ()


AnyLine = Annotated[SimulatedLine, Field()]


class Route(Section):
    """Where a received fax goes; the first route that matches wins."""

    called: str = Field("", description="the called number; empty matches every call")
    deliver: tuple[str, ...] = Field(min_length=1, description="mail addresses")


class Smarthost(Section):
    """Mail out through another mail server."""

    type: Literal["smarthost"] = "smarthost"
    host: str
    port: int = 587
    tls: Literal["none", "starttls", "implicit"] = "starttls"
    user: str = ""
    password: str = ""
    verify: bool = Field(True, description="check the server's certificate")
    ca: Path | None = Field(None, description="PEM file of the authority that signed it")
    timeout: timedelta = timedelta(seconds=60)


class MaildirOut(Section):
    """Mail out into one Maildir per address under a directory: no mail server needed."""

    type: Literal["maildir"] = "maildir"
    directory: Path


class MailOut(Section):
    """Receipts and received faxes."""

    sender: str = Field(description="From address of received faxes and receipts")
    transport: Annotated[Smarthost | MaildirOut, Field(discriminator="type")]
    postmaster: str = Field("", description="who is told when a delivery is given up")
    retry_for: timedelta = Field(timedelta(days=3), description="how long a delivery is tried")


class Retry(Section):
    """When a fax that did not go out is tried again."""

    tries: int = Field(5, ge=1, description="calls that reached the line, in all")
    give_up_after: timedelta = timedelta(hours=12)
    busy: timedelta = timedelta(minutes=3)
    no_answer: timedelta = timedelta(minutes=10)
    failed: timedelta = Field(timedelta(minutes=5), description="the call broke or would not train")
    line_fault: timedelta = timedelta(minutes=1)
    in_doubt: Literal["report", "resend"] = Field(
        "report",
        description="a page that may have arrived when the gateway was stopped: report it to the "
        "sender, or send it again",
    )


class Config(Section):
    """The whole file."""

    domain: str = Field(description="mail to +number@domain becomes a fax")
    node: str = Field("", description="name of this gateway in a shared queue; the host's if empty")
    country: str = Field("PL", description="country whose national numbers are understood")
    state: Path = Field(Path("/var/lib/faxgate"), description="directory of the database")
    database: str = Field("", description="SQLAlchemy URL; SQLite in the state directory if empty")
    smtp: Smtp = Smtp()
    documents: Documents = Documents()
    lines: tuple[AnyLine, ...] = ()
    routes: tuple[Route, ...] = ()
    mail: MailOut
    retry: Retry = Retry()
