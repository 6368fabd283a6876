"""gateway.config.load and explain: a configuration, or everything wrong with it, with places."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config.explain import FITTING
from gateway.config.load import ConfigError, check, load
from gateway.config.mail import MaildirOut, Smarthost
from gateway.config.model import Config
from tests.gateway.config.good import GOOD, MAIL, problems, read

LINE = "lines: [{name: a, number: +48221000001, use: [send]%s}]\n"


def test_a_good_file_becomes_a_config_with_its_defaults(tmp_path: Path) -> None:
    """What is not written has the model's default."""
    config = read(GOOD, tmp_path)

    assert config.domain == "fax.example.com"
    assert config.mail.transport == MaildirOut(directory=Path("mail"))
    assert config.smtp.timeout == timedelta(minutes=5)


def test_values_are_what_their_setting_makes_of_the_text(tmp_path: Path) -> None:
    """Numbers, truth, durations, sizes and numbers with leading zeros all start as text."""
    text = GOOD + "node: 0048123\nsmtp: {max_size: 10 MiB, timeout: 90 s, max_recipients: 7}\n"
    config = read(text, tmp_path)

    assert config.node == "0048123"
    assert config.smtp.max_size == 10_485_760
    assert config.smtp.timeout == timedelta(seconds=90)
    assert config.smtp.max_recipients == 7


def test_a_secret_comes_from_its_own_file(tmp_path: Path) -> None:
    """`!file` keeps the smarthost's password out of the YAML."""
    (tmp_path / "secret").write_text("geheim\n")
    transport = f"{{type: smarthost, host: h, user: u, password: !file {tmp_path}/secret}}"
    text = GOOD.replace("{type: maildir, directory: mail}", transport)

    out = read(text, tmp_path).mail.transport

    assert isinstance(out, Smarthost)
    assert out.password == "geheim"
    assert out.verify


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MAIL, "1:1: `domain` must be given: mail to +number@domain becomes a fax"),
        ("domain:\n" + MAIL, "1:1: `domain` must be given: mail to +number@domain"),
        ("domain: x y\n" + MAIL, "1:9: 'x y' is no domain name, such as fax.example.com"),
        (GOOD + "contry: PL\n", "5:1: unknown key `contry`; did you mean `country`?"),
        (GOOD + "xyzzy: 1\n", "5:1: unknown key `xyzzy`; known here: address_book, ceilings"),
        (GOOD + "smtp: 5\n", "5:7: '5': settings were expected here, one `key: value` on each"),
        (GOOD + "smtp: {hostnam: x}\n", "5:8: unknown key `hostnam`; did you mean `hostname`?"),
        (GOOD + "smtp: {listen: x}\n", "5:16: 'x': a list was expected: [one, two], or a line"),
        (GOOD + "smtp: {listen: []}\n", "5:16: at least 1 must be given"),
        (GOOD + "smtp: {listen: [{port: x}]}\n", "5:24: 'x': a whole number was expected"),
        (GOOD + "smtp: {listen: [{port: 1.5}]}\n", "5:24: '1.5': a whole number was expected"),
        (GOOD + "smtp: {listen: [{port: 70000}]}\n", "5:24: '70000': it must be at most 65535"),
        (GOOD + "smtp: {listen: [{port: -1}]}\n", "5:24: '-1': it must be at least 0"),
        (GOOD + "smtp: {listen: [{tls: ssl}]}\n", "5:23: 'ssl' is not known here; one of none, s"),
        (GOOD + "smtp: {max_size: 0}\n", "5:18: it must be more than 0"),
        (GOOD + "smtp: {hostname: [a]}\n", "5:18: one word or text was expected"),
        (GOOD + "smtp: {users: [{name: ''}]}\n", "5:16: `password` must be given: argon2 hash"),
        (GOOD + "smtp: {timeout: 5}\n", "5:17: '5' is no duration; write a number with a unit"),
        (GOOD + "documents: {seconds: nan}\n", "5:22: 'nan': a number with an end was expected"),
        (GOOD + "documents: {seconds: x}\n", "5:22: 'x': a number was expected"),
        (
            GOOD + "dial_plans: [{area_code: Warsaw}]\n",
            "5:26: 'Warsaw': at most 6 digits may stand here",
        ),
        (
            GOOD + "senders: [{addresses: [example.org]}]\n",
            "5:24: 'example.org' is no mail address; write @example.org for a whole domain",
        ),
        (GOOD + "state: [x]\n", "5:8: one path was expected"),
        (GOOD + LINE % ", speed: 0", "5:61: '0': it must be more than 0"),
        (GOOD + LINE % ", nme: x", "5:54: unknown key `nme`; did you mean `name`?"),
        (GOOD + LINE % ", use: send", "5:54: `use` is given twice, first at 5:41"),
        (
            GOOD + LINE % ", type: x",
            "5:9: 'x' is not a known `type`; one of simulated, class1 was expected",
        ),
        (GOOD + LINE % f", identity: {'1' * 21}", "5:64: '111111111111111111111': it may have at"),
        (GOOD + LINE % ", faults: [{kind: x}]", "5:70: 'x' is not known here; one of lose_frame"),
        (GOOD.replace("maildir", "mbox"), "4:14: 'mbox' is not a known `type`; one of smarthost"),
        (GOOD.replace("type: maildir, ", ""), "4:14: `type` must be given: one of smarthost, mail"),
        (GOOD.replace("directory", "dir"), "4:14: `directory` must be given: directory of the"),
    ],
)
def test_each_error_has_its_place_and_says_what_would_be_right(
    text: str, expected: str, tmp_path: Path
) -> None:
    """The model's errors become sentences at the value, at the key, or around what is missing."""
    assert any(found.startswith(expected) for found in problems(text, tmp_path)), problems(
        text, tmp_path
    )


def test_every_pattern_is_told_in_words() -> None:
    """What a setting must look like is not told as a regular expression."""
    found = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(Config.model_json_schema()))

    number = r"^\+[1-9][0-9 ().-]{3,30}$"  # for editors: a validator of ours explains it
    assert set(map(json.loads, found)) == {*FITTING, number}


def test_a_wrong_truth_is_told_what_truth_is(tmp_path: Path) -> None:
    """True and false, as text like everything else."""
    transport = "{type: smarthost, host: h, verify: maybe}"
    text = GOOD.replace("{type: maildir, directory: mail}", transport)

    assert problems(text, tmp_path) == ["4:49: 'maybe': true or false was expected"]


def test_all_errors_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """One run of `faxgate check` shows everything there is to mend."""
    text = "domain: x y\nsmtp: {max_size: big, max_size: 5, x: y}\nroutes: [{deliver: [a b]}]\n"
    found = problems(text, tmp_path)

    places = [problem.split(": ")[0] for problem in found]
    assert places == ["1:1", "1:9", "2:18", "2:23", "2:36", "3:21"]


def test_the_echo_of_a_fault_is_not_heard(tmp_path: Path) -> None:
    """An alias is told off once, not again for the value that it did not give."""
    text = GOOD.replace("fax@fax.example.com", "*x")

    assert problems(text, tmp_path) == ["3:11: the alias *x is not taken; write the value out"]
    assert len(problems(GOOD + "smtp: {listen: [1, 2]}\n", tmp_path)) == 2


def test_the_error_lists_file_line_column_as_compilers_do(tmp_path: Path) -> None:
    """An editor can jump to each line of the text."""
    path = tmp_path / "gateway.yaml"
    path.write_text(GOOD + "contry: PL\nsmpt: {}\n")

    with pytest.raises(ConfigError) as error:
        load(path)

    assert str(error.value).splitlines() == [
        f"{path}:5:1: unknown key `contry`; did you mean `country`?",
        f"{path}:6:1: unknown key `smpt`; did you mean `smtp`?",
    ]


def test_a_file_that_is_not_there_is_a_config_error(tmp_path: Path) -> None:
    """So is a directory."""
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ConfigError, match=r":1:1: cannot be read: "):
            load(path)


def test_a_syntax_error_is_a_config_error(tmp_path: Path) -> None:
    """What is no YAML at all has its place as well."""
    assert problems("a: [\n", tmp_path)[0].startswith("2:1: did not find expected node content")


def test_check_returns_what_load_would_raise(tmp_path: Path) -> None:
    """The same problems, as values."""
    path = tmp_path / "gateway.yaml"
    path.write_text(GOOD + "contry: PL\n")

    (problem,) = check(path)

    assert (problem.file, problem.line, problem.column) == (str(path), 5, 1)


def test_check_asks_the_machine_as_well(tmp_path: Path) -> None:
    """A certificate that is not there has the place where it is named."""
    path = tmp_path / "gateway.yaml"
    path.write_text(GOOD + "state: state\nsmtp:\n  certificate: /nowhere/cert.pem\n")

    assert [str(problem) for problem in check(path)] == [
        f"{path}:7:16: /nowhere/cert.pem: cannot be read: No such file or directory"
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tree=st.recursive(
        st.sampled_from(["", "x", "5", "+48221000001", "a@b.c"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["smtp", "listen", "port", "users", "name", "lines", "type", "mail", "x"]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_any_tree_gives_a_config_or_a_config_error(tree: object, tmp_path: Path) -> None:
    """Whatever stands where, every problem has a place in the file and a sentence."""
    found = problems(repr(tree), tmp_path)  # flow style YAML reads Python's lists and dicts

    assert all(re.match(r"[1-9]\d*:[1-9]\d*: .", problem) for problem in found)
