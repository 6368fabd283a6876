"""Receipts: what the sender of a fax is told, in words and for machines."""

from gateway.report.facts import Action, Facts
from gateway.report.notice import notice
from gateway.report.receipt import receipt

__all__ = ["Action", "Facts", "notice", "receipt"]
