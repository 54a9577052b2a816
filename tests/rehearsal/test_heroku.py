"""A deploy as Heroku does it: from a push to the first memo, a new release, and the end of dynos.

The only thing that a person types is the API key. The other variables are those that Heroku sets,
those of `app.json`, and the address of the sandbox, which stands for Linq. The voice is the offline
one, so that no test asks Google.
"""

from __future__ import annotations

import json
import re
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from app.sandbox import SandboxConfig
from tests.balancer import Balancer
from tests.postgres import Postgres
from tests.rehearsal.clean import Checkout, Dyno
from tests.sandbox_server import SandboxServer

SIGTERM_SECONDS = 30.0
"""After which Heroku kills a dyno (devcenter.heroku.com, Dyno Shutdown Behavior)."""
MEGABYTES = 512
"""Of the smallest dynos."""


@dataclass
class Heroku:
    """The router with its certificate, PostgreSQL, config vars, and dynos."""

    checkout: Checkout
    sandbox: SandboxServer
    variables: dict[str, str]
    dynos: list[Dyno]
    start: Callable[[], Dyno]


@pytest.fixture
def heroku(checkout: Checkout, postgres_server: Postgres, tmp_path: Path) -> Iterator[Heroku]:
    authority = trustme.CA()
    certificates = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(certificates))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(tls)
    dynos: list[Dyno] = []
    config = SandboxConfig(
        webhook_ca_file=str(certificates), retry_delays=(0.2,) * 300, rate_limit=None
    )
    with ExitStack() as stack:
        sandbox = stack.enter_context(SandboxServer(config))
        # New connections go to the newest dyno that takes them.
        router = stack.enter_context(
            Balancer(lambda: [one.port for one in reversed(dynos)], tls=tls)
        )
        described = json.loads((checkout.folder / "app.json").read_text())["env"]
        variables = {name: one["value"] for name, one in described.items() if "value" in one}
        variables |= {
            # Typed by a person.
            "LINQ_API_V3_API_KEY": sandbox.api_key,
            # Set by Heroku.
            "DYNO": "web.1",
            "DATABASE_URL": postgres_server.new_database(),
            "HEROKU_APP_DEFAULT_DOMAIN_NAME": f"localhost:{router.port}",
            "MEMO_ADMIN_TOKEN": "0123456789abcdef0123456789abcdef",
            # The rehearsal's own.
            "LINQ_API_V3_BASE_URL": sandbox.api_base,
            "MEMO_VOICES": "espeak",
            "SSL_CERT_FILE": str(certificates),
        }
        command = procfile(checkout.folder)["web"]

        def start() -> Dyno:
            output = stack.enter_context(tempfile.NamedTemporaryFile())
            dyno = Dyno(checkout, command, output, **variables)
            stack.callback(dyno.vanish)
            dynos.append(dyno)
            dyno.wait_ready()
            return dyno

        sandbox.point_at(None)
        yield Heroku(checkout, sandbox, variables, dynos, start)


def procfile(folder: Path) -> dict[str, str]:
    return dict(re.findall(r"^(\w+): (.+)$", (folder / "Procfile").read_text(), re.M))


def memos(sandbox: SandboxServer, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.wait_for(
        lambda state: state["memos"] if len(state["memos"]) >= count else None, timeout=60
    )
    return found


def test_from_a_push_to_the_first_memo_and_through_the_life_of_dynos(heroku: Heroku) -> None:
    sandbox = heroku.sandbox
    with pytest.raises(AssertionError, match=r"Read-only|denied"):
        heroku.checkout.run("touch written")  # the project folder cannot be written

    # The first start, without a secret: subscribed, ready, and answering.
    first = heroku.start()
    assert len(sandbox.api("GET", "/webhook-subscriptions").json()["subscriptions"]) == 1
    sandbox.inbound("Hello, are you open?")
    assert len(memos(sandbox, 1)) == 1
    assert "whsec_" not in first.log
    assert first.megabytes() < MEGABYTES

    # `heroku run python -m app doctor`
    assert "All is well." in heroku.checkout.run("python -m app doctor", **heroku.variables)

    # A new release: both run for a while, then the old one is told to end with an answer begun.
    second = heroku.start()
    sandbox.faults([{"endpoint": "voicememo", "kind": "delay", "seconds": 2.0}])
    sandbox.inbound("Answered by whom?")
    sandbox.wait_for(lambda state: state["calls"].get("voicememo", 0) >= 2, timeout=60)
    assert first.stop(SIGTERM_SECONDS) == 0
    memos(sandbox, 2)

    # A dyno that is scaled away in the middle of an answer is never heard of again.
    third = heroku.start()
    sandbox.faults([{"endpoint": "upload", "kind": "delay", "seconds": 3.0, "count": 2}])
    said = [sandbox.inbound("Are you still there?", sender=f"+1312555010{n}") for n in (1, 2)]
    sandbox.wait_for(lambda state: state["calls"].get("upload", 0) >= 3, timeout=60)
    second.vanish()
    assert len(memos(sandbox, 2 + len(said))) == 2 + len(said)
    assert third.stop(SIGTERM_SECONDS) == 0
    # Nothing was refused for good, and nothing answered twice.
    state = sandbox.state()
    assert {one["status"] for one in state["deliveries"]} <= {200, 503, None}
    assert len(state["memos"]) == 4
