"""Text normalization: what is written made into what is said, language by language."""

from app.speech.normalization.spoken_form import LONGEST, spoken_form

__all__ = ["LONGEST", "spoken_form"]
