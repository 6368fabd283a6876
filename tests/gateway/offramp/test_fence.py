"""A document that has taken over its process finds nothing to read, and nowhere to write."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.offramp import landlock
from gateway.offramp.fence import FILES, NETWORK, POWERS, fence_in, fence_writing, font_directories
from gateway.offramp.isolate import End, Say, run_isolated
from gateway.offramp.scratch import sweep_sockets
from gateway.offramp.workers import Worker

# From Python 3.12 on a fork beside threads warns; those of other tests wait and hold no lock.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
    pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock"),
]

NOBODY = 65534


@pytest.fixture
def home() -> Iterator[Path]:
    """What a gateway has beside the directory of its worker: a database, a key, its YAML."""
    with tempfile.TemporaryDirectory(prefix="fence-") as directory:
        path = Path(directory)
        path.chmod(0o755)
        for name in ("faxgate.db", "receipt.key", "gateway.yaml"):
            (path / name).write_text("secret")
        (path / "scratch").mkdir()
        (path / "scratch").chmod(0o777)
        yield path


@pytest.fixture(params=["myself", "nobody"])
def user(request: pytest.FixtureRequest) -> int | None:
    """Myself, who owns all this, and an ordinary user where I may become one."""
    if request.param == "myself":
        return None
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    return NOBODY


def said(work: Callable[[], object], scratch: Path, user: int | None = None) -> str:
    """What becomes of work in a fenced child: the name of the error, or what it gives."""

    def child(say: Say) -> None:
        if user is not None:
            os.setgid(user)
            os.setuid(user)
        fence_in(scratch)
        try:
            say(f"done: {work()}".encode())
        except OSError as error:
            say(type(error).__name__.encode())

    outcome = run_isolated(child, memory=4_000_000_000, seconds=20, octets=10_000, processes=True)
    assert outcome.end is End.DONE
    return outcome.said.decode()


@pytest.mark.parametrize("name", ["faxgate.db", "receipt.key", "gateway.yaml"])
def test_the_gateways_own_files_cannot_be_read(home: Path, user: int | None, name: str) -> None:
    """Not by the user whom they belong to, not by root, not by way of a link or of /proc."""
    secret, scratch = home / name, home / "scratch"
    ways: list[Callable[[], object]] = [
        secret.read_bytes,
        (scratch / ".." / name).read_bytes,
        Path(f"/proc/self/root{secret}").read_bytes,
        lambda: names_in(home),
        lambda: os.link(secret, scratch / "hard"),
        lambda: secret.rename(scratch / "moved"),
        lambda: through_a_link(secret, scratch),
    ]

    for way in ways:
        assert said(way, scratch, user) in {"PermissionError", "OSError"}
    assert secret.read_text() == "secret"


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def through_a_link(secret: Path, scratch: Path) -> bytes:
    link = scratch / "soft"
    link.symlink_to(secret)
    return link.read_bytes()


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "/etc/machine-id", "/root", "/home", "/proc/1/environ", "/var/log"]
)
def test_private_files_of_the_machine_cannot_be_read(home: Path, path: str) -> None:
    """Whoever we are."""
    if not Path(path).exists():
        pytest.skip(f"this machine has no {path}")
    place = Path(path)
    way: Callable[[], object] = place.read_bytes if place.is_file() else lambda: names_in(place)

    assert said(way, home / "scratch") == "PermissionError"


def test_a_program_that_it_starts_is_fenced_too(home: Path) -> None:
    """A process that was started cannot do more than its parent."""

    def way() -> int:
        command = ["/bin/cat", str(home / "faxgate.db")]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert said(way, home / "scratch") == "done: 1"


def test_nothing_is_written_outside_of_its_directory(home: Path, user: int | None) -> None:
    """Neither new files nor old ones, nor their modes and owners."""
    secret, scratch = home / "faxgate.db", home / "scratch"
    ways: list[Callable[[], object]] = [
        lambda: (home / "new").write_bytes(b"x"),
        lambda: secret.open("ab"),
        lambda: os.truncate(secret, 0),
        secret.unlink,
        lambda: secret.chmod(0o777),
        lambda: os.chown(secret, 1, 1),
        lambda: Path("/tmp/left behind").write_bytes(b"x"),
        lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(8, 0)),
    ]

    for way in ways:
        assert said(way, scratch, user) == "PermissionError"
    assert secret.read_text() == "secret"
    assert said(lambda: (scratch / "mine").write_bytes(b"xyz"), scratch, user) == "done: 3"


def test_one_document_leaves_nothing_for_the_next(home: Path) -> None:
    """In its own directory it writes, and not in its worker's."""
    scratch = home / "scratch"
    (scratch / "part").mkdir()

    def way() -> list[str]:
        fence_writing(scratch / "part")
        (scratch / "part" / "mine").write_bytes(b"x")
        try:
            (scratch / "for the next").write_bytes(b"x")
        except PermissionError:
            return names_in(scratch)
        return []

    assert said(way, scratch) == "done: ['part']"


@pytest.mark.skipif(landlock.version() < 6, reason="this kernel's Landlock knows no signals")
def test_nobody_outside_can_be_killed(home: Path) -> None:
    """Not its parent, though it belongs to the same user."""
    parent = os.getpid()

    assert said(lambda: os.kill(parent, 0), home / "scratch") == "PermissionError"
    assert said(lambda: os.kill(os.getpid(), signal.SIGCONT), home / "scratch") == "done: None"


@pytest.mark.skipif(os.getuid() != 0, reason="only root has root's powers")
def test_root_has_no_powers_left(home: Path) -> None:
    """Beside opening the files that it may open; also in a program that it starts."""

    def way() -> str:
        return subprocess.run(
            ["/bin/grep", "-E", "Cap(Prm|Eff|Bnd)", "/proc/self/status"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    told = said(way, home / "scratch")
    powers = [int(line.split()[-1], 16) for line in told.splitlines() if line.startswith("Cap")]
    assert all(bits & ~0b110 == 0 for bits in powers)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


def test_a_document_inherits_no_open_file(home: Path) -> None:
    """Of the pipes by which a worker hears of the next mail it has none."""
    with (home / "faxgate.db").open() as database:
        number = database.fileno()
        os.set_inheritable(number, True)

        def child(say: Say) -> None:
            try:
                say(os.read(number, 100))
            except OSError as error:
                say(type(error).__name__.encode() + os.read(0, 100))

        outcome = run_isolated(child, memory=4_000_000_000, seconds=20, octets=100)

    assert outcome.said == b"OSError"


def test_the_fence_tells_what_it_has(home: Path) -> None:
    """For the log and for `faxgate check`."""
    told = said(lambda: "; ".join(fence_in(home / "scratch").up), home / "scratch")

    assert FILES.format(version=landlock.version()) in told
    assert (POWERS in told) is (os.getuid() == 0)


def test_a_kernel_without_it_says_so(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Documents are drawn all the same, and what is missing is known."""
    monkeypatch.setattr(landlock, "version", lambda: 0)

    def way() -> bytes:
        return (home / "faxgate.db").read_bytes()

    assert said(lambda: fence_in(home / "scratch").files, home / "scratch") == "done: False"
    if os.getuid() != 0:
        assert said(way, home / "scratch") == "done: b'secret'"


def test_a_worker_is_fenced_in() -> None:
    """Before it is given a mail, and it says by what."""
    worker = Worker()
    worker.start()
    worker.close()

    assert worker.fenced
    assert NETWORK in worker.barriers


def test_a_dead_socket_of_libreoffice_is_removed(tmp_path: Path) -> None:
    """One that still has a listener, and one of somebody else, are left alone."""
    name = f"OSL_PIPE_{os.getuid()}_SingleOfficeIPC_"
    with socket.socket(socket.AF_UNIX) as dead, socket.socket(socket.AF_UNIX) as alive:
        dead.bind(str(tmp_path / f"{name}1"))
        alive.bind(str(tmp_path / f"{name}2"))
        alive.listen()
        dead.close()
        (tmp_path / "OSL_PIPE_99_SingleOfficeIPC_3").touch()
        sweep_sockets(tmp_path)

    assert sorted(path.name[-1] for path in tmp_path.iterdir()) == ["2", "3"]


def test_fonts_are_where_fontconfig_says() -> None:
    """So that those of an administrator's own directory can be drawn with."""
    assert Path("/usr/share/fonts") in font_directories()
