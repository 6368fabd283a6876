"""`faxgate purge`: delete now what `retention` says is old; a running gateway does so by itself."""

from __future__ import annotations

import json

from gateway.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, app, read_config, run
from gateway.clock import SystemClock
from gateway.config.model import Config
from gateway.storage import opened
from gateway.sweeper import Sweeper


@app.command("purge")
def purge(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Delete what is older than `retention` says and nobody needs any more."""
    gone = run(_swept(read_config(config)))
    if as_json:
        print(json.dumps(gone, indent=2))
        return
    print("\n".join(f"{kind}: {count} deleted" for kind, count in gone.items()))


async def _swept(settings: Config) -> dict[str, int]:
    async with opened(settings) as store:
        sweeper = Sweeper(store, settings.retention, SystemClock(), lambda *_, **__: None)
        return await sweeper.sweep()
