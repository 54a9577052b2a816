"""Progress as versions before the checkpoints kept it: results of DBOS steps, as plain JSON.

Needed for answers that were in progress when such a version was replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError

from app.answers.checkpoints import Composed, PreparedMemo, Step, Synthesized, Transcribed
from app.policy import Reason
from app.transcription import TranscriptionFailure

log = structlog.get_logger()

_composed = TypeAdapter(Composed)
_memo = TypeAdapter(PreparedMemo)
_failures = TypeAdapter(tuple[TranscriptionFailure, ...])


def step_from_records(records: Sequence[tuple[str, Any]]) -> Step | None:
    """The last finished step among the recorded ones (name, result); None if there is none."""
    finished: Step | None = None
    composed: Composed | None = None
    try:
        for name, result in records:
            if not isinstance(result, Mapping):
                continue
            if name == "hear" and "deaf" in result:
                finished = Transcribed(_failures.validate_python(result["deaf"]))
            elif name == "compose" and "forms" in result:
                finished = composed = _as_composed(result)
            elif name.startswith("record") and "engine" in result and composed:
                finished = Synthesized(composed, _memo.validate_python(dict(result)))
    except ValidationError as error:
        log.warning("older step not known", errors=error.error_count())
    return finished


def _as_composed(result: Mapping[str, Any]) -> Composed:
    reason = str(result.get("reason") or "")
    known = reason if reason in set(Reason) else Reason.ANSWER
    return _composed.validate_python({**result, "reason": known})
