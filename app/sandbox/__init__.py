"""A faithful local Linq: the API, signed webhooks, faults on demand and a phone page.

It shares no code with the bot, so that the two cannot share a mistake.
"""

from app.sandbox.config import SandboxConfig
from app.sandbox.server import SandboxUvicorn, create_sandbox, serve_sandbox

__all__ = ["SandboxConfig", "SandboxUvicorn", "create_sandbox", "serve_sandbox"]
