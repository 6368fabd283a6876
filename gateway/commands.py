"""What the control socket answers: what each line does, and whether all is well."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.control import Command
from gateway.health import Health
from gateway.store import Store
from modems.pool import Pool
from modems.pool_line import LineState, LineStatus


def commands(pool: Pool, store: Store, health: Health) -> dict[str, Command]:
    """What the control socket answers."""

    async def lines(_: Mapping[str, object]) -> object:
        return {"lines": [_row(status) for status in pool.status()], "trouble": health.trouble}

    async def well(_: Mapping[str, object]) -> object:
        failed = {s.name: s.failure for s in pool.status() if s.state is LineState.FAILED}
        since = health.since.isoformat(timespec="seconds") if health.since else None
        return {
            "well": not (health.trouble or failed),
            "trouble": health.trouble,
            "since": since,
            "lines_out_of_order": failed,
        }

    async def wake(_: Mapping[str, object]) -> object:
        work = (store.render_changed, store.queue_changed, store.outbox_changed)
        for changed in (*work, store.readings.changed):
            changed.set()
        return {"woken": True}

    return {"lines": lines, "health": well, "wake": wake}


def _row(status: LineStatus) -> dict[str, object]:
    """A line as the administrator's table shows it."""
    uses = [use for use, on in (("send", status.sends), ("receive", status.receives)) if on]
    return {
        "name": status.name,
        "number": status.number,
        "use": ", ".join(uses),
        "state": str(status),
        "since": status.since.isoformat(timespec="seconds"),
    }
