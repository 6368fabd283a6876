"""From the octets of one part to fax pages: one module for each kind of document.

`KINDS` is the table: what a document is by its first octets, and which converter draws it. A new
kind is a new row and, at most, a new module with a function of the same shape.
"""

from gateway.offramp.convert.base import Bits, Drawing, Grey, PageSink, Source, Unfaxable
from gateway.offramp.convert.kinds import converter_for, kind_of

__all__ = ["Bits", "Drawing", "Grey", "PageSink", "Source", "Unfaxable", "converter_for", "kind_of"]
