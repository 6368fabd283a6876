"""A page keeps within its seconds, and text pays nothing for it."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.offramp.bilevel import to_bilevel
from gateway.offramp.budget import Composed, within, without_specks
from gateway.offramp.coded import seconds
from gateway.offramp.protocol import CodedPage
from gateway.rendition import MIXED, SCREEN, TEXT
from modems.session import VR
from t4codec import Coding, Compression, coded_bits, decode
from tests.gateway.offramp.corpus import photo, text_image

SIZE = (1728, 2288)


def composed(grey: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Composed:
    """A page that covers its sheet."""
    return Composed(grey, (slice(None), slice(None)), to_bilevel(grey))


def picture() -> Composed:
    """A page that is a photo all over."""
    return composed(np.asarray(photo().resize(SIZE)))


def mixed() -> Composed:
    """A photo above a text."""
    grey = np.asarray(text_image().resize(SIZE)).copy()
    grey[:600, 100:1600] = np.asarray(photo().resize((1500, 600)))
    return composed(grey)


def shortest(page: CodedPage) -> float:
    """Seconds in the smallest coding."""
    return seconds(min(page.bits.values()))


def test_a_page_within_its_seconds_is_rendered_as_finely_as_can_be() -> None:
    """Nothing is coarser than it need be, and the rendition says what was done."""
    assert within(picture(), VR.R8_FINE, 1000).rendition.coarseness == 0
    assert within(picture(), VR.R8_FINE, 1000).rendition.name == SCREEN
    assert within(mixed(), VR.R8_FINE, 1000).rendition.name == MIXED


@pytest.mark.parametrize("part", [0.9, 0.6])
def test_a_picture_over_its_seconds_becomes_coarser_until_it_fits(part: float) -> None:
    """Step by step, and no further than needed."""
    finest = shortest(within(picture(), VR.R8_FINE, 1000))
    page = within(picture(), VR.R8_FINE, finest * part)

    assert page.rendition.coarseness > 0
    assert shortest(page) <= finest * part


def test_text_is_not_touched() -> None:
    """Below a photo that had to be coarsened to the last, the text has lost its specks only."""
    free, tight = within(mixed(), VR.R8_FINE, 1000), within(mixed(), VR.R8_FINE, 0.001)
    rows = [decode(p.mmr, Coding(Compression.MMR)).rows for p in (free, tight)]
    below = 1000 * 216

    assert tight.rendition.coarseness > 0
    assert (tight.height, tight.vr) == (free.height, free.vr)
    assert np.array_equal(without_specks(ink(rows[0][below:])), ink(rows[1][below:]))


def test_only_a_page_of_one_picture_loses_rows() -> None:
    """At the end of the ladder a picture goes in half the rows, superfine text in half of many."""
    text = composed(np.asarray(text_image().resize((1728, 4576))))

    assert within(picture(), VR.R8_FINE, 0.001).vr == VR.R8_STANDARD
    assert within(text, VR.R8_SUPERFINE, 0.001).vr == VR.R8_FINE
    assert within(text, VR.R8_SUPERFINE, 1000).rendition.name == TEXT


def test_a_page_that_fits_only_in_mmr_has_a_second_rendering() -> None:
    """For a far end without MMR there is a coarser one, which fits, at rest beside the first."""
    free = within(mixed(), VR.R8_FINE, 1000)
    mmr, other = seconds(free.bits["MMR"]), min(seconds(free.bits[c]) for c in ("MH", "MR"))
    assert mmr < other
    page = within(mixed(), VR.R8_FINE, (mmr + other) / 2)
    sizes = page.rendition.bits_without_mmr

    assert page.bits == free.bits
    assert min(map(seconds, sizes.values())) <= other
    rows = decode(page.without_mmr, Coding(Compression.MMR)).rows
    assert sizes["MH"] == coded_bits(rows, Coding(Compression.MH))


def test_specks_go_and_strokes_stay() -> None:
    """A lone pel, or two of them, is dirt; the end of a line is not."""
    page = np.zeros((9, 12), np.bool_)
    page[1, 1] = page[1, 9] = page[2, 10] = True
    page[5, 2:9] = True

    cleaned = without_specks(page)
    assert not cleaned[:4].any()
    assert cleaned[5, 3:8].all()


def ink(rows: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Packed rows as pels."""
    return np.unpackbits(np.frombuffer(rows, np.uint8).reshape(-1, 216), axis=1).astype(np.bool_)
