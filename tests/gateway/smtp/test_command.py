"""gateway.smtp.command: the arguments of MAIL and RCPT."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp.command import Mail, Rcpt, either_notify, parse_mail, parse_rcpt
from gateway.smtp.reply import MAIL_SYNTAX, NOT_ASCII, RCPT_SYNTAX, UNKNOWN_PARAMETER, Reply


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("FROM:<a@b.c>", Mail("a@b.c")),
        ("from: <a@b.c>", Mail("a@b.c")),
        ("FROM:<>", Mail("")),
        ("FROM:a@b.c", Mail("a@b.c")),
        ("FROM:a@b.c SIZE=5", Mail("a@b.c", 5)),
        ("FROM:<@x,@y:a@b.c>", Mail("a@b.c")),
        ("FROM:<a@[IPv6:2001:db8::1]>", Mail("a@[IPv6:2001:db8::1]")),
        ('FROM:<"a >b\\" c"@d.e>', Mail('"a >b\\" c"@d.e')),
        ("FROM:<a@b.c> SIZE=1000 BODY=8BITMIME", Mail("a@b.c", 1000)),
        ("FROM:<a@b.c> body=7bit SMTPUTF8", Mail("a@b.c", utf8=True)),
        ("FROM:<żółw@b.c> SMTPUTF8", Mail("żółw@b.c", utf8=True)),
        ("FROM:<a@b.c> RET=hdrs ENVID=QQ314159", Mail("a@b.c", ret="HDRS", envid="QQ314159")),
        ("FROM:<a@b.c> ENVID=a+2Bb+3Dc", Mail("a@b.c", envid="a+b=c")),
        ("FROM:<a@b.c> AUTH=<>", Mail("a@b.c")),
    ],
)
def test_mail_is_read(argument: str, expected: Mail) -> None:
    """Path and parameters, whatever the case of their names; the case of values is kept."""
    assert parse_mail(argument) == expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("TO:<a@b.c>", Rcpt("a@b.c")),
        ("TO:<+48 22 200@b.c>", Rcpt("+48 22 200@b.c")),
        ("TO:<a@b.c> NOTIFY=never", Rcpt("a@b.c", "NEVER")),
        ("TO:<a@b.c> NOTIFY=SUCCESS,DELAY", Rcpt("a@b.c", "SUCCESS,DELAY")),
        ("TO:<a@b.c> ORCPT=rfc822;Bob+2Bx@D.e", Rcpt("a@b.c", "", "rfc822;Bob+x@D.e")),
    ],
)
def test_rcpt_is_read(argument: str, expected: Rcpt) -> None:
    """With the DSN parameters of RFC 3461, xtext decoded."""
    assert parse_rcpt(argument) == expected


@pytest.mark.parametrize(
    ("argument", "refusal"),
    [
        ("", MAIL_SYNTAX),
        ("<a@b.c>", MAIL_SYNTAX),
        ("TO:<a@b.c>", MAIL_SYNTAX),
        ("FROM:", MAIL_SYNTAX),
        ("FROM:<a@b.c", MAIL_SYNTAX),
        ("FROM:<a@b.c>x", MAIL_SYNTAX),
        ("FROM:<a@\tb.c>", MAIL_SYNTAX),
        ('FROM:<"a@b.c>', MAIL_SYNTAX),
        ("FROM:<a@b.c> SIZE=x", UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> SIZE=-5", UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> SIZE=٥", UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> SIZE=" + "1" * 21, UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> SIZE=1 size=2", UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> BODY=BINARYMIME", UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> SMTPUTF8=yes", UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> RET=ALL", UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> RET", UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> X=Y", UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> =Y", UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> ENVID=" + "x" * 101, UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> ENVID=a+0D+0AX", UNKNOWN_PARAMETER),
        ("FROM:<a@b.c> ENVID=a+zz", UNKNOWN_PARAMETER),
        ("FROM:<\udcff@b.c>", NOT_ASCII),
    ],
)
def test_a_bad_mail_is_refused(argument: str, refusal: Reply) -> None:
    """As syntax, or as a parameter that is not known or not well written."""
    assert parse_mail(argument) == refusal


@pytest.mark.parametrize(
    ("argument", "refusal"),
    [
        ("TO:<>", RCPT_SYNTAX),
        ("FROM:<a@b.c>", RCPT_SYNTAX),
        ("TO:<a@b.c> NOTIFY=", UNKNOWN_PARAMETER),
        ("TO:<a@b.c> NOTIFY", UNKNOWN_PARAMETER),
        ("TO:<a@b.c> NOTIFY=NEVER,SUCCESS", UNKNOWN_PARAMETER),
        ("TO:<a@b.c> NOTIFY=SOON", UNKNOWN_PARAMETER),
        ("TO:<a@b.c> ORCPT=a@b.c", UNKNOWN_PARAMETER),
        ("TO:<a@b.c> ORCPT=rfc822;", UNKNOWN_PARAMETER),
        ("TO:<a@b.c> ORCPT=rfc822;a+0D+0ABcc:x@y", UNKNOWN_PARAMETER),
        ("TO:<a@b.c> ORCPT=rfc822;" + "x" * 501, UNKNOWN_PARAMETER),
        ("TO:<a@b.c> SIZE=5", UNKNOWN_PARAMETER),
        ("TO:<\udc80>", NOT_ASCII),
    ],
)
def test_a_bad_rcpt_is_refused(argument: str, refusal: Reply) -> None:
    """NEVER stands alone, ORCPT has a type, and xtext cannot smuggle a line end."""
    assert parse_rcpt(argument) == refusal


ARGUMENTS = st.text(max_size=100) | st.text('<>@"\\: =+;ABFROMTNIYxml,0', max_size=60).map(
    lambda text: f"FROM:{text}"
)


@given(ARGUMENTS)
def test_any_argument_gives_a_value_or_a_refusal(argument: str) -> None:
    """What comes out of a command is printable and cannot break a header."""
    for found in (parse_mail(argument), parse_rcpt("TO:" + argument.removeprefix("FROM:"))):
        if isinstance(found, Reply):
            assert found.refuses
        else:
            extra = found.envid if isinstance(found, Mail) else found.notify + found.orcpt
            assert not any(c < " " or c == "\x7f" for c in found.path + extra)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30))
def test_xtext_comes_back_as_it_was(text: str) -> None:
    """What a client encodes is what we keep (RFC 3461 4)."""
    xtext = "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in text)
    found = parse_mail(f"FROM:<a@b.c> ENVID={xtext}")

    assert found == Mail("a@b.c", envid=text)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("FAILURE", "FAILURE", "FAILURE"),
        ("FAILURE", "SUCCESS", "SUCCESS,FAILURE"),
        ("DELAY,FAILURE", "SUCCESS", "SUCCESS,FAILURE,DELAY"),
        ("NEVER", "SUCCESS", "SUCCESS"),
        ("NEVER", "", ""),
        ("NEVER", "NEVER", "NEVER"),
        ("", "", ""),
        ("", "SUCCESS", "SUCCESS,FAILURE,DELAY"),
    ],
)
def test_one_recipient_of_two_rcpts_is_told_what_either_wants(
    one: str, other: str, both: str
) -> None:
    """The events of both, whichever comes first; silence only where both ask for it."""
    assert either_notify(one, other) == both
    assert either_notify(other, one) == both
