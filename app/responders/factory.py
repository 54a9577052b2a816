"""The one place where `MEMO_RESPONDER` becomes a responder."""

from __future__ import annotations

from app.responders.echo import EchoResponder
from app.responders.protocol import Responder
from app.settings import ConfigurationError, Settings


def build_responder(settings: Settings) -> Responder:
    """Build the responder that `MEMO_RESPONDER` names. Call it once, at start.

    Raises: ConfigurationError naming the variable and the cure.
    """
    if settings.responder == "echo":
        return EchoResponder()
    raise ConfigurationError(f"MEMO_RESPONDER={settings.responder} cannot be built; choose echo.")
