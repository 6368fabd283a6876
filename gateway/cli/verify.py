"""`faxgate verify` and `faxgate key`: is a receipt genuine, and for this document?

Needs no gateway, no database and no network: the receipt, the public key, and the document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, app, fail, read_config
from gateway.outgoing import signer_of
from gateway.report.scans import NotAFax, hashes_of
from gateway.report.signature import NotSigned, Signed, check
from gateway.words import printable

UNKNOWN_KEY = 3  # exit status: nothing was changed, but who signed it was not checked

Receipt = Annotated[Path, typer.Argument(help="The JSON file from a receipt.", dir_okay=False)]
Document = Annotated[
    Path | None, typer.Argument(help="PDF or TIFF of the fax, to be held against the receipt.")
]
Key = Annotated[
    str, typer.Option("--key", help="The gateway's public key, or a file that holds it.")
]
GatewayConfig = Annotated[
    Path | None, typer.Option("--config", "-c", help="Take the key of this gateway instead.")
]


@app.command("key")
def key(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Print the public key that receipts of this gateway are verified with."""
    try:
        signer = signer_of(read_config(config))
    except (OSError, ValueError) as error:
        fail(f"faxgate: {error}")
    if signer is None:
        fail("Receipts are not signed here: mail.receipts.signed is false.")
    print(signer.public)


@app.command("verify")
def verify(
    receipt: Receipt,
    document: Document = None,
    key: Key = "",
    config: GatewayConfig = None,
    as_json: AsJson = False,
) -> None:
    """Check a signed receipt, and whether a PDF or TIFF has the pages that it speaks of.

    Exit status: 0 all is right, 1 something is not, 3 the signature is right but no --key was
    given that says whose it is.
    """
    try:
        signed = check(receipt.read_bytes())
        trusted = _expected_key(key, config)
        pages = _compared(signed, document) if document else []
    except (OSError, NotSigned, NotAFax) as error:
        fail(f"NOT VERIFIED: {error}")
    if trusted and trusted != signed.key:
        fail("NOT VERIFIED: the receipt was signed with another key than the one that you gave")
    good = all(page["matches"] for page in pages)
    if as_json:
        facts = {"statement": signed.statement, "key": signed.key, "key_checked": bool(trusted)}
        print(json.dumps({**facts, "document": pages, "verified": good}, indent=2))
    else:
        print("\n".join(_told(signed, pages, trusted=bool(trusted))))
    if not good:
        raise typer.Exit(1)
    raise typer.Exit(0 if trusted else UNKNOWN_KEY)


def _expected_key(key: str, config: Path | None) -> str:
    """The public key to trust, or "" where none was named."""
    if config:
        try:
            signer = signer_of(read_config(config))
        except ValueError as error:
            fail(f"faxgate: {error}")
        return signer.public if signer else ""
    return Path(key).read_text().strip() if key and Path(key).is_file() else key.strip()


def _compared(signed: Signed, document: Path) -> list[dict[str, Any]]:
    """Each page of the receipt beside the same page of the document, and pages beyond."""
    found = hashes_of(document)
    stated = [page["sha256"] for page in signed.statement["pages"]]
    longest = max(len(found), len(stated))
    padded = [[*pages, *[""] * (longest - len(pages))] for pages in (stated, found)]
    return [
        {"page": number, "matches": one == other, "receipt": one, "document": other}
        for number, (one, other) in enumerate(zip(*padded, strict=True), 1)
    ]


def _told(signed: Signed, pages: Sequence[dict[str, Any]], *, trusted: bool) -> Iterator[str]:
    s = signed.statement
    yield "The receipt has not been changed since it was signed."
    yield f"Key {signed.fingerprint}: " + (
        "the one that you gave."
        if trusted
        else "NOT checked; compare it with the gateway's (faxgate key) and give it with --key."
    )
    fate = f"{s.get('outcome')} at {s.get('at')}"
    yield printable(f"Fax {s.get('fax')} of {s.get('gateway')} to {s.get('number')}: {fate}")
    for page in s.get("pages", []):
        answer = f" ({page['answer']})" if "answer" in page else ""
        yield "  " + printable(f"page {page.get('page')}: {page.get('fate')}{answer}")
    for page in pages:
        if page["matches"]:
            yield f"  page {page['page']} of the document is the page of the receipt"
        else:
            yield f"  page {page['page']} of the document is NOT the page of the receipt"
