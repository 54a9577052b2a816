"""Hearing: an inbound voice memo becomes text."""

from app.hearing.deafness import CannotHear, Deafness
from app.hearing.ears import Ears, Heard
from app.hearing.recordings import FreshUrl, Recordings
from app.hearing.transcriber import Transcriber

__all__ = [
    "CannotHear",
    "Deafness",
    "Ears",
    "FreshUrl",
    "Heard",
    "Recordings",
    "Transcriber",
]
