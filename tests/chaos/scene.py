"""The scene of one round: a gateway's configuration with faults on its lines, and mails for it.

Pure: everything follows from a `Random`, so that a seed gives the same scene again. Every page that
is mailed is unlike every other, so that each can be found again where it arrived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from io import BytesIO
from pathlib import Path
from random import Random

import yaml
from PIL import Image, ImageDraw

SENDERS = ("+48221000001", "+48221000002")
ANSWERERS = ("+48222000001", "+48222000002", "+48222000003")
BOTH_WAYS = "+48223000001"  # busy whenever it sends
NOBODY = "+48224000001"  # not in service
SEND_ONLY = SENDERS[0]  # rings, or is busy; nobody answers
NUMBERS = (*ANSWERERS, *ANSWERERS, BOTH_WAYS, BOTH_WAYS, NOBODY, SEND_ONLY)

FRAMES = ("DIS", "DCS", "CFR", "FTT", "MPS", "EOP", "MCF", "DCN", "PPS", "PPS-EOP", "PPS-MPS")
MOST_RECIPIENTS = 4
MOST_PAGES = 3
SPEED = 80.0


@dataclass(frozen=True)
class Letter:
    """One mail of the round. Its sender is its own, so its receipts are counted by mailbox."""

    sender: str
    recipients: tuple[str, ...]  # numbers
    octets: bytes
    damaged: bool  # holds a document that nothing can be made of


def configuration(random: Random, state: Path, port: int, *, damage: bool) -> str:
    """The YAML of a gateway; `damage` also spoils pages, not only signals."""
    uses = [(number, ["send"]) for number in SENDERS]
    uses += [(number, ["receive"]) for number in ANSWERERS]
    uses += [(BOTH_WAYS, ["send", "receive"])]
    unlucky = random.choices(range(len(uses)), k=random.randrange(6))
    lines = [
        line(number, use) | {"faults": [fault(random, damage=damage) for _ in range(times)]}
        for (number, use), times in zip(uses, map(unlucky.count, range(len(uses))), strict=True)
    ]
    return gateway(state, port, lines)


def with_modems(state: Path, port: int, links: dict[str, Path]) -> str:
    """The YAML of a gateway whose lines are modems, by number, that only receive."""
    return gateway(
        state,
        port,
        [
            {"type": "class1", "name": f"line{number[-7:]}", "number": number, "use": ["receive"]}
            | {"device": str(link), "rings": 1}
            for number, link in links.items()
        ],
    )


def gateway(state: Path, port: int, lines: Sequence[Mapping[str, object]]) -> str:
    """The YAML of a gateway with these lines, each with a mailbox of its own."""
    return yaml.safe_dump(
        {
            "domain": "fax.localhost",
            "node": "chaos",
            "state": str(state),
            "smtp": {
                "listen": [{"address": "127.0.0.1", "port": port}],
                "networks": ["127.0.0.0/8"],
            },
            "lines": list(lines),
            "header": {"on": False},  # pages are compared octet by octet
            "routes": [
                *({"called": n, "deliver": [mailbox(n)]} for n in (*ANSWERERS, BOTH_WAYS)),
                {"file": True},
            ],
            "mail": {
                "sender": "fax@fax.localhost",
                "postmaster": "postmaster@example.org",
                "transport": {"type": "maildir", "directory": str(state / "mail")},
            },
            "retry": dict.fromkeys(("busy", "no_answer", "failed", "line_fault"), "1 s"),
        },
        sort_keys=False,
    )


def line(number: str, use: list[str]) -> dict[str, object]:
    """One line of the exchange."""
    name = f"line{number[-7:]}"
    return {"name": name, "number": number, "use": use, "speed": SPEED}


def mailbox(number: str) -> str:
    """Where the faxes that a number receives are delivered."""
    return f"n{number[1:]}@in.example.org"


def fault(random: Random, *, damage: bool) -> dict[str, object]:
    """Any fault at any point of the lives of the lines."""
    kinds = ["lose_frame", "fail_training", "hang_up", "hang_up"] + ["damage_rows"] * damage
    kind = random.choice(kinds)
    about: dict[str, object] = {
        "kind": kind,
        "nth": random.randint(1, 12),
        "times": random.randint(1, 4),
    }
    if kind == "lose_frame" or (kind == "hang_up" and random.random() < 0.7):
        about["frame"] = random.choice(FRAMES)
    if kind == "fail_training":
        about["above_rate"] = random.choice((0, 4800, 9600))
    if kind in {"damage_rows", "hang_up"}:
        about["page"] = random.randint(1, MOST_PAGES)
    if kind == "damage_rows":
        about["rows"] = random.randint(1, 200)
    if kind == "hang_up":
        about["after"] = round(random.random(), 2)
    return about


def letter(random: Random, name: str) -> Letter:
    """A mail called `name`: text, HTML, a picture or a broken document, to one number or more."""
    wanted = random.choices(NUMBERS, k=random.randint(1, MOST_RECIPIENTS))
    recipients = tuple(dict.fromkeys(wanted))
    message = EmailMessage()
    message["From"] = sender = f"{name}@example.org"
    message["To"] = ", ".join(f"{number}@fax.localhost" for number in recipients)
    message["Subject"] = name
    message["Date"] = formatdate()
    pages = [f"{name}, page {n + 1}\n\n" + words(random) for n in range(random.randint(1, 3))]
    message.set_content("\n\f\n".join(pages))
    kind = random.choice(("text", "text", "html", "picture", "broken"))
    if kind == "html":
        message.add_alternative(f"<p>{'</p><p>'.join(pages)}</p>", subtype="html")
    elif kind == "picture":
        message.add_attachment(
            picture(name), maintype="image", subtype="png", filename=f"{name}.png"
        )
    elif kind == "broken":
        message.add_attachment(
            b"%PDF-1.7\nbroken", maintype="application", subtype="pdf", filename="broken.pdf"
        )
    return Letter(sender, recipients, bytes(message), kind == "broken")


def words(random: Random) -> str:
    """A text like no other."""
    return "\n".join(f"{random.getrandbits(128):039d}" for _ in range(random.randint(1, 30)))


def picture(text: str) -> bytes:
    """A picture that says `text`."""
    image = Image.new("1", (600, 200), 1)
    ImageDraw.Draw(image).text((20, 80), text)
    octets = BytesIO()
    image.save(octets, "PNG")
    return octets.getvalue()
