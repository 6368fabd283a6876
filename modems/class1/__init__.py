"""Class 1 and 1.0 modems: the modem modulates and frames, T.30 runs here (T.31, TIA-578)."""

from __future__ import annotations

from modems.class1.dialler import Answering, Class1Dialler, Numbering
from modems.class1.line import Class1Line
from modems.modem_setup import ModemSettings
from modems.serial_modem import SerialModem

__all__ = ["Answering", "Class1Dialler", "Class1Line", "ModemSettings", "Numbering", "SerialModem"]
