"""A signature that an HTML mail marks is cut where that is wanted, and nothing else is."""

from __future__ import annotations

import pytest

from gateway.message import Message, Role, read
from gateway.message.signed_html import split_html

TEXT = "<p>The offer is accepted.</p>"
SIGNATURES = {
    "Gmail": '<span class="gmail_signature_prefix">-- </span><br><div dir="ltr" '
    'class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr"><div>{}</div>'
    "</div></div>",
    "Outlook on the web": '<div id="Signature" class="elementToProof"><div>{}</div></div>',
    "Outlook on a telephone": "<div id=ms-outlook-mobile-signature><div></div>{}</div>",
    "Apple Mail": '<div id="AppleMailSignature" dir="ltr">{}</div>',
    "iPhone": '<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{}<div><br></div></div>',
    "Thunderbird": '<div class="moz-signature">-- <br>{}</div>',
    "Thunderbird, plain": '<pre class="moz-signature" cols="72">-- \n{}</pre>',
    "Yahoo": '<div id="ydp1" class="ydp2 yahoo-signature"><div>{}</div></div>',
    "Proton": '<div class="protonmail_signature_block" style="x">{}</div>',
    "a line": "<div>-- <br>{}</div>",
    "a line of Evolution": "<p>--&nbsp;</p><p>{}</p>",
}


def mail(html: str) -> bytes:
    """A mail of HTML only."""
    return f"Content-Type: text/html; charset=utf-8\n\n<html><body>{html}</body></html>".encode()


def shown(message: Message) -> str:
    """The HTML that is a page; "" if none is."""
    return "".join(p.content.decode() for p in message.parts if p.role is Role.BODY)


@pytest.mark.parametrize("program", SIGNATURES)
def test_a_marked_signature_is_cut_where_that_is_wanted(program: str) -> None:
    """And stays where it is not."""
    raw = mail(TEXT + SIGNATURES[program].format("Anna Nowak<br>+48 22 123 45 67"))

    assert "Anna Nowak" in shown(read(raw))
    assert "Anna Nowak" not in shown(read(raw, signature=False))
    assert "The offer is accepted." in shown(read(raw, signature=False))


@pytest.mark.parametrize("program", SIGNATURES)
def test_a_signature_alone_is_no_page(program: str) -> None:
    """Of a mail with a scan and nothing to say."""
    raw = mail(SIGNATURES[program].format('Anna Nowak<img src="cid:logo">'))

    assert shown(read(raw)) == ""


@pytest.mark.parametrize("program", ["Gmail", "Outlook on the web", "iPhone"])
def test_what_stands_behind_a_signature_stays(program: str) -> None:
    """Text below it, and elements within it that have the same name."""
    raw = mail(SIGNATURES[program].format("<div>Anna</div>") + TEXT)

    assert "Anna" not in shown(read(raw, signature=False))
    assert TEXT in shown(read(raw, signature=False))


@pytest.mark.parametrize(
    "quoted",
    [
        '<blockquote><div class="gmail_signature">Bob</div></blockquote>',
        '<div class="gmail_quote">On Monday:<div class="gmail_signature">Bob</div></div>',
        '<div id="divRplyFwdMsg">From: Bob</div><div id="Signature">Bob</div>',
        '<div id="x_Signature">Bob</div>',
        "<blockquote><div>-- <br>Bob</div></blockquote>",
    ],
)
def test_the_signature_of_a_quoted_mail_stays(quoted: str) -> None:
    """It says who is answered."""
    own = SIGNATURES["Gmail"].format("Anna")
    found = shown(read(mail(TEXT + own + quoted), signature=False))

    assert "Anna" not in found
    assert quoted in found


@pytest.mark.parametrize(
    "html",
    [
        "<p>class=gmail_signature is how Gmail calls it</p>",
        "<p>a -- b</p><p>--</p><p>c</p>",
        '<p class="signature">Signed: ____</p>',
        '<div class="signature-page">Sign here: ____</div>',
        '<div class="gmail_signature">without an end, and the whole mail',
        "<div>-- </div>" + "<p>A long text that follows.</p>" * 150,
    ],
)
def test_what_only_looks_like_a_signature_stays(html: str) -> None:
    """Nothing is cut on suspicion."""
    assert split_html(html.encode()) == (html.encode(), b"")


def test_a_mail_that_was_written_into_its_signature_is_a_page() -> None:
    """Whoever typed a letter there sends the letter."""
    raw = mail(SIGNATURES["Outlook on the web"].format("A long letter of many words. " * 40))

    assert "many words" in shown(read(raw))
    assert "many words" in shown(read(raw, signature=False))


@pytest.mark.parametrize(
    "piece", ["<div ", "<div class=gmail_signature>", "<br ", "-- <br>", "<p>"]
)
def test_hostile_html_takes_no_time(piece: str) -> None:
    """A megabyte of half tags is looked through once."""
    html = piece.encode() * 100_000

    assert b"".join(split_html(html)) != b""
