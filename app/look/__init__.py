"""The look that the sandbox's phone page and the console share: colours, bubbles, memo player.

Files for a browser and nothing else: this room imports no other, and both sides may use it.
"""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
"""Style sheets and scripts; each page serves them beside its own files, under one address."""
