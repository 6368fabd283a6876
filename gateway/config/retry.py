"""The section `retry`: when a fax that did not go out is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from gateway.config.section import Section
from gateway.config.types import Duration


class Retry(Section):
    """When a fax that did not go out is tried again."""

    tries: int = Field(5, ge=1, description="calls that reached the line, in all")
    give_up_after: Duration = Field(
        timedelta(hours=12), description="no try later than this after the mail"
    )
    busy: Duration = Field(timedelta(minutes=3), description="wait after a busy tone")
    no_answer: Duration = Field(timedelta(minutes=10), description="wait when nobody answered")
    failed: Duration = Field(
        timedelta(minutes=5), description="wait when the call broke or would not train"
    )
    line_fault: Duration = Field(
        timedelta(minutes=1), description="wait after a fault of our own line"
    )
    remote_cannot: Duration = Field(
        timedelta(minutes=30),
        description="wait when the far machine cannot receive: out of paper or memory",
    )
    in_doubt: Literal["report", "resend"] = Field(
        "report",
        description="a page that may have arrived when the gateway was stopped: report it to the "
        "sender, or send it again",
    )
