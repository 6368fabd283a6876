"""Text is decoded by what it is; a wrong label never makes mojibake."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.message.charset import decode_text, known_charset

POLISH = (
    "Dzień dobry, przesyłam zamówienie. Proszę o pilne potwierdzenie, że można odebrać paczkę "
    "w Łodzi; źrebię i ćma śpią."
)
GERMAN = "Grüße aus München: die schöne Straße ist größer geworden."
GREEK = "Καλημέρα σας, στέλνω το έγγραφο που ζητήσατε."
RUSSIAN = "Привет, как дела? Высылаем подписанный договор."
CHINESE = "你好,这是我们的订单,请确认后回复,谢谢。"
TAIWANESE = "您好,這是我們的訂單,請確認後回覆,謝謝。"
JAPANESE = "こんにちは、注文書をお送りします。よろしくお願いします。"
KOREAN = "안녕하세요 주문서를 보냅니다"
FRENCH = "L'été dernier à Noël, le garçon était très fâché."


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (POLISH, "utf-8"),
        (POLISH, "utf-8-sig"),
        (POLISH, "iso8859-2"),
        (POLISH, "cp1250"),
        (POLISH, "cp852"),
        (POLISH, "utf-16"),
        (POLISH, "utf-16-le"),
        (POLISH, "utf-16-be"),
        (POLISH, "utf-32"),
        (GERMAN, "iso8859-1"),
        (GREEK, "iso8859-7"),
        (GREEK, "cp1253"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp1251"),
        (CHINESE, "gb18030"),
        (CHINESE, "gb2312"),
        (TAIWANESE, "big5"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (KOREAN, "cp949"),
        (FRENCH, "cp1252"),
    ],
)
def test_text_without_a_label_is_recognised(text: str, charset: str) -> None:
    """Running text in any charset that mail is written in is read right without its label."""
    assert decode_text(text.encode(charset)).text == text


@pytest.mark.parametrize("declared", ["iso-8859-1", "us-ascii", "windows-1250", "nonsense", ""])
def test_utf8_under_a_wrong_label_is_still_utf8(declared: str) -> None:
    """Well-formed UTF-8 wins over the label of a single-byte charset."""
    decoded = decode_text(POLISH.encode(), declared)

    assert decoded.text == POLISH


@pytest.mark.parametrize(
    ("charset", "label"),
    [
        ("iso8859-2", "ISO-8859-2"),
        ("cp1250", "windows-1250"),
        ("cp1250", "iso-8859-2"),  # what old Outlook called it
        ("gb18030", "gb2312"),
        ("cp932", "shift_jis"),
        ("cp949", "ks_c_5601-1987"),
        ("utf-7", "unicode-1-1-utf-7"),
    ],
)
def test_a_label_means_what_senders_mean_by_it(charset: str, label: str) -> None:
    """A declared charset is read as the superset that is written under its name."""
    text = {"gb18030": CHINESE, "cp932": JAPANESE, "cp949": KOREAN}.get(charset, POLISH)

    assert decode_text(text.encode(charset), label).text == text


def test_utf8_label_on_another_charset_is_not_believed() -> None:
    """A charset whose octets are impossible in the declared one is guessed."""
    decoded = decode_text(POLISH.encode("iso8859-2"), "utf-8")

    assert decoded.text == POLISH
    assert decoded.guessed


def test_a_few_damaged_octets_do_not_lose_the_text() -> None:
    """UTF-8 with one broken character shows U+FFFD there and everything else."""
    damaged = (POLISH * 3).encode().replace("ź".encode(), b"\xc5", 1) + b" \xff\xfe\xfd"

    text = decode_text(damaged, "utf-8").text

    assert text is not None
    assert "Dzień dobry" in text
    assert "\ufffd" in text


def test_what_nothing_explains_is_not_decoded() -> None:
    """Octets that are text in no charset give no text at all, instead of mojibake."""
    assert decode_text(bytes(range(128, 160)) * 30, "").text is None


@pytest.mark.parametrize("label", ["base64", "rot13", "zip", "\0", "utf-8\0x", "x" * 5000])
def test_labels_that_are_no_charset_say_nothing(label: str) -> None:
    """A label that names a codec that is no charset, or nothing, is ignored."""
    assert known_charset(label) == ""


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "utf-16", "big5", "hz", "idna"]))
def test_any_octets_under_any_label_give_text_or_none(data: bytes, label: str) -> None:
    """Decoding never raises."""
    decoded = decode_text(data, label)

    assert decoded.text is None or isinstance(decoded.text, str)


@settings(deadline=None)
@given(st.text(max_size=200), st.sampled_from(["utf-8", "gb18030", "utf-32"]))
def test_what_was_rightly_labelled_comes_back(text: str, charset: str) -> None:
    """Text under its right label is unchanged, but for a mark that it begins with."""
    if text.startswith(("\ufeff", "\ufffe")) or "\0" in text:
        return
    try:
        data = text.encode(charset)
    except UnicodeEncodeError:  # lone surrogates
        return

    assert decode_text(data, charset).text == text
