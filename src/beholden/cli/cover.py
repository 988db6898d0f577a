"""`beholden cover`: hide every face in photos, videos and folders. Needs no data folder and names nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from beholden.cli.options import AsJson, emit
from beholden.model.errors import OutputRefused


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden cover holiday/ holiday-covered/")(cover)


def cover(
    source: Annotated[Path, typer.Argument(help="An image, a video, or a folder of both.")],
    out: Annotated[
        Path, typer.Argument(help="Where to: .jpg for an image, .mp4 (.mkv, .webm) for a video, or a folder.")
    ],
    force: Annotated[bool, typer.Option("--force", "-f", help="Write over a file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Cover every face, at full size, with solid shapes that cannot be undone. Sound and metadata are left out.

    Slower than watching: every picture is searched at its own size, and again smaller.
    """
    from beholden.pipeline.redact import redact
    from beholden.settings import read_settings
    from beholden.wiring import load_faces, redaction_options

    if out.is_file() and not force:
        raise OutputRefused(f"{out} is there already", advice="Name another file, or add --force.")
    settings = read_settings(None)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True, disable=as_json,
    )  # fmt: skip
    with bar:
        task = bar.add_task("covering", total=1.0)

        def progress(path: Path, done: float | None) -> None:
            bar.update(task, description=path.name, completed=done or 0.0)

        result = redact(source, out, load_faces(settings), redaction_options(settings), progress)
    for path, error in result.failures:
        typer.echo(f"beholden: {path}: {error.one_line()}", err=True)
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
            f"{out}: {result.files} file{'s' if result.files != 1 else ''}, {result.pictures} pictures, "
            f"{result.with_covers} with covers" + (f", {result.whole} covered whole" if result.whole else "")
        )
    if result.failures:
        raise typer.Exit(result.failures[0][1].exit_code)
