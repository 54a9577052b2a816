"""What people think of answers, by tapback."""

from __future__ import annotations

import sqlalchemy as sa

from app.linq.events import ReactionEvent
from app.store.tables import answers

RATINGS = {"love": 1, "like": 1, "dislike": -1}
"""Of tapbacks that say so; the others are no judgement of an answer."""


def rate(connection: sa.Connection, reaction: ReactionEvent) -> int | None:
    """Store what a tapback says of the answer that the message was, as memo or text.

    One that is taken back takes away the rating that it gave, and no other.
    Returns the rating that is new; None where there is none, or the message is no answer of ours.
    """
    rating = RATINGS.get(reaction.kind)
    if rating is None:
        return None
    became = sa.or_(
        answers.c.memo_message_id == reaction.message_id,
        answers.c.text_message_id == reaction.message_id,
    )
    change = answers.update().where(became)
    if not reaction.is_added:
        connection.execute(change.where(answers.c.rating == rating).values(rating=None))
        return None
    other = sa.or_(answers.c.rating.is_(None), answers.c.rating != rating)
    changed = connection.execute(change.where(other).values(rating=rating))
    return rating if changed.rowcount else None
