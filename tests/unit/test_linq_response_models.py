"""Whatever JSON Linq responds with, it is one of its responses or it is said not to be."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from app.linq import responses
from app.linq.ids import is_id

KINDS: tuple[type[BaseModel], ...] = (
    responses.Attachment,
    responses.StoredAttachment,
    responses.PostedMemo,
    responses.PostedText,
    responses.History,
    responses.Lines,
    responses.WebhookSubscription,
    responses.NewWebhookSubscription,
    responses.WebhookSubscriptions,
)
NAMES = sorted({name for kind in KINDS for name in kind.model_fields} | {"id", "parts", "service"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(kind=st.sampled_from(KINDS), value=JSON)
def test_any_json(kind: type[BaseModel], value: object) -> None:
    try:
        kind.model_validate_json(json.dumps(value))
    except ValidationError:
        return


@given(st.sampled_from(KINDS), st.binary())
def test_any_bytes(kind: type[BaseModel], body: bytes) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate_json(body)


@given(st.text())
def test_an_id_is_one_segment_of_a_path(text: str) -> None:
    if is_id(text):
        assert not set(text) & set("/?#%\\\0 \n")
        assert text.strip(".")
