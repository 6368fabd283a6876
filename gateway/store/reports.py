"""Call and page reports as JSON and back, so that a receipt can quote a call of last week.

`x == x_from(json_of(x))` for every report; enumerations travel by name, which an added member does
not change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modems.session import BR, DF, EC, LN, ST, VR, WD, Dialled, Hangup, SessionParameters
from modems.terminal import (
    CallReport,
    PageForm,
    PageQuality,
    PageReport,
    PageVerdict,
    TraceEntry,
    TraceKind,
)

Json = Mapping[str, Any]

TRACE = 1000  # entries of a call's trace that are kept, from its beginning and from its end


def json_of_call(report: CallReport) -> Json:
    """A call report with its pages and its trace, the trace cut in its middle when it is huge."""
    return {
        "status": report.status.name,
        "cause": report.cause,
        "number": report.number,
        "dialled": report.dialled.name,
        "remote_identity": report.remote_identity,
        "remote_machine": report.remote_machine,
        "subaddress": report.subaddress,
        "parameters": report.parameters and _json_of_parameters(report.parameters),
        "pages": [json_of_page(page) for page in report.pages],
        "seconds": report.seconds,
        "ringing": report.ringing,
        "out_of_order": report.out_of_order,
        "trace": [[e.seconds, e.kind.value, e.text] for e in _bounded(report.trace)],
    }


def call_from(json: Json) -> CallReport:
    """The call report that `json_of_call` was given."""
    return CallReport(
        status=Hangup[json["status"]],
        cause=json["cause"],
        number=json["number"],
        dialled=Dialled[json["dialled"]],
        remote_identity=json["remote_identity"],
        remote_machine=json.get("remote_machine", ""),  # reports of old have none
        subaddress=json["subaddress"],
        parameters=json["parameters"] and _parameters_from(json["parameters"]),
        pages=tuple(page_from(page) for page in json["pages"]),
        seconds=json["seconds"],
        ringing=json.get("ringing", 0.0),
        out_of_order=json.get("out_of_order", ""),
        trace=tuple(TraceEntry(s, TraceKind(kind), text) for s, kind, text in json["trace"]),
    )


def json_of_page(report: PageReport) -> Json:
    """A page report."""
    form, quality = report.form, report.quality
    return {
        "number": report.number,
        "form": [form.width, form.vr.name, form.df.name, form.min_row_bits, form.max_rows],
        "bit_rate": report.bit_rate,
        "octets": report.octets,
        "seconds": report.seconds,
        "verdict": report.verdict.name,
        "attempts": report.attempts,
        "quality": quality and [quality.rows, quality.bad_rows, quality.longest_bad_run],
    }


def page_from(json: Json) -> PageReport:
    """The page report that `json_of_page` was given."""
    width, vr, df, *limits = json["form"]
    return PageReport(
        number=json["number"],
        form=PageForm(width, VR[vr], DF[df], *limits),
        bit_rate=json["bit_rate"],
        octets=json["octets"],
        seconds=json["seconds"],
        verdict=PageVerdict[json["verdict"]],
        attempts=json["attempts"],
        quality=json["quality"] and PageQuality(*json["quality"]),
    )


def _json_of_parameters(p: SessionParameters) -> Sequence[str | int]:
    return [p.vr.name, p.br.name, p.wd.name, p.ln.name, p.df.name, p.ec.name, p.bf, p.st.name]


def _parameters_from(json: Sequence[Any]) -> SessionParameters:
    vr, br, wd, ln, df, ec, bf, st = json
    return SessionParameters(VR[vr], BR[br], WD[wd], LN[ln], DF[df], EC[ec], bf, ST[st])


def _bounded(trace: Sequence[TraceEntry]) -> Sequence[TraceEntry]:
    if len(trace) <= 2 * TRACE:
        return trace
    first, last = trace[:TRACE], trace[-TRACE:]
    left_out = len(trace) - 2 * TRACE
    gap = TraceEntry(last[0].seconds, TraceKind.NOTE, f"{left_out} entries left out")
    return [*first, gap, *last]
