"""A voice for audits: speaks a tone whose length tells which message the memo answers.

A program for MEMO_VOICE_COMMAND: `python counting_voice.py TEXT_FILE OUTPUT`. It needs nothing of
the bot, so that what is heard in the sandbox is evidence of its own.
"""

import array
import math
import sys
import wave

WORD = "beep"
RATE = 16_000  # Hz
FIRST = 0.6  # seconds for no word at all
EACH = 0.5  # seconds more for every word, and more than the silence around a memo


def seconds(count: int) -> float:
    """The length of the tone for so many words."""
    return FIRST + EACH * count


def count_in(duration: float) -> int:
    """How many words a memo of this length, in seconds, was made of."""
    return math.floor((duration - FIRST) / EACH)


def speak(text: str, output: str) -> None:
    """Write the tone for a text as a WAV file."""
    length = int(RATE * seconds(text.casefold().count(WORD)))
    samples = array.array("h", (int(12_000 * math.sin(n * 0.2)) for n in range(length)))
    with wave.open(output, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as source:
        speak(source.read(), sys.argv[2])
