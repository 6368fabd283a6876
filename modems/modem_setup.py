"""What is said to a modem before its first call: reset, who are you, how we want you, fax.

Straight questions and answers over a `Dialogue` in the command state. Settings that a modem need
not know do no harm when it refuses them; what it must do and does not raises `ModemRefused`, which
names the command and the answer. Every question has its limit.

V.250 (the commands), V.253 (caller ID), T.31 8.1 (+FCLASS). Not here: how the modem was brought to
the command state (`serial_modem`), and what its kind does its own way (`quirks`).
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field
from typing import Final

from modems.at import Dialogue, ModemRefused, ModemSilent, Reply
from modems.quirks import Quirks, quirks_of
from modems.results import Result, numbers

log = logging.getLogger(__name__)

# Seconds.
PROMPT: Final = 1.0  # for the answer to AT
SETTING: Final = 3.0  # to a setting
RESET: Final = 8.0  # to ATZ
SETTLE: Final = 0.2  # after a reset, some modems say OK before they listen

# Again and again, since the first may only set the speed; then with words that it may have been
# told not to use.
GREETINGS: Final = ("", "Q0V1E0", "Q0V1E0")
MOST_SAID: Final = 80  # characters kept of what a modem says of itself


@dataclass(frozen=True, slots=True)
class ModemSettings:
    """A modem as the configuration describes it."""

    device: str
    baud: int = 115200
    flow: str = "auto"  # rtscts, xonxoff, none, auto
    init: tuple[str, ...] = ()  # commands after our own, without AT; each must be answered OK
    caller_id: bool = True


@dataclass(frozen=True, slots=True)
class ModemIdentity:
    """What a modem says of itself."""

    manufacturer: str = ""
    model: str = ""
    revision: str = ""
    classes: frozenset[str] = field(default_factory=frozenset)
    quirks: Quirks = field(default_factory=Quirks)

    @property
    def fax_class(self) -> str:
        """The class by which Faxgate drives it: 1, else 1.0; empty when it has neither."""
        return next((c for c in ("1", "1.0") if c in self.classes), "")


async def answers(dialogue: Dialogue) -> bool:
    """Whether AT is answered by OK: in words if they can be had, else in a number."""
    for number, greeting in enumerate(GREETINGS, start=1):
        dialogue.forget()
        dialogue.numeric = number == len(GREETINGS)
        with contextlib.suppress(ModemSilent):
            if (await dialogue.command(greeting, PROMPT)).ok:
                return True
    dialogue.numeric = False
    return False


async def set_up(dialogue: Dialogue, settings: ModemSettings) -> ModemIdentity:
    """Reset, identify and set the modem for fax calls. Raises ModemFailure."""
    await _to_profile(dialogue)
    await must(dialogue, "E0V1Q0")
    await must(dialogue, "S0=0")
    identity = await identify(dialogue)
    await _may(dialogue, *identity.quirks.setup, "S7=60")
    await _set_flow(dialogue, identity.quirks)
    if settings.caller_id:
        for command in identity.quirks.caller_id:
            if (await dialogue.command(command, SETTING)).ok:
                break
    for command in settings.init:
        await must(dialogue, command)
    return identity


async def set_class(dialogue: Dialogue, identity: ModemIdentity) -> None:
    """Fax: the class, and the flow control that it may have undone. Raises ModemFailure."""
    if identity.classes and not identity.fax_class:
        listed = ", ".join(sorted(identity.classes))
        raise ModemRefused(f"it is no Class 1 modem: it lists only the classes {listed}")
    await must(dialogue, f"+FCLASS={identity.fax_class or '1'}")
    if identity.quirks.sets_flow_after_class:
        await _set_flow(dialogue, identity.quirks)


async def identify(dialogue: Dialogue) -> ModemIdentity:
    """Ask it who it is and what it can do."""
    manufacturer = await _said(dialogue, "+FMI?", "+GMI", "I3")
    model = await _said(dialogue, "+FMM?", "+GMM", "I0")
    revision = await _said(dialogue, "+FMR?", "+GMR", "I1")
    classes = numbers(await _said(dialogue, "+FCLASS=?"))
    quirks = quirks_of(manufacturer, model, revision)
    return ModemIdentity(manufacturer, model, revision, classes, quirks)


async def carriers(dialogue: Dialogue) -> dict[str, list[int]]:
    """The numbers of the carriers that it sends and hears (T.31 table 3), none if it is silent."""
    lists: dict[str, list[int]] = {"sends": [], "hears": []}
    for name, question in (("sends", "+FTM=?"), ("hears", "+FRM=?")):
        with contextlib.suppress(ModemSilent):
            found = numbers(await _said(dialogue, question))
            lists[name] = sorted(int(n) for n in found if "." not in n)
    return lists


async def must(dialogue: Dialogue, command: str) -> Reply:
    """A command that has to be answered OK. Raises ModemFailure."""
    reply = await dialogue.command(command, SETTING)
    if not reply.ok:
        raise ModemRefused(f"the modem answered {reply.words} to AT{command}")
    return reply


async def _to_profile(dialogue: Dialogue) -> None:
    """ATZ; the profile may hush its answer, so it is AT after it that must be answered."""
    with contextlib.suppress(ModemSilent):
        if (await dialogue.command("Z", RESET)).result is Result.ERROR:
            await _may(dialogue, "&F")
    await dialogue.quiet(SETTLE)
    if not await answers(dialogue):
        raise ModemSilent("the modem does not answer AT after ATZ")


async def _said(dialogue: Dialogue, *questions: str) -> str:
    """The answer to the first question that gets one."""
    for question in questions:
        reply = await dialogue.command(question, SETTING)
        if reply.ok and reply.lines:
            return " ".join(reply.lines)[:MOST_SAID]
    return ""


async def _set_flow(dialogue: Dialogue, quirks: Quirks) -> None:
    """Flow control as the port has it, by the maker's command or by V.250's."""
    software = getattr(dialogue.port, "uses_software_flow", True)
    command = quirks.software_flow if software else quirks.hardware_flow
    if command and not (await dialogue.command(command, SETTING)).ok:
        await _may(dialogue, "+IFC=1,1" if software else "+IFC=2,2")


async def _may(dialogue: Dialogue, *commands: str) -> None:
    """Commands that a modem need not know."""
    for command in filter(None, commands):
        reply = await dialogue.command(command, SETTING)
        if reply.result is not Result.OK:
            log.debug("the modem does not know AT%s", command)
