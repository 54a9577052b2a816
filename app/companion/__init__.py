"""The companion: what the ear cannot keep of an answer, as a text beside its memo. Pure."""

from app.companion.companion import Companion, companion_of

__all__ = ["Companion", "companion_of"]
