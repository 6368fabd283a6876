"""gateway.config.rules: what several settings must be together."""

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.gateway.config.good import GOOD, problems

HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x")
OPEN = "smtp:\n  listen: [{address: 0.0.0.0}]\n"
SMARTHOST = GOOD.replace("{type: maildir, directory: mail}", "{type: smarthost, host: h%s}")
LINES = """\
lines:
  - {name: a, number: +48221000001, use: [send]}
  - {name: b, number: +48222000002, use: [receive]}
"""
MODEM = """\
lines: [{type: class1, name: m, number: +48221000001, device: /dev/m}]
"""
ROUTE = "routes:\n  - {called: +48222000002, deliver: [a@example.com]}\n"
REST = "  - {deliver: [b@example.com]}\n"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD + LINES + "routes:\n" + REST,
        GOOD + LINES + ROUTE + REST,
        GOOD + OPEN + "  networks: [10.0.0.0/8, 192.168.0.0/16, 2001:db8::/32]\n",
        GOOD + "smtp:\n  networks: [0.0.0.0/0]\n",
        GOOD + "smtp:\n  listen: [{port: 0}, {port: 0}, {port: 25}, {port: 26}]\n",
        GOOD + f"smtp:\n  users: [{{name: u, password: '{HASH}'}}]\n",
        SMARTHOST % ", user: u, password: p",
        (SMARTHOST % ", user: u, password: p, tls: none").replace("host: h", "host: localhost"),
        (SMARTHOST % ", user: u, password: p, tls: none").replace("host: h", "host: 127.0.0.1"),
        GOOD + LINES.replace("use: [send]", "use: [send], exchange: x") + ROUTE + REST,
    ],
)
def test_what_fits_together_is_taken(text: str, tmp_path: Path) -> None:
    """No rule speaks against a configuration that works."""
    assert problems(text, tmp_path) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            GOOD + "smtp:\n  listen:\n    - {port: 25}\n    - {port: 465, tls: implicit}\n",
            "8:24: tls: implicit needs a certificate; give smtp.certificate (and smtp.key)",
        ),
        (
            GOOD + "smtp:\n  key: k.pem\n",
            "6:8: a key without a certificate; give smtp.certificate as well",
        ),
        (
            GOOD + "targets: {a: {type: directory, path: x, name: '{caler}'}}\n",
            "5:47: '{caler}' cannot be filled; there are {date} {time} {caller}",
        ),
        (
            GOOD + "targets: {a: {type: webhook, url: 'ftp://x'}}\n",
            "5:35: 'ftp://x' is no address of the web; write https://host/path",
        ),
        (
            GOOD + MODEM + "routes:\n  - {dtmf: '1*', file: true}\n" + REST,
            "7:12: no line here tells the digits that a caller has keyed in, so this route never "
            "decides; a modem that tells them has `dtmf: true`",
        ),
        (
            GOOD
            + MODEM.replace("}", ", answer: [{hours: 'Mon 08:00-09:00'}]}")
            + "routes:\n"
            + REST,
            "5:80: a rule has either `rings` or `never: true`",
        ),
        (
            GOOD + MODEM.replace("}", ", answer: [{rings: 0}]}") + "routes:\n" + REST,
            "5:88: '0': it must be at least 1",
        ),
        (
            GOOD
            + MODEM.replace("}", ", answer: [{never: yes, outside: yes}]}")
            + "routes:\n"
            + REST,
            "5:80: `outside` needs `hours`",
        ),
        (
            GOOD + LINES.replace("[receive]", "[receive], speed: 8") + "routes:\n" + REST,
            "7:60: the lines of exchange 'default' share one clock",
        ),
        (
            GOOD + OPEN + "  networks: [10.0.0.0/8, 0.0.0.0/0]\n",
            "7:26: 0.0.0.0/0 would let everybody send faxes at your cost (an open relay)",
        ),
        (GOOD + OPEN + "  networks: ['::/0']\n", "7:14: ::/0 would let everybody"),
        (GOOD + OPEN + "  networks: [128.0.0.0/1]\n", "7:14: 128.0.0.0/1 would let everybody"),
        (
            GOOD + OPEN + f"  users: [{{name: u, password: '{HASH}'}}]\n",
            "7:10: nobody could log in: no listener has TLS",
        ),
        (
            GOOD + "smtp:\n  users:\n" + f"    - {{name: u, password: '{HASH}'}}\n" * 2,
            "8:14: the user is listed twice, first as number 1 of this list",
        ),
        (
            GOOD + "smtp:\n  listen: [{port: 25}, {port: 25}]\n",
            "6:24: the same address and port as number 1 of this list",
        ),
        (
            GOOD + LINES.replace("name: b", "name: a") + ROUTE + REST,
            "7:12: line 1 has this name already; each line needs its own",
        ),
        (
            GOOD + LINES.replace("+48221000001", "+48222000002") + ROUTE + REST,
            "7:23: line 'a' has this number already in exchange 'default'",
        ),
        (
            GOOD + LINES,
            "6:3: the last route must take every fax that no other took; add one without "
            "conditions, such as",
        ),
        (
            GOOD + LINES + ROUTE,
            "9:5: the last route must take every fax that no other took",
        ),
        (
            GOOD + "routes:\n  - {called: +48222000002, file: true, reject: dropped}\n" + REST,
            "6:5: a route has one of `deliver`, `file: true` and `reject`",
        ),
        (
            GOOD + "routes:\n  - {tsi: X, reject: unanswered}\n" + REST,
            "6:11: `tsi` is not known yet when a call is unanswered; leave it out",
        ),
        (
            GOOD + "routes:\n  - {called: +48222000002, outside: true, file: true}\n" + REST,
            "6:37: `outside` needs `hours`",
        ),
        (
            GOOD + "routes:\n  - {deliver: [archive]}\n",
            "6:16: there is no target 'archive'; `targets` has none",
        ),
        (
            GOOD + LINES + "routes:\n  - {line: [x], file: true}\n" + REST,
            "9:13: there is no line 'x'; there are a, b",
        ),
        (
            GOOD + "routes:\n" + REST + REST,
            "7:5: this route never decides: route 1 before it takes every call",
        ),
        (
            GOOD + ROUTE + ROUTE.removeprefix("routes:\n"),
            "7:5: this route never decides: route 1 before it has the same conditions",
        ),
        (SMARTHOST % ", user: u", "4:47: `user` without `password`; give both or neither"),
        (SMARTHOST % ", password: p", "4:51: `password` without `user`; give both or neither"),
        (
            SMARTHOST % ", user: u, password: p, tls: none",
            "4:68: the password would cross the network in the clear; set tls: starttls or",
        ),
        (
            GOOD + "lines: [{name: a, number: +48221000001, use: [send], "
            "faults: [{kind: lose_frame}]}]\n",
            "5:63: lose_frame needs `frame`: the FCF name of what is lost, such as MCF",
        ),
    ],
)
def test_what_cannot_work_together_is_refused_at_its_place(
    text: str, expected: str, tmp_path: Path
) -> None:
    """Each rule says where and what would be right."""
    (found,) = problems(text, tmp_path)
    assert found.startswith(expected)
