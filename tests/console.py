"""The console in this process, over a database that a test fills."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any, Self

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from app.answers.queue import AnswerQueue
from app.answers.timing import Timing
from app.console.console import Console
from app.settings import load_settings
from app.store.database import Database
from app.store.sealing import Sealer
from app.store.tables import answers, chats, messages, sends, turns
from app.web.safe_responses import SafeResponses
from app.web.storage_probe import StorageProbe

TOKEN = "only-for-tests-" + "x" * 20
SECRET = "whsec_" + "c2VjcmV0" * 4


@dataclass
class ConsoleClient:
    """A browser without JavaScript in front of the console."""

    database: Database
    http: TestClient
    statements: list[str] = field(default_factory=list)

    @classmethod
    def on(cls, database_url: str, token: str = TOKEN) -> Self:
        database = Database(database_url)
        database.migrate()
        settings = load_settings(
            linq_api_key="key",
            linq_webhook_secret=SECRET,
            linq_base_url="http://127.0.0.1:9/api",
            admin_token=token,
            database_url=database_url,
        )
        console = Console(
            settings,
            database,
            AnswerQueue(database),
            Sealer("key"),
            StorageProbe(database, "test"),
            Timing(),
        )
        app = Starlette(routes=console.routes(), middleware=[Middleware(SafeResponses)])
        found = cls(database, TestClient(app, follow_redirects=False))
        sa.event.listen(database.engine, "before_cursor_execute", found._record)
        return found

    def log_in(self, token: str = TOKEN, **headers: str) -> Any:
        """Fills in the login form. Returns the response to it."""
        page = self.http.get("/console", headers=headers)
        data = {"csrf": csrf_of(page.text), "token": token, "next": "/console"}
        return self.http.post("/console/login", data=data, headers=headers)

    def get(self, path: str) -> str:
        """The HTML of a page; its statements are in `statements` then."""
        self.statements.clear()
        response = self.http.get(path)
        assert response.status_code == 200, response.text
        return str(response.text)

    def close(self) -> None:
        self.http.close()
        self.database.close()

    def _record(self, _connection: object, _cursor: object, sql: str, *_: object) -> None:
        if not sql.startswith(("BEGIN", "PRAGMA")):
            self.statements.append(" ".join(sql.split()))


def csrf_of(html: str) -> str:
    """The token in the first form of a page."""
    match = re.search(r'name="csrf" value="(\w+)"', html)
    assert match, html
    return match[1]


def store_exchange(connection: sa.Connection, number: int, chat: int, **changes: Any) -> str:
    """A message and its answer, as they are stored once all is over. Returns the answer's id.

    changes: other values for columns of the answer; `question`, `sender` and `zero_retention`.
    """
    question = changes.pop("question", f"question {number}")
    sender = changes.pop("sender", f"+1312555{chat:04}")
    zero_retention = changes.pop("zero_retention", False)
    at = changes.get("created_at", time.time() - 60 + number / 1000)
    chat_id, answer_id = f"chat-{chat}", f"answer:m-{number}"
    record: dict[str, Any] = {
        "answer_id": answer_id,
        "chat_id": chat_id,
        "origin": "inbound",
        "state": "sent",
        "reason": "answer",
        "responder_code": "echo",
        "runs": 1,
        "text": f"answer {number}",
        "engine": "espeak",
        "seconds": 2.5,
        "memo_message_id": f"memo-{number}",
        "memo_status": "delivered",
        "timings": {"speak": 0.01, "encode": 0.02, "upload": 0.05},
        "created_at": at,
        "updated_at": at + 1,
    }
    record |= changes
    kept = record["text"] is not None and not zero_retention
    connection.execute(answers.insert().values(record))
    connection.execute(
        messages.insert().values(
            message_id=f"m-{number}",
            event_id=f"e-{number}",
            chat_id=chat_id,
            sender=sender,
            service="iMessage",
            is_group=False,
            sent_at=at,
            received_at=at,
            state="done",
            reason="answer",
            answer_id=answer_id,
        )
    )
    connection.execute(
        sends.insert().values(
            answer_id=answer_id,
            chat_id=chat_id,
            media_key=f"attachment-{number}",
            begun_at=at + 0.5,
            outcome="accepted",
            message_id=f"memo-{number}",
            closed_at=at + 0.7,
        )
    )
    if kept:
        for role, text in (("user", question), ("assistant", record["text"])):
            connection.execute(
                turns.insert().values(
                    chat_id=chat_id, answer_id=answer_id, role=role, text=text, at=at
                )
            )
    if not connection.execute(sa.select(chats).where(chats.c.chat_id == chat_id)).first():
        connection.execute(
            chats.insert().values(
                chat_id=chat_id, handle=sender, zero_retention=zero_retention, updated_at=at
            )
        )
    return answer_id
