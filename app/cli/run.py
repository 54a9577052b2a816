"""`serve`, `worker`, `sandbox`, `demo`: the commands that run until they are told to stop."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli.context import settings_of_service
from app.cli.files import check_writable

PORT = click.IntRange(1, 65535)


@click.command()
def serve() -> None:
    """Run web and answering in one process, on PORT."""
    from app.setup_mode import is_platform, serve_or_explain

    if is_platform():
        sys.exit(serve_or_explain(settings_of_service))
    from app.server import serve as run

    sys.exit(run(settings_of_service()))


@click.command()
def worker() -> None:
    """Run answering only; several may share one database."""
    from app.server import work

    sys.exit(work(settings_of_service()))


@click.command()
@click.option("--port", type=PORT, default=8001, show_default=True, help="Port to listen on.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Interface to listen on; another one only within a container.",
)
@click.option(
    "--bot-url", help="Webhook address of the bot, e.g. http://127.0.0.1:8000/webhooks/linq."
)
def sandbox(port: int, host: str, bot_url: str | None) -> None:
    """Run the local Linq with its phone page."""
    from app.demo import run_sandbox

    run_sandbox(settings_of_service(), host, port, bot_url)


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65534),
    default=8000,
    show_default=True,
    help="The bot's; the phone's is one more.",
)
@click.option("--once", metavar="TEXT", help="One exchange in the terminal, then exit.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where --once writes the memo."
)
def demo(port: int, once: str | None, out: Path | None) -> None:
    """Run sandbox and bot together: a phone to try it on, without an account."""
    if once is None:
        if out:
            raise click.UsageError("--out goes with --once TEXT")
        settings_of_service()
        from app.demo import run_demo

        run_demo(port)
        return
    if not once.strip():
        raise click.BadParameter("give some words", param_hint="--once")
    if out:
        check_writable(out)
    # Only what the exchange prints, and what went wrong.
    settings_of_service(log_level="error")
    from app.demo import run_once

    sys.exit(run_once(once, out))
