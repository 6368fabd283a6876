"""Whoever a document makes this process be, it reaches nobody."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.offramp.barrier import MACHINES, Calls, assembled, assembled_for_one, shut
from gateway.offramp.isolate import End, Say, run_isolated
from gateway.offramp.limits import limit

# From Python 3.12 on a fork beside threads warns; those of other tests wait and hold no lock.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

NOBODY = 65534


def said(work: Callable[[], str], *, user: int | None) -> str:
    """What a shut child says, as this user or as another."""

    def child(say: Say) -> None:
        if user is not None:
            os.setgid(user)
            os.setuid(user)
        say((work() if shut() else "no filter").encode())

    outcome = run_isolated(child, memory=4_000_000_000, seconds=20, octets=10_000, processes=True)
    assert outcome.end is End.DONE
    return outcome.said.decode()


@pytest.fixture(params=["myself", "nobody"])
def user(request: pytest.FixtureRequest) -> int | None:
    """Myself, and an ordinary one where I may become one."""
    if request.param == "myself":
        return None
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    return NOBODY


def refusal_of(work: Callable[[], object]) -> str:
    """The error by which something is refused, or what came of it."""
    try:
        return f"done: {work()}"
    except OSError as error:
        return type(error).__name__


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        (socket.AF_INET, socket.SOCK_STREAM),
        (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_INET, socket.SOCK_RAW),
        (socket.AF_INET6, socket.SOCK_STREAM),
        (socket.AF_NETLINK, socket.SOCK_RAW),
        (socket.AF_PACKET, socket.SOCK_RAW),
        (socket.AF_UNIX, socket.SOCK_DGRAM),
    ],
    ids=str,
)
def test_there_are_no_sockets_of_the_network(user: int | None, family: int, kind: int) -> None:
    """No socket of any family but one's own is made, by root or anybody else."""
    assert said(lambda: refusal_of(lambda: socket.socket(family, kind)), user=user) == (
        "PermissionError"
    )


def test_nobody_on_this_machine_is_reached(user: int | None, tmp_path: Path) -> None:
    """A local service, such as a database, cannot be connected to; threads may still talk."""
    path = tmp_path / "service"
    tmp_path.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as service:
        service.bind(str(path))
        service.listen()

        def call() -> None:
            with socket.socket(socket.AF_UNIX) as caller:
                caller.connect(str(path))

        assert said(lambda: refusal_of(call), user=user) == "PermissionError"
    assert said(lambda: refusal_of(lambda: socket.socketpair()[0].fileno() > 0), user=user) == (
        "done: True"
    )


def test_programs_that_are_started_are_shut_too(user: int | None) -> None:
    """Another program inherits the filter and cannot take it off."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def call() -> str:
            command = f"exec 3<>/dev/tcp/127.0.0.1/{port}"
            done = subprocess.run(["bash", "-c", command], check=False, capture_output=True)
            return str(done.returncode)

        assert said(call, user=user) == "1"
        with socket.create_connection(("127.0.0.1", port)):  # it was not the listener's fault
            pass


def test_other_processes_are_left_alone() -> None:
    """The memory of another process of the same user cannot be read."""
    parent = os.getpid()

    def trace() -> str:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        return f"{libc.ptrace(16, parent, 0, 0)} {os.strerror(ctypes.get_errno())}"

    assert said(trace, user=None) == "-1 Permission denied"


def alone(work: Callable[[], object], *, user: int | None) -> str:
    """What becomes of work in a child that may start no processes, as this user or another."""

    def child(say: Say) -> None:
        if user is not None:
            os.setgid(user)
            os.setuid(user)
        limit(memory=4_000_000_000, seconds=20, processes=False)
        say(refusal_of(work).encode())

    outcome = run_isolated(child, memory=4_000_000_000, seconds=20, octets=10_000, processes=True)
    assert outcome.end is End.DONE
    return outcome.said.decode()


def test_a_document_starts_no_processes(user: int | None) -> None:
    """No fork and no program, by root or anybody else."""

    def fork() -> int:
        return os.fork() or os._exit(0)

    assert alone(fork, user=user) == "BlockingIOError"
    assert alone(lambda: subprocess.run(["true"], check=False), user=user) == "BlockingIOError"
    assert alone(lambda: os.posix_spawn("/bin/true", ["true"], {}), user=user) == "BlockingIOError"


def test_a_document_has_threads(user: int | None) -> None:
    """Libraries that work in threads do so, whoever runs the gateway: Pango asks for fonts so."""

    def thread() -> list[int]:
        done: list[int] = []
        worker = threading.Thread(target=lambda: done.append(1))
        worker.start()
        worker.join(10)
        return done

    assert alone(thread, user=user) == "done: [1]"


@pytest.mark.parametrize("assemble", [assembled, assembled_for_one])
@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_is_whole(machine: str, assemble: Callable[[Calls], bytes]) -> None:
    """Every jump of every machine's filter lands inside of it, and the end is an answer."""
    code = assemble(MACHINES[machine])
    steps = list(struct.iter_unpack("=HBBI", code))

    for at, (what, true, false, _) in enumerate(steps):
        if what & 0x07 == 0x05:  # a jump
            assert at + 1 + max(true, false) < len(steps)
    assert steps[-1][0] == 0x06
