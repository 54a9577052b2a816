"""Transcription: an inbound voice memo becomes text."""

from app.transcription.client import TranscriptionClient
from app.transcription.errors import TranscriptionError, TranscriptionFailure
from app.transcription.media_downloader import FreshUrl, MediaDownloader
from app.transcription.voice_memo_transcriber import Transcription, VoiceMemoTranscriber

__all__ = [
    "FreshUrl",
    "MediaDownloader",
    "Transcription",
    "TranscriptionClient",
    "TranscriptionError",
    "TranscriptionFailure",
    "VoiceMemoTranscriber",
]
