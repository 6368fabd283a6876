"""What the gateway does when it can keep nothing more, and who hears of it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway import room as room_module
from gateway.clock import SettableClock
from gateway.config.mail import Channel, MaildirOut, MailOut
from gateway.config.model import Config
from gateway.events import Events
from gateway.health import GOOD_LOOKS, Health
from gateway.mailout.alarm import Alarms, recipients
from gateway.mailout.transport import TemporaryFailure
from gateway.room import Room
from gateway.said import Said
from gateway.store import StoreUnavailable
from tests.gateway.store.samples import NOW

RESERVE = 100_000_000


async def nothing_spare() -> int:
    """A store without a free page."""
    return 0


@dataclass
class Probe:
    """A store that takes what it is told, or not."""

    fails: bool = False
    in_doubt: bool = False

    async def probe(self) -> None:
        """Write."""
        if self.fails:
            self.in_doubt = True
            raise StoreUnavailable("attempt to write a readonly database")
        self.in_doubt = False


@dataclass
class Scene:
    """A gateway's health, with a disk that can be filled."""

    free: int = 10 * RESERVE
    spare: int = 0
    probe: Probe = field(default_factory=Probe)
    told: list[tuple[bool, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        room = Room(Path("/var/lib/faxgate"), RESERVE, self._spare)
        self.health = Health(self.probe, room, SettableClock(NOW), Events(), self._tell)

    async def _spare(self) -> int:
        return self.spare

    async def _tell(self, bad: bool, why: str, since: datetime) -> None:
        del since
        self.told.append((bad, why))

    async def look(self, times: int = 1) -> None:
        """Look so often; what is told then has been told."""
        for _ in range(times):
            await self.health.look()
            await asyncio.sleep(0)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """With its disk."""
    scene = Scene()

    def statvfs(_: Path) -> object:
        return SimpleNamespace(f_bavail=scene.free, f_frsize=1)

    monkeypatch.setattr(room_module, "os", SimpleNamespace(statvfs=statvfs))
    return scene


async def test_an_incident_is_told_once_and_again_when_it_is_over(scene: Scene) -> None:
    """However long the disk is full, and however often it is nearly so, there is one alarm."""
    await scene.look(3)
    assert (await scene.health.objection(), scene.told) == ("", [])
    scene.free = RESERVE - 1
    assert "the reserve is 100 MB" in await scene.health.objection()
    await scene.look(20)
    scene.free = RESERVE
    await scene.look(GOOD_LOOKS - 1)
    scene.free = RESERVE - 1
    await scene.look()
    assert [bad for bad, _ in scene.told] == [True]
    assert scene.health.since == NOW
    assert scene.health.is_full

    scene.free = 2 * RESERVE
    await scene.look(GOOD_LOOKS)
    assert [bad for bad, _ in scene.told] == [True, False]
    assert (scene.health.trouble, await scene.health.objection()) == ("", "")
    assert [scene.health.is_full] == [False]


async def test_room_within_the_database_counts(scene: Scene) -> None:
    """What was deleted from SQLite's file is used again, though the disk has not got it back."""
    scene.free, scene.spare = RESERVE // 2, RESERVE
    assert await scene.health.objection() == ""


async def test_a_store_that_takes_nothing_is_an_incident(scene: Scene) -> None:
    """Also with room: a store that is busy for a moment is none, one that stays so is."""
    scene.probe.fails = scene.probe.in_doubt = True
    await scene.look()
    assert scene.told == []
    await scene.look(5)
    assert [bad for bad, _ in scene.told] == [True]
    assert "readonly" in scene.told[0][1]
    assert not scene.health.is_full
    scene.probe.fails = False
    await scene.look(GOOD_LOOKS)
    assert [bad for bad, _ in scene.told] == [True, False]


async def test_a_quiet_gateway_notices_too(scene: Scene) -> None:
    """Without a call or a mail something is written now and then."""
    scene.probe.fails = True
    await scene.look(40)
    assert len(scene.told) == 1


async def test_without_a_reserve_the_disk_is_not_looked_at() -> None:
    """0 turns it off, also where there is no such directory."""
    assert await Room(Path("/nowhere"), 0, nothing_spare).shortage() == ""
    assert "No such file" in await Room(Path("/nowhere"), 1, nothing_spare).shortage()


async def test_the_room_of_a_real_disk_is_seen(tmp_path: Path) -> None:
    """Free octets are those that a file could have."""
    found = os.statvfs(tmp_path)
    free = found.f_bavail * found.f_frsize
    assert await Room(tmp_path, free // 2, nothing_spare).shortage() == ""
    assert "MB are free" in await Room(tmp_path, 2 * free, nothing_spare).shortage()


class Deaf:
    """A transport that takes nothing at first."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.took: list[tuple[str, bytes]] = []

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        """Take it, or not."""
        assert envelope_from == ""
        if self.failures:
            self.failures -= 1
            raise TemporaryFailure("disk full")
        self.took.append((to, message))


def config(tmp_path: Path) -> Config:
    """With a postmaster who reads Polish, and a channel for alarms."""
    mail = MailOut(
        sender="fax@fax.example",
        transport=MaildirOut(directory=tmp_path),
        postmaster="root@example.pl",
        languages={"example.pl": "pl"},
        channels=(
            Channel(name="sms", tell=("alarm",), urls=("json://localhost",)),
            Channel(name="chat", urls=("json://localhost",)),
        ),
    )
    return Config(domain="fax.example", node="n1", state=tmp_path, mail=mail)


@pytest.mark.virtual_time
async def test_the_alarm_is_tried_until_it_is_heard(tmp_path: Path) -> None:
    """It needs no store; postmaster and channel get it in their language, in order, once each."""
    transport = Deaf(failures=5)
    shape = "only {free} MB are free in {place}; the reserve is {reserve} MB"
    why = Said(shape, {"free": 3, "place": "/srv", "reserve": 100})
    alarms = Alarms(config(tmp_path), transport, SettableClock(NOW), lambda *_, **__: None)
    assert [*recipients(config(tmp_path))] == ["root@example.pl", "channel:sms"]
    async with asyncio.TaskGroup() as group:
        group.create_task(alarms.tell(True, why, NOW))
        await asyncio.sleep(1)
        group.create_task(alarms.tell(False, why, NOW))

    ours = [message for to, message in transport.took if to == "root@example.pl"]
    assert len(transport.took) == 2 * len(ours) == 4
    assert b"w /srv wolne jest tylko 3 MB" in ours[0].replace(b"=\r\n", b"")
    assert b"ALARM: brama faksowa" in ours[0]
    assert b"ALARM" not in ours[1]
