"""`beholden cover`: hide every face in photos, videos and folders. Needs no data folder and names nobody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.options import AsJson, counted, emit

if TYPE_CHECKING:
    from beholden.pipeline.redact import Redaction


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden cover holiday/ holiday-covered/")(cover)


def cover(
    source: Annotated[
        Path, typer.Argument(readable=False, metavar="SOURCE", help="An image, a video, or a folder of both.")
    ],
    out: Annotated[
        Path,
        typer.Argument(
            readable=False,
            metavar="OUT",
            help="Where to: .jpg for an image, .mp4 (.mov, .mkv, .webm) for a video, or a folder.",
        ),
    ],
    force: Annotated[bool, typer.Option("--force", "-f", help="Write over files that are there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Cover every face, at full size, with solid shapes that cannot be undone. Sound and metadata are left out.

    Slower than watching: every picture is searched at its own size, and again smaller. Subfolders
    of a folder are not entered.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from beholden.pipeline.redact import redact
    from beholden.settings import read_settings
    from beholden.wiring.engine import load_covering, redaction_options

    settings = read_settings(None)
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn(),
        console=console, transient=True, disable=as_json or not console.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task("covering", total=1.0)

        def progress(path: Path, done: float | None) -> None:
            bar.update(task, description=path.name, completed=done or 0.0)

        result = redact(source, out, load_covering(settings), redaction_options(settings, overwrite=force), progress)
    _tell(result, out, as_json)
    if result.failures:
        raise typer.Exit(result.failures[0][1].exit_code)


def _tell(result: Redaction, out: Path, as_json: bool) -> None:
    for _, error in result.failures:
        typer.echo(f"beholden: {error.one_line()}", err=True)
    if as_json:
        emit(
            {
                "files": result.files,
                "pictures": result.pictures,
                "with_covers": result.with_covers,
                "covered_whole": result.whole,
                "failed": [str(path) for path, _ in result.failures],
            }
        )
    else:
        typer.echo(
            f"{out}: {counted(result.files, 'file')}, {counted(result.pictures, 'picture')}, "
            f"{result.with_covers} with covers" + (f", {result.whole} covered whole" if result.whole else "")
        )
