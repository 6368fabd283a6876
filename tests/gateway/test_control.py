from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from gateway.control import Control
from gateway.events import Events


async def lines(_: Mapping[str, object]) -> object:
    return {"lines": [{"name": "caller"}]}


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
async def path(tmp_path: Path, events: Events) -> AsyncIterator[Path]:
    path = tmp_path / "control.sock"
    path.write_text("left by a gateway that was killed")
    server = asyncio.create_task(Control(path, events, {"lines": lines}).run())
    while not path.is_socket():
        await asyncio.sleep(0)
    yield path
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)
    assert not path.exists()


async def ask(path: Path, request: bytes) -> object:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(request + b"\n")
    answer = json.loads(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_command_is_answered_with_one_json_line(path: Path) -> None:
    """The administrator's question gets the command's answer."""
    assert await ask(path, b'{"command": "lines"}') == {"lines": [{"name": "caller"}]}


async def test_only_its_owner_may_open_the_socket(path: Path) -> None:
    """The socket is the administrator's door, not everybody's."""
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("request_", [b"lines", b"{}", b"[1]", b"\xff", b'"watch"', b"[" * 60_000])
async def test_rubbish_is_told_what_was_expected(path: Path, request_: bytes) -> None:
    """A line that is no request gets an error that shows one."""
    answer = await ask(path, request_)

    assert isinstance(answer, dict)
    assert "one JSON line was expected" in answer["error"]


async def test_an_unknown_command_is_told_the_known_ones(path: Path) -> None:
    """A misspelt command gets the list."""
    assert await ask(path, b'{"command": "linse"}') == {
        "error": "no command 'linse'; there are lines, watch"
    }


async def test_a_command_that_is_no_word_is_unknown(path: Path) -> None:
    """A name may be any JSON value; none of them breaks the connection."""
    for name in (b"[]", b"{}", b"null", b"1"):
        answer = await ask(path, b'{"command": ' + name + b"}")
        assert isinstance(answer, dict)
        assert "no command" in answer["error"]


async def test_watch_streams_what_happens(path: Path, events: Events) -> None:
    """A watcher sees each event on a line of its own, until it goes."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b'{"command": "watch"}\n')
    assert json.loads(await reader.readline())["event"] == "watching"

    events.announce("calling", number="1")
    events.announce("fax sent", pages=2)

    assert json.loads(await reader.readline())["number"] == "1"
    assert json.loads(await reader.readline())["pages"] == 2
    writer.close()
    await writer.wait_closed()
