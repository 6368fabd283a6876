"""What a repeated fax is together with the pages that came before its call broke."""

from __future__ import annotations

from PIL import Image

from gateway.onramp.joining import joined
from gateway.store.sheet import Sheet
from modems.terminal import PageVerdict
from tests.gateway.onramp.sheets import CUT, HEIGHT, WIDTH, letter, sheet

BLANK = Image.new("1", (WIDTH, HEIGHT), 1)


def places(sheets: list[Sheet] | None) -> list[tuple[int, int]] | None:
    """Which page of which fax each is."""
    return None if sheets is None else [(s.fax, s.page.number) for s in sheets]


def again(number: int, seed: int, **how: object) -> Sheet:
    """A page of the later fax, with another time in the line at its top."""
    return sheet(number, letter(seed, header=f"14:09  P. {number}"), fax=2, **how)  # type: ignore[arg-type]


def before(number: int, seed: int, **how: object) -> Sheet:
    """A page of the earlier one."""
    return sheet(number, letter(seed, header=f"14:03  P. {number}"), **how)  # type: ignore[arg-type]


def test_a_whole_repeat_has_every_page_once() -> None:
    """A document that comes again from its beginning is taken as it came the second time."""
    earlier = [before(1, 1), before(2, 2, rows=900, verdict=CUT)]
    later = [again(1, 1), again(2, 2), again(3, 3)]
    assert places(joined(earlier, later)) == [(2, 1), (2, 2), (2, 3)]


def test_a_repeat_from_the_failed_page_goes_on_after_what_came() -> None:
    """What was confirmed before the page that failed is put before it."""
    earlier = [before(1, 1), before(2, 2), before(3, 3, rows=1500, verdict=CUT)]
    later = [again(1, 3), again(2, 4)]
    assert places(joined(earlier, later)) == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_a_page_whose_confirmation_was_lost_is_there_once() -> None:
    """The sender repeats a page that we have confirmed: the better copy stays."""
    earlier = [before(1, 1), before(2, 2)]
    later = [again(1, 2, bad=20), again(2, 3)]
    assert places(joined(earlier, later)) == [(1, 1), (1, 2), (2, 2)]


def test_a_noisy_line_hides_no_repeat() -> None:
    """Rows that the line damaged do not make another sheet of a page."""
    earlier = [before(1, 1, bad=60), before(2, 2, rows=900, verdict=CUT, bad=9)]
    later = [again(1, 1, bad=10), again(2, 2)]
    assert places(joined(earlier, later)) == [(2, 1), (2, 2)]


def test_letters_on_one_letterhead_are_not_joined() -> None:
    """Pages that differ in one line are two pages, and both are kept."""
    earlier = [sheet(1, letter(1, head=23)), sheet(2, letter(2), rows=600, verdict=CUT)]
    later = [sheet(1, letter(7, head=23), fax=2), sheet(2, letter(2), fax=2)]
    assert joined(earlier, later) is None


def test_a_page_that_does_not_come_again_keeps_the_faxes_apart() -> None:
    """A repeat that would lose a page is none."""
    earlier = [before(1, 1), before(2, 2), before(3, 3, rows=900, verdict=CUT)]
    assert joined(earlier, [again(1, 1), again(2, 2)]) is None
    assert joined(earlier, [again(1, 1), again(2, 9), again(3, 3)]) is None


def test_what_fits_in_two_ways_is_in_doubt() -> None:
    """Pages that are all alike do not tell where the second call began."""
    earlier = [sheet(1, letter(1)), sheet(2, letter(1))]
    later = [sheet(1, letter(1), fax=2), sheet(2, letter(1), fax=2), sheet(3, letter(4), fax=2)]
    assert joined(earlier, later) is None


def test_little_in_common_is_in_doubt() -> None:
    """Blank pages, and the first lines of a page that broke off, prove nothing."""
    assert joined([sheet(1, BLANK)], [sheet(1, BLANK, fax=2), again(2, 2)]) is None
    short = [before(1, 1, rows=300, verdict=CUT)]
    assert joined(short, [again(1, 1), again(2, 2)]) is None


def test_a_rest_without_a_page_in_common_is_in_doubt() -> None:
    """Nothing shows that pages belong together that only follow each other."""
    assert joined([before(1, 1), before(2, 2)], [again(1, 3), again(2, 4)]) is None


def test_a_repeat_that_breaks_too_keeps_the_longer_copy() -> None:
    """Of two pieces of a page the longer one stays."""
    earlier = [before(1, 1), before(2, 2, rows=1800, verdict=CUT)]
    later = [again(1, 1), again(2, 2, rows=1000, verdict=CUT)]
    assert places(joined(earlier, later)) == [(2, 1), (1, 2)]


def test_a_rejected_copy_gives_way() -> None:
    """A confirmed page takes the place of one that was answered with RTN."""
    earlier = [before(1, 1, bad=90, verdict=PageVerdict.RTN)]
    assert places(joined(earlier, [again(1, 1)])) == [(2, 1)]
