"""The companion: what the ear cannot keep of an answer, as a text beside its memo. Pure."""

from app.companion.companion import Companion, companion_of
from app.companion.wordings import rest_notice

__all__ = ["Companion", "companion_of", "rest_notice"]
