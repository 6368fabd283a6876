"""A far end that does anything in any order, for Hypothesis to choose.

It says its events round and round, so a call that could go on for ever would.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, cycle, repeat

from hypothesis import strategies as st

from modems.session import DF, EC, LN, ST, VR, WD, SessionParameters
from modems.t30.dis import CORRECTING, Agreement, Capabilities, write_dcs, write_dis
from modems.t30.ecm import PPS, write_map, write_pps
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build
from modems.t30.line import CallDropped, Frame, Modulation, NoCarrier, WrongCarrier
from modems.t30.negotiate import FALL_BACK
from modems.t30.table2 import OFFERED_RATES

DEAD, NOISE, ECHO, PAGE, GOOD, BAD = "dead", "noise", "echo", "page", "good", "bad"
SILENCE = "silence"
BURST = 6.0  # s; the longest burst below
PAGE_SECONDS = 20.0

Event = str | tuple[Frame, ...]

capabilities = st.builds(
    Capabilities,
    modulations=st.sampled_from(sorted(OFFERED_RATES.values(), key=len)),
    resolutions=st.frozensets(st.sampled_from(VR)).map(lambda vrs: vrs | {VR.R8_STANDARD}),
    width=st.sampled_from(WD),
    length=st.sampled_from(LN),
    codings=st.frozensets(st.sampled_from(DF)).map(lambda dfs: dfs | {DF.MH}),
    ec=st.sampled_from(EC),
    st=st.sampled_from(ST),
    half_time=st.booleans(),
    document_to_poll=st.booleans(),
)
agreements = st.builds(
    Agreement,
    st.builds(
        SessionParameters,
        vr=st.sampled_from(VR),
        wd=st.sampled_from(WD),
        ln=st.sampled_from(LN),
        df=st.sampled_from(DF),
        ec=st.sampled_from(EC),
        st=st.sampled_from([ST.MS_0, ST.MS_5, ST.MS_10, ST.MS_20, ST.MS_40]),
    ),
    st.sampled_from(FALL_BACK),
)
messages = st.one_of(
    st.builds(Message, st.sampled_from(FCF)),
    st.builds(Message, st.sampled_from(FCF), st.binary(max_size=40)),
    capabilities.map(lambda can: Message(FCF.DIS, write_dis(can))),
    agreements.map(lambda agreed: Message(FCF.DCS, write_dcs(agreed))),
)
garbage = st.builds(Frame, st.binary(max_size=40), st.booleans())
bursts = st.one_of(
    st.builds(
        lambda m, x: tuple(build(m, x=x)), st.lists(messages, min_size=1, max_size=3), st.booleans()
    ),
    st.lists(garbage, max_size=3).map(tuple),
)
events = st.one_of(bursts, st.sampled_from([SILENCE, NOISE, ECHO, PAGE, GOOD, BAD]))


def _said(fcf: FCF, fif: bytes = b"", *, x: bool) -> Event:
    return tuple(build([Message(fcf, fif)], x=x))


def _pps(fcf: FCF, ending: FCF | None, page: int) -> Event:
    fif = write_pps(PPS(ending, page, 0, 3), x=True)
    return _said(fcf, fif if fcf is FCF.PPS else fif[:1], x=True)


ENDINGS = (FCF.MPS, FCF.EOM, FCF.EOP)
_DIS = _said(FCF.DIS, write_dis(CORRECTING), x=False)
_DCS = _said(FCF.DCS, write_dcs(Agreement(SessionParameters(), Modulation.V29_9600)), x=True)
_ECM = SessionParameters(df=DF.MMR, ec=EC.ECM_256)
_DCS_ECM = _said(FCF.DCS, write_dcs(Agreement(_ECM, Modulation.V29_9600)), x=True)
_BLOCK = tuple(build([Message(FCF.FCD, bytes([n]) * 65) for n in range(3)], x=True, final=False))
_IN_ORDER: list[list[Event]] = [
    [_DCS_ECM, GOOD, _BLOCK],
    *([_BLOCK, _pps(FCF.PPS, ending, n)] for ending in (None, *ENDINGS) for n in range(2)),
    *([_pps(FCF.EOR, ending, 0)] for ending in (None, *ENDINGS)),
    *([_said(answer, x=False)] for answer in (FCF.PPR, FCF.RNR, FCF.CTR, FCF.ERR)),
    [_said(FCF.PPR, write_map(range(0, 256, 2)), x=False)],
    [_said(FCF.CTC, write_dcs(Agreement(_ECM, Modulation.V17_7200))[:2], x=True)],
    [_said(FCF.RR, x=True)],
    [_DIS, _said(FCF.CFR, x=False)],
    *([_said(answer, x=False)] for answer in (FCF.MCF, FCF.RTN, FCF.RTP, FCF.FTT, FCF.CFR)),
    [_DCS, GOOD, PAGE],
    *([PAGE, _said(command, x=True)] for command in (FCF.MPS, FCF.EOM, FCF.EOP)),
    *([_said(command, x=True)] for command in (FCF.MPS, FCF.EOM, FCF.EOP, FCF.DCN)),
    [DEAD],
]
# What a terminal would say, what nobody would, and any mixture of the two.
scripts = st.lists(
    st.one_of(events.map(lambda event: [event]), st.sampled_from(_IN_ORDER)),
    min_size=1,
    max_size=25,
).map(lambda parts: list(chain.from_iterable(parts)))

# A call in good order, and what its caller may say again and again from then on.
openings = st.sampled_from(
    [
        [],
        [_DCS, GOOD],
        [_DCS, GOOD, PAGE],
        *([_DCS, GOOD, PAGE, _said(command, x=True)] for command in ENDINGS),
        [_DCS_ECM, GOOD, _BLOCK],
        *([_DCS_ECM, GOOD, _BLOCK, _pps(FCF.PPS, ending, 0)] for ending in (None, *ENDINGS)),
    ]
)
_COMMANDS: list[Event] = [
    *(_said(fcf, x=True) for fcf in (*ENDINGS, FCF.RR, FCF.CRP, FCF.TNR, FCF.TR, FCF.MCF)),
    *(_pps(FCF.PPS, ending, n) for ending in (None, *ENDINGS) for n in range(2)),
    *(_pps(FCF.EOR, ending, 0) for ending in (None, *ENDINGS)),
    _said(FCF.CTC, write_dcs(Agreement(_ECM, Modulation.V17_7200))[:2], x=True),
    *(_DCS, _DCS_ECM, NOISE, BAD),
]
refrains = st.lists(st.sampled_from(_COMMANDS), min_size=1, max_size=3)


@dataclass
class HostileLine:
    """Plays `script` for ever, or then falls silent, or hangs up where it says so.

    With a `refrain`, that is what it plays for ever.
    """

    script: Sequence[Event]
    for_ever: bool = True
    refrain: Sequence[Event] = ()
    clock: float = 0.0
    own: tuple[Frame, ...] = ()
    _events: Iterator[Event] = field(init=False)

    def __post_init__(self) -> None:
        again = self.refrain or self.script
        then = cycle(again) if self.for_ever and again else repeat(SILENCE)
        self._events = chain(self.script, then)

    def now(self) -> float:
        return self.clock

    async def pause(self, seconds: float) -> None:
        self.clock += seconds

    async def wait_for_silence(self, seconds: float) -> None:
        self.clock += seconds

    async def hang_up(self) -> None:
        pass

    async def send_frames(self, frames: Sequence[Frame], on: Modulation = Modulation.V21) -> None:
        self.own = tuple(frames)
        self.clock += 2.0

    async def send_training(self, on: Modulation) -> None:
        self.clock += 3.0

    async def send_page(self, on: Modulation, coded: bytes) -> None:
        self.clock += PAGE_SECONDS

    async def receive_frames(
        self, *, timeout: float, on: Modulation = Modulation.V21
    ) -> list[Frame]:
        event = self._hear(timeout)
        self.clock += BURST
        if event == ECHO:
            return list(self.own)
        if isinstance(event, str):
            raise WrongCarrier
        return list(event)

    async def receive_training(self, on: Modulation, *, timeout: float) -> bool:
        event = self._hear(timeout)
        self.clock += 3.0
        if event not in (GOOD, BAD):
            raise WrongCarrier
        return event == GOOD

    async def receive_page(self, on: Modulation, *, timeout: float) -> AsyncIterator[bytes]:
        if self._hear(timeout) != PAGE:
            raise WrongCarrier
        for _ in range(4):
            self.clock += PAGE_SECONDS / 4
            yield b"\xaa" * 50
            if self.clock > 1000 and self._hear(0.0) == DEAD:
                raise CallDropped

    def _hear(self, timeout: float) -> Event:
        event = next(self._events)
        if event == DEAD:
            raise CallDropped
        if event == SILENCE:
            self.clock += timeout
            raise NoCarrier
        return event
