"""What two terminals make of each other: pure functions from capabilities to a DCS.

`ladder` orders the modulations that both have, `settle` says how a page travels at one of them, and
`form` what that means for its coding. The page's own shape decides first; what the far end cannot
take falls to the next best that it can, and the page source converts.

T.30 5.3.6.2 and table 2; T.4 table 1 (pels), 4.1.3 and table 4 (minimum scan-line time).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from modems.session import BR, DF, EC, LN, ST, VR, WD, SessionParameters
from modems.t30.dis import Agreement, Capabilities
from modems.t30.line import Modulation
from modems.t30.table2 import FINE_ABOVE, SUPERFINE_ABOVE
from modems.terminal import PageForm, PageShape

# T.30 leaves the order free; V.17 comes before V.29 at the same rate, since it is coded.
FALL_BACK: Final = (
    Modulation.V17_14400,
    Modulation.V17_12000,
    Modulation.V17_9600,
    Modulation.V29_9600,
    Modulation.V17_7200,
    Modulation.V29_7200,
    Modulation.V27TER_4800,
    Modulation.V27TER_2400,
)

# T.4 2.1: pels of a line.            A4    B4    A3
_PELS: Final = {204: (1728, 2048, 2432), 300: (2592, 3072, 3648), 408: (3456, 4096, 4864)}
_PELS_AS: Final = {200: 204, 400: 408}  # inch resolutions share the metric lines' pels

# What a page becomes where the far end lacks its resolution, best first.
_COARSER: Final = {
    VR.R16_SUPERFINE: (VR.R8_SUPERFINE, VR.R8_FINE, VR.R8_STANDARD),
    VR.R8_SUPERFINE: (VR.R8_FINE, VR.R8_STANDARD),
    VR.R8_FINE: (VR.R8_STANDARD,),
    VR.R8_STANDARD: (),
    VR.INCH_400X400: (VR.INCH_200X400, VR.INCH_200X200, VR.INCH_200X100),
    VR.INCH_300X300: (VR.INCH_200X200, VR.INCH_200X100),
    VR.INCH_200X400: (VR.INCH_200X200, VR.INCH_200X100),
    VR.INCH_200X200: (VR.INCH_200X100,),
    VR.INCH_200X100: (),
}

_LENGTHS_MM: Final = {LN.A4: 297.0, LN.B4: 364.0}
_LENGTH_TOLERANCE: Final = 1.03  # inch rows that a metric machine prints come out 2 % longer

_SINGLE_TIMES: Final = {0: ST.MS_0, 5: ST.MS_5, 10: ST.MS_10, 20: ST.MS_20, 40: ST.MS_40}


def ladder(ours: Capabilities, theirs: Capabilities) -> tuple[Modulation, ...]:
    """The modulations of both, fastest first; V.27ter at 2400 bit/s is everybody's."""
    both = ours.modulations & theirs.modulations
    return tuple(m for m in FALL_BACK if m in both) or (Modulation.V27TER_2400,)


def settle(
    pages: Sequence[PageShape], ours: Capabilities, theirs: Capabilities, modulation: Modulation
) -> Agreement:
    """How the first of `pages` travels, and those of its shape that follow it."""
    first = pages[0]
    alike = list(takewhile(lambda p: (p.vr, p.width) == (first.vr, first.width), pages))
    vr = _resolution(first.vr, theirs)
    wd = min(_width_class(first), theirs.width)
    ec = _error_correction(ours, theirs)
    parameters = SessionParameters(
        vr=vr,
        br=BR(modulation.bit_rate // 2400 - 1),
        wd=wd,
        ln=min(max(map(_length_class, alike)), theirs.length),
        df=_coding(alike, ours, theirs, ec),
        ec=ec,
        st=ST.MS_0 if ec else _scan_time(theirs, vr),
    )
    return Agreement(parameters, modulation)


def fits(page: SessionParameters, agreed: SessionParameters) -> bool:
    """Whether a page that would settle for `page` can follow under `agreed`, with MPS."""
    return (page.vr, page.wd) == (agreed.vr, agreed.wd) and page.ln <= agreed.ln


def form(parameters: SessionParameters) -> PageForm:
    """How a page under these parameters is coded."""
    fine = parameters.vr.dpi[1] > FINE_ABOVE
    bit_rate, ms = parameters.br.bit_rate, parameters.st.milliseconds(fine=fine)
    return PageForm(
        width=pels(parameters.vr, parameters.wd),
        vr=parameters.vr,
        df=parameters.df,
        min_row_bits=0 if parameters.ec else -(-bit_rate * ms // 1000),
        max_rows=_most_rows(parameters.vr, parameters.ln),
    )


def pels(vr: VR, wd: WD) -> int:
    """Pels of a line."""
    dpi = vr.dpi[0]
    return _PELS[_PELS_AS.get(dpi, dpi)][wd]


def _resolution(vr: VR, theirs: Capabilities) -> VR:
    return next((v for v in (vr, *_COARSER[vr]) if v in theirs.resolutions), VR.R8_STANDARD)


def _width_class(page: PageShape) -> WD:
    return next((wd for wd in WD if page.width <= pels(page.vr, wd)), WD.A3)


def _length_class(page: PageShape) -> LN:
    mm = page.height / page.vr.dpi[1] * 25.4
    return next((ln for ln, most in _LENGTHS_MM.items() if mm <= most * _LENGTH_TOLERANCE), LN(2))


def _most_rows(vr: VR, ln: LN) -> int:
    """Rows of the longest page; 0 for any."""
    mm = _LENGTHS_MM.get(ln, 0.0) * _LENGTH_TOLERANCE
    return int(mm / 25.4 * vr.dpi[1])


def _error_correction(ours: Capabilities, theirs: Capabilities) -> EC:
    """The smaller frame where one of the two prefers it."""
    return min(ours.ec, theirs.ec)


def _coding(pages: Sequence[PageShape], ours: Capabilities, theirs: Capabilities, ec: EC) -> DF:
    """The coding in which the pages are smallest; by rule of thumb where that is not known."""
    both = (ours.codings & theirs.codings) | {DF.MH}
    usable = [df for df in (DF.MMR, DF.MR, DF.MH) if df in both and (ec or df is not DF.MMR)]
    if any(df not in page.bits for page in pages for df in usable):
        return usable[0]
    return min(usable, key=lambda df: sum(page.bits[df] for page in pages))


def _scan_time(theirs: Capabilities, vr: VR) -> ST:
    """The one time that DCS states: theirs for our resolution, halved above 7.7 lines/mm if so."""
    ms = theirs.st.milliseconds(fine=vr.dpi[1] > FINE_ABOVE)
    if vr.dpi[1] > SUPERFINE_ABOVE and theirs.half_time:
        ms = max(ms // 2, 5) if ms else 0
    return _SINGLE_TIMES[ms]
