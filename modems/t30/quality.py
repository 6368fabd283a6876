"""Copy quality: what a receiver answers to a page, from the rows that its decoder counted.

T.30 leaves the limits to the receiver. A page without a single row is never confirmed, whatever the
limits: a caller that is told MCF forgets the page.

T.30 5.3.6.1.7 (MCF, RTP, RTN).
"""

from __future__ import annotations

from dataclasses import dataclass

from modems.session import DF
from modems.terminal import PageQuality, PageVerdict


@dataclass(frozen=True, slots=True)
class CopyQuality:
    """Shares of bad rows: below the first a page is good, below the second it is still kept."""

    good_below: float = 0.05
    kept_below: float = 0.15

    def judge(
        self, quality: PageQuality, *, late: bool = False, again: bool = False
    ) -> PageVerdict:
        """MCF, RTP or RTN for a page.

        `late`: the command after it came later than the end of its carrier explains; `again`: it
        has been rejected before. Without RTC its rows may be good and the rest lost with the
        carrier, so it must come again, unless its sender seems to be one that sends no RTC.
        """
        if quality.rows == 0 or (not quality.ended and (late or not again)):
            return PageVerdict.RTN
        share = quality.bad_rows / quality.rows
        if share < self.good_below:
            return PageVerdict.MCF
        return PageVerdict.RTP if share < self.kept_below else PageVerdict.RTN

    def judge_corrected(self, quality: PageQuality, df: DF, *, unread: int) -> PageVerdict:
        """MCF or RTN for a page whose octets are what was sent.

        So bad rows are its sender's own, and it may lack RTC; but what cannot be shown is not
        confirmed either. A bad row of MMR takes with it the `unread` octets of later frames.
        """
        if quality.rows == 0 or (df is DF.MMR and quality.bad_rows and unread):
            return PageVerdict.RTN
        share = quality.bad_rows / quality.rows
        return PageVerdict.MCF if share < self.kept_below else PageVerdict.RTN
