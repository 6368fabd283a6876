"""A mail becomes its parts in the order of their pages, whatever its maker did to MIME."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.message import Body, Message, Part, Role, read
from gateway.message.parts import PART_LIMIT

PDF = b"%PDF-1.4 example"


def mail(*lines: str) -> bytes:
    """A mail of these lines."""
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n"


def multipart(kind: str, *parts: str) -> list[str]:
    """The lines of a multipart with boundary "b" of these parts, each header and content."""
    lines = [f'Content-Type: multipart/{kind}; boundary="b-{kind}"', ""]
    for part in parts:
        lines += [f"--b-{kind}", part]
    return [*lines, f"--b-{kind}--"]


def named(message: Message) -> list[tuple[str, Role]]:
    """Names and roles."""
    return [(part.name, part.role) for part in message.parts]


def bodies(message: Message) -> list[str]:
    """The texts of the mail itself."""
    return [part.content.decode() for part in message.parts if part.role is Role.BODY]


PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\nplain text"
HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>markup <img src='cid:logo@x'></p>"
LOGO = "Content-Type: image/png; name=logo.png\r\nContent-ID: <logo@x>\r\n\r\npicture"
SCAN = "Content-Type: application/pdf; name=scan.pdf\r\n\r\n%PDF-"


def test_a_bare_mail_is_its_text() -> None:
    """A mail without any MIME is one body."""
    assert bodies(read(b"Subject: x\n\nHello\n")) == ["Hello\n"]


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-2", "windows-1250", "utf-16", "gb18030"])
def test_a_body_is_utf8_whatever_it_was(charset: str) -> None:
    """A body's content is UTF-8, decoded by its charset."""
    text = "zażółć" if charset != "gb18030" else "你好"
    raw = mail(
        f"Content-Type: text/plain; charset={charset}",
        "Content-Transfer-Encoding: base64",
        "",
        b64encode(text.encode(charset)).decode(),
    )

    assert bodies(read(raw))[0].strip() == text


def test_the_plain_alternative_is_taken() -> None:
    """Of an alternative the plain text is the body, and the HTML is not a page."""
    message = read(mail(*multipart("alternative", PLAIN, HTML)))

    assert bodies(message) == ["plain text"]
    assert len(message.parts) == 1


def test_html_is_taken_where_the_plain_text_says_nothing() -> None:
    """An empty plain alternative gives way to the HTML."""
    empty = "Content-Type: text/plain\r\n\r\n \r\n"
    message = read(mail(*multipart("alternative", empty, HTML)))

    assert [part.content_type for part in message.parts] == ["text/html"]


def test_a_document_in_the_branch_not_taken_is_kept() -> None:
    """Apple Mail hangs attachments beside the HTML: they are pages all the same."""
    inner = "\r\n".join(multipart("mixed", HTML, SCAN))
    message = read(mail(*multipart("alternative", PLAIN, inner)))

    assert named(message) == [("The message text", Role.BODY), ("scan.pdf", Role.ATTACHMENT)]


def test_html_brings_its_pictures() -> None:
    """A picture that the HTML shows by its Content-ID belongs to it and is no page."""
    message = read(mail(*multipart("related", HTML, LOGO)))

    (html,) = message.parts
    assert html.pictures["logo@x"].strip() == b"picture"


def test_a_picture_that_the_html_does_not_show_is_a_page() -> None:
    """What hangs in multipart/related without being shown stands for itself."""
    other = LOGO.replace("<logo@x>", "<other@x>")
    message = read(mail(*multipart("related", HTML, other)))

    assert named(message) == [("The message text", Role.BODY), ("logo.png", Role.ATTACHMENT)]


def test_attachments_keep_their_order() -> None:
    """Body first, then the documents as they were attached."""
    message = read(mail(*multipart("mixed", PLAIN, LOGO, SCAN)))

    assert [name for name, _ in named(message)] == ["The message text", "logo.png", "scan.pdf"]


def test_an_empty_body_is_no_page() -> None:
    """White space before an attachment does not become a page."""
    blank = "Content-Type: text/plain\r\n\r\n \u00a0\r\n"

    assert named(read(mail(*multipart("mixed", blank, SCAN)))) == [("scan.pdf", Role.ATTACHMENT)]


@pytest.mark.parametrize(
    "markup", ["<html><head><title>x</title></head><body>&nbsp;<br></body>", "<!-- x --><style>p{}"]
)
def test_html_that_shows_nothing_is_no_page(markup: str) -> None:
    """Markup around nothing visible is an empty body."""
    assert read(mail("Content-Type: text/html", "", markup)).parts == ()


def test_texts_in_a_row_share_their_pages() -> None:
    """A footer that a mailing list appends is set below the text, not on a page of its own."""
    footer = PLAIN.replace("plain text", "the list's footer")

    assert bodies(read(mail(*multipart("mixed", PLAIN, footer)))) == [
        "plain text\n\nthe list's footer"
    ]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename*=utf-8''%C5%82%C3%B3d%C5%BA.pdf", "łódź.pdf"),
        ("attachment; filename*0*=utf-8''%C5%82%C3%B3; filename*1*=d%C5%BA.pdf", "łódź.pdf"),
        ('attachment; filename="=?utf-8?Q?=C5=82=C3=B3d=C5=BA.pdf?="', "łódź.pdf"),
        ('attachment; filename="łódź.pdf"', "łódź.pdf"),
        ('attachment; filename="C:\\\\docs\\\\a.pdf"', "a.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment; filename*=nonsense''%C5%82.pdf", "ł.pdf"),
        ("attachment", "unnamed application/pdf"),
    ],
)
def test_names_are_read_in_every_dress(header: str, name: str) -> None:
    """File names of RFC 2231, RFC 2047 and raw octets are decoded, and never a path."""
    raw = mail("Content-Type: application/pdf", f"Content-Disposition: {header}", "", "%PDF-")

    assert read(raw).parts[0].name == name


def test_a_forwarded_mail_is_its_heading_text_and_documents() -> None:
    """message/rfc822 becomes who wrote it, what they wrote, and what they attached."""
    inner = "\r\n".join(
        ["From: Jan <jan@x>", "Subject: =?utf-8?Q?=C5=BC?=", *multipart("mixed", PLAIN, SCAN)]
    )
    forwarded = "Content-Type: message/rfc822\r\n\r\n" + inner
    message = read(mail(*multipart("digest", forwarded)))

    (body,) = bodies(message)
    assert "From: Jan <jan@x>\nSubject: ż" in body
    assert "plain text" in body
    assert named(message)[1] == ("scan.pdf", Role.ATTACHMENT)


@pytest.mark.parametrize(
    "kind",
    ["application/pgp-signature", "application/pkcs7-signature", "text/calendar", "text/vcard"],
)
def test_what_is_never_a_page_says_so(kind: str) -> None:
    """Signatures, invitations and contact cards are skipped with a sentence."""
    card = f"Content-Type: {kind}; name=x\r\n\r\nx"
    part = read(mail(*multipart("mixed", PLAIN, card))).parts[1]

    assert part.role is Role.SKIPPED
    assert part.reason


@pytest.mark.parametrize("kind", ["application/pkcs7-mime", "multipart/encrypted; boundary=x"])
def test_what_cannot_be_read_says_so(kind: str) -> None:
    """An encrypted mail is a part with a reason, not a blank page."""
    (part,) = read(mail(f"Content-Type: {kind}", "", "--x", "", "secret", "--x--")).parts

    assert "encrypted" in part.reason


def test_a_signed_mail_is_what_was_signed() -> None:
    """Of multipart/signed the content is faxed."""
    signature = "Content-Type: application/pgp-signature; name=s.asc\r\n\r\nx"
    message = read(mail(*multipart("signed", PLAIN, signature)))

    assert bodies(message) == ["plain text"]


def test_flowed_text_flows() -> None:
    """format=flowed is joined to paragraphs."""
    raw = mail("Content-Type: text/plain; format=flowed; delsp=no", "", "one ", "two")

    assert bodies(read(raw)) == ["one two"]


def test_a_text_in_no_charset_says_so() -> None:
    """A body that cannot be decoded is a part with a reason."""
    raw = b"Content-Type: text/plain\n\n" + bytes(range(128, 160)) * 30

    assert "character set" in read(raw).parts[0].reason


def test_html_tells_its_charset_itself() -> None:
    """A charset in the HTML's own meta element is believed when MIME names none."""
    raw = b"Content-Type: text/html\n\n<meta charset=iso-8859-2><p>" + "źdźbło".encode("iso8859-2")

    assert "źdźbło" in bodies(read(raw))[0]


def test_a_mac_file_is_its_data() -> None:
    """Of multipart/appledouble the document is taken and the resource fork is not."""
    fork = "Content-Type: application/applefile; name=scan.pdf\r\n\r\nx"
    message = read(mail(*multipart("appledouble", fork, SCAN)))

    assert [part.content_type for part in message.parts] == ["application/pdf"]


def test_mails_in_mails_end() -> None:
    """A mail wrapped in itself a thousand times is refused, not followed."""
    raw = b"Content-Type: message/rfc822\n\n" * 2000 + b"x"

    assert read(raw).parts[-1].reason


def test_multiparts_in_multiparts_end() -> None:
    """Deep nesting is a part with a reason."""
    lines: list[str] = []
    for level in range(40):
        lines += [f"Content-Type: multipart/mixed; boundary=b{level}", "", f"--b{level}"]

    assert read(mail(*lines, "", "x")).parts[0].reason


def test_the_number_of_parts_is_bounded() -> None:
    """A mail of ten thousand parts is looked at no further than the limit."""
    message = read(mail(*multipart("mixed", *[SCAN] * 1000)))

    assert len(message.parts) == PART_LIMIT + 1
    assert message.parts[-1].reason


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Content-Type: multipart/mixed; boundary=\n\n--\n\nx",
        b"Content-Type: multipart/alternative; boundary=b\n\n--b--\n",
        b"Content-Type: multipart/related; boundary=b\n\n",
        b"Content-Type: text/plain; charset*=x''%ff\n\nx",
        b"Content-Type: ;;;\nContent-Transfer-Encoding: base64\n\n!!!",
        b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nA",
        b"Content-Type: text/plain; charset=\xff\xfe\n\n\xff",
        b"Content-Disposition: attachment; filename*=%ff%ff\n\nx",
        b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n!!\nend",
    ],
)
def test_broken_mime_is_read_as_far_as_it_goes(raw: bytes) -> None:
    """No broken mail raises; each of its parts has a name."""
    assert all(part.name for part in read(raw).parts)


HEADERS = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: multipart/alternative; boundary=b",
        b"Content-Type: multipart/related; boundary=b",
        b"Content-Type: message/rfc822",
        b"Content-Type: text/html",
        b"Content-Type: text/plain; charset=utf-16",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-ID: <x>",
        b"--b",
        b"--b--",
        b"",
        b"",
        b"AAAA",
        b"=FF=\xff",
    ]
)


@settings(deadline=None)
@given(st.lists(st.one_of(HEADERS, st.binary(max_size=40)), max_size=40))
def test_any_lines_are_a_mail(lines: list[bytes]) -> None:
    """Whatever is sent, the mail is read and every part is a Part."""
    message = read(b"\n".join(lines))

    assert all(isinstance(part, Part) for part in message.parts)


def test_the_text_of_a_mail_can_be_left_out() -> None:
    """Its own text, in each of its forms, but not the text of a mail that hangs on it."""
    inner = "Content-Type: message/rfc822\r\n\r\nSubject: Offer\r\n\r\nWe offer."
    alternative = "\r\n".join(multipart("alternative", PLAIN, HTML))
    raw = mail(*multipart("mixed", alternative, SCAN, inner))

    assert named(read(raw, body=Body.NEVER)) == [
        ("The message text", Role.SKIPPED),
        ("scan.pdf", Role.ATTACHMENT),
        ("The message text", Role.BODY),
    ]
    assert "We offer." in bodies(read(raw, body=Body.NEVER))[0]
    assert "plain text" in bodies(read(raw))[0]


SHOT = b"\x89PNG\r\n\x1a\n" + bytes(8) + (800).to_bytes(4, "big") + (600).to_bytes(4, "big")


def outlook(picture: bytes) -> bytes:
    """A mail as Outlook builds it: the pictures are around the alternative, not in it."""
    shown = '<p>plain text</p><img src="cid:shot">'
    inner = multipart("alternative", PLAIN, f"Content-Type: text/html\r\n\r\n{shown}")
    image = (
        "Content-Type: image/png; name=image001.png\r\nContent-ID: <shot>\r\n"
        "Content-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return mail(*multipart("related", "\r\n".join(inner), image + b64encode(picture).decode()))


def test_a_picture_around_the_alternative_is_shown() -> None:
    """A screenshot pasted in Outlook is not lost with the HTML that shows it."""
    (part,) = read(outlook(SHOT)).parts

    assert (part.content_type, part.pictures) == ("text/html", {"shot": SHOT})


def test_a_logo_around_the_alternative_is_design() -> None:
    """The plain text is enough where the HTML shows nothing but a logo."""
    (part,) = read(outlook(SHOT[:16] + (180).to_bytes(4, "big") + (60).to_bytes(4, "big"))).parts

    assert (part.content_type, part.content.strip()) == ("text/plain", b"plain text")


def test_a_document_that_the_html_links_to_is_a_document() -> None:
    """A PDF beside the HTML is never swallowed by a link to it."""
    page = 'Content-Type: text/html\r\n\r\n<a href="cid:doc">here</a>'
    document = (
        f"Content-Type: application/pdf; name=a.pdf\r\nContent-ID: <doc>\r\n\r\n{PDF.decode()}"
    )
    message = read(mail(*multipart("related", page, document)))

    assert named(message)[1] == ("a.pdf", Role.ATTACHMENT)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("BEGIN:VCARD\r\nFN:Jan", "jan.vcf", "contact card"),
        ("begin:vcalendar\r\n", "invite", "calendar"),
        ("-----BEGIN PGP SIGNATURE-----", "a.asc", "signature"),
        ("-----BEGIN PGP PUBLIC KEY BLOCK-----", "a.asc", "key"),
        ("anything", "smime.p7s", "signature"),
    ],
)
@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain"])
def test_what_is_never_a_page_is_known_by_its_beginning(
    content: str, name: str, words: str, kind: str
) -> None:
    """A contact card under a wrong type is left out, and does not hold up the rest."""
    (part,) = read(mail(f"Content-Type: {kind}; name={name}", "", content)).parts

    assert (part.role, words in part.reason) == (Role.SKIPPED, True)


@pytest.mark.parametrize("name", ["letter.pdf.pgp", "letter.gpg", "letter.asc"])
def test_an_encrypted_document_says_so(name: str) -> None:
    """A file that only its owner can open is refused for that reason."""
    (part,) = read(mail(f"Content-Type: x/y; name={name}", "", "-----BEGIN PGP MESSAGE---")).parts

    assert (part.role, "encrypted" in part.reason) == (Role.ATTACHMENT, True)


@pytest.mark.parametrize(
    "words",
    ["Sent from my iPhone", "Wysłane z iPhone'a", "Get Outlook for iOS <https://aka.ms/o0ukef>"],
)
def test_what_a_telephone_adds_is_no_page(words: str) -> None:
    """A photo sent from a telephone is one page, not a second one with its advertisement."""
    photo = "Content-Type: image/jpeg; name=a.jpg\r\n\r\nphoto"
    text = f"Content-Type: text/plain; charset=utf-8\r\n\r\n\r\n{words}\r\n"

    assert named(read(mail(*multipart("mixed", photo, text)))) == [("a.jpg", Role.ATTACHMENT)]
