"""Signed receipts: whoever changes one is found out, and anybody can check one."""

from __future__ import annotations

import hashlib
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.report.signature import NotSigned, Signer, check
from gateway.report.statement import page_hash, statement
from tests.gateway.report import samples
from tests.gateway.report.sheets import sheet

STATED = statement(samples.delivered(), [sheet(1), sheet(2)], "gateway.example.com")


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer.at(tmp_path / "receipt.key")


def test_a_signed_statement_reads_back(signer: Signer) -> None:
    """What is checked is what was stated, under the gateway's own key."""
    signed = check(signer.sign(STATED))

    assert signed.statement == STATED
    assert signed.key == signer.public


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", "+48229999999"), ("outcome", "failed"), ("pages", []), ("new", 1)],
)
def test_a_changed_statement_is_found_out(signer: Signer, field: str, value: object) -> None:
    """Any field that is changed, dropped or added breaks the signature."""
    document = json.loads(signer.sign(STATED))
    document["statement"][field] = value

    with pytest.raises(NotSigned, match="changed"):
        check(json.dumps(document).encode())


def test_a_name_that_comes_twice_is_found_out(signer: Signer) -> None:
    """Whose first value one reader believes, and another the last, is no receipt."""
    signed = signer.sign(STATED)
    twice = signed.replace(b'"number":', b'"number": "+48999999999", "number":', 1)
    assert json.loads(twice) == json.loads(signed)

    with pytest.raises(NotSigned):
        check(twice)


def test_blanks_and_order_do_not_matter(signer: Signer) -> None:
    """Another JSON writer may have had the file in its hands."""
    document = json.loads(signer.sign(STATED))
    shuffled = {key: document["statement"][key] for key in sorted(STATED, reverse=True)}
    document["statement"] = shuffled

    assert check(json.dumps(document, indent=7).encode()).key == signer.public


@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["statement", "signature", "key", "value", "kind", "algorithm"]),
                inner,
            )
        ),
        max_leaves=12,
    ).map(lambda thing: json.dumps(thing).encode())
)
def test_rubbish_is_not_signed(rubbish: bytes) -> None:
    """Whatever the file holds, it is refused in words."""
    with pytest.raises(NotSigned):
        check(rubbish)


def test_the_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    """Processes that start together end up with one key, which its owner alone may read."""
    path = tmp_path / "state" / "receipt.key"
    with ThreadPoolExecutor(8) as pool:
        keys = {signer.public for signer in pool.map(lambda _: Signer.at(path), range(8))}

    assert len(keys) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["receipt.key"]


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    """The administrator learns which file is wrong."""
    path = tmp_path / "receipt.key"
    path.write_text("no key")

    with pytest.raises(ValueError, match=r"receipt\.key"):
        Signer.at(path)


def test_a_page_is_named_by_its_pbm() -> None:
    """The hash is that of the file which netpbm would write."""
    pbm = b"P4\n8 2\n\xff\x01"
    assert page_hash(8, 2, b"\xff\x01") == hashlib.sha256(pbm).hexdigest()


def test_a_statement_has_no_fractions() -> None:
    """So that its canonical form needs no rules for numbers."""

    def values(thing: object) -> list[object]:
        if isinstance(thing, dict):
            return [leaf for value in thing.values() for leaf in values(value)]
        if isinstance(thing, list):
            return [leaf for value in thing for leaf in values(value)]
        return [thing]

    assert {type(value) for value in values(STATED)} == {str, int}
