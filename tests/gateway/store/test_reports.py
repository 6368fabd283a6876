"""Call and page reports survive being stored."""

from __future__ import annotations

import json
from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from gateway.store.reports import TRACE, call_from, json_of_call, json_of_page, page_from
from modems.session import (
    BR,
    DF,
    EC,
    LN,
    ST,
    VR,
    WD,
    Dialled,
    Hangup,
    SessionParameters,
)
from modems.terminal import (
    CallReport,
    PageForm,
    PageQuality,
    PageReport,
    PageVerdict,
    TraceEntry,
    TraceKind,
)
from tests.gateway.store.samples import call_report, page_report

counts = st.integers(0, 2**31)
seconds = st.floats(0, 1e6)
forms = st.builds(PageForm, counts, st.sampled_from(VR), st.sampled_from(DF), counts)
qualities = st.none() | st.builds(PageQuality, counts, counts, counts)
page_reports = st.builds(
    PageReport,
    counts,
    forms,
    counts,
    counts,
    seconds,
    st.sampled_from(PageVerdict),
    counts,
    qualities,
)
parameters = st.none() | st.builds(
    SessionParameters,
    st.sampled_from(VR),
    st.sampled_from(BR),
    st.sampled_from(WD),
    st.sampled_from(LN),
    st.sampled_from(DF),
    st.sampled_from(EC),
    st.just(0),
    st.sampled_from(ST),
)
entries = st.builds(TraceEntry, seconds, st.sampled_from(TraceKind), st.text())
call_reports = st.builds(
    CallReport,
    status=st.sampled_from(Hangup),
    cause=st.text(),
    number=st.text(),
    dialled=st.sampled_from(Dialled),
    remote_identity=st.text(),
    subaddress=st.text(),
    parameters=parameters,
    pages=st.lists(page_reports, max_size=3).map(tuple),
    seconds=seconds,
    ringing=seconds,
    trace=st.lists(entries, max_size=5).map(tuple),
)


def test_no_field_of_a_report_is_forgotten() -> None:
    """A field that a report gains must be stored too."""
    call, page = call_report(), page_report()

    assert set(json_of_call(call)) == {f.name for f in fields(CallReport)}
    assert set(json_of_page(page)) == {f.name for f in fields(PageReport)}


@given(page_reports)
def test_a_page_report_comes_back_equal(report: PageReport) -> None:
    """X == page_from(json_of_page(x)), through real JSON."""
    assert page_from(json.loads(json.dumps(json_of_page(report)))) == report


@given(call_reports)
def test_a_call_report_comes_back_equal(report: CallReport) -> None:
    """X == call_from(json_of_call(x)), through real JSON."""
    assert call_from(json.loads(json.dumps(json_of_call(report)))) == report


def test_a_huge_trace_is_cut_in_its_middle() -> None:
    """The beginning and the end of an endless call are kept, with a note of what is left out."""
    trace = tuple(TraceEntry(i, TraceKind.NOTE, str(i)) for i in range(2 * TRACE + 7))
    report = call_report()
    long = CallReport(report.status, report.cause, trace=trace)

    kept = call_from(json_of_call(long)).trace

    assert kept[:TRACE] == trace[:TRACE]
    assert kept[TRACE].text == "7 entries left out"
    assert kept[TRACE + 1 :] == trace[-TRACE:]
