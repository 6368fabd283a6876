"""What stands on a page beside its content, and when a page that came in is good enough."""

from __future__ import annotations

from pydantic import Field

from gateway.config.section import Section


class CopyQuality(Section):
    """The answer to a received page (T.30 5.3.6.1.7), by the share of its rows that are damaged."""

    good_below: float = Field(
        0.05, ge=0, le=1, description="share of bad rows below which a page is confirmed (MCF)"
    )
    kept_below: float = Field(
        0.15,
        ge=0,
        le=1,
        description="and below which it is confirmed, but the line is trained anew (RTP); a page "
        "with more is to be sent again (RTN)",
    )
