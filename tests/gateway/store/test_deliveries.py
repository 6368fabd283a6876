"""How the deliveries of received faxes stand, on both databases."""

from __future__ import annotations

from modems.terminal import PageVerdict
from tests.gateway.store.samples import LEASE, OWNER, QUALITY, Desk, page


async def come(desk: Desk, caller: str, *targets: str) -> int:
    """A fax of one page comes, and is owed."""
    fax = await desk.store.start_received("line", "+482", caller, targets, desk.now)
    await desk.store.add_received_page(fax, page(1), QUALITY, PageVerdict.MCF)
    await desk.store.recover(OWNER, desk.now)
    return fax


async def states(desk: Desk, sender: str = "", *, undelivered: bool = False) -> dict[int, str]:
    """The faxes that are listed, with how each stands."""
    faxes = await desk.store.received_list(10, sender, undelivered=undelivered)
    found = await desk.store.delivery_states(faxes)
    return {fax.id: found.get(fax.id, "") for fax in faxes}


async def test_a_fax_stands_as_where_it_goes_worst(desk: Desk) -> None:
    """The newest delivery to each target counts, and one under way is told from one that waits."""
    fax = await come(desk, "+481", "a@b.example", "hook")
    filed = await come(desk, "+483")
    first = await desk.store.next_mail(desk.now, LEASE, ["hook"])
    assert first is not None
    assert [each.state for each in await desk.store.deliveries(fax)] == ["delivering", "queued"]
    assert await states(desk) == {filed: "", fax: "queued"}

    await desk.store.mail_sent(first.id, desk.now)
    hook = await desk.store.next_mail(desk.now, LEASE)
    assert hook is not None
    assert await states(desk) == {filed: "", fax: "delivering"}
    await desk.store.mail_failed(hook.id, "gone", desk.now)
    assert await states(desk, undelivered=True) == {fax: "failed"}

    assert await desk.store.deliver_again(fax, ["hook"], desk.now) == []
    again = await desk.store.next_mail(desk.now, LEASE, [""])
    assert again is not None
    await desk.store.mail_sent(again.id, desk.now)
    assert await states(desk) == {filed: "", fax: "sent"}
    assert await states(desk, undelivered=True) == {}


async def test_what_waits_or_is_under_way_is_owed_once(desk: Desk) -> None:
    """What waits is due now; what is under way is left alone."""
    fax = await come(desk, "+481", "a@b.example", "hook")
    mail = await desk.store.next_mail(desk.now, LEASE, [""])
    assert mail is not None
    await desk.store.mail_later(mail.id, desk.now + LEASE, "not now")
    under_way = await desk.store.next_mail(desk.now, LEASE)
    assert under_way is not None
    assert under_way.to == "a@b.example"

    waiting = await desk.store.deliver_again(fax, ["hook", "a@b.example", "new"], desk.now)
    assert waiting == ["hook", "a@b.example"]
    due = [await desk.store.next_mail(desk.now, LEASE) for _ in range(3)]
    assert {each.to for each in due if each} == {"hook", "new"}


async def test_faxes_are_found_by_part_of_a_number(desk: Desk) -> None:
    """Signs that databases take for patterns are signs."""
    one, _ = await come(desk, "+48221000001"), await come(desk, "+48229000009")

    assert await states(desk, "2210") == {one: ""}
    assert await states(desk, "22_0") == {}
    assert await states(desk, "%") == {}
