"""All commands together, and the one place where errors become exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
import typer

from beholden.cli import cover, demo, doctor, folder, grant, models, people, threshold, watch
from beholden.model.errors import BeholdenError

INTERRUPTED = 130
EPILOG = (
    "Exit codes: 0 done, 1 not as expected, 2 usage or settings, 3 input, 4 photo, 5 consent, "
    "6 data folder, 7 keystore, 8 models, 9 log, 130 interrupted."
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
people.register(app)
grant.register(app)
watch.register(app)
cover.register(app)
models.register(app)
threshold.register(app)
doctor.register(app)
demo.register(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command; errors are one line on standard error, and an exit code of the error tree."""
    command = typer.main.get_command(app)
    try:
        code = command.main(list(arguments), prog_name="beholden", standalone_mode=False)
    except BeholdenError as error:
        print(f"beholden: {error.one_line()}", file=sys.stderr)
        return error.exit_code
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("beholden: stopped. What was finished is kept; nothing half-done is left.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone away (`| head`): nothing is wrong.
        sys.stdout = None  # type: ignore[assignment]
        return 0
    return code if isinstance(code, int) else 0
