"""Copy quality: what a receiver answers to a page, from the rows that its decoder counted.

T.30 leaves the limits to the receiver. A page without a single row is never confirmed, whatever the
limits: a caller that is told MCF forgets the page.

T.30 5.3.6.1.7 (MCF, RTP, RTN).
"""

from __future__ import annotations

from dataclasses import dataclass

from modems.terminal import PageQuality, PageVerdict


@dataclass(frozen=True, slots=True)
class CopyQuality:
    """Shares of bad rows: below the first a page is good, below the second it is still kept."""

    good_below: float = 0.05
    kept_below: float = 0.15

    def judge(self, quality: PageQuality) -> PageVerdict:
        """MCF, RTP or RTN for a page."""
        if quality.rows == 0:
            return PageVerdict.RTN
        share = quality.bad_rows / quality.rows
        if share < self.good_below:
            return PageVerdict.MCF
        return PageVerdict.RTP if share < self.kept_below else PageVerdict.RTN
