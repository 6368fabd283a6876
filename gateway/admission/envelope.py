"""SPF (RFC 7208), by pyspf: whether this client may use this envelope sender.

pyspf asks our resolver, so that its questions have the deadline and the bound of all others.
"""

from __future__ import annotations

from typing import Any, Final

import spf

from gateway.admission.names import Inquiry, Unanswered

LABEL: Final = 63  # octets


class _Query(spf.query):  # type: ignore[misc]
    """One evaluation, whose questions go to `inquiry`."""

    def __init__(self, inquiry: Inquiry, client: str, sender: str, helo: str) -> None:
        super().__init__(i=client, s=sender, h=helo)
        self._inquiry = inquiry

    def dns(
        self,
        name: Any,
        qtype: str,
        cnames: object = None,  # noqa: ARG002 - our resolver follows aliases by itself
        ignore_void: bool = False,
    ) -> list[Any]:
        """Pyspf's only way to the DNS, and its count of empty answers (RFC 7208 4.6.4)."""
        host = str(name).rstrip(".").lower()
        if not all(0 < len(label) <= LABEL for label in host.split(".")):
            return []
        try:
            found = [_value(record, qtype) for record in self._inquiry.ask(host, qtype)]
        except Unanswered as trouble:
            raise spf.TempError(str(trouble)) from None
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many names that do not exist")
        return found


def _value(record: Any, qtype: str) -> Any:
    """A record in pyspf's shape."""
    if qtype in ("A", "AAAA"):
        return record.address
    if qtype == "MX":
        return record.preference, record.exchange.to_text(omit_final_dot=True)
    if qtype == "PTR":
        return record.target.to_text(omit_final_dot=True)
    return record.strings


def may_use(inquiry: Inquiry, client: str, sender: str, helo: str) -> bool:
    """Whether the domain of `sender` says that mail from it comes from `client`.

    Raises Unanswered.
    """
    try:
        result, _, explanation = _Query(inquiry, client, sender, helo).check()
    except (ValueError, UnicodeError, IndexError, TypeError):
        return False  # whatever a stranger publishes there, it is no policy
    if result == "temperror":
        raise Unanswered(f"SPF of {sender}: {explanation}")
    return bool(result == "pass")
