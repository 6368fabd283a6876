"""A Dovecot of the test's own: one directory, ports on loopback, no privileges, nothing of /etc."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

import pytest

from gateway.imap.words import mailbox
from tests.peer import need_program

USER, PASSWORD = "anna nowak", 'pa "ss\\wörd'
PATIENCE = 20.0  # s that it may take to end
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
listen = 127.0.0.1
protocols = imap
default_internal_user = {me}
default_internal_group = {group}
default_login_user = {me}
mail_location = maildir:{folder}/mail/%n:UTF-8
auth_username_format =
auth_username_chars =
mail_max_userip_connections = 100
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
namespace inbox {{
  inbox = yes
  separator = .
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """Where it listens and whom to trust."""

    folder: Path
    plain: int
    tls: int

    @property
    def ca(self) -> Path:
        """The certificate, which signed itself."""
        return self.folder / "cert.pem"

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """The standard library's client, logged in."""
        with imaplib.IMAP4("127.0.0.1", self.plain) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            yield client

    def put(self, folder: str, mail: bytes) -> None:
        """Put a mail into a folder, as a mail program does."""
        with self.client() as client:
            client.create(mailbox(folder, "."))
            assert client.append(mailbox(folder, "."), "", "", mail)[0] == "OK"

    def drop(self, folder: str) -> None:
        """Delete a folder."""
        with self.client() as client:
            assert client.delete(mailbox(folder, "."))[0] == "OK"

    def found(self, folder: str) -> list[tuple[str, bytes]]:
        """Flags and date, and the mail, of everything in a folder; nothing where there is none."""
        with self.client() as client:
            selected, (exists, *_) = client.select(mailbox(folder, "."), readonly=True)
            if selected != "OK" or exists == b"0":
                return []
            _, answer = client.fetch("1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
        return [(part[0].decode(), part[1]) for part in answer if isinstance(part, tuple)]


@contextmanager
def running() -> Iterator[Dovecot]:
    """The server, until the end of the block."""
    program, openssl = need_program("dovecot", "dovecot-imapd"), need_program("openssl", "openssl")
    folder = Path(tempfile.mkdtemp(prefix="faxgate-imap-"))
    me = pwd.getpwuid(os.getuid() or pwd.getpwnam("nobody").pw_uid)  # never as root
    request = (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    )
    subprocess.run([openssl, *request.split()], cwd=folder, check=True, capture_output=True)
    server = Dovecot(folder, *_free_ports(2))
    _configure(server, me)
    command = [program, "-F", "-c", str(folder / "conf")]
    as_root = os.getuid() == 0
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        user=me.pw_uid if as_root else None,
        group=me.pw_gid if as_root else None,
    ) as process:
        assert process.stderr is not None
        log = _begun(process.stderr)
        yield server
        process.terminate()
        process.wait(PATIENCE)
        log.join()
    shutil.rmtree(folder)


def _configure(server: Dovecot, me: pwd.struct_passwd) -> None:
    folder = server.folder
    group = subprocess.run(
        ["getent", "group", str(me.pw_gid)], check=True, capture_output=True, text=True
    ).stdout.split(":")[0]
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
    names = {"me": me.pw_name, "group": group, "uid": me.pw_uid, "gid": me.pw_gid}
    ports = {"plain": server.plain, "tls": server.tls}
    (folder / "conf").write_text(CONFIG.format(folder=folder, **names, **ports), encoding="utf-8")
    for name in ("run", "state", "mail", "home"):
        (folder / name).mkdir()
    if os.getuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, me.pw_uid, me.pw_gid)


def _begun(log: IO[str]) -> Thread:
    """Read the log until the server listens, and then leave it to a thread, or it would stop."""
    said = []
    for line in log:
        said.append(line)
        if "starting up" in line:
            break
    else:
        pytest.fail("".join(said))
    thread = Thread(target=lambda: deque(log, maxlen=0), daemon=True)
    thread.start()
    return thread


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports
