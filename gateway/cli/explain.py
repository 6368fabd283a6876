"""`faxgate explain MAIL`: what would become of a mail, and why, without a call.

It asks the parts that really send: the mail server's own objections, directory, rules, rendering,
line times, and the queue for what its sender has used of the ceilings and where it has sent to
before. Nothing is stored. A mail that has been handed in has its explanation beside it: `faxgate
queue show`.
"""

from __future__ import annotations

import email.utils
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from gateway.address import Directory, Refusal
from gateway.admission.fax import Fax
from gateway.admission.gate import Gate
from gateway.admission.policy import Past, Policy, Word, by_rule, judge
from gateway.admission.proving import Handed
from gateway.admission.sender import Proof, Sender
from gateway.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, app, fail, read_config, run
from gateway.config.model import Config
from gateway.explain import Asked, Explainer, Explanation, To
from gateway.explain.keeping import past_of
from gateway.explain.text import lines
from gateway.message import read_headers, read_recipients
from gateway.offramp.covers import Author, Covers
from gateway.offramp.render import Rendered, Renderer
from gateway.offramp.workers import NoWorker
from gateway.options import Options, read_options
from gateway.paper import bilevel
from gateway.said import Said, arranged
from gateway.smtp.header import objection
from gateway.smtp.reply import NULL_SENDER, Reply, too_large
from gateway.storage import is_there, opened

SOMEBODY: Final = "somebody@localhost"  # as the envelope sender of a mail without a From


@app.command("explain")
def explain_command(
    mail: Annotated[Path, typer.Argument(help="The mail, RFC 5322.", exists=True, dir_okay=False)],
    config: ConfigPath = DEFAULT_CONFIG,
    client: Annotated[str, typer.Option(help="IP address that hands it in.")] = "127.0.0.1",
    user: Annotated[str, typer.Option(help="Who has logged in.")] = "",
    sender: Annotated[
        str | None,
        typer.Option("--from", help="Envelope sender, <> for none; else the address in From."),
    ] = None,
    helo: Annotated[str, typer.Option(help="What the client calls itself.")] = "",
    rcpt: Annotated[
        list[str] | None,
        typer.Option(help="A recipient; those of To and Cc at the fax domain if not given."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Directory for the pages as PNG.", file_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what would be sent to whom, by which rule, on which line, and for how long; send nothing.

    Exits with 1 if nobody would get anything.
    """
    settings = read_config(config)
    _check_user(settings, user)
    raw = _as_handed_in(mail.read_bytes())
    at = datetime.now(UTC)
    options = read_options(raw, at)
    addresses = rcpt or _addressed(raw, settings)
    path = _author(raw) if sender is None else sender.removeprefix("<").removesuffix(">")
    handed = Handed(raw, client, helo, path, tuple(addresses), at)
    who = run(_who(settings, handed, user))
    to = answered(settings, who, destinations(settings, addresses, client, user), at)
    asked = Asked(who, to, options, at)
    author = _cover_author(asked.sender, handed.sender)
    rendered = run(_rendered(settings, raw, options, to, author))
    explainer = Explainer.of(settings)
    past = run(_past(settings, explainer, asked)) if is_there(settings) else None
    explanation = explainer.explain(asked, rendered, _pictures(rendered, out), past)
    _show(explanation, as_json=as_json)
    if all(to.verdict == "refuse" for to in explanation.recipients):
        raise typer.Exit(1)


def _show(explanation: Explanation, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(explanation.public(), indent=2, ensure_ascii=False))
    else:
        print("\n".join(lines(explanation)))


def _check_user(settings: Config, user: str) -> None:
    """A slip of the pen is nobody: its verdict would be that of a stranger who can log in."""
    known = {u.name for u in settings.smtp.users}
    known |= {box.owner for box in settings.imap_outboxes.values()}
    if user and known and user not in known:
        fail(f"Nobody logs in as {user!r}; known are {', '.join(sorted(known))}.")


def _as_handed_in(raw: bytes) -> bytes:
    """A file may end its lines with LF alone; SMTP sends them with CR LF (RFC 5321 2.3.8)."""
    return raw if b"\r\n" in raw else raw.replace(b"\n", b"\r\n")


def _author(raw: bytes) -> str:
    return email.utils.parseaddr(read_headers(raw).sender)[1] or SOMEBODY


async def _who(settings: Config, mail: Handed, user: str) -> Sender | Refusal:
    """Who sends it: by login, by network, or as the mail itself proves it (DNS is asked)."""
    unwelcome = _unwelcome(settings, mail)
    if unwelcome is not None:
        return unwelcome
    gate = Gate.of(settings)
    try:
        known = gate.known(mail.client, user, may_log_in=bool(settings.smtp.users))
        if known is not None:
            other = gate.senders.answers_to(user, mail.sender) if user else ""
            return other if isinstance(other, Refusal) else known
        proven = await gate.prove(mail)
        return proven if isinstance(proven, Refusal) else proven.sender
    finally:
        gate.close()


def _unwelcome(settings: Config, mail: Handed) -> Refusal | None:
    """What the mail server has against such a mail, whoever sends it."""
    if not mail.sender:
        answer: Reply | None = NULL_SENDER
    elif len(mail.raw) > settings.smtp.max_size:
        answer = too_large(settings.smtp.max_size)
    else:
        answer = objection([mail.raw])
    return Refusal(answer.status, arranged("{text}", text=answer.text)) if answer else None


async def _past(settings: Config, explainer: Explainer, asked: Asked) -> Past | None:
    """What the sender has done before, as the queue knows it."""
    async with opened(settings) as store:
        return await past_of(store, explainer, asked)


def _addressed(raw: bytes, settings: Config) -> list[str]:
    """Whom the header names at the fax domain: here alone it counts, for want of an envelope."""
    domain = settings.domain.lower()
    named = [a for a in read_recipients(raw) if a.rpartition("@")[2].lower() == domain]
    if not named:
        fail(f"To and Cc name nobody at {settings.domain}; say --rcpt +48221234567@{domain}")
    return named


def destinations(settings: Config, addresses: list[str], client: str, user: str) -> list[To]:
    """Every number that the addresses stand for, each once, and every address that is none."""
    directory = Directory.of(settings)
    found: dict[tuple[str, str], To] = {}
    refused = []
    for address in addresses:
        numbers = directory.look_up(address, client, user)
        if isinstance(numbers, Refusal):
            refused.append(To(address, refusal=numbers.reason))
            continue
        for n in numbers:
            found.setdefault((n.number, n.subaddress), To(address, n.number, n.subaddress, n.name))
    return [*found.values(), *refused]


def answered(
    settings: Config, sender: Sender | Refusal, to: Sequence[To], at: datetime
) -> list[To]:
    """As the mail server answers: one number that is refused spoils the list that it is in.

    And the whole mail, where only the mail says who sends it.
    """
    if isinstance(sender, Refusal):
        return list(to)
    policy, by_mail = Policy.of(settings), sender.proof not in (Proof.LOGIN, Proof.NETWORK)
    judged = [(each, judge(policy, sender, Fax(each.number, at))) for each in to if each.number]
    refused = {each: v for each, v in judged if v.word is Word.REFUSE}
    spoilt: dict[str, Said] = {}  # by address; all of the mail is one where that is what proves it
    for each, verdict in refused.items():
        spoilt.setdefault("" if by_mail else each.address, by_rule(verdict.reason, verdict.rule))
    reasons = [None if t in refused else spoilt.get("" if by_mail else t.address) for t in to]
    return [replace(t, refusal=why) if why else t for t, why in zip(to, reasons, strict=True)]


def _cover_author(sender: Sender | Refusal, address: str) -> Author:
    """Who it is to `documents.covers`."""
    if isinstance(sender, Refusal):
        return Author(address=address)
    return Author(sender.user, sender.groups, address)


async def _rendered(
    settings: Config, raw: bytes, options: Options, to: Sequence[To], by: Author
) -> Rendered:
    if options.problems:
        return Rendered((), (), f"Nothing was sent. {options.refusal}")
    renderer = Renderer(settings.documents, Covers(settings.documents, settings.mail))
    try:
        return await renderer.render(
            raw, options, [(each.name, each.number) for each in to if not each.refusal], by
        )
    except NoWorker as trouble:
        fail(f"faxgate: no process could be started to render the mail: {trouble}")
    finally:
        await renderer.close()


def _pictures(rendered: Rendered, out: Path | None) -> list[str]:
    """Write each page as a PNG of its own pels; the files' names."""
    if out is None:
        return []
    names = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for page in rendered.pages:
            path = out / f"page-{page.number}.png"
            bilevel(page).save(path, "PNG", dpi=page.vr.dpi)
            names.append(str(path))
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}")
    return names
