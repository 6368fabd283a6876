"""A mail that is signed as a whole is opened; one that is encrypted is not."""

from __future__ import annotations

from base64 import encodebytes
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from hypothesis import given
from hypothesis import strategies as st

from gateway.message import Role, read
from gateway.message.part import REFUSED
from gateway.message.sealed import SIGNED_DATA, signed_content

MAIL = (
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nsigned text\r\n'
    b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4 example\r\n--b--\r\n"
)


def tlv(tag: int, *values: bytes) -> bytes:
    """A value of indefinite length (X.690 8.1.3.6)."""
    return bytes([tag, 0x80]) + b"".join(values) + b"\0\0"


@pytest.fixture(scope="module")
def opaque() -> bytes:
    """The mail, signed as Outlook signs it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "jan")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, today, today + timedelta(1))
    ).sign(key, SHA256())
    builder = PKCS7SignatureBuilder().set_data(MAIL).add_signer(certificate, key, SHA256())
    return builder.sign(Encoding.DER, [PKCS7Options.Binary])


def test_what_was_signed_comes_out(opaque: bytes) -> None:
    """The content of an opaque signature is the octets that were signed."""
    assert signed_content(opaque) == MAIL


def test_indefinite_lengths_and_pieces_are_read() -> None:
    """A mailer that signs as it sends writes neither a length nor the content in one piece."""
    content = tlv(0xA0, tlv(0x24, b"\x04\x03abc", b"\x04\x02de"))
    inside = tlv(0x30, b"\x02\x01\x01", b"\x31\x00", tlv(0x30, b"\x06\x01\x2a", content))
    oid = bytes([6, len(SIGNED_DATA)]) + SIGNED_DATA

    assert signed_content(tlv(0x30, oid, tlv(0xA0, inside))) == b"abcde"


@pytest.mark.parametrize("kind", ["application/x-pkcs7-mime", "application/octet-stream"])
def test_the_parts_of_a_sealed_mail_are_the_parts(opaque: bytes, kind: str) -> None:
    """Its text and its documents are faxed, whatever its type is called."""
    head = f"Content-Type: {kind}; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n"
    text, document = read(head.encode() + encodebytes(opaque)).parts

    assert (text.role, text.content.strip()) == (Role.BODY, b"signed text")
    assert (document.name, document.content) == ("a.pdf", b"%PDF-1.4 example")


def test_what_cannot_be_opened_says_so() -> None:
    """An encrypted mail stays shut, and its sender learns why."""
    (part,) = read(b"Content-Type: application/octet-stream; name=smime.p7m\n\n0\x80cipher").parts

    assert part.reason == REFUSED["application/pkcs7-mime"]


@given(st.binary(max_size=60) | st.integers(0, 900))
def test_any_octets_end(octets: bytes | int) -> None:
    """Whatever is called a signature is opened or not; it never raises."""
    damaged = octets if isinstance(octets, bytes) else tlv(0x30, b"\x30\x80" * octets)

    assert signed_content(damaged) is None
