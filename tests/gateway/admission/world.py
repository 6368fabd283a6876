"""Domains with keys and records on a name server, and the mails that they sign or forge."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Any

import dkim

from gateway.admission.gate import Gate
from gateway.admission.names import Names
from gateway.admission.policy import Policy
from gateway.admission.proving import Prover
from gateway.admission.senders import Senders
from gateway.config.sending import EVERYBODY, SenderEntry, Tariff, Upstream
from tests.gateway.admission.nameserver import NameServer
from tests.peer import need_program

NUMBER = "+48222000002@fax.example.com"
ANNA = "anna@example.com"
HEADERS = ("From", "To", "Subject", "Date")


class Expiring(dkim.DKIM):  # type: ignore[misc]
    """dkimpy signs without x=, which it would verify."""

    def __init__(self, mail: bytes, expires: int | None) -> None:
        super().__init__(mail)
        self._expires = expires

    def gen_header(self, fields: list[tuple[bytes, bytes]], *rest: Any, **more: Any) -> Any:
        """The header with its time in it."""
        if self._expires is not None:
            made = int(dict(fields)[b"t"])
            start = str(min(made, self._expires)).encode()
            fields = [(k, start if k == b"t" else v) for k, v in fields]
            fields.insert(-2, (b"x", str(self._expires).encode()))
        return super().gen_header(fields, *rest, **more)


@dataclass
class Domain:
    """A domain that signs its mail."""

    name: str
    private: bytes

    def sign(self, mail: bytes, *, expires: int | None = None, **given: Any) -> bytes:
        """The mail with a signature on top, which may run out (seconds of the epoch)."""
        plain: dict[str, Any] = {
            "include_headers": [b"from", b"to", b"subject", b"date"],
            "canonicalize": (b"relaxed", b"relaxed"),
        }
        signer = Expiring(mail, expires)
        header: bytes = signer.sign(b"key", self.name.encode(), self.private, **plain | given)
        return header + mail


def domain(
    server: NameServer, name: str, dmarc: str = "v=DMARC1; p=reject", bits: int = 1024
) -> Domain:
    """Publish a key and a DMARC record."""
    openssl = need_program("openssl", "openssl")
    making, asking = [openssl, "genrsa", "-traditional", str(bits)], [openssl, "rsa", "-pubout"]
    private = subprocess.run(making, check=True, capture_output=True).stdout
    public = subprocess.run(asking, input=private, check=True, capture_output=True).stdout
    base64 = "".join(public.decode().splitlines()[1:-1])
    server.text(f"key._domainkey.{name}", f"v=DKIM1; k=rsa; p={base64}")
    if dmarc:
        server.text(f"_dmarc.{name}", dmarc)
    return Domain(name, private)


def mail(author: str = ANNA, to: str = NUMBER, *extra: str, body: str = "Hello") -> bytes:
    """A plain mail."""
    lines = [
        f"From: {author}",
        f"To: <{to}>",
        "Subject: a fax",
        "Date: Mon, 23 Nov 2026 06:12:00 +0000",
        *extra,
    ]
    return "\r\n".join([*lines, "", body, ""]).encode()


def gate(server: NameServer, patience: float = 5.0, upstream: tuple[Upstream, ...] = ()) -> Gate:
    """A gate that lets Anna and everybody at example.org send, and knows nobody else."""
    entries = [
        SenderEntry(name="anna", addresses=(ANNA,), groups=("staff",)),
        SenderEntry(addresses=("@example.org", "@sub.example.net")),
    ]
    senders = Senders((), entries)
    names = Names(("127.0.0.1",), server.port, patience)
    policy = Policy(EVERYBODY, (), Tariff(), "PL", None)
    return Gate(senders, policy, Prover(senders, names, upstream))
