"""Maildir deliveries are read back by the standard library's mailbox module."""

from __future__ import annotations

import mailbox
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mailout.maildir import LONGEST_NAME, Maildir, directory_name, file_name
from gateway.mailout.transport import TemporaryFailure

MAIL = b"Subject: Fax\r\nMessage-ID: <a1@fax.localhost>\r\n\r\nbody\r\n"
TO = "office@example.org"


def mails(directory: Path, address: str = TO) -> list[mailbox.MaildirMessage]:
    """What a mail program finds."""
    return list(mailbox.Maildir(directory / address, create=False))


async def test_a_mail_is_found_by_a_mail_program(tmp_path: Path) -> None:
    """A delivered mail lies in the Maildir of its address with its envelope in front."""
    await Maildir(tmp_path / "mail").deliver("fax@fax.localhost", TO, MAIL)
    (mail,) = mails(tmp_path / "mail")

    assert mail["Subject"] == "Fax"
    assert mail["Return-Path"] == "<fax@fax.localhost>"
    assert mail["Delivered-To"] == TO
    assert mail.get_payload() == "body\n"


async def test_the_same_mail_twice_is_one_mail(tmp_path: Path) -> None:
    """A repeat of a Message-ID after a crash replaces the first copy."""
    for _ in range(2):
        await Maildir(tmp_path).deliver("", TO, MAIL)

    assert len(mails(tmp_path)) == 1


async def test_a_mail_that_was_read_is_not_delivered_again(tmp_path: Path) -> None:
    """A repeat is recognised where the reader has moved and flagged the first copy."""
    await Maildir(tmp_path).deliver("", TO, MAIL)
    (new,) = (tmp_path / TO / "new").iterdir()
    new.rename(tmp_path / TO / "cur" / f"{new.name}:2,S")
    await Maildir(tmp_path).deliver("", TO, MAIL)

    assert len(mails(tmp_path)) == 1


async def test_different_mails_are_kept_apart(tmp_path: Path) -> None:
    """Another Message-ID is another mail, whatever the content."""
    await Maildir(tmp_path).deliver("", TO, MAIL)
    await Maildir(tmp_path).deliver("", TO, MAIL.replace(b"<a1@", b"<a2@"))

    assert len(mails(tmp_path)) == 2


def test_mails_without_identity_are_told_by_their_content() -> None:
    """Without a Message-ID, equal octets are the same mail and others are not."""
    assert file_name(b"Subject: a\r\n\r\n") == file_name(b"Subject: a\r\n\r\n")
    assert file_name(b"Subject: a\r\n\r\n") != file_name(b"Subject: b\r\n\r\n")


async def test_only_the_owner_may_read(tmp_path: Path) -> None:
    """Faxes are private: directories 0700, files 0600."""
    await Maildir(tmp_path).deliver("", TO, MAIL)
    (file,) = (tmp_path / TO / "new").iterdir()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / TO).stat().st_mode) == 0o700


@pytest.mark.parametrize("address", ["../../etc/cron.d/x@y", "/etc/passwd", "..", ".", "", "a\0b"])
async def test_no_address_leads_out_of_the_directory(tmp_path: Path, address: str) -> None:
    """Whatever the address, its Maildir is one directory directly below ours."""
    ours = tmp_path / "mail"
    await Maildir(ours).deliver("", address, MAIL)

    assert list(tmp_path.iterdir()) == [ours]
    (maildir,) = ours.iterdir()
    assert {folder.name for folder in maildir.iterdir()} == {"tmp", "new", "cur"}


@given(st.text(max_size=400))
def test_directory_names_are_safe(address: str) -> None:
    """A name has no separator, is not hidden, not empty, and fits the file system."""
    name = directory_name(address)

    assert name
    assert not set(name) & {"/", "\0"}
    assert not name.startswith(".")
    assert len(os.fsencode(name)) <= LONGEST_NAME


@given(st.text(max_size=80), st.text(max_size=80))
def test_directory_names_are_one_to_one(one: str, other: str) -> None:
    """Two addresses share a Maildir only if they differ in nothing but case."""
    assert (directory_name(one) == directory_name(other)) == (one.lower() == other.lower())


def test_long_addresses_are_cut_and_kept_apart() -> None:
    """A name never outgrows the file system, and the cut does not merge two addresses."""
    one, other = ("a" * 5000 + end + "@example.org" for end in "bc")

    assert len(directory_name(one)) == LONGEST_NAME
    assert directory_name(one) != directory_name(other)


def test_ordinary_addresses_stay_readable() -> None:
    """An administrator finds the Maildir of an ordinary address under that address."""
    assert directory_name("Office+fax@Example.org") == "office+fax@example.org"


async def test_a_disk_that_refuses_is_a_temporary_failure(tmp_path: Path) -> None:
    """What the operator can mend is tried again later, and leaves nothing behind."""
    (tmp_path / "mail").write_text("a file where the directory should be")

    with pytest.raises(TemporaryFailure, match="mail: Not a directory"):
        await Maildir(tmp_path / "mail").deliver("", TO, MAIL)


async def test_a_failed_write_leaves_no_file(tmp_path: Path) -> None:
    """When the rename fails, the half of the mail in tmp is removed."""
    maildir = Maildir(tmp_path)
    await maildir.deliver("", TO, MAIL)
    (file,) = (tmp_path / TO / "new").iterdir()
    file.unlink()
    (file / "in the way").mkdir(parents=True)

    with pytest.raises(TemporaryFailure):
        await maildir.deliver("", TO, MAIL)

    assert list((tmp_path / TO / "tmp").iterdir()) == []


@given(sender=st.text(max_size=40), to=st.text(min_size=1, max_size=40))
def test_the_envelope_cannot_break_the_header(sender: str, to: str) -> None:
    """No envelope address adds a header line to the file."""
    import asyncio
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(Maildir(Path(directory)).deliver(sender, to, MAIL))
        (mail,) = mails(Path(directory), directory_name(to))

    assert mail.keys() == ["Return-Path", "Delivered-To", "Subject", "Message-ID"]
