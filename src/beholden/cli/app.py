"""All commands together, and the one place where errors become exit codes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import Annotated

import typer

from beholden import __version__
from beholden.cli import (
    account,
    account_glass,
    answers,
    approve,
    backup,
    bench,
    calibrate,
    camera,
    canary,
    counts,
    cover,
    demo,
    doctor,
    evaluate,
    evaluate_report,
    evaluate_video,
    find_me,
    folder,
    grant,
    grant_history,
    grant_own,
    guardian,
    incident,
    invite,
    log,
    log_mine,
    log_receipt,
    log_witness,
    models,
    notice,
    papers,
    people,
    plan,
    policy,
    recordings,
    report,
    threshold,
    ties,
    time,
    watch,
)
from beholden.model.errors import BeholdenError

DECLINED = 1
INTERRUPTED = 130
EPILOG = (
    "Exit codes: 0 done, 1 not as expected, 2 usage or settings, 3 input, 4 photo, 5 consent, "
    "6 data folder, 7 keystore, 8 models, 9 log, 130 interrupted. Start with: beholden demo"
)

app = typer.Typer(
    name="beholden",
    help="Face recognition for camera networks that answers to the people it sees.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
folder.register(app)
invite.register(app)
people.register(app)
grant.register(app, grant_own.register, grant_history.register)
policy.register(app)
notice.register(app)
papers.register(app)
account.register(app)
approve.register(app)
find_me.register(app)
account_glass.register(app)
ties.register(app)
canary.register(app)
guardian.register(app)
camera.register(app)
watch.register(app)
recordings.register(app)
counts.register(app)
answers.register(app)
report.register(app)
incident.register(app)
cover.register(app)
bench.register(app)
plan.register(app)
log.register(app, log_receipt.register, log_mine.register, log_witness.register)
models.register(app)
threshold.register(app)
calibrate.register(app)
evaluate.register(app, evaluate_video.register, evaluate_report.register)
backup.register(app)
time.register(app)
doctor.register(app)
demo.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"beholden {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Face recognition for camera networks that answers to the people it sees."""


_command = cache(lambda: typer.main.get_command(app))
"""All of them, put together once: whoever calls `run` again in the same process does not wait for that."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; errors are one line on standard error, and an exit code of the error tree.

    `Command.main` is not used: it would turn Ctrl-C and a closed pipe into exits of its own.
    """
    command = _command()
    try:
        with command.make_context("beholden", list(arguments)) as context:
            command.invoke(context)
        sys.stdout.flush()
    except BeholdenError as error:
        _complain(error.one_line())
        return error.exit_code
    except typer.Exit as ended:
        return ended.exit_code
    except typer.TyperException as error:
        _complain_of_usage(error)
        return error.exit_code
    except typer.Abort:
        _complain("nothing was done")
        return DECLINED
    except KeyboardInterrupt:
        _complain("stopped. What was finished is kept; nothing half-done is left.")
        return INTERRUPTED
    except BrokenPipeError:
        _leave_quietly()
    return 0


def _complain(text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(f"beholden: {text}", file=sys.stderr)


def _complain_of_usage(error: typer.TyperException) -> None:
    """One line, with where to look; a group without a command shows its help instead."""
    text = error.format_message()
    if text.startswith("Usage:"):
        print(text, file=sys.stderr)
        return
    context = getattr(error, "ctx", None)
    _complain(f"{' '.join(text.split()).rstrip('.,')}. See `{context.command_path if context else 'beholden'} --help`.")


def _leave_quietly() -> None:
    """Whoever read our output has gone away (`| head`): nothing is wrong, and what is left to print goes nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
