"""What DIS, DTC and DCS say: a terminal's capabilities, and what the transmitter chose from them.

Reading never fails: a far end that sends nonsense has few capabilities, or chooses something that
`Agreement` reports as foreign. What to choose from two terminals' capabilities is `negotiate`.

T.30 5.3.6.2; the bits themselves are `table2`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from modems.session import BR, DF, EC, LN, ST, VR, WD, SessionParameters
from modems.t30 import table2 as t
from modems.t30.line import Modulation

_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a terminal can do, as its DIS says it.

    Metric and inch resolutions that share a bit are one capability: T.30 has them sent to each
    other as they are, and the page comes out 2 % larger or smaller.
    """

    modulations: frozenset[Modulation] = t.OFFERED_RATES["1101"]
    resolutions: frozenset[VR] = frozenset(VR)
    width: WD = WD.A3
    length: LN = LN.UNLIMITED
    codings: frozenset[DF] = frozenset((DF.MH, DF.MR))
    ec: EC = EC.OFF
    st: ST = ST.MS_0
    half_time: bool = False  # above 7.7 lines/mm, half the minimum scan-line time
    receives: bool = True
    document_to_poll: bool = False
    selective_polling: bool = False
    subaddress: bool = True
    password: bool = False

    def up_to(self, bit_rate: int) -> Capabilities:
        """The same terminal, kept to modulations of at most `bit_rate` bits per second."""
        kept = frozenset(m for m in self.modulations if m.bit_rate <= bit_rate)
        return replace(self, modulations=kept or t.OFFERED_RATES["0000"])

    def on(self, carriers: frozenset[Modulation]) -> Capabilities:
        """The same terminal, on a line that has only these carriers."""
        kept = self.modulations & carriers
        return replace(self, modulations=kept or t.OFFERED_RATES["0000"])


# A terminal of ours whose line carries HDLC at speed; the plain one is for lines that do not.
CORRECTING: Final = Capabilities(codings=frozenset(DF), ec=EC.ECM_256)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a DCS says."""

    parameters: SessionParameters
    modulation: Modulation
    foreign: frozenset[int] = field(default=frozenset())  # bits that ask for what we cannot do


def write_dis(can: Capabilities) -> bytes:
    """The FIF of our DIS or DTC."""
    flags = {
        t.DOCUMENT_TO_POLL: can.document_to_poll,
        t.RECEIVE: can.receives,
        t.MR: DF.MR in can.codings,
        t.MMR: DF.MMR in can.codings and can.ec is not EC.OFF,
        t.ECM: can.ec is not EC.OFF,
        t.FRAME_64_PREFERRED: can.ec is EC.ECM_64,
        t.HALF_TIME: can.half_time,
        t.SELECTIVE_POLLING: can.selective_polling,
        t.SUBADDRESS: can.subaddress,
        t.PASSWORD: can.password,
    }
    bits = {bit for bit, on in flags.items() if on}
    bits |= t.ones(_offered_rate(can.modulations), t.RATE)
    bits |= t.ones(_first(t.WIDTHS, can.width), t.WIDTH)
    bits |= t.ones(_first(t.LENGTHS, can.length), t.LENGTH)
    bits |= t.ones(_first(t.SCAN_TIMES, can.st), t.SCAN_TIME)
    return t.to_octets(bits | _offered_resolutions(can.resolutions))


def read_dis(fif: bytes) -> Capabilities:
    """The capabilities that a DIS or DTC states."""
    bits = t.to_bits(fif)
    ec = EC.ECM_64 if t.FRAME_64_PREFERRED in bits else EC.ECM_256
    codings = {DF.MH: True, DF.MR: t.MR in bits, DF.MMR: {t.MMR, t.ECM} <= bits}
    return Capabilities(
        modulations=t.OFFERED_RATES.get(t.code(bits, t.RATE), t.OFFERED_RATES["0000"]),
        resolutions=frozenset(vr for vr, need in t.RESOLUTIONS.items() if need - {t.INCH} <= bits),
        width=t.WIDTHS[t.code(bits, t.WIDTH)],
        length=t.LENGTHS[t.code(bits, t.LENGTH)],
        codings=frozenset(df for df, has in codings.items() if has),
        ec=ec if t.ECM in bits else EC.OFF,
        st=t.SCAN_TIMES[t.code(bits, t.SCAN_TIME)],
        half_time=t.HALF_TIME in bits,
        receives=t.RECEIVE in bits,
        document_to_poll=t.DOCUMENT_TO_POLL in bits,
        selective_polling=t.SELECTIVE_POLLING in bits,
        subaddress=t.SUBADDRESS in bits,
        password=t.PASSWORD in bits,
    )


def write_dcs(
    agreed: Agreement, *, subaddress: bool = False, sender_password: bool = False
) -> bytes:
    """The FIF of our DCS; the two flags say that SUB and SID go with it."""
    p = agreed.parameters
    flags = {
        t.RECEIVE: True,
        t.MR: p.df is DF.MR,
        t.MMR: p.df is DF.MMR,
        t.ECM: p.ec is not EC.OFF,
        t.FRAME_64: p.ec is EC.ECM_64,
        t.SUBADDRESS: subaddress,
        t.PASSWORD: sender_password,
    }
    bits = {bit for bit, on in flags.items() if on} | t.RESOLUTIONS[p.vr]
    bits |= t.ones(_first(t.CHOSEN_RATES, agreed.modulation.long), t.RATE)
    bits |= t.ones(_first(t.WIDTHS, p.wd), t.WIDTH)
    bits |= t.ones(_first(t.LENGTHS, p.ln), t.LENGTH)
    bits |= t.ones(_first(t.SCAN_TIMES, p.st), t.SCAN_TIME)
    return t.to_octets(bits)


def read_dcs(fif: bytes) -> Agreement | None:
    """What the transmitter chose; None when its rate is no modulation of ours, such as V.33."""
    bits = t.to_bits(fif)
    modulation = t.CHOSEN_RATES.get(t.code(bits, t.RATE))
    if modulation is None:
        return None
    ecm = EC.ECM_64 if t.FRAME_64 in bits else EC.ECM_256
    parameters = SessionParameters(
        vr=_chosen_resolution(bits),
        br=BR(modulation.bit_rate // 2400 - 1),
        wd=t.WIDTHS[t.code(bits, t.WIDTH)],
        ln=t.LENGTHS[t.code(bits, t.LENGTH)],
        df=DF.MMR if t.MMR in bits else DF.MR if t.MR in bits else DF.MH,
        ec=ecm if t.ECM in bits else EC.OFF,
        st=t.SCAN_TIMES[t.code(bits, t.SCAN_TIME)],
    )
    needs_ecm = frozenset({t.MMR}) if t.ECM not in bits else frozenset[int]()
    return Agreement(parameters, modulation, bits & (t.FOREIGN | needs_ecm))


def _first(table: Mapping[str, _V], wanted: _V) -> str:
    """The code of a value: the first one, where an invalid code reads as the same."""
    return next(code for code, value in table.items() if value == wanted)


def _offered_rate(modulations: frozenset[Modulation]) -> str:
    """The code that offers the most of what we have and nothing more."""
    honest = {c: offered for c, offered in t.OFFERED_RATES.items() if offered <= modulations}
    return max(honest, key=lambda c: len(honest[c]), default="0000")


def _offered_resolutions(resolutions: frozenset[VR]) -> frozenset[int]:
    """The bits for the resolutions, with the preference for their unit of length."""
    bits = frozenset[int]().union(*(t.RESOLUTIONS[vr] for vr in resolutions))
    metric = any(t.INCH not in t.RESOLUTIONS[vr] and t.RESOLUTIONS[vr] for vr in resolutions)
    return bits | {t.METRIC} if metric else bits


def _chosen_resolution(bits: frozenset[int]) -> VR:
    """The finest resolution whose bits are all in a DCS."""
    fits = [vr for vr, need in t.RESOLUTIONS.items() if need <= bits]
    return max(fits, key=lambda vr: (vr.dpi[1], len(t.RESOLUTIONS[vr])))
