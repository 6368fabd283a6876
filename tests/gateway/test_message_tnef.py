"""What Outlook packed is faxed as if it had not been packed."""

from __future__ import annotations

import struct
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.message import Role, read, tnef
from gateway.message.part import TNEF_BODY
from gateway.message.tnef import unpacked
from tests.gateway.outlook import winmail

RTF = rb"{\rtf1\ansi Hello from Outlook}"


def mail(body: str, content: bytes, kind: str = "ms-tnef", name: str = "winmail.dat") -> bytes:
    """A mail with a winmail.dat."""
    message = EmailMessage()
    message["Subject"] = "x"
    if body:
        message.set_content(body)
    message.add_attachment(content, maintype="application", subtype=kind, filename=name)
    return message.as_bytes()


def shape(raw: bytes) -> list[tuple[str, str, Role]]:
    """Name, type and role of each part."""
    return [(part.name, part.content_type, part.role) for part in read(raw).parts]


def test_its_attachments_are_parts() -> None:
    """Each packed document is a document, in its order."""
    packed = winmail(("Umowa.pdf", b"%PDF-1"), ("scan.tif", b"II*\0"))

    parts = read(mail("Hello", packed)).parts
    assert [part.name for part in parts] == ["The message text", "Umowa.pdf", "scan.tif"]
    assert [part.content for part in parts[1:]] == [b"%PDF-1", b"II*\0"]


def test_its_text_is_taken_where_there_is_no_other() -> None:
    """A packed text repeats the mail's own; alone, it is the message."""
    packed = winmail(("a.pdf", b"%PDF-1"), rtf=RTF)

    assert [name for name, _, _ in shape(mail("Hello", packed))] == ["The message text", "a.pdf"]
    assert shape(mail("", packed))[0] == (TNEF_BODY, "application/rtf", Role.BODY)
    assert read(mail("", packed)).parts[0].content.rstrip(b"\0") == RTF


def test_the_nul_at_the_end_of_its_text_is_no_text() -> None:
    """A plain text that Outlook packed is read as text, without the mark of its end."""
    data = b"Hello\r\nJan\0"
    head = struct.pack("<BII", 1, 0x0002800C, len(data))  # attBody, [MS-OXTNEF] 2.1.3.1
    packed = winmail() + head + data + struct.pack("<H", sum(data) & 0xFFFF)

    assert read(mail("", packed)).parts[0].content == b"Hello\nJan"


def test_html_is_better_than_rtf() -> None:
    """Of two packed texts the one is taken that everybody can draw."""
    content = unpacked(winmail(rtf=RTF, html=b"<p>Hello"))

    assert content is not None
    assert (content.text, content.text_type) == (b"<p>Hello", "text/html")


def test_it_is_known_by_its_octets() -> None:
    """A winmail.dat of another name and type is unpacked too."""
    packed = winmail(("a.pdf", b"%PDF-1"))

    assert shape(mail("", packed, kind="octet-stream", name="attachment.bin"))[0][0] == "a.pdf"


def test_damage_has_a_reason() -> None:
    """What cannot be unpacked is told, not dropped."""
    parts = read(mail("", winmail(("a.pdf", b"%PDF-1"))[:9])).parts

    assert [part.name for part in parts] in ([], ["winmail.dat"])
    broken = read(mail("", b"no tnef at all")).parts
    assert broken[0].reason == "is Outlook's own format and damaged"


def test_what_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library would count to four thousand million, what it read before is taken."""
    monkeypatch.setattr(tnef, "SECONDS", 0.2)
    packed = winmail(html=b"x")
    count = packed.index(struct.pack("<IHH", 1, 0x0102, 0x1013))
    endless = packed[:count] + struct.pack("<I", 2**32 - 1) + packed[count + 4 :]

    content = unpacked(endless)
    assert content is not None
    assert content.text == b"x"


@settings(max_examples=50)
@given(st.binary(max_size=300), st.integers(0, 200))
def test_any_octets_are_unpacked_or_not(noise: bytes, at: int) -> None:
    """Whatever is in it, unpacking ends without an exception."""
    packed = winmail(("a.pdf", b"%PDF-1" * 20), rtf=RTF)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tnef, "SECONDS", 0.1)
        unpacked(packed[:at] + noise + packed[at + len(noise) :])
