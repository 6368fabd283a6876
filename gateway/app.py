"""The gateway put together by hand: every object is made here, once, and nowhere else.

`Gateway.run` opens the store, resolves what an earlier run left in doubt, and then keeps five
things going in one TaskGroup: mail in, rendering, calling, answering, mail out. SIGTERM and SIGINT
stop it in order: no new mail, no new call; calls in progress are finished, within a limit; what is
left is resolved at the next start. A second signal does not wait.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway.address import Directory
from gateway.admission.gate import Gate
from gateway.admission.placing import Placing
from gateway.clock import SystemClock
from gateway.commands import commands
from gateway.config.model import Config
from gateway.control import SOCKET, Control
from gateway.events import Events
from gateway.explain import Explainer, Keeping
from gateway.health import Health
from gateway.imap.outbox import House, Outbox
from gateway.imap.posting import Posting
from gateway.intake import Intake
from gateway.lines import build_lines
from gateway.mailout.alarm import Alarms
from gateway.mailout.transport import Transport
from gateway.mailout.transports import build_transport
from gateway.mailout.worker import DeliveryWorker
from gateway.notebook import StoreNotebook
from gateway.ocr.reader import Reader
from gateway.ocr.reading import Reading
from gateway.offramp.caller import Caller
from gateway.offramp.covers import Covers
from gateway.offramp.header import Sending
from gateway.offramp.render import Renderer
from gateway.offramp.rendering import Rendering
from gateway.onramp.answering import Answering
from gateway.onramp.picking_up import PickingUp, rings_by
from gateway.onramp.routes import Routes
from gateway.outgoing import Composer, signer_of
from gateway.ownership import hand_over
from gateway.smtp import MailServer
from gateway.storage import opened, reads, room_of
from gateway.store import Store
from gateway.supervisor import keep_going
from gateway.sweeper import Sweeper
from modems.pool import Pool
from modems.pool_line import LineState, LineStatus, PoolLine

Work = dict[str, Callable[[], Awaitable[None]]]

DRAIN = 150.0  # s that calls in progress may take to end after a signal
EXPIRY = 30.0  # s between looks for leases, and faxes, whose time has ended


class AlreadyRunning(Exception):  # noqa: N818 - a state of affairs
    """Another gateway holds the state directory."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway is made of; `work` runs side by side until it is cancelled."""

    server: MailServer
    pool: Pool
    caller: Caller
    renderer: Renderer
    work: Work


class Gateway:
    """One gateway process."""

    def __init__(self, config: Config, path: Path | None = None) -> None:
        """`path` is the file of `config`, whose routes are read again when it changes."""
        self._config = config
        self._path = path
        self._clock = SystemClock()
        self._events = Events()
        self._stopping = asyncio.Event()
        self._line_changed = asyncio.Event()
        self._out_of_order: dict[str, str] = {}  # by line, with the cause that was announced

    async def run(self) -> None:
        """Serve until a signal. Raises AlreadyRunning."""
        self._config.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _held(self._config.state / "lock"):
            async with opened(self._config) as store:
                await self._resolve(store)
                await self._serve(store)

    async def _resolve(self, store: Store) -> None:
        """Decide about the calls that an earlier run of this node, or a dead one, left behind."""
        now = self._clock.now()
        await store.recover(self._config.node_name, now)
        await self._settle_unknown(store)

    async def _settle_unknown(self, store: Store) -> None:
        now, in_doubt = self._clock.now(), self._config.retry.in_doubt
        for found in await store.resolve_unknown(now, in_doubt):
            self._events.announce(
                "call lost",
                recipient=found.recipient,
                state=found.state.value,
                cause=found.cause,
            )

    async def _serve(self, store: Store) -> None:
        parts = self._assemble(store)
        await parts.server.start()
        self._watch_signals()
        gc.collect()
        gc.freeze()  # what start-up made stays: no collection walks through it on the loop again
        try:
            await self._work(parts)
        finally:
            await parts.server.stop()  # a mail that the store has begun to take gets its answer
            await parts.renderer.close()
            await parts.pool.close()
        self._events.announce("stopped")

    async def _work(self, parts: Parts) -> None:
        """Keep every part going until a signal, then let what is under way end."""
        announce = self._events.announce
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(keep_going(name, work, announce), name=name)
                for name, work in parts.work.items()
            ]
            announce(
                "ready",
                node=self._config.node_name,
                lines=len(self._config.lines),
                smtp=", ".join(f"{host}:{port}" for host, port in parts.server.addresses),
            )
            await self._stopping.wait()
            await parts.server.stop()
            parts.caller.stop()
            parts.pool.stop_answering()
            await self._drain(parts.pool)
            for task in tasks:
                task.cancel()

    def _assemble(self, store: Store) -> Parts:
        """Every part of the gateway, none of them at work yet."""
        config, clock, events = self._config, self._clock, self._events
        routes = Routes(config, self._path, events.announce)
        rules = PickingUp.of(config)
        transport = build_transport(config.mail, config.hostname)
        alarms = Alarms(config, transport, clock, events.announce)
        health = Health(store, room_of(config, store), clock, events, alarms.tell)
        answering = Answering(
            *(store, lambda: routes.now, clock, events, rules),
            config.repeat_within,
            health.objection,
        )
        pool = Pool(self._lines(store, rules), answering.answer, clock.now, self._on_line_change)
        placing = Placing.of(config)
        caller = self._caller(store, pool, placing)
        intake = Intake(store, events, placing, config.readers_junk_list)
        server = MailServer(
            *(config.smtp, Directory.of(config), Gate.of(config), intake, clock),
            config.mail.postmaster,
            lambda: health.is_full,
        )
        renderer = Renderer(config.documents, Covers(config.documents, config.mail))
        why = Keeping(store, Explainer.of(config))
        rendering = Rendering(
            *(store, renderer, config.documents, clock, events, why.of_job),
            config.header,
            placing,
        )
        control = Control(config.state / SOCKET, events, commands(pool, store, health))
        work: Work = {
            "rendering": rendering.run,
            "calling": caller.run,
            "answering": pool.run,
            "routes": routes.run,
            "expiry": partial(self._expire, store),
            "retention": Sweeper(store, config.retention, clock, events.announce).run,
            "health": health.run,
            "control": control.run,
            **self._mail_out(store, routes, transport),
        }
        return Parts(server, pool, caller, renderer, work)

    def _reading(self, store: Store) -> Work:
        """What reads the text on received pages, where that is wanted and can be done."""
        config = self._config
        if not reads(config):
            return {}
        facts = (self._events.announce, config.node_name, config.ocr.workers)
        return {"reading": Reading(store, Reader(config.ocr), self._clock, *facts).run}

    def _caller(self, store: Store, pool: Pool, placing: Placing) -> Caller:
        config = self._config
        header = partial(Sending, config.header, zone=config.zone)
        settings = (config.node_name, config.retry, self._clock, self._events)
        return Caller(store, pool, *settings, header, placing.opening)

    def _mail_out(self, store: Store, routes: Routes, transport: Transport) -> Work:
        """What tells people: mails that are owed, and folders whose mails get their receipts."""
        config, clock, announce = self._config, self._clock, self._events.announce
        signer = signer_of(config)
        composer = Composer(
            store, config, transport, lambda: routes.config.targets, signer, announce
        )
        delivery = DeliveryWorker(store, transport, composer, clock, config.mail, announce)
        work: Work = {
            "mail out": partial(delivery.run, store.outbox_changed),
            **self._reading(store),
        }
        house = House(store, composer, clock, announce, config.mail.sender, config.hostname)
        for name, box in config.imap_outboxes.items():
            outbox = Outbox(name, box, Posting.of(config, name, box), house)
            work[f"imap outbox {name}"] = outbox.run
        return work

    def _lines(self, store: Store, rules: Mapping[str, PickingUp]) -> list[PoolLine]:
        config, notebook = self._config, StoreNotebook(store.experience)
        at_ring = rings_by(rules, self._clock)
        return build_lines(config.lines, notebook, config.copy_quality, at_ring)

    async def _drain(self, pool: Pool) -> None:
        """Let the calls in progress end."""
        self._events.announce("stopping", calls=_calls(pool))
        try:
            async with asyncio.timeout(DRAIN):
                while _calls(pool):
                    self._line_changed.clear()
                    await self._line_changed.wait()
        except TimeoutError:
            self._events.announce("calls cut off", calls=_calls(pool))

    async def _expire(self, store: Store) -> None:
        """Find calls whose gateway has died, faxes that no line was free for, and those that wait.

        What is unknown is settled also when nothing has ended now: who found it may have died.
        """
        wait, hours = self._config.retry.give_up_after, Placing.of(self._config).opening
        while True:
            await asyncio.sleep(EXPIRY)
            await store.expire(self._clock.now())
            await self._settle_unknown(store)
            for found in await store.expire_holds(self._clock.now()):
                self._events.announce("fax failed", recipient=found.recipient, cause=found.cause)
            for found in await store.give_up(self._clock.now(), wait, hours):
                self._events.announce("fax failed", recipient=found.recipient, cause=found.cause)
            await store.tell_delays(self._clock.now(), self._config.mail.receipts.delayed_after)

    def _on_line_change(self, status: LineStatus) -> None:
        """Tell who waits for the end of calls, and raise the alarm for a line that fails."""
        self._line_changed.set()
        known = self._out_of_order.get(status.name, "")
        if status.state is LineState.FAILED and status.failure != known:
            self._out_of_order[status.name] = status.failure
            self._events.alarm("line out of order", line=status.name, cause=status.failure)
        elif known and (status.page or status.state is LineState.RECEIVING):
            del self._out_of_order[status.name]
            self._events.announce("line works again", line=status.name)

    def _watch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled)

    def _signalled(self) -> None:
        if self._stopping.is_set():
            os._exit(1)  # twice means now; the store is safe at any instant
        self._stopping.set()


@contextmanager
def _held(lock: Path) -> Iterator[None]:
    """Hold the state directory, so that no second gateway resolves our calls as lost."""
    with lock.open("a") as file:
        hand_over(lock)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(f"another gateway is running on {lock.parent}") from None
        yield


def _calls(pool: Pool) -> int:
    """How many lines are in a call."""
    at_rest = {LineState.IDLE, LineState.FAILED}
    return sum(status.state not in at_rest for status in pool.status())
