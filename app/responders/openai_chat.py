"""Any OpenAI-compatible chat server as a responder, through the official client library."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import openai

from app.bounded_body import UnreadableBody, bounded_body
from app.responders.guard import bounded
from app.responders.protocol import Answer, Question, ResponderError, Turn

SPOKEN_PROMPT = """\
You answer chat messages, and your answer is read aloud as a voice memo.
Write the way a friendly person speaks: short, complete sentences, two to four of them unless \
more is asked for.
Write plain words only. No markup, no headings, no lists, no tables, no emoji, no code.
Do not write links or e-mail addresses; name the place where they are found instead.
Write numbers, dates and units so that they sound right when read aloud.
Answer in the language of the person's last message.
If you do not know something, or it needs a look into records that you do not have, say so; \
never make it up.
"""

MAX_ANSWER_TOKENS = 600
"""About two minutes of speech, with room for scripts that need more tokens a word."""
MAX_REASONING_TOKENS = 4_000
"""For models that know only `max_completion_tokens`: these count their thinking, too."""
MAX_QUESTION_CHARACTERS = 4_000
MAX_HISTORY_CHARACTERS = 12_000
MAX_BODY_BYTES = 1_000_000

_PLACEHOLDER_KEY = "none"
_SENTENCE_END = re.compile(r".*[.!?…。！？](?=\s|\Z)|.*[。！？]", re.DOTALL)


class ChatResponder:
    """Sends the conversation to `POST {base_url}/chat/completions`; retried once where it helps."""

    def __init__(
        self, *, base_url: str, api_key: str, model: str, prompt: str | None, timeout: float
    ) -> None:
        """`base_url` ends in the version, such as `/v1`. `timeout` is in seconds, per attempt."""
        # At debug level the library writes whole requests, and so what people said, to the log.
        logging.getLogger("openai").setLevel(logging.WARNING)
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            # Left empty, the library would send OPENAI_API_KEY to whatever server this is.
            api_key=api_key or _PLACEHOLDER_KEY,
            timeout=timeout,
            max_retries=1,
            default_headers={"accept-encoding": "identity"},
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
        )
        self._model = model
        self._prompt = prompt or SPOKEN_PROMPT
        self._limit: dict[str, int] = {"max_tokens": MAX_ANSWER_TOKENS}

    async def answer(self, question: Question) -> Answer:
        """Raises: ResponderError when the server fails, refuses, or says nothing usable."""
        messages = conversation(self._prompt, question)
        try:
            reply = await self._complete(messages)
        except openai.APIStatusError as error:
            raise ResponderError(_status_cause(error), reason="refused") from error
        except openai.APITimeoutError as error:
            raise ResponderError("the chat server did not answer", reason="deadline") from error
        except openai.APIConnectionError as error:
            raise ResponderError(
                "no connection to the chat server", reason="unreachable"
            ) from error
        return Answer(text=reply_text(reply), reason="openai")

    async def aclose(self) -> None:
        await self._client.close()

    async def _complete(self, messages: list[dict[str, str]]) -> Any:
        """Local servers know `max_tokens` only; OpenAI's newer models refuse it and name the other.

        What the server understands is learnt from its first refusal and kept.
        """
        try:
            return await self._request(messages)
        except openai.BadRequestError as error:
            if "max_tokens" not in self._limit or "max_completion_tokens" not in str(error):
                raise
            self._limit = {"max_completion_tokens": MAX_REASONING_TOKENS}
            return await self._request(messages)

    async def _request(self, messages: list[dict[str, str]]) -> Any:
        request: dict[str, Any] = {"model": self._model, "messages": messages, **self._limit}
        create = self._client.chat.completions.with_streaming_response.create
        async with create(**request) as response:
            try:
                body = await bounded_body(response.http_response, MAX_BODY_BYTES)
            except UnreadableBody as error:
                raise ResponderError(
                    f"the chat server's answer cannot be read: {error}", reason="bad-answer"
                ) from error
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ResponderError("the chat server sent no JSON", reason="bad-answer") from error


def conversation(prompt: str, question: Question) -> list[dict[str, str]]:
    """The messages to send: the prompt, as much of the latest history as fits, the question."""
    kept: list[Turn] = []
    left = MAX_HISTORY_CHARACTERS
    for turn in reversed(question.history):
        left -= len(turn.text)
        if left < 0:
            break
        kept.append(turn)
    return [
        {"role": "system", "content": prompt},
        *({"role": turn.role, "content": turn.text} for turn in reversed(kept)),
        {"role": "user", "content": bounded(question.text, MAX_QUESTION_CHARACTERS)},
    ]


def reply_text(reply: Any) -> str:
    """The words of a chat completion, without the thoughts some models put in front of them.

    Raises: ResponderError when there are none.
    """
    try:
        choice = reply["choices"][0]
        message = choice["message"]
        content = message.get("content")
        refusal = message.get("refusal")
        finish = choice.get("finish_reason")
    except (LookupError, TypeError, AttributeError) as error:
        raise ResponderError(
            "the chat server sent no chat completion", reason="bad-answer"
        ) from error
    if isinstance(content, list):  # parts, as some servers of several kinds of content send them
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(text for text in texts if isinstance(text, str))
    text = _without_thoughts(content).strip() if isinstance(content, str) else ""
    if finish == "length":
        whole = _SENTENCE_END.match(text)
        text = whole.group() if whole else text
    if not text:
        if refusal or finish == "content_filter":
            raise ResponderError("the model refused to answer", reason="refused")
        raise ResponderError("the model said nothing", reason="nothing")
    return text


def _without_thoughts(content: str) -> str:
    """Some servers leave the opening tag out, and a cut-off thought has no closing one."""
    if "</think>" in content:
        return content.rpartition("</think>")[2]
    return "" if content.lstrip().startswith("<think>") else content


def _status_cause(error: openai.APIStatusError) -> str:
    """Status and error code; not the message, in which some servers quote the request."""
    code = error.code if isinstance(error.code, str) else ""
    named = f" ({code})" if re.fullmatch(r"[a-z0-9_]{1,60}", code) else ""
    return f"the chat server answered {error.status_code}{named}"
