"""A worker renders each part of a mail on its own, and says what became of every one."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from io import BytesIO

import pytest

from gateway.message import Part, Role
from gateway.offramp.document import failed, known_already, render_part
from gateway.offramp.isolate import End, Outcome, Say, run_isolated
from gateway.offramp.protocol import Order, PartDone, pack, pack_page, pack_part, unpack
from gateway.offramp.worker import render_mail, said_by
from gateway.said import decoded
from tests.gateway.offramp import corpus
from tests.gateway.offramp.test_protocol import PAGE, PART

# From Python 3.12 on a fork beside threads warns; those of other tests wait and hold no lock.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

NOBODY = 65534
ROOMY = Order(memory=4_000_000_000)  # the test process itself has much mapped


def said_of(raw: bytes, order: Order = ROOMY) -> list[tuple[str, str, str]]:
    """Kind, name and reason of each message about a mail."""
    said: list[bytes] = []
    render_mail(order, raw, said.append)
    stream = BytesIO(b"".join(said))
    messages = []
    while (message := unpack(stream.read)) is not None:
        kind, values, _ = message
        name, reason = (decoded(str(values.get(key, ""))) for key in ("name", "reason"))
        messages.append((kind, name, reason))
    return messages


def test_pages_come_before_their_part() -> None:
    """Each part is told after its pages, in the order of the mail, and the end last."""
    raw = corpus.mail("Dzień dobry", ("a.pdf", corpus.text_pdf(2)))

    assert [(kind, name) for kind, name, _ in said_of(raw)] == [
        ("page", ""),
        ("part", "The message text"),
        ("page", ""),
        ("page", ""),
        ("part", "a.pdf"),
        ("end", ""),
    ]


def test_an_ordinary_user_renders_too() -> None:
    """A text and a web page become pages whoever runs the gateway, not only where root does."""
    if os.getuid() != 0:
        pytest.skip("then every other test shows it")
    raw = corpus.mail("Dzień dobry", ("a.html", "<p>你好 Καλημέρα".encode()))
    said_of(raw)  # loads what only root may be able to read

    def as_nobody(say: Say) -> None:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        say(repr([(kind, reason) for kind, _, reason in said_of(raw)]).encode())

    outcome = run_isolated(
        as_nobody, memory=ROOMY.memory, seconds=60, octets=10_000, processes=True
    )
    assert outcome.said == repr([("page", ""), ("part", "")] * 2 + [("end", "")]).encode()


def test_a_bad_part_does_not_harm_the_others() -> None:
    """Between two good parts a locked one is told with its reason, without pages."""
    raw = corpus.mail(
        "x",
        ("a.pdf", corpus.encrypted_pdf("secret")),
        ("b.png", corpus.saved(corpus.photo(), "PNG")),
    )

    assert [kind for kind, _, _ in said_of(raw)] == ["page", "part", "part", "page", "part", "end"]
    assert "password" in said_of(raw)[2][2]


def test_a_hanging_part_is_given_up() -> None:
    """A document that would take minutes is killed at its time."""
    order = Order(seconds=1, memory=ROOMY.memory)

    ((_, _, reason), _) = said_of(corpus.mail("", ("a.pdf", corpus.hanging_pdf())), order)
    assert reason.startswith("took longer than 1 second to")


def test_the_pages_of_a_mail_are_counted_over_its_parts() -> None:
    """A second document that would pass the limit is refused; the first is not."""
    order = Order(max_pages=3, memory=ROOMY.memory)
    two = corpus.text_pdf(2)

    said = said_of(corpus.mail("", ("a.pdf", two), ("b.pdf", two)), order)
    assert said[2] == ("part", "a.pdf", "")
    assert said[3][2] == "has 2 pages, and 1 more can be sent with this mail"


def test_what_needs_no_rendering_is_known() -> None:
    """A skipped part is told as skipped, a refused one with its reason, others are rendered."""
    skipped = Part("s.asc", "application/pgp-signature", b"", Role.SKIPPED, reason="is a signature")
    refused = Part("x", "application/pkcs7-mime", b"", reason="is encrypted")

    assert known_already(skipped) == PartDone(
        "s.asc", skipped.content_type, 0, "is a signature", True
    )
    assert known_already(refused) == PartDone("x", refused.content_type, 0, "is encrypted")
    assert known_already(Part("a", "text/plain", b"x")) is None


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (End.TOO_LONG, "took longer than 60 seconds"),
        (End.TOO_LARGE, "memory"),
        (End.SAID_TOO_MUCH, "too large"),
        (End.CRASHED, "could not be rendered"),
        (End.DONE, "could not be rendered"),  # it ended well and said nonsense
    ],
)
def test_every_end_of_a_child_has_a_sentence(end: End, words: str) -> None:
    """However a part's child ends, the sender is told in words."""
    assert words in failed(Part("a", "b", b""), Outcome(end, b""), Order()).reason


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"nonsense",
        pack_page(PAGE),
        pack_part(PART),  # three pages promised, none said
        pack_page(PAGE)[:-1],
        pack("page", {}) + pack_part(PART),
    ],
)
def test_a_child_that_lies_is_not_believed(said: bytes) -> None:
    """Pages without their part, a part without its pages, and nonsense count for nothing."""
    assert said_by(Outcome(End.DONE, said))[1] is None


def test_a_document_without_pages_says_so() -> None:
    """A part that draws nothing is refused by the converter's own words."""
    said: list[bytes] = []
    render_part(Part("a.txt", "text/plain", b"  \n"), Order(), 5, said.append)

    assert b"is empty" in said[-1]


LOADS = """
import importlib, os, pickle, sys
from gateway.offramp import worker
from gateway.offramp.protocol import Order
for module in worker.PRELOADED:
    importlib.import_module(module)
worker.warm_up()
before = set(sys.modules)
for part in pickle.load(sys.stdin.buffer):
    worker.render_part(part, Order(), 9, lambda _: None)
print(sorted(set(sys.modules) - before))
print([name for name in ("pydantic", "phonenumbers", "sqlalchemy", "asyncio") if name in before])
"""


def test_ordinary_documents_find_everything_loaded() -> None:
    """Each child would load it anew: loading the readers of pictures costs more than a page."""
    contents = {
        "a.txt": "Dzień dobry 你好".encode(),
        "a.html": b"<table border=1><td>x",
        "a.pdf": corpus.photo_pdf(),
        "a.png": corpus.saved(corpus.grey_scan().resize((600, 800)), "PNG"),
        "a.jpg": corpus.saved(corpus.photo().resize((600, 800)), "JPEG"),
        "a.tif": corpus.saved(corpus.text_image().convert("1"), "TIFF", compression="group4"),
    }
    parts = [Part(name, "", content, Role.ATTACHMENT) for name, content in contents.items()]
    done = subprocess.run(
        [sys.executable, "-c", LOADS], input=pickle.dumps(parts), capture_output=True, check=True
    )

    assert done.stdout == b"[]\n[]\n"  # and nothing that no document needs, to be copied each time
