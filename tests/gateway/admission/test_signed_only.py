"""What a signature alone proves, and what only looks like a proof; over real connections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.address import Refusal
from gateway.admission.clients import client_address
from gateway.admission.senders import Senders
from gateway.config.sending import Upstream
from tests.gateway.admission.nameserver import NameServer
from tests.gateway.admission.test_forgery import PLAIN, hand_in
from tests.gateway.admission.world import ANNA, NUMBER, Domain, domain, gate, mail
from tests.gateway.smtp.peers import Shelf, codes, serving, talking

ALL = [b"from", b"to", b"subject", b"date"]


@pytest.fixture
def dns() -> Iterator[NameServer]:
    """A name server without a record."""
    with NameServer().running() as server:
        yield server


@pytest.fixture
def example(dns: NameServer) -> Domain:
    """example.com, where Anna is, signs."""
    return domain(dns, "example.com")


@pytest.mark.parametrize("sender", ["victim@example.org", "bounce@relay.example.net", "x@[::1]"])
async def test_receipts_of_a_signed_mail_go_to_whom_the_signature_proves(
    dns: NameServer, example: Domain, sender: str
) -> None:
    """Anybody may have written the envelope sender; the answer to the mail says where they go."""
    answer, shelf = await hand_in(dns, example.sign(mail()), sender=sender)

    assert answer == f"250 2.0.0 Accepted as job 1; receipts go to {ANNA}"
    assert shelf.mails[0].sender == ANNA


async def test_receipts_for_a_proven_envelope_go_there(dns: NameServer, example: Domain) -> None:
    """Where SPF confirms it, it is as good as the proof."""
    dns.text("bounces.example.com", "v=spf1 ip4:127.0.0.0/8 -all")
    answer, shelf = await hand_in(dns, example.sign(mail()), sender="x@bounces.example.com")

    assert answer == "250 2.0.0 Accepted as job 1"
    assert shelf.mails[0].sender == "x@bounces.example.com"


async def test_receipts_go_to_the_signed_from_behind_our_own_server(dns: NameServer) -> None:
    """Its dkim=pass says as little of the envelope as ours."""
    seen = (
        "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com; "
        "dkim=pass header.d=example.com; spf=pass smtp.mailfrom=victim@example.org\r\n"
    )
    signed = domain(dns, "example.com").sign(mail())
    upstream = (Upstream(name="mx.example.com", networks=("127.0.0.0/8",)),)
    _, shelf = await hand_in(
        dns, seen.encode() + signed, sender="victim@example.org", upstream=upstream
    )

    assert [(kept.sender, str(kept.proof)) for kept in shelf.mails] == [(ANNA, "upstream")]


@pytest.mark.parametrize(
    ("key", "identity", "good"),
    [
        ("h=sha1", None, False),
        ("h=sha1 : sha256", None, True),
        ("t=s", None, True),
        ("t=y:s", b"anna@sub.example.com", False),
        ("t=y", b"anna@sub.example.com", True),
        ("s=tlsrpt", None, False),
    ],
)
async def test_a_key_is_for_what_its_record_says(
    dns: NameServer, key: str, identity: bytes | None, good: bool
) -> None:
    """Its hash algorithms, services and flags (RFC 6376 3.6.1)."""
    example = domain(dns, "example.com")
    name = "key._domainkey.example.com"
    record = dns.records[name, "TXT"][0].replace('" "', "").strip('"')
    dns.text(name, record.replace("k=rsa;", f"k=rsa; {key};"))
    given: dict[str, Any] = {"identity": identity} if identity else {}
    answer, shelf = await hand_in(dns, example.sign(mail(), **given))

    assert answer.startswith("250" if good else "550")
    assert bool(shelf.mails) == good


WEAK = {"include_headers": [b"from", b"date"]}


@pytest.mark.parametrize("weak", [WEAK, {"length": True, "include_headers": [b"from", b"date"]}])
@pytest.mark.parametrize("claims", [1, 6])
async def test_a_signature_that_holds_does_not_vouch_for_one_that_claims_more(
    dns: NameServer, weak: dict[str, Any], claims: int
) -> None:
    """Our own server says dkim=pass of the domain, not of which signature."""
    example = domain(dns, "example.com")
    holds = example.sign(mail(to="eve@evil.example"), **weak)
    changed = holds.replace(b"eve@evil.example", NUMBER.encode()) + b"and more\r\n"
    full = example.sign(mail()).partition(b"\r\nFrom:")[0] + b"\r\n"  # of another mail
    field = (
        b"Authentication-Results: mx.example.com; dmarc=pass header.from=example.com; "
        b"dkim=pass header.d=example.com\r\n"
    )
    upstream = (Upstream(name="mx.example.com", networks=("127.0.0.0/8",)),)
    answer, shelf = await hand_in(dns, field + full * claims + changed, upstream=upstream)

    assert answer.startswith("550 5.7.1")
    assert shelf.mails == []


async def test_a_signature_that_stands_there_twice_orders_once(
    dns: NameServer, example: Domain
) -> None:
    """As some mail servers leave it."""
    signed = example.sign(mail())
    header, _, _ = signed.partition(b"\r\nFrom:")
    answer, shelf = await hand_in(dns, header + b"\r\n" + signed)

    assert answer.startswith("250")
    assert len(shelf.mails[0].signatures) == 1


@pytest.mark.parametrize("subject", ["a fax", "[at 23:00, superfine] a fax"])
async def test_an_unsigned_subject_is_nobodys_order(
    dns: NameServer, example: Domain, subject: str
) -> None:
    """Its options could be anybody's, so nothing is sent, and the refusal says what is missing."""
    signed = example.sign(mail(), include_headers=[b"from", b"to", b"date"])
    answer, shelf = await hand_in(dns, signed.replace(b"a fax", subject.encode()))

    assert answer.startswith("550 5.7.1 Your DKIM signature does not cover Subject")
    assert shelf.mails == []


@pytest.mark.parametrize(("missing", "named"), [(b"to", "To"), (b"date", "Date")])
async def test_a_signature_covers_all_that_makes_the_order(
    dns: NameServer, example: Domain, missing: bytes, named: str
) -> None:
    """Whom it goes to, and the clock of its times."""
    signed = example.sign(mail(), include_headers=[name for name in ALL if name != missing])

    assert f"does not cover {named}" in (await hand_in(dns, signed))[0]


async def test_a_subject_cannot_be_added_to_a_signed_mail(dns: NameServer, example: Domain) -> None:
    """A mail without one was signed without one."""
    bare = mail().replace(b"Subject: a fax\r\n", b"")
    signed = example.sign(bare, include_headers=[b"from", b"to", b"date"])

    assert (await hand_in(dns, signed))[0].startswith("250")
    answer, _ = await hand_in(dns, b"Subject: [superfine]\r\n" + signed)
    assert "does not cover Subject" in answer


async def test_a_second_good_signature_makes_up_for_a_poor_one(
    dns: NameServer, example: Domain
) -> None:
    """One that covers everything is enough, whichever stands on top."""
    poor = example.sign(mail(), include_headers=[b"from", b"to"])
    header = poor[: poor.index(b"From: ")]
    both = header + example.sign(mail())

    assert (await hand_in(dns, both))[0].startswith("250")


@pytest.mark.parametrize(
    "field",
    [
        b"Content-Type: text/html",
        b"Content-Transfer-Encoding: base64",
        b"MIME-Version: 2.0",
        b"Subject: [superfine]",
        b"Reply-To: eve@example.net\r\nReply-To: eve@example.org",
    ],
)
async def test_a_signed_body_is_not_read_in_another_way(
    dns: NameServer, example: Domain, field: bytes
) -> None:
    """A second field of those that say how to read it makes the mail void."""
    extra = ("MIME-Version: 1.0", "Content-Type: text/plain", "Content-Transfer-Encoding: 7bit")
    signed = example.sign(
        mail(ANNA, NUMBER, *extra),
        include_headers=[*ALL, b"content-type", b"content-transfer-encoding", b"mime-version"],
    )
    answer, shelf = await hand_in(dns, field + b"\r\n" + signed)

    assert answer.startswith("550 5.6.0 The mail has more than one field")
    assert shelf.mails == []


@pytest.mark.parametrize("tag", [b"l=0", b"l=7", b"x=1", b"a=rsa-sha1", b"d=", b"s=", b"b="])
async def test_a_signature_that_was_tampered_with_holds_nothing(
    dns: NameServer, example: Domain, tag: bytes
) -> None:
    """Not by a tag that is added, nor by one that comes twice."""
    signed = example.sign(mail()).replace(b"v=1; ", b"v=1; " + tag + b"; ", 1)
    answer, shelf = await hand_in(dns, signed)

    assert answer.startswith("550")
    assert shelf.mails == []


@pytest.mark.parametrize(
    "fields",
    [
        "Sender: anna@example.com",
        "Resent-From: anna@example.com",
        "Reply-To: anna@example.com",
        "Return-Path: <anna@example.com>",
        "X-Original-From: anna@example.com",
        "X-Authenticated-User: anna",
        "Received-SPF: pass (example.com) client-ip=127.0.0.1",
        "Authentication-Results: fax.example.com; dmarc=pass header.from=example.com",
    ],
)
async def test_no_other_field_speaks_for_from(dns: NameServer, fields: str) -> None:
    """Eve signs whatever she likes with a domain of her own."""
    other = domain(dns, "example.net")
    domain(dns, "example.com")
    signed = other.sign(mail("eve@example.net", NUMBER, *fields.split("\r\n")))
    answer, shelf = await hand_in(dns, signed, sender="eve@example.net")

    assert answer.startswith("550 5.7.1 Eve@example.net may not send faxes here")
    assert shelf.mails == []


async def test_a_chain_of_arc_seals_proves_nothing(dns: NameServer, example: Domain) -> None:
    """Whoever sealed it (RFC 8617) is nobody whose word was asked for."""
    arc = (
        "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.com; s=key; b=AAAA\r\n"
        "ARC-Message-Signature: i=1; a=rsa-sha256; d=example.com; s=key; h=from:to:subject; "
        "bh=AAAA; b=AAAA\r\n"
        "ARC-Authentication-Results: i=1; mx.example.com; dmarc=pass header.from=example.com\r\n"
    )
    signed = example.sign(mail()).replace(b"Hello", b"Changed on the way")

    assert (await hand_in(dns, arc.encode() + signed))[0].startswith("550 5.7.1")


@pytest.mark.parametrize("policy", ["~all", "?all", "-all", "redirect=example.com", "foo:x +all"])
async def test_only_a_pass_of_spf_is_one(dns: NameServer, policy: str) -> None:
    """Softfail, neutral, loops and rubbish are not."""
    dns.text("_dmarc.example.com", "v=DMARC1; p=none")
    dns.text("example.com", f"v=spf1 {policy}")
    answer, shelf = await hand_in(dns, mail(), sender=ANNA)

    assert answer.startswith("550 5.7.1")
    assert shelf.mails == []


async def test_a_bounce_is_no_order_even_where_spf_passes(dns: NameServer) -> None:
    """The null sender passes by its HELO name, and would get the receipt."""
    dns.text("client.example.org", "v=spf1 +all")
    async with serving(Shelf(), PLAIN, gate=gate(dns)) as server, talking(server) as talk:
        answers = await talk.say("MAIL FROM:<>", f"RCPT TO:<{NUMBER}>", "DATA")

    assert codes(answers) == ["250 2.1.0", "550 5.7.1", "503 5.5.1"]


@pytest.mark.parametrize(
    ("client", "known"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("::ffff:a01:203", True),
        ("::10.1.2.3", False),
        ("64:ff9b::10.1.2.3", False),
        ("2002:a01:203::1", False),
        ("::ffff:11.1.2.3", False),
        ("fe80::1%eth0", True),
        ("10.1.2.3.4", False),
        ("", False),
    ],
)
def test_a_network_is_the_clients_own_address(client: str, known: bool) -> None:
    """IPv4 in the clothes of IPv6 is itself; an IPv4 address that another only holds is not."""
    senders = Senders(("10.0.0.0/8", "fe80::/64"), ())

    assert (senders.by_client(client) is not None) is known
    assert not isinstance(client_address(client), Refusal)
