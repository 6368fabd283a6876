"""Encrypted and signed mail, opened by OpenSSL, GnuPG and dkimpy."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import dkim
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.config.mail import Dkim, Encryption
from gateway.mailout.letter import Head, letter, octets
from gateway.mailout.sealed import Sealed
from gateway.mailout.transport import TemporaryFailure
from tests.peer import need_program

TO = "jan@example.org"
AT = datetime(2026, 11, 23, tzinfo=UTC)


def mail() -> bytes:
    """A mail with an attachment, as the gateway writes it."""
    head = Head("fax@a.example", "Fax", TO, "Fax: Żółć", AT, "<1@a.example>", "auto-generated")
    message = letter(head)
    message.set_content("Zażółć gęślą jaźń\n")
    message.add_attachment(b"%PDF-1.4 " + bytes(range(256)) * 50, "application", "pdf")
    return octets(message)


MAIL = mail()


class Post:
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        self.sent.append(message)


async def sealed(
    *rules: Encryption, dkim: Dkim | None = None, to: str = TO, mail: bytes = MAIL
) -> bytes:
    """What travels."""
    post = Post()
    await Sealed(post, rules, dkim).deliver("", to, mail)
    return post.sent[0]


def ran(*command: object, given: bytes = b"") -> bytes:
    """What a program says."""
    argv = [str(word) for word in command]
    return subprocess.run(argv, input=given, check=True, capture_output=True).stdout


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def attachment(raw: bytes) -> bytes:
    """The octets of the only attachment."""
    (part,) = parsed(raw).iter_attachments()
    content = part.get_content()
    assert isinstance(content, bytes)
    return content


def certificate(folder: Path, days: int = 30) -> tuple[Path, Path]:
    """A self-signed certificate and its private key."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Jan")])
    begins = datetime.now(UTC) - timedelta(days=40)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=40 + days))
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "jan.pem", folder / "jan.key"
    public.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return public, private


async def test_openssl_opens_smime(tmp_path: Path) -> None:
    """The reader's key opens it, and finds the mail as it was; the headers stay outside."""
    openssl = need_program("openssl", "openssl")
    public, private = certificate(tmp_path)
    raw = await sealed(Encryption(addresses=(TO,), smime=public))
    (tmp_path / "mail").write_bytes(raw)
    opened = ran(
        *(openssl, "cms", "-decrypt", "-in", tmp_path / "mail"),
        *("-inkey", private, "-recip", public),
    )

    assert parsed(raw)["Subject"] == "Fax: Żółć"
    assert parsed(raw).get_content_type() == "application/pkcs7-mime"
    assert b"PDF-1.4" not in raw
    assert attachment(opened) == attachment(MAIL)


async def test_gnupg_opens_pgp(tmp_path: Path) -> None:
    """RFC 3156: two parts, of which the second is for the reader's key only."""
    gpg = [need_program("gpg", "gnupg"), "--homedir", str(tmp_path), "--batch", "--quiet"]
    new = [*gpg, "--passphrase", "", "--quick-generate-key", "Jan <jan@example.org>", "default"]
    ran(*new)
    key = tmp_path / "jan.asc"
    key.write_bytes(ran(*gpg, "--armor", "--export"))

    raw = await sealed(Encryption(addresses=("example.org",), pgp=key))
    message = parsed(raw)
    version, content = message.iter_parts()
    opened = ran(*gpg, "--decrypt", given=content.get_content())
    ran("gpgconf", "--homedir", tmp_path, "--kill", "all")

    assert message.get_content_type() == "multipart/encrypted"
    assert version.get_content_type() == "application/pgp-encrypted"
    assert attachment(opened) == attachment(MAIL)


async def test_dkim_signs_what_travels(tmp_path: Path) -> None:
    """A verifier with the public key from DNS finds the signature right, and a change wrong."""
    key = rsa.generate_private_key(65537, 2048)
    path = tmp_path / "dkim.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    openssl = [need_program("openssl", "openssl"), "rsa", "-in", str(path), "-pubout"]
    pem = ran(*openssl, "-outform", "PEM")
    record = b"v=DKIM1; k=rsa; p=" + b"".join(pem.splitlines()[1:-1])
    asked: list[bytes] = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    ours = Dkim(domain="a.example", selector="fax", key=path)
    raw = await sealed(dkim=ours)

    assert dkim.verify(raw, dnsfunc=dns)
    assert asked == [b"fax._domainkey.a.example."]
    assert not dkim.verify(raw.replace(b"Fax", b"Spam"), dnsfunc=dns)
    forwarded = b"Received: from a stranger\r\n" + MAIL
    assert await sealed(dkim=ours, mail=forwarded) == forwarded  # we vouch for nobody else


async def test_mail_to_others_is_left_alone(tmp_path: Path) -> None:
    """A rule is for its addresses and domains only."""
    rule = Encryption(addresses=(TO, "court.example"))

    assert await sealed(rule, to="ann@example.org") == MAIL


async def test_nothing_leaves_in_the_clear(tmp_path: Path) -> None:
    """No key, an unreadable one, an expired one, rubbish: the mail waits, and says why."""
    expired, _ = certificate(tmp_path, days=-5)
    rubbish = tmp_path / "rubbish"
    rubbish.write_text("no key")
    rules = {
        "there is no key": Encryption(addresses=(TO,)),
        "No such file": Encryption(addresses=(TO,), smime=tmp_path / "none"),
        "valid from": Encryption(addresses=(TO,), smime=expired),
        "no certificate": Encryption(addresses=(TO,), smime=rubbish),
        "no PGP public key": Encryption(addresses=(TO,), pgp=rubbish),
    }
    for why, rule in rules.items():
        with pytest.raises(TemporaryFailure, match=why):
            await sealed(rule)
    with pytest.raises(TemporaryFailure, match="DKIM"):
        await sealed(dkim=Dkim(domain="a.example", selector="fax", key=rubbish))
