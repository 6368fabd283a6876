"""Which page is good enough."""

from __future__ import annotations

import pytest

from modems.session import DF
from modems.t30.quality import CopyQuality
from modems.terminal import PageQuality, PageVerdict


@pytest.mark.parametrize(
    ("rows", "bad", "verdict"),
    [
        (1000, 0, PageVerdict.MCF),
        (1000, 49, PageVerdict.MCF),
        (1000, 50, PageVerdict.RTP),
        (1000, 149, PageVerdict.RTP),
        (1000, 150, PageVerdict.RTN),
        (1, 1, PageVerdict.RTN),
        (0, 0, PageVerdict.RTN),
    ],
)
def test_verdict(rows: int, bad: int, verdict: PageVerdict) -> None:
    """Below 5 % of bad rows MCF, below 15 % RTP, else RTN; a page without rows is never good."""
    assert CopyQuality().judge(PageQuality(rows, bad)) is verdict


def test_a_page_without_its_end_comes_again() -> None:
    """Good rows without RTC are rejected once, and as long as the carrier was lost."""
    cut, judge = PageQuality(500, 0, ended=False), CopyQuality().judge

    assert judge(cut) is PageVerdict.RTN
    assert judge(cut, again=True) is PageVerdict.MCF
    assert judge(cut, again=True, late=True) is PageVerdict.RTN
    assert judge(PageQuality(500), late=True) is PageVerdict.MCF


@pytest.mark.parametrize(
    ("rows", "bad", "df", "unread", "verdict"),
    [
        (1000, 0, DF.MMR, 900, PageVerdict.MCF),
        (1000, 1, DF.MMR, 0, PageVerdict.MCF),
        (8, 1, DF.MMR, 256, PageVerdict.RTN),
        (1000, 149, DF.MR, 0, PageVerdict.MCF),
        (1000, 150, DF.MH, 0, PageVerdict.RTN),
        (0, 0, DF.MMR, 0, PageVerdict.RTN),
    ],
)
def test_a_corrected_page_can_be_shown(
    rows: int, bad: int, df: DF, unread: int, verdict: PageVerdict
) -> None:
    """Octets that are right may still be no page; without RTC they are one."""
    quality = PageQuality(rows, bad, ended=False)

    assert CopyQuality().judge_corrected(quality, df, unread=unread) is verdict


def test_an_empty_page_is_rejected_whatever_the_limits() -> None:
    """No limits make a page without rows a good one."""
    assert CopyQuality(2.0, 2.0).judge(PageQuality()) is PageVerdict.RTN
