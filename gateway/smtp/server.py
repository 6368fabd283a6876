"""The mail server: its listeners, and how they start and stop.

`start` binds every listener or none. `stop` takes no new clients, sends those that are idle away
with 421, lets a mail that is coming in have its answer within `GRACE`, and returns only after the
store has finished with every mail that it had begun.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

from gateway.address import Directory
from gateway.admission.gate import Gate
from gateway.clock import Clock
from gateway.config.machine import server_context
from gateway.config.model import Listener, Smtp
from gateway.smtp.body import Budget
from gateway.smtp.connection import Connection
from gateway.smtp.crowd import Crowd
from gateway.smtp.desk import Accepts, Desk, log
from gateway.smtp.guest import Door, Guest
from gateway.smtp.login import Guesses, Logins
from gateway.smtp.postbox import MOST_TOGETHER, Postbox
from gateway.smtp.transaction import Rules

GRACE: Final = 15.0  # s for mails that are coming in when the gateway stops
BACKLOG: Final = 128  # connections that the kernel keeps for us
MAILS_IN_MEMORY: Final = 4  # of the largest size, over all connections


class MailServer:
    """Takes mail for the addresses of `directory` and gives it to `store`."""

    def __init__(
        self,
        config: Smtp,
        directory: Directory,
        gate: Gate,
        store: Accepts,
        clock: Clock,
        postmaster: str = "",
        is_full: Callable[[], bool] = bool,
    ) -> None:
        """`postmaster` reads what is written to the postmaster of the domain.

        `is_full` says whether there is no room for mail now.
        """
        self._config = config
        self._servers: list[asyncio.Server] = []
        self._guests: set[Guest] = set()
        postbox = Postbox(
            *(postmaster, directory.domain, Guesses(_now)), Guesses(_now, MOST_TOGETHER)
        )
        self._desk = Desk(
            rules=Rules(directory, gate, config.max_size, config.max_recipients, postbox),
            hostname=config.hostname or directory.domain,
            timeout=config.timeout.total_seconds(),
            store=store,
            clock=clock,
            logins=Logins(config.users),
            guesses=Guesses(_now),
            crowd=Crowd(config.max_connections, config.max_connections_per_client),
            budget=Budget(MAILS_IN_MEMORY * config.max_size),
            is_full=is_full,
        )

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where mail is taken, in the order of the configuration; real ports for port 0."""
        names = [server.sockets[0].getsockname() for server in self._servers]
        return [(name[0], name[1]) for name in names]

    async def start(self) -> None:
        """Open every listener. Raises OSError, and leaves none open, if one cannot be."""
        context = self._tls()
        try:
            for listener in self._config.listen:
                self._servers.append(await self._open(listener, context))
        except OSError:
            await self.stop()
            raise
        for address, port in self.addresses:
            log.info("listening", address=address, port=port)

    def _tls(self) -> ssl.SSLContext | None:
        if self._config.certificate is None:
            return None
        return server_context(self._config.certificate, self._config.key)

    async def _open(self, listener: Listener, context: ssl.SSLContext | None) -> asyncio.Server:
        door = Door(
            starttls=context if listener.tls == "starttls" else None,
            implicit=context if listener.tls == "implicit" else None,
            is_local=ip_address(listener.address).is_loopback,
        )
        return await asyncio.get_running_loop().create_server(
            lambda: Connection(self._desk, door, self._guests),
            listener.address,
            listener.port,
            backlog=BACKLOG,
        )

    async def stop(self, grace: float = GRACE) -> None:
        """Close every listener, then every connection; wait for the store."""
        for server in self._servers:
            server.close()
        for guest in list(self._guests):
            guest.show_out()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._everybody_left()
        for guest in list(self._guests):
            guest.abort()
        await asyncio.gather(*self._desk.keeping, return_exceptions=True)
        self._servers.clear()
        self._desk.logins.close()
        self._desk.rules.gate.close()

    async def _everybody_left(self) -> None:
        while self._guests:
            await next(iter(self._guests)).gone.wait()


def _now() -> float:
    return asyncio.get_running_loop().time()
