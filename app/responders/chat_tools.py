"""What a language model may do besides speaking.

Nothing here has a power that the person in the chat has not: it can end the bot's part, write to
this chat, say nothing, and read what anybody may be told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.responders.chat_prompt import section_text
from app.responders.chat_reply import ToolCall
from app.responders.knowledge.responder import KnowledgeResponder
from app.responders.protocol import HAND_OVER_REASONS, HandOver, Question

MAX_WRITTEN = 3
MAX_FOUND = 3


def _tool(name: str, does: str, **parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": does,
            "parameters": {
                "type": "object",
                "properties": parameters,
                "required": list(parameters),
                "additionalProperties": False,
            },
        },
    }


HAND_OVER = _tool(
    "hand_over",
    "Ask a human colleague to go on with this chat. Then tell the person so in your answer.",
    reason={"type": "string", "enum": list(HAND_OVER_REASONS)},
    summary={"type": "string", "description": "One line for the colleague: what it is about."},
)
SEND_TEXT = _tool(
    "send_text",
    "Send a written message beside the spoken answer, word for word.",
    text={"type": "string"},
)
STAY_SILENT = _tool("stay_silent", "Give no answer at all to this message.")
LOOK_UP = _tool(
    "look_up",
    "Search what the business has written down. Use a few words of the topic.",
    query={"type": "string"},
)


@dataclass
class ToolSession:
    """What the tools were called for while one question is answered."""

    question: Question
    knowledge: KnowledgeResponder | None
    given: set[str] = field(default_factory=set)
    """Ids of the sections that the model has seen."""
    hand_over: HandOver | None = None
    written: list[str] = field(default_factory=list)
    silent: bool = False

    @property
    def tools(self) -> list[dict[str, Any]]:
        found = [HAND_OVER, SEND_TEXT, STAY_SILENT]
        return [*found, LOOK_UP] if self.knowledge else found

    async def run(self, call: ToolCall) -> str:
        """Do what is called for; returns what the model is told of it."""
        match call.name:
            case "hand_over":
                reason = call.arguments.get("reason", "")
                known = reason if reason in HAND_OVER_REASONS else "other"
                summary = call.arguments.get("summary") or self.question.text
                self.hand_over = HandOver(known, " ".join(summary.split())[:200])
                return "A colleague has been told. Say so."
            case "send_text":
                text = call.arguments.get("text", "").strip()
                if not text or len(self.written) >= MAX_WRITTEN:
                    return "Not sent."
                self.written.append(text)
                return "It goes out with your answer."
            case "stay_silent":
                self.silent = True
                return "Nothing will be said."
            case "look_up" if self.knowledge:
                return await self._look_up(call.arguments.get("query", ""))
        return f"There is no tool {call.name[:40]!r}."

    async def _look_up(self, query: str) -> str:
        assert self.knowledge is not None
        result = await self.knowledge.search(query[:400], self.question.language)
        chunks = [found.chunk for found in result.found[:MAX_FOUND]]
        self.given |= {chunk.id for chunk in chunks}
        return "\n\n".join(map(section_text, chunks)) or "Nothing is written about that."
