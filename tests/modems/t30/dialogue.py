"""Read a dialogue file: one call, told from our end, with the far end's every word.

    # The rule that the dialogue shows, in one sentence.
    send fine fine            we call and send these pages; or
    receive                   we answer; or
    poll                      we call and fetch a document; then, if wanted, any of
    identity 1 2 3            our subaddress, password and selective polling address, 0 for none
    offer 1 2 fine            pages to be polled with this password and selective address
    rows 1000/0 1000/200/cut  rows and bad rows that our decoder counts, and whether RTC is missing
    storing 3 s               how long our sink takes for a page
    storage full              our sink can keep no page
    octets 70000              how long each of our pages is when it is coded

    < CSI +4822 & DIS fine    the far end sends one burst; frames are parted by &
    > TSI & DCS V.17 14400    we must send these frames; a frame is matched from its beginning
    > TCF V.17 14400          so must training ...
    > PAGE V.17 14400         ... and a page
    < TCF good                the far end's training: good or bad
    < PAGE                    its page; `PAGE cut` breaks off with the call
    > BLOCK V.17 14400 0 1    under error correction: our frames; `long` before them: long training;
                              ten and more in a row are written 0-255
    < BLOCK 0 1               its frames of 256 octets; `64` before them: of 64; `RCP n` after them:
                              n of them end the burst instead of three
    < PPR 0 1                 which it asks for
    < PPS EOP 0 0 4           ending, page, block and frames; without them a frame cut short
    < damaged                 a burst whose FCS fails
    < echo                    our own last burst comes back
    < noise                   a carrier that is not the one we listen for
    < hangs up

    = MPS_NO_ANSWER The other ...         the report's status and sentence
    pages MCF RTN                         and its pages' verdicts
    subaddress 42                         and what SUB said
    machine HP                            and what NSF, NSC or NSS said

Where the script has us speak next, the far end is silent until we do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from modems.session import DF, EC, ST, VR, WD, Hangup, SessionParameters
from modems.t30.dis import Agreement, Capabilities, write_dcs, write_dis
from modems.t30.ecm import PPS, RCP, write_map, write_pps
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build, characters
from modems.t30.line import Frame, Modulation
from modems.t30.negotiate import FALL_BACK
from modems.t30.table2 import OFFERED_RATES
from modems.terminal import PageQuality

FILES = sorted((Path(__file__).parents[2] / "dialogues").glob("*.t30"))
VRS = {"standard": VR.R8_STANDARD, "fine": VR.R8_FINE, "superfine": VR.R8_SUPERFINE}
_OFFERS = {"2400": "0000", "4800": "0100", "9600": "1100", "14400": "1101"}
_NAMED = {FCF.CSI, FCF.TSI, FCF.CIG, FCF.SUB, FCF.PWD, FCF.SEP, FCF.SID}


@dataclass(frozen=True)
class Step:
    """One line of the script."""

    number: int  # in the file
    ours: bool
    text: str

    @property
    def frames(self) -> list[str]:
        """The frames of a burst, as written."""
        return [part.strip() for part in self.text.split("&")]


@dataclass
class Dialogue:
    """A whole file."""

    name: str
    rule: str = ""
    sends: list[VR] = field(default_factory=list)  # empty: we receive
    rows: list[PageQuality] = field(default_factory=list)
    storing: float = 0.0
    full: bool = False
    polls: bool = False
    identity: list[str] = field(default_factory=list)
    offer: list[str] = field(default_factory=list)
    offers: list[VR] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    status: Hangup = Hangup.NORMAL
    cause: str = ""
    verdicts: list[str] = field(default_factory=list)
    subaddress: str = ""
    machine: str = ""
    octets: int = 900

    @property
    def calling(self) -> bool:
        """Whether we place the call."""
        return self.polls or bool(self.sends)


def read(path: Path) -> Dialogue:
    """The dialogue in a file; a mistake in it names its line."""
    dialogue = Dialogue(path.stem)
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        words = line.split("  #")[0].split()
        if not words:
            continue
        try:
            _read_line(dialogue, number, words)
        except (KeyError, ValueError, IndexError) as mistake:
            raise ValueError(f"{path.name}:{number}: {line}") from mistake
    return dialogue


def _read_line(dialogue: Dialogue, number: int, words: list[str]) -> None:
    match words:
        case ["#", *rest]:
            dialogue.rule = dialogue.rule or " ".join(rest)
        case ["<" | ">" as who, *rest]:
            dialogue.steps.append(Step(number, who == ">", " ".join(rest)))
        case ["=", status, *rest]:
            dialogue.status, dialogue.cause = Hangup[status], " ".join(rest)
        case ["pages", *verdicts]:
            dialogue.verdicts = verdicts
        case ["subaddress", subaddress]:
            dialogue.subaddress = subaddress
        case ["machine", *words]:
            dialogue.machine = " ".join(words)
        case _:
            _read_setting(dialogue, words)


def _read_setting(dialogue: Dialogue, words: list[str]) -> None:
    match words:
        case ["receive"]:
            pass
        case ["poll"]:
            dialogue.polls = True
        case ["send", *pages]:
            dialogue.sends = [VRS[page] for page in pages]
        case ["identity", *rest]:
            dialogue.identity = [word.strip("0") for word in rest]
        case ["offer", password, selective, *pages]:
            dialogue.offer = [password.strip("0"), selective.strip("0")]
            dialogue.offers = [VRS[page] for page in pages]
        case ["rows", *pages]:
            dialogue.rows = [_quality(*page.split("/")) for page in pages]
        case ["storing", seconds, "s"]:
            dialogue.storing = float(seconds)
        case ["octets", octets]:
            dialogue.octets = int(octets)
        case ["storage", "full"]:
            dialogue.full = True
        case _:
            raise ValueError


def _quality(rows: str, bad: str, end: str = "") -> PageQuality:
    return PageQuality(int(rows), int(bad), ended=end != "cut")


def message(text: str) -> Message:
    """The frame that a script's words stand for."""
    name, *words = text.split()
    fcf = FCF[name.replace("-", "_")]
    if len(words) > 2 and all(len(word) == 2 for word in words):
        return Message(fcf, bytes.fromhex("".join(words)))
    if fcf in {FCF.DIS, FCF.DTC}:
        return Message(fcf, write_dis(_capabilities(words)))
    if words == ["unknown"]:  # a modulation of no Recommendation
        return Message(fcf, b"\x00\x3a")
    if fcf is FCF.DCS:
        return Message(fcf, write_dcs(_agreement(words)))
    if fcf in _NAMED:
        return Message(fcf, characters(" ".join(words)))
    if fcf is FCF.PPR:
        return Message(fcf, write_map(numbers(words)))
    if fcf in {FCF.PPS, FCF.EOR}:
        return Message(fcf, _pps(words)[: 4 if words[1:] else 1])
    if fcf is FCF.CTC:
        return Message(fcf, write_dcs(_agreement(words))[:2])
    return Message(fcf, bytes.fromhex("".join(words)))


def _pps(words: list[str]) -> bytes:
    ending = None if words[0] == "NULL" else FCF[words[0]]
    page, block, frames = (int(word) for word in (words[1:] or "000"))
    return write_pps(PPS(ending, page, block, frames), x=True)


def _capabilities(words: list[str]) -> Capabilities:
    finest = max((VRS[w] for w in words if w in VRS), default=VR.R8_FINE)
    return Capabilities(
        modulations=OFFERED_RATES[_OFFERS[_one_of(words, _OFFERS, "14400")]],
        resolutions=frozenset(vr for vr in VRS.values() if vr <= finest),
        width=WD[_one_of(words, WD.__members__, "A4")],
        codings=frozenset({DF.MH, *(DF[w] for w in words if w in DF.__members__)}),
        ec=_correction(words),
        st=ST[_one_of(words, ST.__members__, "MS_0")],
        receives="deaf" not in words,
        document_to_poll="document" in words,
        subaddress="SUB" in words,
        password="PWD" in words,
    )


def modulation(words: list[str]) -> Modulation:
    """The carrier that begins these words, such as `V.17 14400`."""
    return next(m for m in FALL_BACK if carrier(m) == " ".join(words[:2]))


def _agreement(words: list[str]) -> Agreement:
    parameters = SessionParameters(
        vr=VRS[_one_of(words, VRS, "fine")],
        df=DF[_one_of(words, DF.__members__, "MH")],
        ec=_correction(words),
    )
    return Agreement(parameters, modulation(words))


def _correction(words: list[str]) -> EC:
    return EC.ECM_256 if "ECM" in words else EC.ECM_64 if "ECM64" in words else EC.OFF


def block(words: list[str], *, x: bool) -> list[Frame]:
    """The frames of a burst as `< BLOCK` writes it, with its RCP."""
    size, rcp = 256, 3
    if words[:1] == ["64"]:
        size, words = 64, words[1:]
    if words[-2:-1] == ["RCP"]:
        rcp, words = int(words[-1]), words[:-2]
    data = [Message(FCF.FCD, bytes([n]) + bytes([n]) * size) for n in numbers(words)]
    return build([*data, *RCP[:rcp]], x=x, final=False)


def numbers(words: list[str]) -> list[int]:
    """Numbers, some of them written as 0-255."""
    ends = [[int(n) for n in word.split("-")] for word in words]
    return [n for one in ends for n in range(one[0], one[-1] + 1)]


def written(frames: list[int]) -> str:
    """The numbers of frames as a script writes them."""
    row = bool(frames) and frames == list(range(frames[0], frames[-1] + 1))
    if row and len(frames) > 9:
        return f"{frames[0]}-{frames[-1]}"
    return " ".join(map(str, frames))


def carrier(modulation: Modulation) -> str:
    """A carrier as the scripts write it, such as `V.17 14400`; the short training is not told."""
    family = modulation.name.split("_")[0]
    return f"V.{family[1:].lower()} {modulation.bit_rate}"


def _one_of(words: list[str], known: object, default: str) -> str:
    return next((w for w in words if w in known), default)  # type: ignore[operator]
