"""A real gateway in a process of its own, for tests that kill it."""

from __future__ import annotations

import json
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

TO = "+48222000002@fax.localhost"
SENDER = "sender@example.org"
OFFICE = "office@example.org"

CONFIG = """\
domain: fax.localhost
node: under-test
state: {state}
smtp:
  listen: [{{address: 127.0.0.1, port: {port}}}]
  networks: [127.0.0.0/8]
lines:
  - {{name: caller, number: "+48221000001", use: [send], speed: 60}}
  - {{name: answerer, number: "+48222000002", use: [receive], speed: 60}}
routes:
  - {{deliver: [{office}]}}
mail:
  sender: fax@fax.localhost
  postmaster: postmaster@example.org
  transport: {{type: maildir, directory: {state}/mail}}
header: {{on: false}}  # pages are compared octet by octet
retry: {{failed: 1 s, busy: 1 s, no_answer: 1 s, line_fault: 1 s}}
"""

Event = Mapping[str, object]


class RunningGateway:
    """`faxgate serve` on a state directory, started and killed as often as one likes."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.port = free_port()
        self.config = state / "gateway.yaml"
        self.config.write_text(CONFIG.format(state=state, port=self.port, office=OFFICE))
        self.log = state / "log"

    @contextmanager
    def started(self) -> Iterator[Iterator[Event]]:
        """A running gateway and its events from the start; whatever happens, it is killed."""
        command = [sys.executable, "-m", "gateway", "serve", "-c", str(self.config)]
        with self.log.open("ab") as log, subprocess.Popen(command, stderr=log) as process:
            try:
                with self._connected(process) as link, link.makefile("rb") as answers:
                    yield (json.loads(line) for line in answers)
            finally:
                process.kill()

    @contextmanager
    def _connected(self, process: subprocess.Popen[bytes]) -> Iterator[socket.socket]:
        while process.poll() is None:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(60)
                try:
                    link.connect(str(self.state / "control.sock"))
                except OSError:
                    continue
                link.sendall(b'{"command": "watch"}\n')
                yield link
                return
        raise AssertionError(f"the gateway did not start:\n{self.log.read_text()}")

    def mail(self, body: str, pages: int = 2) -> None:
        """Mail a fax of so many pages; returns after 250."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = SENDER, TO, body
        message.set_content("\n\f\n".join(f"{body}, page {n + 1}" for n in range(pages)))
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as client:
            client.send_message(message)

    def mails(self, address: str) -> list[EmailMessage]:
        """The mails that have reached an address."""
        return [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in sorted((self.state / "mail" / address / "new").glob("*"))
        ]


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(events: Iterator[Event], name: str, nth: int = 1) -> Event:
    """Read events up to the `nth` of that name."""
    for event in events:
        nth -= event["event"] == name
        if not nth:
            return event
    raise AssertionError(f"the gateway stopped before {name!r}")
