"""`faxgate demo`: the main job once, end to end, and where to look at what it left.

It starts a real `faxgate serve`, mails it a two-page PDF over SMTP, follows the events of the
gateway's control socket, and ends well only when the fax has come back as a PDF mail, its pages
are the ones that were sent, and the receipt has reached the sender.
"""

from __future__ import annotations

import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib import resources
from pathlib import Path
from typing import Annotated

import pypdfium2 as pdfium
import typer
from rich.markup import escape

from gateway.cli.common import app, asked, console, fail, read_config, run
from gateway.config.machine import lacking_libraries
from gateway.config.mail import MaildirOut
from gateway.config.model import Config
from gateway.offramp.header import STRIP
from gateway.storage import opened
from gateway.store.records import StoredPage
from t4codec import Coding, Compression, decode

PATIENCE = 110.0  # s for the whole demonstration
STARTUP = 30.0  # s for the gateway to come up
TO = "+48222000002@fax.localhost"
FROM = "sender@example.org"
LETTER, MAIL = "letter.pdf", "mail.eml"  # what was mailed, in the state directory
BODY = """\
Dzień dobry! Guten Tag! Καλημέρα!

Zażółć gęślą jaźń. Größe, Übermaß, Straße. Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.

The letter is attached: two pages.
"""


@app.command("demo")
def demo(
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="config/demo.yaml, or Faxgate's own copy of it."),
    ] = None,
) -> None:
    """Send a fax to ourselves: mail in, a call over two simulated lines, mail out."""
    config = config or demo_configuration()
    settings = read_config(config)
    if not isinstance(settings.mail.transport, MaildirOut):
        fail(f"{config}: the demonstration reads the mails back, so mail.transport must be maildir")
    mailbox = settings.mail.transport.directory
    if packages := lacking_libraries():
        fail(f"Texts cannot become pages: apt-get install {' '.join(packages)}")
    known = set(_mails(mailbox))
    log = settings.state / "faxgate.log"
    with _gateway(config, settings, log), asked(settings, "watch") as events:
        next(events)
        _say(f"The gateway is up (its log: {log}).")
        _say(f"Mailing a short text with a PDF of two pages to {TO} ...")
        _mail(settings, _letter())
        _follow(events, {FROM, settings.routes[0].deliver[0]})
    if not run(_came_through(settings)):
        fail("The pages that came back are not the pages that were sent.")
    _present(mailbox, known, settings)
    _say(f"\nLeave it running for mails of your own: {sys.argv[0]} serve -c {config}")


def demo_configuration() -> Path:
    """The demonstration's YAML: of the source tree if we are in one, else the installed copy."""
    here = Path("config/demo.yaml")
    return here if here.exists() else Path(str(resources.files("gateway.cli") / "demo.yaml"))


def _say(text: str) -> None:
    """A line that is never broken, so that a path in it can be copied."""
    console.print(text, soft_wrap=True)


async def _came_through(settings: Config) -> bool:
    """Whether the newest received fax has, pel for pel, the pages of the newest mail.

    The header line at the top of each page is not in the mail: what is below it is compared.
    """
    async with opened(settings) as store:
        (recipient, *_), (fax, *_) = await store.queue_view(1), await store.received_list(1)
        sent = [await store.page(recipient.job, n + 1) for n in range(recipient.pages)]
        received = await store.received_pages(fax.id)
    return list(map(_below_header, sent)) == list(map(_below_header, received))


def _below_header(page: StoredPage) -> bytes:
    """The rows of a page that no header line can be on."""
    rows = decode(page.mmr, Coding(Compression.MMR, width=page.width)).rows
    return rows[round(STRIP / 25.4 * page.vr.dpi[1]) * ((page.width + 7) // 8) :]


@contextmanager
def _gateway(config: Path, settings: Config, log: Path) -> Iterator[None]:
    """A running `faxgate serve`, stopped in order at the end."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        command = [sys.executable, "-m", "gateway", "serve", "-c", str(config)]
        server = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            _await_answer(server, settings, log)
            yield
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(STARTUP)
            server.kill()


def _await_answer(server: subprocess.Popen[bytes], settings: Config, log: Path) -> None:
    deadline = time.monotonic() + STARTUP
    while time.monotonic() < deadline:
        if server.poll() is not None:
            fail(f"The gateway did not start:\n{log.read_text(errors='replace')}")
        with suppress(OSError, StopIteration), asked(settings, "lines") as answers:
            next(answers)
            return
        time.sleep(0.1)
    fail(f"The gateway did not answer within {STARTUP:.0f} s; see {log}")


def _letter() -> bytes:
    """The two-page PDF."""
    import weasyprint

    html = resources.files("gateway.cli").joinpath("letter.html").read_text(encoding="utf-8")
    pdf: bytes = weasyprint.HTML(string=html).write_pdf()
    return pdf


def _mail(settings: Config, pdf: bytes) -> None:
    message = EmailMessage()
    message["From"], message["To"] = FROM, TO
    message["Subject"] = "List w załączniku: Größe, Καλημέρα"
    message["Message-ID"] = f"<demo-{time.time_ns()}@example.org>"
    message.set_content(BODY)
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename="letter.pdf")
    listener = settings.smtp.listen[0]
    for name, content in ((LETTER, pdf), (MAIL, message.as_bytes())):
        (settings.state / name).write_bytes(content)  # for the commands of the README
    with smtplib.SMTP(listener.address, listener.port, timeout=30) as client:
        client.send_message(message)


def _follow(events: Iterator[Mapping[str, object]], awaited: set[str]) -> None:
    """Print the gateway's events until everybody awaited has got a mail."""
    deadline = time.monotonic() + PATIENCE
    for event in events:
        line = _sentence(event)
        if line:
            _say(f"  {escape(line)}")
        if event["event"] == "mail delivered":
            awaited.discard(str(event["to"]))
            if not awaited:
                return
        if event["event"] in {"fax failed", "mail given up"} or time.monotonic() > deadline:
            fail("The fax did not come back; the log says why.")
    fail("The gateway stopped before the fax came back; the log says why.")


def _sentence(event: Mapping[str, object]) -> str:
    """One line for a person, or nothing for events that only the log wants."""
    shapes = {
        "mail accepted": "mail accepted as job {job}, from {sender}, to {numbers}",
        "rendered": "{pages} pages rendered; {seconds} s on the line expected, "
        "of these {by_page} for the pages",
        "calling": "dialling {number} on line {line}",
        "page confirmed": "page {page} confirmed ({verdict}), {seconds} s at {bit_rate} bit/s",
        "page received": "page {page} received and on disk: {rows} rows, {bad_rows} bad",
        "fax sent": "fax sent: {pages} pages, {seconds} s",
        "fax deferred": "fax deferred: {cause}",
        "fax failed": "fax failed: {cause}",
        "fax received": "fax received from {caller}: {pages} pages, for {deliver}",
        "mail delivered": "{kind} delivered to {to}",
    }
    if event["event"] == "note" and str(event["text"]).startswith("negotiated"):
        return str(event["text"])
    shape = shapes.get(str(event["event"]))
    return shape.format_map(event) if shape else ""


def _mails(mailbox: Path) -> Iterator[Path]:
    return mailbox.glob("*/new/*")


def _new(mailbox: Path, known: set[Path]) -> dict[str, EmailMessage]:
    """The mails that came during this run, by the address whose Maildir has them."""
    return {
        path.parent.parent.name: message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in _mails(mailbox)
        if path not in known
    }


def _present(mailbox: Path, known: set[Path], settings: Config) -> None:
    """Take the PDF out of the mail, make previews, and say where everything lies."""
    mails = _new(mailbox, known)
    fax, receipt = mails[settings.routes[0].deliver[0]], mails[FROM]
    attachment = next(iter(fax.iter_attachments()))
    out = settings.state / "received.pdf"
    out.write_bytes(attachment.get_content())
    previews = list(_previews(out))
    if len(previews) != 3:
        fail(f"{out} has {len(previews)} pages; the mail's body and its PDF are 3")
    _say("\nEvery page came back pel for pel as it was sent, below its header line.\n")
    for mail in fax, receipt:
        _say(f"Mail to {mail['To']}: {escape(str(mail['Subject']))}")
    _say(f"\nMails     {mailbox}/<address>/new/")
    _say(f"Sent      {settings.state / MAIL}, with {settings.state / LETTER}")
    _say(f"Received  {out}")
    for preview in previews:
        _say(f"Preview   {preview}")


def _previews(pdf: Path) -> Iterator[Path]:
    document = pdfium.PdfDocument(pdf)
    for number, page in enumerate(document, start=1):
        path = pdf.with_name(f"received-{number}.png")
        page.render(scale=1.5, grayscale=True).to_pil().save(path)
        yield path
    document.close()
