from __future__ import annotations

from gateway.events import BACKLOG, Events


async def test_a_watcher_gets_what_is_announced() -> None:
    """An event reaches every watcher with its name, its time and its fields."""
    events = Events()
    with events.watch() as queue:
        events.announce("calling", number="+48222000002")

        event = queue.get_nowait()

    assert event["event"] == "calling"
    assert event["number"] == "+48222000002"
    assert str(event["at"]).endswith("+00:00")


async def test_a_slow_watcher_loses_the_oldest() -> None:
    """A watcher that does not read keeps the newest events; the gateway never waits for it."""
    events = Events()
    with events.watch() as queue:
        for n in range(BACKLOG + 3):
            events.announce("tick", n=n)

        assert queue.qsize() == BACKLOG
        assert queue.get_nowait()["n"] == 3


async def test_who_stops_watching_is_forgotten() -> None:
    """After the watch ends nothing is kept for it."""
    events = Events()
    with events.watch() as queue:
        pass
    events.announce("tick")

    assert queue.empty()
