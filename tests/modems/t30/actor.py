"""The far end of a dialogue as an actor on a real line: it says its part, and checks ours.

What an actor cannot do on every line, such as to damage a frame on its way, it does not play;
`playable` says which dialogues are left.
"""

from __future__ import annotations

from itertools import pairwise

from modems.hdlc import Deframer, framed
from modems.t30.dis import read_dcs
from modems.t30.fcf import FCF
from modems.t30.frames import build, parse
from modems.t30.line import Frame, Line, Modulation, NoCarrier
from modems.t30.timers import TCF
from modems.t30.trace import describe
from tests.modems.t30.dialogue import Dialogue, Step, block, carrier, message, modulation, written

PATIENCE = 100.0  # s of line time that the actor waits for us; T1 and all that may follow it
TURN = 0.075
_TIMED = {"ecm-send-rnr-for-ever"}  # how often RR fits into T5 depends on the line
_NOT_PLAYED = ("damaged", "noise", "echo", "TCF bad", "PAGE cut", "hangs up")


def playable(dialogue: Dialogue) -> bool:
    """Whether the far end only says and hears whole signals, and each in its turn."""
    steps = dialogue.steps
    if dialogue.name in _TIMED:
        return False
    if dialogue.storing or any(step.text in _NOT_PLAYED for step in steps):
        return False
    return all(one.ours or two.ours or _follows(one, two) for one, two in pairwise(steps))


def _follows(one: Step, two: Step) -> bool:
    """Whether the far end says the second right after the first: TCF, or a command after data."""
    if one.text.startswith(("PAGE", "BLOCK")):
        return not two.text.startswith(("PAGE", "BLOCK"))
    return two.text.startswith("TCF") and "DCS" in one.text


class Actor:
    """Plays the steps of a dialogue over a line, once.

    `data_pump`: a modem at our end knows no TCF, only a carrier and its zeros (T.31).
    """

    def __init__(self, dialogue: Dialogue, line: Line, *, data_pump: bool = False) -> None:
        self._data_pump = data_pump
        self._steps = dialogue.steps
        self._line = line
        self._x = not dialogue.calling
        self._carrier = Modulation.V17_14400  # what the last DCS settled

    async def play(self) -> None:
        """Say and hear everything; an AssertionError names the line of the file."""
        for step in self._steps:
            if step.ours:
                await self._hear(step)
            else:
                await self._say(step)
        await self._line.hang_up()

    async def _hear(self, step: Step) -> None:
        try:
            heard = await self._listen(step)
        except NoCarrier:
            heard = ["nothing"]
        fits = len(heard) == len(step.frames)
        fits = fits and all(h.startswith(s) for h, s in zip(heard, step.frames, strict=True))
        assert fits, f"at line {step.number} the far end heard {heard}, expected {step.frames}"

    async def _listen(self, step: Step) -> list[str]:
        kind, *words = step.text.split()
        if kind == "TCF":
            on = modulation(words)
            assert await self._train(on)
            return [f"TCF {carrier(on)}"]
        if kind == "PAGE":
            on = modulation(words).short
            octets = [c async for c in self._line.receive_page(on, timeout=PATIENCE)]
            return [f"PAGE {carrier(on)}" if octets else "an empty page"]
        if kind == "BLOCK":
            return [await self._listen_to_block(words)]
        frames = await self._line.receive_frames(timeout=PATIENCE)
        return [describe(m) for m in map(parse, frames) if m is not None]

    async def _train(self, on: Modulation) -> bool:
        if not self._data_pump:
            return await self._line.receive_training(on, timeout=PATIENCE)
        zeros = [c async for c in self._line.receive_page(on, timeout=PATIENCE)]
        return not any(b"".join(zeros)) and sum(map(len, zeros)) > on.bit_rate / 8

    async def _fast_frames(self, on: Modulation) -> list[Frame]:
        if not self._data_pump:
            return await self._line.receive_frames(timeout=PATIENCE, on=on)
        hdlc = Deframer()
        chunks = [c async for c in self._line.receive_page(on, timeout=PATIENCE)]
        return [frame for chunk in chunks for frame in hdlc.feed(chunk)]

    async def _send_block(self, frames: list[Frame]) -> None:
        if self._data_pump:
            octets = b"".join(framed(frames, preamble=50, closing=6))
            await self._line.send_page(self._carrier.short, octets)
        else:
            await self._line.send_frames(frames, self._carrier.short)

    async def _send_training(self) -> None:
        if self._data_pump:
            await self._line.send_page(
                self._carrier, bytes(round(TCF * self._carrier.bit_rate / 8))
            )
        else:
            await self._line.send_training(self._carrier)

    async def _listen_to_block(self, words: list[str]) -> str:
        long = words[2:3] == ["long"]
        on = modulation(words) if long else modulation(words).short
        frames = await self._fast_frames(on)
        data = [m for m in map(parse, frames) if m is not None and m.fcf is FCF.FCD]
        numbers = written([m.fif[0] for m in data])
        return f"BLOCK {carrier(on)}{' long' if long else ''} {numbers}".rstrip()

    async def _say(self, step: Step) -> None:
        await self._line.pause(TURN)
        kind, *words = step.text.split()
        if kind == "TCF":
            await self._send_training()
        elif kind == "PAGE":
            await self._line.send_page(self._carrier.short, bytes(300))
        elif kind == "BLOCK":
            await self._send_block(block(words, x=True))
        else:
            await self._line.send_frames(build([message(f) for f in step.frames], x=self._x))
            self._note_carrier(step)

    def _note_carrier(self, step: Step) -> None:
        for frame in step.frames:
            fcf = frame.split()[0]
            agreed = read_dcs(message(frame).fif) if fcf in {"DCS", "CTC"} else None
            if agreed is not None:
                self._carrier = agreed.modulation
