"""What the protocols of `beholden evaluate` share: options, progress, the JSON result, and pictures without use."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beholden.model.errors import OutputRefused

if TYPE_CHECKING:
    from beholden.evaluate.templates import Looked, Progress

Out = Annotated[
    Path | None,
    typer.Option("--json", readable=False, metavar="OUT", help="Write everything as JSON: counts, thresholds, bounds."),
]
Force = Annotated[bool, typer.Option("--force", "-f", help="Write over a file that is there.")]
Seed = Annotated[
    int, typer.Option(min=0, metavar="NUMBER", help="Of the random numbers: the same seed, the same draw.")
]
LabelsFile = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        readable=False,
        metavar="CSV",
        help="Labels that people gave themselves (person,sex,age,ethnicity): rates by group. Used for nothing else.",
    ),
]
MOST_SAID = 10


def refuse_output(out: Path | None, *sources: Path | None, force: bool) -> None:
    """Raise OutputRefused, before any work, for a result that could not be written or would replace a source."""
    from beholden.video.output import PendingFile

    if out is None:
        return
    if os.path.lexists(out) and not force:
        raise OutputRefused(f"{out} is there already", advice="Name another file, or add --force.")
    if any(os.path.realpath(out) == os.path.realpath(source) for source in sources if source is not None):
        raise OutputRefused(f"{out}: is one of the sources", advice="Name another file: originals are kept.")
    PendingFile(out).discard()


def write_result(out: Path | None, values: dict[str, Any]) -> None:
    """The result as JSON: the file is there whole, or not at all. Raises OutputRefused, StorageFull."""
    from beholden import __version__
    from beholden.video.output import PendingFile

    if out is None:
        return
    text = json.dumps({"made_by": f"beholden {__version__}", **values}, indent=1, ensure_ascii=False, allow_nan=False)
    file = PendingFile(out)
    try:
        file.write(f"{text}\n".encode())
        file.commit()
    finally:
        file.discard()
    typer.echo(f"All counts, thresholds and bounds: {out}", err=True)


@contextmanager
def shown_progress() -> Generator[Progress]:
    """A bar on a terminal's standard error, gone at the end; elsewhere nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=1.0)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done / max(1, total))

        yield progress


def end_with_problems(looked: Looked, where: Callable[[int], str]) -> None:
    """Say by place which pictures could not be read; if any, raise typer.Exit with the code of the first."""
    for index, problem in looked.problems[:MOST_SAID]:
        typer.echo(f"beholden: {where(index)}: {KINDS.get(type(problem).__name__, 'cannot be read')}", err=True)
    more = len(looked.problems) - MOST_SAID
    if more > 0:
        typer.echo(f"beholden: and {more} more pictures that cannot be read", err=True)
    if looked.problems:
        typer.echo("beholden: what cannot be read is counted in no rate; everything else was measured", err=True)
        raise typer.Exit(looked.problems[0][1].exit_code)


KINDS = {
    "MissingInput": "cannot be read (permission, or gone)",
    "EmptyInput": "the file is empty",
    "NotMedia": "not an image that can be read",
    "InputTooLarge": "past the limits on bytes or pixels",
    "DecodeFailure": "truncated or damaged",
}
"""What is said of a picture that cannot be read: the error's own words would name the file."""
