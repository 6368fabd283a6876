"""Pages that come in: from the first octet to the answer that is owed for them.

A page is confirmed only after its writer has committed it, and committed once however often the far
end asks. What there is of a page when the call breaks off is committed too, with the verdict NONE.
Nothing here speaks on the line.

T.30 5.3.6.1.7 (what the answers mean), Annex A (what ECM makes of them).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Protocol

from modems.session import DF, Hangup
from modems.t30 import timers
from modems.t30.call import Call
from modems.t30.causes import Disconnect
from modems.t30.dis import Agreement
from modems.t30.fcf import FCF
from modems.t30.negotiate import form
from modems.t30.quality import CopyQuality
from modems.terminal import PageForm, PageReport, PageVerdict, PageWriter

REJECTIONS: Final = 3  # of one page, in all
COMMAND_WITHIN: Final = 3.0  # s after a whole page: silence, preamble and frame take 1.6 s
REPEATED_WITHIN: Final = timers.T4 + 2.0  # s after our answer, a repeated command has begun


@dataclass(slots=True)
class _Arriving:
    """A page between its first octet and the command after it."""

    writer: PatientWriter
    report: PageReport
    begun: float
    command: FCF | None = None  # the command after it, once it is being stored
    unread: int = 0  # octets that came after the end of MMR, or after what broke it


@dataclass(frozen=True, slots=True)
class Answer:
    """What is owed for a post-page command, and said again when it is asked again."""

    command: FCF
    verdict: PageVerdict
    report: PageReport | None  # None where no octet of the page was heard
    since: float  # when it was said last, or could have been
    said: bool = False


class PatientWriter(PageWriter, Protocol):
    """A page writer whose commit can be waited for in pieces, since the line cannot wait."""

    async def commit_within(self, report: PageReport, seconds: float) -> bool | None:
        """Begin to commit, or go on; None when that takes longer than `seconds` from now."""
        ...


class PatientSink(Protocol):
    """A page sink with such writers."""

    def begin(self, form: PageForm) -> PatientWriter:
        """A page of this form comes next."""
        ...


class Inbox:
    """The page that is arriving, and what is to be said of the one before."""

    def __init__(self, call: Call, sink: PatientSink, quality: CopyQuality) -> None:
        self._call = call
        self._sink = sink
        self._quality = quality
        self._page: _Arriving | None = None
        self._storing: _Arriving | None = None
        self._begun: float | None = None  # when the page in hand began, before it is fed
        self._rejections = 0  # of the page in hand
        self._expecting = False  # a page of which nothing has come yet
        self.answer: Answer | None = None

    @property
    def arriving(self) -> bool:
        """Whether there is anything of a page that has not been answered for."""
        return self._page is not None

    @property
    def storing(self) -> bool:
        """Whether a page is being committed, so that nothing can be said of it yet."""
        return self._storing is not None

    @property
    def closed(self) -> bool:
        """Whether the last page was confirmed, and nothing has come after it."""
        answer = self.answer
        if answer is None or self.arriving or self._expecting:
            return False
        return answer.command is FCF.EOP and answer.verdict.confirmed

    @property
    def ended(self) -> bool:
        """Whether the page in hand has come to its own end, its RTC or EOFB."""
        return self._page is not None and self._page.writer.quality.ended

    @property
    def octets(self) -> int:
        """What has come of the page in hand."""
        return 0 if self._page is None else self._page.report.octets

    def came(self, seconds: float) -> None:
        """A burst that has taken so long holds the first of a page, which is fed later."""
        if self._page is None and self._begun is None:
            self._begun = self._call.line.now() - seconds

    def feed(self, chunk: bytes, agreed: Agreement) -> None:
        """Take octets of the page in hand."""
        page = self._page = self._page or self._begin(agreed)
        if page.report.form.df is DF.MMR and page.writer.quality.ended:
            page.unread += len(chunk)
        page.writer.feed(chunk)
        octets = page.report.octets + len(chunk)
        page.report = replace(page.report, octets=octets, seconds=self._since(page))

    def check_length(self) -> None:
        """End a call whose page lasts longer than any page may."""
        if self._page is not None and self._page.report.seconds > timers.PAGE_LIMIT:
            raise Disconnect(Hangup.PHASE_C_RECEIVE, "Page {page} lasted more than an hour.")

    def _begin(self, agreed: Agreement) -> _Arriving:
        report = self._report(agreed)
        begun, self._begun = self._begun, None
        begun = self._call.line.now() if begun is None else begun
        return _Arriving(self._sink.begin(report.form), report, begun)

    def _report(self, agreed: Agreement) -> PageReport:
        """What there is to say of a page before its first octet."""
        return PageReport(
            number=self._call.page,
            form=form(agreed.parameters),
            bit_rate=agreed.modulation.bit_rate,
            octets=0,
            seconds=0.0,
            verdict=PageVerdict.NONE,
            attempts=self._rejections + 1,
        )

    async def keep(self, command: FCF, *, corrected: bool) -> Answer | None:
        """Make the page in hand durable, and say what `command` is to be answered.

        `corrected`: it came with error correction, whole. None when storing takes too long for an
        answer now; then `stored` gives it later.
        """
        page, self._page, self._expecting = self._page, None, False
        if page is None:
            return self._lost(command)
        quality, seconds = page.writer.quality, self._since(page)
        if corrected:
            df = page.report.form.df
            verdict = self._quality.judge_corrected(quality, df, unread=page.unread)
        else:
            late = seconds - page.report.seconds > COMMAND_WITHIN
            verdict = self._quality.judge(quality, late=late, again=self._rejections > 0)
        page.report = replace(page.report, seconds=seconds, verdict=verdict, quality=quality)
        page.command = command
        self._storing = page
        self._call.file(replace(page.report, verdict=PageVerdict.NONE))
        return await self.stored()

    async def stored(self) -> Answer | None:
        """The answer for the page that is being stored; None when it is not stored yet."""
        page = self._storing
        assert page is not None
        assert page.command is not None
        kept = await page.writer.commit_within(page.report, timers.REPLY_BY)
        if kept is None:
            return None
        self._storing = None
        if not page.report.verdict.confirmed:
            self._reject()
        elif not kept:
            raise Disconnect(Hangup.DCE_OVERFLOW)
        else:
            self._rejections = 0
        verdict = page.report.verdict
        self.answer = Answer(page.command, verdict, page.report, self._call.line.now())
        return self.answer

    def _lost(self, command: FCF) -> Answer:
        """A page of which nothing was heard is asked for again."""
        self._reject()
        self.answer = Answer(command, PageVerdict.RTN, None, self._call.line.now())
        return self.answer

    def _reject(self) -> None:
        """Count a page that must come again; after the last time there is no use in asking."""
        self._rejections += 1
        if self._rejections == REJECTIONS:
            raise Disconnect(Hangup.RSPREC_PHASE_D_RECEIVE)

    def repeated(self, command: FCF) -> Answer | None:
        """Our last answer where `command` asks for it again, and follows no page unheard.

        After MCF to MPS a page may have gone by unheard. The command after it comes later than a
        repeat would, so a late one counts as new: better a page twice than never.
        """
        answer = self.answer
        if answer is None or answer.command is not command or self.arriving or self._expecting:
            return None
        if command is not FCF.MPS or answer.verdict is not PageVerdict.MCF:
            return answer
        return answer if self._call.line.now() - answer.since < REPEATED_WITHIN else None

    def expect(self) -> None:
        """A DCS has announced a page: a command after it is about that page."""
        self._expecting = True

    def said(self, answer: Answer) -> None:
        """The answer has gone out: now the report may call the page confirmed, and the next comes.

        An answer may be said more than once.
        """
        self.answer = replace(answer, since=self._call.line.now(), said=True)
        if answer.report is not None:
            if answer.verdict.confirmed:
                self._call.page = answer.report.number + 1
            self._call.file(answer.report)
            self._call.trace.note(f"page {answer.report.number} {answer.verdict.value}")

    async def give_up(self, command: FCF, agreed: Agreement) -> None:
        """The far end gives the page in hand up, with EOR: keep what there is, and go on.

        One of which nothing can be shown is missing all the same, and the report says so.
        """
        report = self._report(agreed) if self._page is None else self._page.report
        self._call.file(report)
        await self.keep_partial()
        self._call.page += command is not FCF.EOP
        self.answer = Answer(command, PageVerdict.NONE, report, self._call.line.now())

    async def keep_partial(self) -> None:
        """The page in hand will not be whole: commit what there is, unconfirmed."""
        page, self._page = self._page, None
        if page is not None:
            report = replace(page.report, quality=page.writer.quality)
            self._call.file(report)
            await page.writer.commit(report)

    async def finish_storing(self) -> None:
        """The far end no longer waits for an answer; what is being stored is, all the same."""
        page, self._storing = self._storing, None
        while page is not None:
            kept = await page.writer.commit_within(page.report, timers.REPLY_BY)
            page = page if kept is None else None

    def _since(self, page: _Arriving) -> float:
        return round(self._call.line.now() - page.begun, 3)
