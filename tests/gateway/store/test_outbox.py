"""The mails that the gateway owes, on both databases."""

from __future__ import annotations

from datetime import timedelta

from gateway.store.records import MailKind, OutgoingMail
from modems.terminal import PageVerdict
from tests.gateway.store.samples import LEASE, OWNER, QUALITY, Desk, page


async def owe(desk: Desk) -> OutgoingMail:
    """A receipt is owed, and taken."""
    await desk.accept()
    [seen] = await desk.store.queue_view(1)
    await desk.store.cancel(seen.id, desk.now)
    return await take(desk)


async def take(desk: Desk) -> OutgoingMail:
    """The next mail, which must be there."""
    mail = await desk.store.next_mail(desk.now, LEASE)
    assert mail is not None
    return mail


async def test_a_mail_under_way_is_nobody_elses(desk: Desk) -> None:
    """A taken mail is not given out again while its lease lasts."""
    await owe(desk)

    assert await desk.store.next_mail(desk.now, LEASE) is None


async def test_a_repeat_is_the_same_mail(desk: Desk) -> None:
    """After its lease a mail comes again with the same Message-ID and one try more."""
    first = await owe(desk)
    desk.clock.advance(LEASE)

    again = await take(desk)

    assert (again.id, again.message_id) == (first.id, first.message_id)
    assert (first.tries, again.tries) == (0, 1)
    assert first.message_id.endswith("@fax.example>")


async def test_a_restart_gives_out_at_once_what_it_held(desk: Desk) -> None:
    """After `recover` the owner's mails need not wait for their leases."""
    first = await owe(desk)

    await desk.store.recover("another node", desk.now)
    assert await desk.store.next_mail(desk.now, LEASE) is None
    await desk.store.recover(OWNER, desk.now)

    assert (await take(desk)).id == first.id


async def test_a_sent_mail_is_done(desk: Desk) -> None:
    """A mail that was handed over never comes again."""
    mail = await owe(desk)

    await desk.store.mail_sent(mail.id, desk.now)
    await desk.store.mail_later(mail.id, desk.now, "too late to put it off")

    assert await desk.store.next_mail(desk.now + LEASE, LEASE) is None


async def test_a_deferred_mail_comes_at_its_time(desk: Desk) -> None:
    """A mail that was put off is due then, not before."""
    mail = await owe(desk)
    await desk.store.mail_later(mail.id, desk.now + timedelta(hours=1), "451 later")

    assert await desk.store.next_mail(desk.now + LEASE, LEASE) is None
    desk.clock.advance(timedelta(hours=1))

    assert (await take(desk)).id == mail.id


async def test_a_mail_that_is_given_up_tells_the_postmaster(desk: Desk) -> None:
    """The notice says which mail to whom, and the last error."""
    mail = await owe(desk)

    await desk.store.mail_failed(mail.id, "550 no such user", desk.now)

    notice = await take(desk)
    assert (notice.kind, notice.to) == (MailKind.NOTICE, "postmaster@fax.example")
    assert notice.recipient == mail.recipient
    assert notice.note.splitlines() == [
        "The receipt for sender@example.org was given up.",
        "The last error: 550 no such user",
    ]


async def test_a_fax_that_is_given_up_tells_how_it_goes_out_again(desk: Desk) -> None:
    """The postmaster reads its number, and the command."""
    fax = await desk.store.start_received("line", "+482", "+481", ["hook"], desk.now)
    await desk.store.add_received_page(fax, page(1), QUALITY, PageVerdict.MCF)
    await desk.store.recover(OWNER, desk.now)
    await desk.store.mail_failed((await take(desk)).id, "gone", desk.now)

    assert (await take(desk)).note.splitlines() == [
        "The received fax for hook was given up.",
        "The last error: gone",
        f"It is received fax {fax}: "
        f"`faxgate received redeliver {fax} --to hook` delivers it again.",
    ]


async def test_a_notice_makes_no_notice(desk: Desk) -> None:
    """When even the notice is given up, nothing more is owed; nor by giving up twice."""
    mail = await owe(desk)
    await desk.store.mail_failed(mail.id, "550", desk.now)
    await desk.store.mail_failed(mail.id, "550", desk.now)
    notice = await take(desk)

    await desk.store.mail_failed(notice.id, "550", desk.now)

    assert await desk.store.next_mail(desk.now + LEASE, LEASE) is None


async def test_a_letter_for_the_postmaster_is_kept_until_it_is_sent(desk: Desk) -> None:
    """Octet by octet, whatever is in it, and no longer than until somebody else has it."""
    raw = b"From: x\r\n\r\n\xff\x00" * 1000
    number = await desk.store.forward(raw, desk.now)
    mail = await take(desk)

    assert (mail.id, mail.kind, mail.to) == (number, MailKind.FORWARD, "postmaster@fax.example")
    await desk.store.mail_later(number, desk.now, "not now")
    assert await desk.store.to_forward(number) == raw

    await desk.store.mail_sent(number, desk.now)
    assert await desk.store.to_forward(number) is None


async def test_nothing_is_taken_for_what_is_full(desk: Desk) -> None:
    """A target by its name, and every mail address by the empty one."""
    fax = await desk.store.start_received("line", "+482", "+481", ("a@b.example", "hook"), desk.now)
    await desk.store.add_received_page(fax, page(1), QUALITY, PageVerdict.MCF)
    await desk.store.recover(OWNER, desk.now)

    assert await desk.store.next_mail(desk.now, LEASE, ["", "hook"]) is None
    hook = await desk.store.next_mail(desk.now, LEASE, [""])
    address = await desk.store.next_mail(desk.now, LEASE, ["hook"])
    assert (hook and hook.to, address and address.to) == ("hook", "a@b.example")
