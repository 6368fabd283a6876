# ruff: noqa: N802 - aiosmtpd finds a command's method by its name in capitals
"""The commands of one client, on aiosmtpd's command loop.

aiosmtpd's own are not used where they know too little: MAIL and RCPT (no DSN parameters), DATA
(line by line), EHLO (it offers too little), AUTH (its check may not wait, and it takes a connection
that began in TLS for a clear one). What each is answered is decided elsewhere: MAIL and RCPT in
`transaction`, the message in `body` and `header`, the final dot in `desk`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.admission.token import JUNK
from gateway.message.headers import read_headers
from gateway.onramp.complaint import LARGEST, complainer
from gateway.smtp import reply
from gateway.smtp.body import Body, receive
from gateway.smtp.crowd import origin
from gateway.smtp.desk import STORE_PATIENCE, Desk, log
from gateway.smtp.guest import Door, Guest
from gateway.smtp.header import Hop, head, objection, received_line
from gateway.smtp.reply import Reply
from gateway.smtp.sasl import credentials
from gateway.smtp.transaction import Client, Transaction

MOST_FAILED_LOGINS: Final = 3  # of one connection
JOINED_AT_ONCE: Final = 1_000_000  # octets; larger mails are joined in a thread


class Connection(Guest):
    """Speaks with one client until it leaves or is shown out."""

    def __init__(self, desk: Desk, door: Door, guests: set[Guest]) -> None:
        self._transaction = Transaction(desk.rules)
        self._failed_logins = 0
        super().__init__(desk, door, guests)

    async def smtp_HELO(self, hostname: str | None) -> None:
        """HELO, of a client without extensions."""
        await self._hello(hostname, extended=False)

    async def smtp_EHLO(self, hostname: str | None) -> None:
        """EHLO, answered with what we offer."""
        await self._hello(hostname, extended=True)

    async def _hello(self, hostname: str | None, *, extended: bool) -> None:
        assert self.session is not None
        if not hostname:
            await self.push("501 5.5.4 Syntax: EHLO hostname")
            return
        self._set_post_data_state()
        self.session.host_name = hostname
        self.session.extended_smtp = extended
        lines = [self.hostname, *(self._offers() if extended else ())]
        for line in lines[:-1]:
            await self._push_plain(f"250-{line}")
        await self._push_plain(f"250 {lines[-1]}")

    def _offers(self) -> list[str]:
        offers = [f"SIZE {self._desk.rules.max_size}", "8BITMIME", "SMTPUTF8", "PIPELINING", "DSN"]
        if self._door.starttls is not None and not self._is_encrypted:
            offers.append("STARTTLS")
        if self._may_log_in:
            offers.append("AUTH PLAIN LOGIN")
        return [*offers, "HELP", "ENHANCEDSTATUSCODES"]

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """STARTTLS; once."""
        if self._is_encrypted:
            await self.push(str(reply.TLS_ALREADY))
        else:
            await super().smtp_STARTTLS(arg or "")

    async def smtp_VRFY(self, arg: str | None) -> None:
        """VRFY, which tells nobody anything (RFC 5321 7.3); aiosmtpd would parse the address."""
        await self.push(str(reply.NOT_VERIFIED if arg else reply.VRFY_SYNTAX))

    async def smtp_AUTH(self, arg: str | None) -> None:
        """AUTH PLAIN and AUTH LOGIN."""
        if await self.check_helo_needed("EHLO"):
            return
        refusal = self._no_login_now()
        if refusal is not None:
            await self._answer(refusal, "AUTH")
            return
        given = await credentials(arg or "", self._ask)
        if given is None:
            return
        if isinstance(given, Reply):
            await self._answer(given, "AUTH")
            return
        good = await self._desk.logins.check(given.name, given.password)
        await self._logged_in(given.name, good)

    def _no_login_now(self) -> Reply | None:
        if not self._desk.logins.possible:
            return reply.NO_USERS
        if not self._may_log_in:
            return reply.TLS_FIRST
        if self._client.user:
            return reply.LOGGED_IN_ALREADY
        if self._transaction.mail is not None:
            return reply.NOT_IN_A_MAIL
        if self._desk.guesses.too_many(origin(self._client.address)):
            return reply.TOO_MANY_LOGINS
        return None

    async def _logged_in(self, name: str, good: bool | None) -> None:
        if good:
            self._client = Client(self._client.address, name, may_log_in=True)
            log.info("login.good", client=self._client.address, user=name)
            await self.push(str(reply.LOGGED_IN))
            return
        if good is not None:
            self._desk.guesses.failed(origin(self._client.address))
            self._failed_logins += 1
        await self._answer(
            reply.BAD_LOGIN if good is not None else reply.TOO_MANY_LOGINS, f"AUTH {name}"
        )
        if self._failed_logins >= MOST_FAILED_LOGINS:
            self._hang_up(reply.TOO_MANY_ERRORS)

    async def _ask(self, challenge: str) -> bytes | None:
        try:
            answer = await self.challenge_auth(challenge)
        except ValueError:  # a line without end
            await self.push(str(reply.BAD_CREDENTIALS_FORM))
            self._hang_up(reply.TOO_MANY_ERRORS)  # or the rest of it would be read as commands
            return None
        return answer if isinstance(answer, bytes) else None

    def _set_post_data_state(self) -> None:
        super()._set_post_data_state()  # type: ignore[no-untyped-call]
        self._transaction = Transaction(self._desk.rules)

    async def smtp_MAIL(self, arg: str | None) -> None:
        """MAIL FROM."""
        if not await self.check_helo_needed():
            full = self._desk.is_full()
            answer = reply.DISK_FULL if full else self._transaction.on_mail(arg or "")
            await self._answer(answer, f"MAIL {arg}")

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RCPT TO."""
        if not await self.check_helo_needed():
            now = self._desk.clock.now()
            answer = self._transaction.on_rcpt(arg or "", self._client, now)
            await self._answer(answer, f"RCPT {arg}")

    async def smtp_DATA(self, arg: str | None) -> None:
        """DATA, up to the answer to the final dot."""
        if await self.check_helo_needed():
            return
        if arg or not self._transaction.has_recipients:
            await self._answer(reply.DATA_SYNTAX if arg else reply.RCPT_FIRST, "DATA")
            return
        self._in_data = True
        try:
            await self._message()
        finally:
            self._in_data = False
        if self._closing:
            self._hang_up(reply.SHUTTING_DOWN, talkative=False)

    async def _message(self) -> None:
        body = Body(self._transaction.most_octets, self._desk.budget)
        try:
            await self.push("354 The mail, please; it ends with <CR><LF>.<CR><LF>")
            ended = await receive(self._reader, body, self._reset_timeout)
            answer = body.fault or self._objection(body) or await self._keep(body)
        finally:
            body.release()
        self._set_post_data_state()
        self._reset_timeout()
        await self._answer(answer, "DATA")
        if not ended:
            self._hang_up(reply.TOO_MANY_ERRORS)

    def _objection(self, body: Body) -> Reply | None:
        return objection(body.pieces, is_fax=not self._transaction.is_for_postmaster)

    async def _keep(self, body: Body) -> Reply:
        self._reset_timeout(STORE_PATIENCE + self._desk.timeout)  # it is our turn, not theirs
        transaction = self._transaction
        if transaction.is_for_postmaster:
            letter = await _joined([received_line(self._hop()), *body.pieces])
            return await self._desk.forward(letter, self._client.address)
        if transaction.proven is None:
            refusal = await self._prove(body)
            if refusal is not None:
                return refusal
        if transaction.token is not None:
            return await self._confirm(body)
        raw = await _joined([received_line(self._hop()), *body.pieces])
        now = self._desk.clock.now()
        mail = transaction.new_mail(raw, self._client, now)
        answer = await self._desk.keep(mail)
        assert transaction.mail is not None
        if answer.refuses or mail.sender == transaction.mail.path:
            return answer
        return replace(answer, text=f"{answer.text}; receipts go to {mail.sender}")

    async def _confirm(self, body: Body) -> Reply:
        """A reply to a mail of ours, by a person and not by their machine."""
        transaction = self._transaction
        if read_headers(head(body.pieces)).automatic:
            return reply.AUTOMATIC_REPLY
        assert transaction.token is not None
        assert transaction.proven is not None
        if transaction.token.kind == JUNK:
            start = (await _joined(body.pieces))[:LARGEST]
            who = await asyncio.to_thread(complainer, start)
            return await self._desk.junk(transaction.token, who)
        return await self._desk.confirm(transaction.token, transaction.proven.sender.user)

    async def _prove(self, body: Body) -> Reply | None:
        """Find out whom the mail is from; None if that sender may send it."""
        assert self.session is not None
        desk, helo = self._desk, self.session.host_name or ""
        raw = await _joined(body.pieces)  # as it was signed: without our own trace line
        handed = self._transaction.handed(raw, self._client, helo, desk.clock.now())
        return self._transaction.on_proof(await desk.rules.gate.prove(handed), desk.clock.now())

    def _hop(self) -> Hop:
        assert self.session is not None
        return Hop(
            helo=self.session.host_name or "",
            client=self._client.address,
            server=self.hostname,
            esmtp=self.session.extended_smtp,
            tls=self._is_encrypted,
            authenticated=bool(self._client.user),
            at=self._desk.clock.now(),
        )


async def _joined(pieces: Sequence[bytes]) -> bytes:
    if sum(map(len, pieces)) > JOINED_AT_ONCE:  # join lets other threads run while it copies
        return await asyncio.to_thread(b"".join, pieces)
    return b"".join(pieces)
