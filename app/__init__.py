"""voicememo-bot: answers iMessages with native voice memo bubbles."""

__version__ = "0.1.0"
