"""A forged From never sends: against the real mail server, with a real name server beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.address import Refusal
from gateway.admission.fields import read_fields
from gateway.admission.names import Names
from gateway.admission.signatures import good_signatures
from gateway.admission.verifier import SMALL
from gateway.config.sending import Upstream
from tests.gateway.admission.nameserver import NameServer
from tests.gateway.admission.world import ANNA, NUMBER, Domain, domain, gate, mail
from tests.gateway.smtp.peers import Shelf, serving, settings, talking

PLAIN = settings(networks=())


@pytest.fixture
def dns() -> Iterator[NameServer]:
    """A name server without a record."""
    with NameServer().running() as server:
        yield server


@pytest.fixture
def example(dns: NameServer) -> Domain:
    """example.com, where Anna is, signs."""
    return domain(dns, "example.com")


async def hand_in(
    dns: NameServer,
    message: bytes,
    *recipients: str,
    sender: str = "bounce@relay.example.net",
    shelf: Shelf | None = None,
    **given: Any,
) -> tuple[str, Shelf]:
    """What a stranger hears who hands this in, and what is kept of it."""
    shelf = shelf or Shelf()
    async with (
        serving(shelf, PLAIN, gate=gate(dns, **given)) as server,
        talking(server) as talk,
    ):
        answer = await talk.mail(message.removesuffix(b"\r\n"), *recipients, sender=sender)
    return answer, shelf


async def test_a_signed_mail_of_a_listed_sender_is_sent(dns: NameServer, example: Domain) -> None:
    """DKIM, aligned: the sender is the one of the list, whatever the envelope says."""
    answer, shelf = await hand_in(dns, example.sign(mail()))

    assert answer.startswith("250 2.0.0")
    (kept,) = shelf.mails
    assert (kept.user, kept.groups, kept.proof) == ("anna", ("staff",), "dkim")
    assert len(kept.signatures) == 1


@pytest.mark.parametrize("changed", [False, True])
async def test_a_large_signed_mail_is_verified_elsewhere(
    dns: NameServer, example: Domain, changed: bool
) -> None:
    """A mail that would hold up the gateway is judged in a process of its own, and as strictly."""
    message = example.sign(mail(body="\r\n".join(["a line of a large mail"] * 10_000)))
    assert len(message) > SMALL
    if changed:
        message = message.replace(b"a large mail", b"a  forged mail", 1)

    answer, shelf = await hand_in(dns, message)

    assert answer.startswith("550" if changed else "250")
    assert len(shelf.mails) == (not changed)


async def test_an_envelope_that_spf_confirms_is_proof(dns: NameServer) -> None:
    """SPF, aligned, for a domain that signs nothing."""
    dns.text("_dmarc.example.com", "v=DMARC1; p=none")
    dns.text("bounces.example.com", "v=spf1 ip4:127.0.0.0/8 -all")

    answer, shelf = await hand_in(dns, mail(), sender="x@bounces.example.com")

    assert answer.startswith("250")
    assert (shelf.mails[0].user, shelf.mails[0].proof) == ("anna", "spf")


async def test_a_mail_without_any_proof_is_refused_with_the_reason(dns: NameServer) -> None:
    """After DATA, before anything is kept."""
    dns.text("_dmarc.example.com", "v=DMARC1; p=none")
    answer, shelf = await hand_in(dns, mail(), sender=ANNA)

    assert answer.startswith("550 5.7.1 Nothing proves that this mail is from example.com")
    assert shelf.mails == []


@pytest.mark.parametrize(
    "author",
    [
        "anna@example.com, eve@example.net",
        '"anna@example.com" <eve@example.net>',
        "anna@example.com <eve@example.net>",
        "<eve@example.net> anna@example.com",
        "staff: anna@example.com;",
        "staff:;",
        "",
        "<>",
        "anna",
        "anna@example",
        "<@relay.example.com:anna@example.com>",
        "anna@example.com (comment (nested))",
        "anna@example.com\0",
        "=?utf-8?q?anna=40example=2Ecom?=",
        "anna@example.com@example.net",
        "anna@example..com",
        "<<anna@example.com>>",
        '"anna"@example.com',
        "anna%example.com@example.net",
    ],
)
async def test_an_odd_from_proves_nothing(dns: NameServer, example: Domain, author: str) -> None:
    """Not even with the best signature of example.com and of the other domain."""
    other = domain(dns, "example.net")
    answer, shelf = await hand_in(dns, example.sign(other.sign(mail(author))))

    assert answer.startswith(("550 5.6.0", "550 5.7.1"))
    assert shelf.mails == []


@pytest.mark.parametrize(
    "extra",
    [
        "From: eve@example.net",
        "FROM : eve@example.net",
        "Subject: another",
        "To: <+19005551234@fax.example.com>",
        "Sender: a@example.net\r\nSender: b@example.net",
    ],
)
@pytest.mark.parametrize("above", [True, False])
async def test_a_field_that_comes_twice_makes_the_mail_void(
    dns: NameServer, example: Domain, extra: str, above: bool
) -> None:
    """Signed once, shown twice: which of the two counts is not guessed."""
    signed = example.sign(mail())
    forged = extra.encode() + b"\r\n" + signed
    if not above:
        forged = signed.replace(b"\r\n\r\n", b"\r\n" + extra.encode() + b"\r\n\r\n", 1)
    answer, shelf = await hand_in(dns, forged)

    assert answer.startswith("550 5.6.0")
    assert shelf.mails == []


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\r\r\n"])
async def test_a_header_with_other_line_ends_proves_nothing(
    dns: NameServer, example: Domain, line_end: bytes
) -> None:
    """One reader's field is another reader's text."""
    signed = example.sign(mail()).replace(b"\r\nSubject", line_end + b"Subject", 1)
    answer, _ = await hand_in(dns, signed)

    assert answer.startswith("550 5.6.0")


async def test_what_was_changed_after_signing_is_not_from_anna(
    dns: NameServer, example: Domain
) -> None:
    """Body or subject."""
    signed = example.sign(mail())
    for forged in (signed.replace(b"Hello", b"Hullo"), signed.replace(b"a fax", b"b fax")):
        answer, _ = await hand_in(dns, forged)
        assert answer.startswith("550 5.7.1 Nothing proves")


async def test_a_signature_of_a_part_of_the_body_counts_for_nothing(
    dns: NameServer, example: Domain
) -> None:
    """Behind l= anybody may write."""
    signed = example.sign(mail(), length=True)

    assert (await hand_in(dns, signed))[0].startswith("550")
    assert (await hand_in(dns, signed + b"and more\r\n"))[0].startswith("550")


async def test_a_signature_of_somebody_else_counts_for_nothing(dns: NameServer) -> None:
    """Good as it is; and the refusal names the signer."""
    dns.text("_dmarc.example.com", "v=DMARC1; p=none")
    other = domain(dns, "example.net")
    answer, _ = await hand_in(dns, other.sign(mail()))

    assert answer.startswith("550 5.7.1")
    assert "signed by example.net only" in answer


@pytest.mark.parametrize("signer", ["com", "evil-example.com", "example.com.evil.net"])
async def test_a_domain_that_looks_alike_is_another(dns: NameServer, signer: str) -> None:
    """Nor does a public suffix speak for those below it."""
    dns.text("_dmarc.example.com", "v=DMARC1; p=none")
    forged = domain(dns, signer, dmarc="").sign(mail())

    assert (await hand_in(dns, forged))[0].startswith("550 5.7.1")


@pytest.mark.parametrize(("record", "code"), [("p=none", "250"), ("p=none; adkim=s", "550")])
async def test_alignment_is_as_the_domain_wants_it(dns: NameServer, record: str, code: str) -> None:
    """A subdomain signs for its domain, unless adkim=s."""
    dns.text("_dmarc.example.com", f"v=DMARC1; {record}")
    sub = domain(dns, "mail.example.com", dmarc="")

    assert (await hand_in(dns, sub.sign(mail())))[0].startswith(code)


@pytest.mark.parametrize(("record", "code"), [("p=none", "250"), ("p=none; aspf=s", "550")])
async def test_alignment_of_the_envelope_too(dns: NameServer, record: str, code: str) -> None:
    """Unless aspf=s."""
    dns.text("_dmarc.example.com", f"v=DMARC1; {record}")
    dns.text("mail.example.com", "v=spf1 ip4:127.0.0.1 -all")

    answer, _ = await hand_in(dns, mail(), sender="x@mail.example.com")
    assert answer.startswith(code)


async def test_an_envelope_of_another_domain_counts_for_nothing(dns: NameServer) -> None:
    """SPF passes, and says nothing of From."""
    dns.text("_dmarc.example.com", "v=DMARC1; p=none")
    dns.text("example.net", "v=spf1 +all")

    answer, _ = await hand_in(dns, mail(), sender="eve@example.net")
    assert answer.startswith("550 5.7.1")


async def test_a_subdomain_of_a_listed_domain_is_not_listed(dns: NameServer) -> None:
    """Listing example.org is not listing a.example.org; and the other way round."""
    for name in ("a.example.org", "example.net"):
        answer, _ = await hand_in(dns, domain(dns, name).sign(mail(f"eve@{name}")))
        assert "is not listed" in answer


async def test_a_domain_without_dmarc_proves_nothing(dns: NameServer) -> None:
    """And the refusal says what is missing; two records are none."""
    without = domain(dns, "example.com", dmarc="")
    assert "has no DMARC record" in (await hand_in(dns, without.sign(mail())))[0]
    dns.text("_dmarc.example.com", "v=DMARC1; p=none", "v=DMARC1; p=reject")
    assert "has no DMARC record" in (await hand_in(dns, without.sign(mail())))[0]


async def test_a_key_that_was_withdrawn_signs_nothing(dns: NameServer, example: Domain) -> None:
    """An empty p= (RFC 6376 3.6.1)."""
    dns.text("key._domainkey.example.com", "v=DKIM1; p=")
    assert (await hand_in(dns, example.sign(mail())))[0].startswith("550 5.7.1")


async def test_a_key_that_is_too_short_signs_nothing(dns: NameServer) -> None:
    """512 bits were broken in 1999 (RFC 8301)."""
    weak = domain(dns, "example.com", bits=512)
    assert (await hand_in(dns, weak.sign(mail())))[0].startswith("550 5.7.1")


def test_a_signature_counts_until_it_runs_out(dns: NameServer, example: Domain) -> None:
    """To the second, by our clock, without the ten hours that dkimpy gives."""
    end = int(time.time()) + 3600
    signed = example.sign(mail(), expires=end)
    fields = read_fields(signed)
    assert not isinstance(fields, Refusal)

    def good(at: int) -> int:
        inquiry = Names(("127.0.0.1",), dns.port).inquiry()
        when = datetime.fromtimestamp(at, UTC)
        return len(list(good_signatures(signed, fields, inquiry, when)))

    assert (good(end - 1), good(end)) == (1, 0)


async def test_a_letter_that_anna_wrote_to_somebody_else_is_no_order(
    dns: NameServer, example: Domain
) -> None:
    """Her signature is genuine; that it goes to this number is what nobody signed."""
    to_eve = example.sign(mail(ANNA, "eve@example.net"))
    answer, shelf = await hand_in(dns, to_eve, NUMBER)

    assert "is not in the signed To or Cc" in answer
    assert shelf.mails == []


async def test_a_second_number_cannot_be_added_to_her_order(
    dns: NameServer, example: Domain
) -> None:
    """Not in the envelope, and not in a Cc that was not signed."""
    signed = example.sign(mail())
    other = "+4930123456@fax.example.com"
    assert (await hand_in(dns, signed, NUMBER, other))[0].startswith("550 5.7.1")
    with_cc = f"Cc: <{other}>\r\n".encode() + signed
    assert (await hand_in(dns, with_cc, other))[0].startswith("550 5.7.1")


async def test_a_number_that_only_begins_alike_is_not_named(
    dns: NameServer, example: Domain
) -> None:
    """A part of an address is another address."""
    signed = example.sign(mail(ANNA, "x" + NUMBER))

    assert (await hand_in(dns, signed, NUMBER))[0].startswith("550 5.7.1")


def addressed(example: Domain, to: str) -> bytes:
    """A mail of Anna's with this To, signed."""
    return example.sign(mail(ANNA, "x").replace(b"<x>", to.encode()))


@pytest.mark.parametrize(
    "to",
    [
        f'"{NUMBER}" <eve@evil.example>',
        f"{NUMBER} <eve@evil.example>",
        f"<{NUMBER}> <eve@evil.example>",
        f"eve@evil.example ({NUMBER})",
        f"{NUMBER}: eve@evil.example;",
        f'"\\"<{NUMBER}>," <eve@evil.example>',
        f'"{NUMBER}"',
        f'"eve, {NUMBER}',
    ],
)
async def test_a_number_that_somebody_calls_themselves_is_not_named(
    dns: NameServer, example: Domain, to: str
) -> None:
    """Eve gives her own address the number as its name, and Anna answers her mail."""
    answer, shelf = await hand_in(dns, addressed(example, to), NUMBER)

    assert "is not in the signed To or Cc" in answer
    assert shelf.mails == []


@pytest.mark.parametrize(
    "to",
    [
        f'"Doe, Jan" <jan@example.net>, Tax office <{NUMBER.upper()}>',
        f"faxes: {NUMBER}, jan@example.net;",
        f"(the tax office) {NUMBER}",
        f'<"{NUMBER.replace("@", chr(34) + "@")}>',
        f"jan@example.net; {NUMBER}",
    ],
)
async def test_a_number_is_named_however_it_is_written(
    dns: NameServer, example: Domain, to: str
) -> None:
    """In a list, in a group, beside a comment, in quotes."""
    assert (await hand_in(dns, addressed(example, to), NUMBER))[0].startswith("250")


async def test_rules_are_told_after_the_mail_where_only_the_mail_says_who_sends_it(
    dns: NameServer, example: Domain
) -> None:
    """With the name of the rule; nothing is kept."""
    premium = "+48704123456@fax.example.com"
    answer, shelf = await hand_in(dns, example.sign(mail(ANNA, premium)), premium)

    assert answer.startswith("550 5.7.1")
    assert "rule: no premium numbers" in answer
    assert shelf.mails == []


@pytest.mark.parametrize("name", ["_dmarc.example.com", "key._domainkey.example.com"])
async def test_silence_of_the_dns_is_not_the_senders_fault(
    dns: NameServer, example: Domain, name: str
) -> None:
    """451 within the patience, and another mail finds out."""
    dns.silent.add(name)
    answer, shelf = await hand_in(dns, example.sign(mail()), patience=0.5)

    assert answer.startswith("451 4.7.0")
    assert shelf.mails == []


async def test_who_is_not_listed_costs_nobody_a_question(dns: NameServer) -> None:
    """A stranger cannot make us ask the name servers of others."""
    answer, _ = await hand_in(dns, domain(dns, "evil.net").sign(mail("eve@evil.net")))

    assert answer.startswith("550 5.7.1 Eve@evil.net may not send faxes here")
    assert dns.asked == []


RESULTS = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com"
SERVER = (Upstream(name="mx.example.com", networks=("127.0.0.0/8",)),)


async def test_our_own_server_in_front_is_believed(dns: NameServer) -> None:
    """What it saw of the client is lost to us, so its SPF counts; no question is asked."""
    seen = f"{RESULTS}; spf=pass smtp.mailfrom=bounce@example.com"
    message = seen.encode() + b"\r\n" + mail()
    answer, shelf = await hand_in(dns, message, sender="bounce@example.com", upstream=SERVER)

    assert answer.startswith("250")
    assert (shelf.mails[0].user, shelf.mails[0].proof) == ("anna", "upstream")
    assert dns.asked == []


@pytest.mark.parametrize(
    ("field", "upstream"),
    [
        (RESULTS, ()),  # nobody is in front
        (RESULTS, (Upstream(name="mx.example.com", networks=("192.0.2.0/24",)),)),  # not this one
        (RESULTS.replace("mx.", "mx2."), SERVER),
        (RESULTS.replace("mx.example.com", "(mx.example.com) evil.net"), SERVER),
        (RESULTS.replace("=pass", "=fail"), SERVER),
        (RESULTS.replace("=pass", "=fail") + "\r\n" + RESULTS, SERVER),  # the topmost counts
        (RESULTS.replace("header.from=example.com", "header.from=example.net"), SERVER),
        (RESULTS.replace("dmarc", "x-dmarc"), SERVER),
    ],
)
async def test_the_results_of_others_are_not(
    dns: NameServer, field: str, upstream: tuple[Upstream, ...]
) -> None:
    """Neither from another client, nor in another name, nor about another domain."""
    dns.text("_dmarc.example.com", "v=DMARC1; p=none")
    seen = "; spf=pass smtp.mailfrom=bounce@example.com"
    lines = "\r\n".join(f"{line}{seen}" for line in field.split("\r\n"))
    message = lines.encode() + b"\r\n" + mail()
    answer, shelf = await hand_in(dns, message, sender="bounce@example.com", upstream=upstream)

    assert answer.startswith("550 5.7.1")
    assert shelf.mails == []
