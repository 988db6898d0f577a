"""`beholden demo`: the whole of it on a synthetic town, with a result to look at."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.options import AsJson, emit
from beholden.model.errors import OutputRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from beholden.demo.run import DemoResult
    from beholden.faces.engine import FaceEngine

MARK = ".beholden-demo"


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden demo --out demo-output")(demo)


Out = Annotated[
    Path,
    typer.Option(
        "--out", readable=False, metavar="FOLDER", help="Where the result goes; an older result there is replaced."
    ),
]
Promise = Annotated[
    str | None,
    typer.Option(
        "--sabotage",
        metavar="PROMISE",
        help="Break one promise on purpose (gate, cover or threshold): the demo must fail.",
    ),
]


def demo(out: Out = Path("demo-output"), sabotage: Promise = None, as_json: AsJson = False) -> None:
    """A day in a small town of synthetic people: enrol, watch, withdraw, cover. Ends with 1 if anything goes wrong."""
    from beholden.acts.sightings.sighting import Settle
    from beholden.consent.gate import Gate
    from beholden.demo.broadcast import require_server
    from beholden.demo.page import write_page, write_sheet, write_summary
    from beholden.demo.run import Parts, TownGate, run_demo
    from beholden.demo.sabotage import Sabotage, sabotaged
    from beholden.demo.town import town
    from beholden.settings import Settings
    from beholden.storage.folder import LOG
    from beholden.wiring.engine import load_faces, template_maker
    from beholden.wiring.folder import create_data, open_data

    broken = _sabotage(sabotage, [each.value for each in Sabotage])
    require_server()
    _make_room(out)
    settings = Settings()
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beholden-demo-"))) / "data"
        create_data(data, settings, rehearsal=True)
        folder = stack.enter_context(open_data(data, settings))
        engine = load_faces(settings)
        gate = TownGate(Gate(folder.database, folder.keystore))
        parts = Parts(folder.office, engine, gate, Settle(folder.office), template_maker(engine), log=folder.path / LOG)
        if broken is not None:
            parts = sabotaged(parts, Sabotage(broken))
        place = town()

        def say(line: str) -> None:
            typer.echo(line, err=as_json)

        result = run_demo(parts, place, out, say)
        if broken is None:
            result = _with_live(result, engine, out, say)
    summary = write_summary(result, place, out)
    write_sheet(result, place, out)
    page = write_page(result, place, out)
    if as_json:
        emit({"ok": result.ok, "seconds": round(result.seconds, 1), "summary": str(summary), "page": str(page)})
    else:
        _sum_up(result, page)
    if not result.ok:
        raise typer.Exit(1)


def _with_live(result: DemoResult, engine: FaceEngine, out: Path, say: Callable[[str], None]) -> DemoResult:
    """The same town today, as live cameras: the result with what happened there."""
    from beholden.cli.live_demo import DemoStack
    from beholden.demo.live_town import run_live
    from beholden.demo.town import town
    from beholden.wiring.clock import now

    today = town(now().replace(hour=0, minute=0, second=0, microsecond=0))
    with tempfile.TemporaryDirectory(prefix="beholden-demo-live-") as folder:
        live = run_live(DemoStack(Path(folder) / "data", today, engine), today, result.films, out, say)
    return replace(result, live=live, seconds=result.seconds + live.seconds)


def _sum_up(result: DemoResult, page: Path) -> None:
    from beholden.demo.live_outcome import live_in_words
    from beholden.demo.proofs import RECEIPT

    wrong = result.mistakes
    typer.echo(
        f"\n{'As expected' if result.ok else 'NOT as expected'}: {wrong.enrolled_named_wrong} enrolled named wrong, "
        f"{wrong.strangers_named} strangers named, {result.visible} faces visible in {result.pictures_checked} "
        f"covered pictures, {result.seconds:.0f} s."
    )
    if result.proofs:
        shown = sum(proof.ok for proof in result.proofs)
        typer.echo(f"Proofs: {shown} of {len(result.proofs)} for outsiders; a receipt is in {page.parent / RECEIPT}.")
    if result.live is not None:
        typer.echo(f"Live: {live_in_words(result.live)}")
    typer.echo(f"Look at it:  xdg-open {page}")


def _sabotage(name: str | None, known: list[str]) -> str | None:
    if name is not None and name not in known:
        raise typer.BadParameter(f"one of {', '.join(known)}", param_hint="--sabotage")
    return name


def _make_room(out: Path) -> None:
    """An empty folder for the result; only what a demo left there before is removed. Raises OutputRefused."""
    try:
        if out.exists():
            if not out.is_dir() or (any(out.iterdir()) and not (out / MARK).exists()):
                raise OutputRefused(f"{out} holds something else", advice="Name another folder with --out.")
            shutil.rmtree(out)
        out.mkdir(parents=True)
        (out / MARK).touch()
    except OSError as error:
        raise OutputRefused(f"{out}: cannot be written ({error.strerror})") from error
