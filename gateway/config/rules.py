"""What several settings must be together; each rule yields the place and the sentence.

A rule sees a whole, valid `Config` and nothing else: no file, no network. The sentence says what
would be right. The place is a path into the configuration, as pydantic gives it.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Final

from gateway.config.addressing_rules import ADDRESSING_RULES
from gateway.config.finding import Rule, repeats
from gateway.config.mail import Smarthost
from gateway.config.model import Class1Line, Config, Listener, SimulatedLine
from gateway.config.receiving_rules import RECEIVING_RULES
from gateway.config.section import Finding
from gateway.config.sending_rules import SENDING_RULES

# A network with a shorter prefix than this is no list of clients but the internet at large.
SHORTEST_PREFIX: Final = {4: 8, 6: 19}


def is_local(listener: Listener) -> bool:
    """Whether only this machine can reach the listener."""
    return ip_address(listener.address).is_loopback


def tls_needs_a_certificate(config: Config) -> Iterator[Finding]:
    """Nobody can speak TLS without one."""
    smtp = config.smtp
    for i, listener in enumerate(smtp.listen):
        if listener.tls != "none" and smtp.certificate is None:
            yield (
                ("smtp", "listen", i, "tls"),
                f"tls: {listener.tls} needs a certificate; give smtp.certificate (and smtp.key)",
            )
    if smtp.key is not None and smtp.certificate is None:
        yield ("smtp", "key"), "a key without a certificate; give smtp.certificate as well"


def never_an_open_relay(config: Config) -> Iterator[Finding]:
    """A listener that others can reach does not trust the whole internet."""
    if all(is_local(listener) for listener in config.smtp.listen):
        return
    for i, text in enumerate(config.smtp.networks):
        network = ip_network(text)
        if network.prefixlen < SHORTEST_PREFIX[network.version]:
            yield (
                ("smtp", "networks", i),
                f"{text} would let everybody send faxes at your cost (an open relay); list your "
                "own networks, or let people log in (smtp.users)",
            )


def users_can_log_in(config: Config) -> Iterator[Finding]:
    """Passwords are taken over TLS, or from this machine, so one listener must offer that."""
    usable = any(is_local(li) or li.tls != "none" for li in config.smtp.listen)
    if config.smtp.users and not usable:
        yield (
            ("smtp", "users"),
            "nobody could log in: no listener has TLS, and passwords are not taken in the clear; "
            "set tls: starttls or tls: implicit on one of smtp.listen",
        )


def user_names_are_unique(config: Config) -> Iterator[Finding]:
    """One name, one password."""
    for i, first in repeats(user.name for user in config.smtp.users):
        text = f"the user is listed twice, first as number {first + 1} of this list"
        yield ("smtp", "users", i, "name"), text


def listeners_are_unique(config: Config) -> Iterator[Finding]:
    """Two listeners cannot share an address and port; port 0 is any free one."""
    listen = config.smtp.listen
    for i, first in repeats((li.address, li.port or -i) for i, li in enumerate(listen)):
        text = f"the same address and port as number {first + 1} of this list"
        yield ("smtp", "listen", i), text


def lines_are_unique(config: Config) -> Iterator[Finding]:
    """A line's name is its own, and so is its number within an exchange."""
    for i, first in repeats(line.name for line in config.lines):
        text = f"line {first + 1} has this name already; each line needs its own"
        yield ("lines", i, "name"), text
    simulated = [(i, li) for i, li in enumerate(config.lines) if isinstance(li, SimulatedLine)]
    for i, first in repeats((line.exchange, line.number) for _, line in simulated):
        other = simulated[first][1]
        text = f"line {other.name!r} has this number already in exchange {other.exchange!r}"
        yield ("lines", simulated[i][0], "number"), text


def a_device_has_one_line(config: Config) -> Iterator[Finding]:
    """Two lines cannot share a modem."""
    modems = [(i, li) for i, li in enumerate(config.lines) if isinstance(li, Class1Line)]
    for i, first in repeats(line.device for _, line in modems):
        text = f"line {modems[first][1].name!r} has this device already; each modem is one line"
        yield ("lines", modems[i][0], "device"), text


def an_exchange_has_one_clock(config: Config) -> Iterator[Finding]:
    """Lines that can call each other tell the same time."""
    speeds: dict[str, float] = {}
    for i, line in enumerate(config.lines):
        if not isinstance(line, SimulatedLine):
            continue
        speed = speeds.setdefault(line.exchange, line.speed)
        if line.speed != speed:
            yield (
                ("lines", i, "speed"),
                f"the lines of exchange {line.exchange!r} share one clock; give all of them "
                f"speed: {speed:g}, or this one another exchange",
            )


def the_smarthost_login_is_whole_and_safe(config: Config) -> Iterator[Finding]:
    """A name and a password come together, and never cross a network in the clear."""
    out = config.mail.transport
    if not isinstance(out, Smarthost):
        return
    at = ("mail", "transport")
    if bool(out.user) != bool(out.password):
        given, wanted = ("user", "password") if out.user else ("password", "user")
        yield (*at, given), f"`{given}` without `{wanted}`; give both or neither"
    if out.password and out.tls == "none" and not _is_this_machine(out.host):
        text = "the password would cross the network in the clear; set tls: starttls or implicit"
        yield (*at, "tls"), text


def faults_name_what_they_hit(config: Config) -> Iterator[Finding]:
    """A lost frame has a name."""
    for i, line in enumerate(config.lines):
        for j, fault in enumerate(line.faults if isinstance(line, SimulatedLine) else ()):
            if fault.kind == "lose_frame" and not fault.frame:
                text = "lose_frame needs `frame`: the FCF name of what is lost, such as MCF"
                yield ("lines", i, "faults", j), text


RULES: Final[tuple[Rule, ...]] = (
    tls_needs_a_certificate,
    never_an_open_relay,
    users_can_log_in,
    user_names_are_unique,
    listeners_are_unique,
    lines_are_unique,
    a_device_has_one_line,
    an_exchange_has_one_clock,
    the_smarthost_login_is_whole_and_safe,
    faults_name_what_they_hit,
    *ADDRESSING_RULES,
    *SENDING_RULES,
    *RECEIVING_RULES,
)


def findings(config: Config) -> list[Finding]:
    """Everything that the rules say against a configuration."""
    return [finding for rule in RULES for finding in rule(config)]


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
