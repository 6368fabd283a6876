"""A call report for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modems.session import SessionParameters
from modems.terminal import CallReport, PageReport


def fields(report: CallReport, path: str | None = None) -> dict[str, Any]:
    """Everything that a report says, as JSON takes it; `path` is the file that was written."""
    return {
        "succeeded": report.succeeded,
        "status": f"{report.status:02X}",
        "status_name": report.status.name,
        "cause": report.cause,
        "number": report.number,
        "dialled": report.dialled.value,
        "remote_identity": report.remote_identity,
        "remote_machine": report.remote_machine,
        "subaddress": report.subaddress,
        "parameters": None if report.parameters is None else parameters(report.parameters),
        "pages": [_page(page) for page in report.pages],
        "seconds": report.seconds,
        "file": path,
        "out_of_order": report.out_of_order,
        "trace": [
            {"seconds": round(e.seconds, 3), "kind": e.kind.value, "text": e.text}
            for e in report.trace
        ],
    }


def parameters(p: SessionParameters) -> dict[str, Any]:
    """The session parameters of T.32 by their names, and what two of them mean."""
    return {
        "vr": p.vr.name,
        "br": p.br.bit_rate,
        "wd": p.wd.name,
        "ln": p.ln.name,
        "df": p.df.name,
        "ec": p.ec.name,
        "bf": p.bf,
        "st": p.st.name,
        "dpi": list(p.vr.dpi),
        "ecm": bool(p.ec),
    }


def _page(page: PageReport) -> dict[str, Any]:
    quality = page.quality
    return {
        "number": page.number,
        "verdict": page.verdict.name,
        "confirmed": page.verdict.confirmed,
        "width": page.form.width,
        "vr": page.form.vr.name,
        "df": page.form.df.name,
        "bit_rate": page.bit_rate,
        "octets": page.octets,
        "seconds": page.seconds,
        "attempts": page.attempts,
        "rows": None if quality is None else quality.rows,
        "bad_rows": None if quality is None else quality.bad_rows,
    }


def summary(report: CallReport, path: str | None = None) -> Iterator[str]:
    """The same in a few lines."""
    yield f"{'done' if report.succeeded else 'failed'}: {report.cause}"
    yield f"status      {report.status:02X} {report.status.name}"
    if report.out_of_order:
        yield f"our line    {report.out_of_order}"
    if report.remote_identity:
        yield f"far end     {report.remote_identity}"
    if report.remote_machine:
        yield f"machine     {report.remote_machine}"
    if report.parameters is not None:
        yield f"agreed      {report.parameters}"
    for page in report.pages:
        rows = "" if page.quality is None else f", {page.quality.rows} rows"
        bad = f", {page.quality.bad_rows} bad" if page.quality and page.quality.bad_rows else ""
        yield (
            f"page {page.number:<7}{page.verdict.value}, {page.octets} octets at {page.bit_rate} "
            f"bit/s in {page.seconds:.1f} s{rows}{bad}"
        )
    yield f"seconds     {report.seconds:.1f}"
    if path is not None:
        yield f"file        {path}"
