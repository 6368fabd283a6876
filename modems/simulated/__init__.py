"""Lines of a built-in telephone exchange: real calls, in time and in order, with no telephone.

An `Exchange` joins the lines that are connected to it by number. A `SimulatedDialler` is one line:
it dials, rings and answers as `modems.dialler.Dialler` asks, and gives a `SimulatedLine` that obeys
`modems.t30.line.Line`. Signals last as long as they last on a telephone line: preambles, trainings,
TCF and every bit of a frame or a page. The clock can run faster than life, and faults happen on
demand.

    clock     line time: the loop's clock, faster
    signals   what goes over the line and how long it takes
    faults    which signal is lost, spoiled or cut off
    call      two ends of a call, each with its own place in line time
    line      the verbs of a line over one end
    exchange  numbers, ringing and answering

Not here: levels, noise and echo (a soft modem's work), nor CNG, which costs nobody time and which
none of our answering lines waits for.
"""

from modems.simulated.exchange import Exchange, SimulatedDialler
from modems.simulated.faults import Fault
from modems.simulated.line import SimulatedLine

__all__ = ["Exchange", "Fault", "SimulatedDialler", "SimulatedLine"]
