"""Base64 is decoded strictly and in pieces, white space apart."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axis.envelope import base64 as room
from axis.envelope.base64 import decode_pieces
from axis.envelope.errors import NotBase64Error


@given(st.binary(max_size=200), st.integers(1, 12))
def test_what_is_encoded_is_decoded_across_pieces(data: bytes, piece: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "PIECE_CHARACTERS", 4 * piece)
        text = base64.b64encode(data).decode()
        assert b"".join(decode_pieces(text)) == data


@given(st.binary(max_size=200), st.integers(1, 12), st.integers(1, 9), st.sampled_from("\n \t\r"))
def test_white_space_does_not_matter(data: bytes, piece: int, width: int, space: str):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "PIECE_CHARACTERS", 4 * piece)
        text = base64.b64encode(data).decode()
        wrapped = space.join(text[at : at + width] for at in range(0, len(text), width)) + space
        assert b"".join(decode_pieces(wrapped)) == data


@given(st.text(alphabet="AQg=/+-_ \nộ", max_size=40), st.integers(1, 12))
def test_it_is_as_strict_in_pieces_as_in_one(text: str, piece: int):
    def verdict() -> bytes | None:
        try:
            return b"".join(decode_pieces(text))
        except NotBase64Error:
            return None

    whole = verdict()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "PIECE_CHARACTERS", 4 * piece)
        assert verdict() == whole


@pytest.mark.parametrize(
    "text", ["QQ", "QQ=", "Q", "QQ==QQ==", "=", "QUJ-", "QU_D", "QUJDộ", "A==="]
)
def test_what_is_not_base64_is_refused(text: str):
    with pytest.raises(NotBase64Error) as caught:
        list(decode_pieces(text))
    assert caught.value.code == "attachment.not-base64"


def test_the_first_strange_character_is_named():
    with pytest.raises(NotBase64Error) as caught:
        list(decode_pieces("QUJD$UJD"))
    assert caught.value.facts["got"] == "'$' U+0024 @ 4"
