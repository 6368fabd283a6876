"""Statements that anybody can check without us: JSON signed with Ed25519 (RFC 8032).

The signature covers the canonical form of the statement (RFC 8785; a statement has no fractions, so
sorted keys without blanks in UTF-8 are that form). A signed statement carries the public key, which
proves nothing of whose it is: a checker compares it with the key that the gateway's operator gave.

The private key is a file that only its owner may read; it is made when it is first needed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.ownership import hand_over
from gateway.report.statement import KIND, Statement

ALGORITHM: Final = "Ed25519"
LARGEST: Final = 16_000_000  # octets of a signed statement that are read


class NotSigned(ValueError):  # noqa: N818 - says what the file is not
    """What is no signed statement, or has been changed since; says which."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement whose signature is right, and the public key that it is right for (base64)."""

    statement: Statement
    key: str

    @property
    def fingerprint(self) -> str:
        """What two people read to each other on the telephone."""
        digest = hashlib.sha256(base64.b64decode(self.key)).hexdigest()[:32]
        return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


class Signer:
    """Signs with one private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = base64.b64encode(key.public_key().public_bytes_raw()).decode()

    @classmethod
    def at(cls, path: Path) -> Signer:
        """The key in a PEM file (PKCS #8), made if there is none.

        Raises OSError where it cannot be read or made, ValueError where it is no Ed25519 key.
        """
        try:
            return cls._read(path)
        except FileNotFoundError:
            _make(path)
            return cls._read(path)

    @classmethod
    def _read(cls, path: Path) -> Signer:
        octets = path.read_bytes()
        try:
            key = load_pem_private_key(octets, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it has a password
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{path}: no Ed25519 key in PEM form without a password")
        return cls(key)

    def sign(self, statement: Statement) -> bytes:
        """The signed statement as a JSON file for people and machines."""
        value = base64.b64encode(self._key.sign(canonical(statement))).decode()
        signature = {"algorithm": ALGORITHM, "key": self.public, "value": value}
        document = {"statement": statement, "signature": signature}
        return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def canonical(statement: Statement) -> bytes:
    """RFC 8785, for JSON without fractions."""
    return json.dumps(
        statement, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that comes twice is read by some in its first value and by others in its last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def check(octets: bytes) -> Signed:
    """The statement in a JSON file. Raises NotSigned, and nothing else whatever the file holds."""
    try:
        document = json.loads(octets[: LARGEST + 1], object_pairs_hook=_said_once)
        statement, signature = document["statement"], document["signature"]
        key, value = _octets(signature["key"]), _octets(signature["value"])
        known = statement["kind"] == KIND and signature["algorithm"] == ALGORITHM
        signed = canonical(statement)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise NotSigned("this is no signed receipt of a fax gateway") from error
    if not known:
        raise NotSigned(f"this is no receipt of the kind {KIND}, signed with {ALGORITHM}")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(value, signed)
    except (InvalidSignature, ValueError) as error:
        raise NotSigned(
            "the signature is not right: the receipt was changed after it was signed"
        ) from error
    return Signed(statement, base64.b64encode(key).decode())


def _octets(text: Any) -> bytes:
    if not isinstance(text, str):
        raise TypeError
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError from error


def _make(path: Path) -> None:
    """Write a new key so that it is whole or not there, and for its owner only."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        draft = Path(file.name)  # readable by its owner only
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        hand_over(draft)
        os.link(draft, path)  # not over a key that another process has just made
    except FileExistsError:
        pass
    finally:
        draft.unlink()
