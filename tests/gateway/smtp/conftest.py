"""A certificate for localhost, made once."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.peer import need_program


class Pem(NamedTuple):
    """Where the certificate and its key are, and a client's context that trusts it."""

    certificate: Path
    key: Path
    trust: ssl.SSLContext


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Pem:
    """Self-signed, for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    )
    openssl = need_program("openssl", "openssl")
    subprocess.run([openssl, *command.split()], cwd=folder, check=True, capture_output=True)
    trust = ssl.create_default_context(cafile=folder / "cert.pem")
    return Pem(folder / "cert.pem", folder / "key.pem", trust)
