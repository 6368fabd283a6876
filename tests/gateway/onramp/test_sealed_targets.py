"""Faxes that nobody on the way may read: encrypted at their targets, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import cast

import pytest
from pydantic import TypeAdapter

from gateway.config.machine import objections
from gateway.config.mail import Encryption
from gateway.config.receiving import AnyTarget
from gateway.config.sealing import in_the_clear
from gateway.mailout.transport import TemporaryFailure
from modems.terminal import PageQuality, PageVerdict
from tests.gateway.config.good import GOOD, problems, read
from tests.gateway.mailout.test_sealed import attachment, certificate, ran
from tests.gateway.mailout.test_with_store import PAGES, running
from tests.gateway.onramp.test_targets import PARCEL, target
from tests.gateway.store.samples import call_report
from tests.peer import need_program

NOW = datetime(2026, 11, 23, 5, 12, tzinfo=UTC)
SEALED = """\
targets:
  safe: {{type: maildir, path: safe, smime: {key}}}
  open: {{type: maildir, path: open}}
  drop: {{type: directory, path: drop}}
  print: {{type: printer, queue: q, clear: true}}
  told: {{type: mail, to: told@example.org, content: false}}
routes:
  - {{caller: +48*, sealed: true, deliver: [{to}]}}
  - {{file: true}}
"""


def found(folder: Path) -> bytes:
    """The one mail of a Maildir."""
    (mail,) = (folder / "new").iterdir()
    return mail.read_bytes()


async def test_a_maildir_of_mails_that_openssl_opens(tmp_path: Path) -> None:
    """S/MIME: the PDF is the fax; a repeat leaves one mail."""
    openssl = need_program("openssl", "openssl")
    public, private = certificate(tmp_path)
    for _ in range(2):
        await target(type="maildir", path=tmp_path / "box", smime=public).deliver(PARCEL)
    raw = found(tmp_path / "box")
    (tmp_path / "mail").write_bytes(raw)
    opened = ran(
        *(openssl, "smime", "-decrypt", "-in", tmp_path / "mail"),
        *("-inkey", private, "-recip", public),
    )

    assert b"%PDF" not in raw
    assert attachment(opened) == PARCEL.pdf()


async def test_a_maildir_of_mails_that_gnupg_opens(tmp_path: Path) -> None:
    """PGP/MIME, for the key in a file."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    gpg = [need_program("gpg", "gnupg"), "--homedir", str(home), "--batch", "--quiet"]
    ran(*gpg, "--passphrase", "", "--quick-generate-key", "Jan <jan@example.org>", "default")
    key = tmp_path / "jan.asc"
    key.write_bytes(ran(*gpg, "--armor", "--export"))
    await target(type="maildir", path=tmp_path / "box", pgp=key).deliver(PARCEL)
    message = message_from_bytes(found(tmp_path / "box"), policy=policy.default)
    _, content = message.iter_parts()
    opened = ran(*gpg, "--decrypt", given=cast(bytes, content.get_payload(decode=True)))
    ran("gpgconf", "--homedir", home, "--kill", "all")

    assert message.get_content_type() == "multipart/encrypted"
    assert attachment(opened) == PARCEL.pdf()


async def test_a_key_that_does_not_work_lets_nothing_out(tmp_path: Path) -> None:
    """The fax waits for an administrator, who is told which key it is."""
    rubbish = tmp_path / "rubbish"
    rubbish.write_text("no key")

    with pytest.raises(TemporaryFailure, match=r"not sent in the clear: .*rubbish"):
        await target(type="maildir", path=tmp_path / "box", smime=rubbish).deliver(PARCEL)
    assert not (tmp_path / "box").exists()


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("safe", ""),
        ("print", ""),
        ("told", ""),
        ("jan@court.example", ""),
        ("open", "the target open has no key"),
        ("drop", "`clear: true` says that it may"),
        ("ann@example.org", "is not encrypted"),
        ("keyless@none.example", "is not encrypted"),
    ],
)
def test_a_sealed_route_goes_nowhere_in_the_clear(to: str, why: str, tmp_path: Path) -> None:
    """`faxgate check` points at the target, and says what would be right."""
    key, _ = certificate(tmp_path)
    rules = f"  encryption: [{{addresses: [court.example], smime: {key}}}, "
    text = GOOD + rules + "{addresses: [none.example]}]\n" + SEALED.format(key=key, to=to)
    wrong = problems(text, tmp_path)

    assert len(wrong) == bool(why)
    assert all(each.startswith("13:") and why in each for each in wrong)


def test_places_without_a_key_are_safe_only_by_declaration() -> None:
    """Whatever kind they are, and whether they are there at all."""
    adapter: TypeAdapter[Mapping[str, AnyTarget]] = TypeAdapter(dict[str, AnyTarget])
    kinds: dict[str, dict[str, object]] = {
        "web": {"type": "webhook", "url": "https://a.example"},
        "run": {"type": "command", "argv": ["true"]},
        "lp": {"type": "printer", "queue": "q"},
        "dir": {"type": "directory", "path": "x"},
    }
    bare = adapter.validate_python(kinds)
    safe = adapter.validate_python({k: {**v, "clear": True} for k, v in kinds.items()})

    assert all(in_the_clear(name, bare, ()) for name in bare)
    assert not any(in_the_clear(name, safe, ()) for name in safe)
    assert not in_the_clear(
        "a@b.example", {}, [Encryption(addresses=("b.example",), pgp=Path("k"))]
    )


async def test_a_sealed_fax_is_refused_in_the_clear_whoever_asks(tmp_path: Path) -> None:
    """Also a delivery that somebody ordered by hand; `received show` says why."""
    async with running(tmp_path) as gateway:
        store = gateway.store
        fax = await store.start_received("isdn", "+481", "+482", ["a@b.example"], NOW, sealed=True)
        await store.add_received_page(fax, PAGES[0], PageQuality(100, 0, 0), PageVerdict.MCF)
        await store.end_received(fax, call_report(), NOW, sealed=True)
        await gateway.worker.deliver_due()
        (delivery,) = await store.deliveries(fax)
        assert await store.deliver_again(fax, ["b@b.example"], NOW) == []
        record = await store.received(fax)

    assert record
    assert record.sealed
    assert delivery.state == "queued"
    assert "not sent in the clear: mail to a@b.example is not encrypted" in delivery.error
    assert gateway.read("a@b.example") is None


def test_check_reads_the_keys(tmp_path: Path) -> None:
    """Not there, no certificate, or out of date: at its place."""
    old, _ = certificate(tmp_path, days=-1)
    rules = f"[{{addresses: [a.example], smime: {old}}}, {{addresses: [b.example], pgp: none}}, "
    rules += f"{{addresses: [c.example], smime: {tmp_path}/jan.key}}]"
    config = read(f"{GOOD}  encryption: {rules}\nstate: {tmp_path}\n", tmp_path)
    told = dict(objections(config))

    assert "was valid to" in told["mail", "encryption", 0, "smime"]
    assert "No such file" in told["mail", "encryption", 1, "pgp"]
    assert "no certificate in PEM form" in told["mail", "encryption", 2, "smime"]
