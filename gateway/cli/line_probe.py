"""What there is to know of a modem, and what to do where it does not work.

The same keys always, so that programs may rely on them; empty where the modem did not come so far.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gateway.config.model import Class1Modem
from gateway.lines import ModemFailure, class1_modem
from modems.at import ModemSilent
from modems.modem_setup import ModemIdentity
from modems.serial_modem import SerialModem

EMPTY: Final[dict[str, object]] = {
    "works": False,
    "problem": "",
    "advice": "",
    "manufacturer": "",
    "model": "",
    "revision": "",
    "classes": [],
    "driven_as": "",
    "treated_as": "",
    "sends": [],
    "hears": [],
    "modulations": [],
}
V27TER: Final = frozenset((24, 48))  # what every fax modem must have
MODULATIONS: Final = {"V.27ter": {24, 48}, "V.29": {72, 96}, "V.17": {73, 97, 121, 145}}

_SILENT: Final = (
    "Check power and cable, and that no other program (ModemManager, a getty) speaks to it; then "
    "unplug it and plug it in again. Another speed of the port may help: baud."
)
_ADVICE: Final = (
    ("no such device", "Look in /dev/serial/by-id for the modems that are plugged in."),
    ("this user may not", "Add the user that runs Faxgate to that group, and log in again."),
    ("about to take the port", "Try again in a minute: a lock that names nobody holds no longer."),
    ("has the port", "Stop that program, or give it another modem."),
    ("has it open", "Find it with fuser or lsof, and stop it, or give it another modem."),
    ("no serial device", "Name the device of a modem, such as /dev/ttyUSB0 or /dev/ttyACM0."),
    ("no Class 1 modem", "It takes a fax modem that lists class 1 or 1.0."),
)


async def found(device: str, what: dict[str, object]) -> int:
    """Fill `what` with what there is to know of the modem; the exit status."""
    what |= {"device": device, **EMPTY}
    modem = class1_modem(Class1Modem(device=device))
    try:
        await _asked(modem, what)
    except ModemFailure as failure:
        what["problem"] = str(failure)
        what["advice"] = _advice(failure)
    finally:
        await modem.close()
    return not what["works"]


async def _asked(modem: SerialModem, what: dict[str, object]) -> None:
    dialogue = await modem.ready()
    what |= _identity(modem.identity)
    await modem.set_class(dialogue)
    lists = modem.carriers
    both = set(lists["sends"]) & set(lists["hears"])
    what |= lists
    what["modulations"] = [name for name, numbers in MODULATIONS.items() if numbers <= both]
    what["works"] = await modem.hang_up()
    quirks = modem.identity.quirks
    software = getattr(dialogue.port, "uses_software_flow", False)
    if not what["works"]:
        what["problem"] = "it did not say that it had hung up"
    elif both and not both >= V27TER:
        what["advice"] = "It lists less than V.27ter; calls may fail. Try newer firmware."
    elif quirks.advice and software:
        what["advice"] = f"With this modem: {quirks.advice}."


def _identity(identity: ModemIdentity) -> dict[str, object]:
    return {
        "manufacturer": identity.manufacturer,
        "model": identity.model,
        "revision": identity.revision,
        "classes": sorted(identity.classes),
        "driven_as": identity.fax_class,
        "treated_as": identity.quirks.name,
    }


def _advice(failure: Exception) -> str:
    """What to do about it."""
    if isinstance(failure, ModemSilent):
        return _SILENT
    return next((advice for words, advice in _ADVICE if words in str(failure)), "")


def shown(what: dict[str, Any]) -> Iterator[str]:
    """The same for people, without what is not known."""
    for name, value in what.items():
        if isinstance(value, bool):
            yield f"{name:14}{'yes' if value else 'no'}"
        elif value:
            words = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield f"{name.replace('_', ' '):14}{words}"
