"""A name server on the loopback: real datagrams, real answers, and silence on demand."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

TTL = 60  # s


class NameServer:
    """Answers from `records`: (name, type) to zone-file texts; names in `silent` get none."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.silent: set[str] = set()
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def text(self, name: str, *texts: str) -> None:
        """Publish TXT records, each in strings of 200 octets."""
        self.records[name, "TXT"] = [_quoted(text) for text in texts]

    @contextmanager
    def running(self) -> Iterator[NameServer]:
        """Answer until the end."""
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                octets, client = self._socket.recvfrom(4096)
                if not octets:
                    return
                answer = self._answer(octets)
                if answer is not None:
                    self._socket.sendto(answer, client)
            except OSError:
                return

    def _answer(self, octets: bytes) -> bytes | None:
        query = dns.message.from_wire(octets)
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        if name in self.silent:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        kind = dns.rdatatype.to_text(question.rdtype)
        found = self.records.get((name, kind))
        if found:
            response.answer.append(dns.rrset.from_text_list(question.name, TTL, "IN", kind, found))
        elif not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


def _quoted(text: str) -> str:
    return " ".join(f'"{text[n : n + 200]}"' for n in range(0, len(text), 200))
