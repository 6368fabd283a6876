"""A Postfix of the test's own: one directory, ports on loopback, nothing of /etc, root's to start.

It keeps the mail of example.org in Maildirs, hands that of the fax domain to the gateway, greylists
`patient@example.org`, and knows no `gone@example.org`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socketserver
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from tests.gateway.running import free_port
from tests.peer import need_program, need_root

PATIENCE = 10.0  # s that a mail, or a start, may take
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
default_database_type = hash
alias_maps =
alias_database =
virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
relay_domains = fax.localhost
transport_maps = inline:{{ {{ fax.localhost = smtp:[127.0.0.1]:{gateway} }},
    {{ elsewhere.example = smtp:[127.0.0.1]:1 }} }}
default_transport = error:5.1.2 there is no such domain here
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access regexp:{folder}/conf/access,
    check_policy_service inet:127.0.0.1:{policy}
smtpd_delay_reject = yes
smtp_tls_security_level = none
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtpd_tls_chain_files = {folder}/key.pem, {folder}/cert.pem
bounce_queue_lifetime = 0
maximal_queue_lifetime = 0
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
ACCESS = "/^gone@/ 550 5.1.1 nobody of that name\n/^full@/ 452 4.2.2 the mailbox is full\n"


@dataclass(frozen=True, slots=True)
class Postfix:
    """Where it listens; `gateway` is the port to which it hands the mail of the fax domain."""

    folder: Path
    port: int
    tls_port: int
    gateway: int

    @property
    def ca(self) -> Path:
        """The certificate, which signed itself."""
        return self.folder / "cert.pem"

    def box(self, name: str) -> list[bytes]:
        """The mails to a name at example.org so far, with CRLF."""
        files = sorted((self.folder / "mail" / "all" / "new").glob("*"), key=_when)
        mails = [file.read_bytes().replace(b"\n", b"\r\n") for file in files]
        mark = f"Delivered-To: {name}@example.org\r\n".encode()
        return [mail for mail in mails if mark in mail]

    def mails(self, name: str, count: int = 1) -> list[bytes]:
        """The mails of a mailbox, when so many are there."""
        began = time.monotonic()
        while len(found := self.box(name)) < count:
            if time.monotonic() - began > PATIENCE:
                pytest.fail((self.folder / "log").read_text())
            time.sleep(0.05)
        return found


def _when(file: Path) -> int:
    return file.stat().st_mtime_ns


class Greylist(socketserver.StreamRequestHandler):
    """Postfix's policy protocol: who writes to `patient` for the first time comes back later."""

    met: ClassVar[set[str]] = set()

    def handle(self) -> None:
        """Answer until Postfix has no more questions."""
        asked: dict[str, str] = {}
        while line := self.rfile.readline().decode().strip("\n\r") or asked:
            if isinstance(line, str):
                name, _, value = line.partition("=")
                asked[name] = value
                continue
            self.wfile.write(f"action={self.verdict(asked)}\n\n".encode())
            asked = {}

    def verdict(self, asked: dict[str, str]) -> str:
        """What a greylist says."""
        recipient = asked.get("recipient", "")
        if not recipient.startswith("patient") or recipient in self.met:
            return "permit"
        self.met.add(recipient)
        return "450 4.2.0 greylisted, come back later"


@contextmanager
def running() -> Iterator[Postfix]:
    """The server, until the end of the block."""
    program, openssl = need_program("postfix", "postfix"), need_program("openssl", "openssl")
    need_root("Postfix")
    folder = Path(tempfile.mkdtemp(prefix="faxgate-postfix-"))
    request = (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    )
    subprocess.run([openssl, *request.split()], cwd=folder, check=True, capture_output=True)
    server = Postfix(folder, *(free_port() for _ in range(3)))
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Greylist) as policy:
        policy.daemon_threads = True
        Thread(target=policy.serve_forever, daemon=True).start()
        _configure(server, policy.server_address[1])
        command = [program, "-c", str(folder / "conf")]
        try:
            _run([*command, "start"], folder)
            yield server
        finally:
            subprocess.run([*command, "stop"], check=False, capture_output=True)
            policy.shutdown()
    shutil.rmtree(folder)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        log = folder / "log"
        pytest.fail(done.stderr + (log.read_text() if log.exists() else ""))


def _configure(server: Postfix, policy: int) -> None:
    folder = server.folder
    folder.chmod(0o755)
    for name in ("conf", "queue", "data", "mail"):
        (folder / name).mkdir()
    postfix, nobody = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
    os.chown(folder / "data", postfix.pw_uid, postfix.pw_gid)
    os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
    where = {"commands": _where("command_directory"), "daemons": _where("daemon_directory")}
    who = {"uid": nobody.pw_uid, "gid": nobody.pw_gid}
    main = MAIN.format(folder=folder, gateway=server.gateway, policy=policy, **where, **who)
    files = {
        "main.cf": main,
        "master.cf": MASTER.format(port=server.port, tls_port=server.tls_port),
        "access": ACCESS,
    }
    for name, text in files.items():
        (folder / "conf" / name).write_text(text)


def _where(setting: str) -> str:
    """Where Debian has put a part of it."""
    asked = ["postconf", "-d", "-h", setting]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
