"""Mail made safe for its way: encrypted for those who have a key, signed as ours for all.

What is sealed: the whole content of every mail to an address that the configuration has a key for,
by S/MIME (RFC 8551, enveloped-data, AES-256) or PGP (RFC 3156). The headers, and so the subject,
stay readable: mail servers need them. An address whose mail must not travel in the clear and has
no key that works gets none: the mail waits, for an administrator can mend that, and in the end the
postmaster is told. DKIM (RFC 6376) signs last, over what really travels.

Keys are read when they are used, so a new file counts at once. Everything runs in a thread.
"""

from __future__ import annotations

import asyncio
import base64
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import compat32
from pathlib import Path
from typing import Final

import dkim
import gnupg
from cryptography import x509
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
)

from gateway.config.keys import Keys
from gateway.config.mail import Dkim, Encryption
from gateway.mailout.transport import TemporaryFailure, Transport
from gateway.said import said

INNER: Final = ("content-type", "content-transfer-encoding", "content-disposition", "mime-version")
TRACE: Final = b"received:"
SIGNED: Final = (
    *(b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type"),
    *(b"in-reply-to", b"references", b"auto-submitted"),
)


class NotSealedError(TemporaryFailure):
    """The mail could not be encrypted; says which key is wrong, and how."""

    def __init__(self, why: str) -> None:
        super().__init__(said("not sent in the clear: {error}", error=why))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A transport that seals what it is given and passes it on."""

    mail: Transport
    encryption: Sequence[Encryption] = ()
    dkim: Dkim | None = None

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        """Encrypt and sign as configured for `to`, then deliver."""
        rule = next((rule for rule in self.encryption if rule.is_for(to)), None)
        sealed = await asyncio.to_thread(self._sealed, rule, message)
        await self.mail.deliver(envelope_from, to, sealed)

    def _sealed(self, rule: Encryption | None, message: bytes) -> bytes:
        if rule is not None:
            message = encrypted(rule, message)
        # What has come through a server is somebody else's: we forward it, and vouch for nothing.
        is_ours = message[: len(TRACE)].lower() != TRACE
        return signed(self.dkim, message) if self.dkim and is_ours else message


def encrypted(rule: Keys, message: bytes) -> bytes:
    """The mail with its content encrypted. Raises NotSealedError."""
    outer, inner = _split(message)
    if rule.smime is not None:
        return outer + _smime(rule.smime, inner)
    if rule.pgp is not None:
        return outer + _pgp(rule.pgp, inner)
    raise NotSealedError("there is no key for this address")


def _split(message: bytes) -> tuple[bytes, bytes]:
    """Headers of the mail, each with CRLF; and its content with the headers that describe it."""
    head, _, body = message.partition(b"\r\n\r\n")
    outer: list[bytes] = []
    inner: list[bytes] = []
    for field in _fields(head):
        of_content = field.partition(b":")[0].decode("ascii", "replace").lower() in INNER
        (inner if of_content else outer).append(field)
    content = b"".join(f for f in inner if not f.lower().startswith(b"mime-version"))
    return b"".join(outer) + b"MIME-Version: 1.0\r\n", content + b"\r\n" + body


def _fields(head: bytes) -> list[bytes]:
    """The fields of a header, folded lines with the first, each ended by CRLF."""
    fields: list[bytes] = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += line + b"\r\n"
        else:
            fields.append(line + b"\r\n")
    return fields


def _smime(path: Path, content: bytes) -> bytes:
    certificate = _certificate(path)
    envelope = PKCS7EnvelopeBuilder().set_data(content).add_recipient(certificate)
    der = envelope.set_content_encryption_algorithm(AES256).encrypt(
        Encoding.DER, [PKCS7Options.Binary]
    )
    return (
        b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\r\n'
        b'Content-Disposition: attachment; filename="smime.p7m"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    ) + base64.encodebytes(der).replace(b"\n", b"\r\n")


def _certificate(path: Path) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise NotSealedError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise NotSealedError(f"{path}: no certificate in PEM form") from error
    if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
        raise NotSealedError(
            f"{path}: the certificate is valid from {certificate.not_valid_before_utc:%Y-%m-%d} "
            f"to {certificate.not_valid_after_utc:%Y-%m-%d} only"
        )
    return certificate


def _pgp(path: Path, content: bytes) -> bytes:
    """multipart/encrypted of RFC 3156 4."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise NotSealedError(f"{path}: {error.strerror or error}") from error
    with tempfile.TemporaryDirectory(prefix="faxgate-gpg-") as home:
        try:
            gpg = gnupg.GPG(gnupghome=home, options=["--no-autostart"])
            fingerprints = gpg.import_keys(key).fingerprints
            if not fingerprints:
                raise NotSealedError(f"{path}: no PGP public key")
            made = gpg.encrypt(content, fingerprints[0], always_trust=True, armor=True)
        except OSError as error:
            raise NotSealedError("gpg is not installed") from error
    if not made.ok:
        raise NotSealedError(f"{path}: {made.status or 'gpg refused the key'}")
    armored = bytes(made.data).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return _PGP_HEAD + armored + b"\r\n--=_sealed--\r\n"


_PGP_HEAD: Final = (
    b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n'
    b' boundary="=_sealed"\r\n\r\n'
    b"--=_sealed\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    b'--=_sealed\r\nContent-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n'
)


def signed(settings: Dkim, message: bytes) -> bytes:
    """The mail with a DKIM-Signature. Raises NotSealedError: an unsigned one would be refused."""
    present = BytesHeaderParser(policy=compat32).parsebytes(message)
    names = [name for name in SIGNED if name.decode() in present]
    try:
        signature: bytes = dkim.sign(
            message,
            settings.selector.encode(),
            settings.domain.encode(),
            settings.key.read_bytes(),
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=names,
        )
    except (OSError, dkim.DKIMException, ValueError) as error:
        raise NotSealedError(f"DKIM with {settings.key}: {error}") from error
    return signature + message
