"""What can go wrong with a call to Linq, by what to do about it.

LinqError            `status`, `code`, `trace_id`: what Linq answered, if it did
├── RetryLater       certainly not done, or harmless to repeat: again after `after` seconds
├── Refused          certainly not done, and never will be as it was asked
├── OutcomeUnknown   may have been done: look it up before doing it again
└── Misconfigured    token or address is wrong: an operator has to act
"""

from __future__ import annotations


class LinqError(Exception):
    """A call to Linq did not succeed. The message holds neither token nor text of a message.

    status: HTTP status of the answer. code: Linq's own error code, e.g. 2024 for an opt-out.
    trace_id: what Linq's support asks for.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: int | None = None,
        trace_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.trace_id = trace_id


class RetryLater(LinqError):
    """Certainly not done, or harmless to repeat.

    after: seconds to wait, where Linq said so.
    """

    def __init__(
        self,
        message: str,
        *,
        after: float | None = None,
        status: int | None = None,
        code: int | None = None,
        trace_id: str | None = None,
    ) -> None:
        super().__init__(message, status=status, code=code, trace_id=trace_id)
        self.after = after


class Refused(LinqError):
    """Certainly not done, and never will be as it was asked; `status` and `code` say why."""


class OutcomeUnknown(LinqError):
    """May have been done or not."""


class Misconfigured(LinqError):
    """Token or address is wrong; an operator has to act."""
