"""What `senders`, `rules`, `ceilings` and `tariff` must be together; see `gateway.config.rules`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from gateway.config.finding import Rule, repeats
from gateway.config.model import Config
from gateway.config.section import Finding


def senders_are_told_apart(config: Config) -> Iterator[Finding]:
    """A login, an address or a network is one sender's only."""
    for kind in ("logins", "addresses", "networks"):
        values = [
            (str(value).lower(), ("senders", i, kind, j))
            for i, entry in enumerate(config.senders)
            for j, value in enumerate(getattr(entry, kind))
        ]
        for n, first in repeats([value for value, _ in values]):
            other = values[first][1][1]
            yield values[n][1], f"{values[n][0]} is sender {int(other) + 1}'s already"
    names = [entry.name for entry in config.senders]
    for i, first in repeats(names):
        if names[i]:
            yield ("senders", i, "name"), f"sender {first + 1} has this name already"


def logins_of_senders_exist(config: Config) -> Iterator[Finding]:
    """A login that nobody has would silently never be anybody."""
    known = {user.name for user in config.smtp.users}
    for i, entry in enumerate(config.senders):
        for j, login in enumerate(entry.logins):
            if login not in known:
                text = f"nobody logs in as {login!r}; add it to smtp.users"
                yield ("senders", i, "logins", j), text


def networks_of_senders_may_send(config: Config) -> Iterator[Finding]:
    """A sender's network is a part of one that may send."""
    may = [ip_network(network) for network in config.smtp.networks]
    for i, entry in enumerate(config.senders):
        for j, text in enumerate(entry.networks):
            if not any(_within(ip_network(text), network) for network in may):
                said = f"{text} may not send; add it, or a network around it, to smtp.networks"
                yield ("senders", i, "networks", j), said


def _within(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    if isinstance(one, IPv4Network) and isinstance(other, IPv4Network):
        return one.subnet_of(other)
    both = isinstance(one, IPv6Network) and isinstance(other, IPv6Network)
    return both and one.subnet_of(other)  # type: ignore[arg-type]


def upstream_servers_are_not_trusted_blindly(config: Config) -> Iterator[Finding]:
    """What a server in front passes on is from anybody; in smtp.networks it would all be sent."""
    may = [ip_network(network) for network in config.smtp.networks]
    for i, server in enumerate(config.smtp.upstream):
        for j, text in enumerate(server.networks):
            one = ip_network(text)
            if any(_within(one, network) or _within(network, one) for network in may):
                said = f"{text} is in smtp.networks too, so that all mail from there would be sent"
                yield ("smtp", "upstream", i, "networks", j), f"{said}; take it out of one of them"


def rules_speak_of_somebody(config: Config) -> Iterator[Finding]:
    """Every name in `who` is a sender or a group."""
    for kind in ("rules", "ceilings"):
        for i, rule in enumerate(getattr(config, kind)):
            for j, name in enumerate(rule.who):
                if not _is_known(config, name):
                    text = f"no sender and no group is called {name!r}; see `senders`"
                    yield (kind, i, "who", j), text


def _is_known(config: Config, name: str) -> bool:
    entries = config.senders
    words = {word for entry in entries for word in (entry.name, *entry.groups)}
    words |= {user.name for user in config.smtp.users} | set(config.smtp.networks)
    authors = {author.lower() for entry in entries for author in entry.addresses}
    domain = name.rpartition("@")[2]
    return name in words or name in authors or ("@" in name and f"@{domain}" in authors)


def every_rule_can_decide(config: Config) -> Iterator[Finding]:
    """The first rule that fits decides, so one behind a rule for everything is dead."""
    for i, rule in enumerate(config.rules[:-1]):
        if not rule.who and not rule.to:
            text = f"this rule never decides: rule {i + 1} before it takes everybody everywhere"
            yield ("rules", i + 1), text
            return


def names_of_rules_are_unique(config: Config) -> Iterator[Finding]:
    """A receipt names one rule, so the administrator must be able to find it."""
    names = [rule.name for rule in config.rules]
    for i, first in repeats(names):
        yield ("rules", i, "name"), f"rule {first + 1} has this name already"
    ceilings = [ceiling.name for ceiling in config.ceilings]
    for i, first in repeats(ceilings):
        yield ("ceilings", i, "name"), f"ceiling {first + 1} has this name already"


def ceilings_limit_something(config: Config) -> Iterator[Finding]:
    """A ceiling without minutes, pages or money is none; money needs a price for every number."""
    priced = any(price.prefix == "+" for price in config.tariff.prices)
    for i, ceiling in enumerate(config.ceilings):
        if ceiling.minutes is None and ceiling.pages is None and ceiling.money is None:
            yield ("ceilings", i), "it limits nothing; give minutes, pages or money"
        if ceiling.money is not None and not priced:
            text = (
                "money can only be counted when every number has a price; add one with "
                'prefix: "+" to tariff.prices'
            )
            yield ("ceilings", i, "money"), text


def prices_are_told_apart(config: Config) -> Iterator[Finding]:
    """One price for each prefix."""
    for i, first in repeats([price.prefix for price in config.tariff.prices]):
        text = f"price {first + 1} is for the same numbers"
        yield ("tariff", "prices", i, "prefix"), text


def outboxes_have_owners(config: Config) -> Iterator[Finding]:
    """Mails of a folder are sent with somebody's rights, into folders that differ."""
    known = {
        *(entry.name for entry in config.senders),
        *(login for entry in config.senders for login in entry.logins),
        *(address.lower() for entry in config.senders for address in entry.addresses),
    }
    for name, box in config.imap_outboxes.items():
        if box.owner not in known and box.owner.lower() not in known:
            text = f"`senders` has nobody with the name, login or address {box.owner!r}"
            yield ("imap_outboxes", name, "owner"), text
        if box.outbox in (box.sent, box.failed):
            text = "mails cannot be moved from this folder into itself; name another"
            yield ("imap_outboxes", name, "outbox"), text


SENDING_RULES: Final[tuple[Rule, ...]] = (
    senders_are_told_apart,
    logins_of_senders_exist,
    networks_of_senders_may_send,
    upstream_servers_are_not_trusted_blindly,
    rules_speak_of_somebody,
    every_rule_can_decide,
    names_of_rules_are_unique,
    ceilings_limit_something,
    prices_are_told_apart,
    outboxes_have_owners,
)
