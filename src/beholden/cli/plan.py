"""`beholden plan`: machines, memory, disk and network for so many cameras, with the formulae."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.options import AsJson, emit
from beholden.model.errors import InputTooLarge, MissingInput

if TYPE_CHECKING:
    from beholden.scale.measured import Bench
    from beholden.scale.plan import Line, Plan

Cameras = Annotated[int, typer.Option("--cameras", min=1, max=1_000_000, metavar="N", help="How many cameras.")]
MeasuredFile = Annotated[
    Path | None,
    typer.Option(
        "--measured", readable=False, metavar="FILE",
        help="What `beholden bench --json` printed of your cameras; without it a typical 1080p camera is assumed.",
    ),
]  # fmt: skip
Record = Annotated[bool, typer.Option("--record", help="Keep covered timelines of all cameras.")]
Days = Annotated[float, typer.Option(min=0.1, max=3650, metavar="DAYS", help="How long timelines are kept.")]
People = Annotated[int, typer.Option(min=0, max=100_000_000, metavar="NUMBER", help="People who are enrolled.")]
Load = Annotated[float, typer.Option(min=0.05, max=1, metavar="SHARE", help="How much of a machine may be in use.")]
Cores = Annotated[
    float | None,
    typer.Option(min=0.1, max=4096, metavar="NUMBER", help="Cores of a machine; else as measured, or this one's."),
]
Memory = Annotated[
    float | None, typer.Option(min=0.1, max=100_000, metavar="GB", help="Memory of a machine, GB; else the same way.")
]


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden plan --cameras 40 --record --days 3 --people 500 --cores 8 --memory 16")(plan)


def plan(
    cameras: Cameras,
    measured: MeasuredFile = None,
    record: Record = False,
    days: Days = 7.0,
    people: People = 100,
    load: Load = 0.8,
    cores: Cores = None,
    memory: Memory = None,
    as_json: AsJson = False,
) -> None:
    """How many machines so many cameras need, and what else: memory, disk, network, search; each with its formula.

    Measure your own cameras first (`beholden bench`): bitrate and how many people pass decide. docs/scale.md explains
    every line and what is not known. A GB is 10^9 bytes.
    """
    from beholden.scale.figures import measured as figures_of
    from beholden.scale.figures import typical
    from beholden.scale.plan import Wish
    from beholden.scale.plan import plan as make_plan
    from beholden.supervise.workers.spent import usable_cores, usable_memory_mb

    bench = None if measured is None else _read(measured)
    wish = Wish(
        cameras=cameras,
        cores=cores or (bench.machine.cores if bench else usable_cores()),
        memory_mb=memory * 1000 if memory else bench.machine.memory_mb if bench else usable_memory_mb(),
        record=record,
        days=days,
        people=people,
        load=load,
    )
    made = make_plan(wish, typical(record=record) if bench is None else figures_of(bench, record=record))
    if as_json:
        emit(_values(made))
        return
    width = max(len(line.words) for line in made.lines)
    numbers = [_number(line) for line in made.lines]
    wide = max(map(len, numbers))
    for line, number in zip(made.lines, numbers, strict=True):
        typer.echo(f"{line.words.ljust(width)}  {number.rjust(wide)}  = {line.formula}")
    typer.echo("")
    for sentence in (*made.said, *_doubts(bench)):
        typer.echo(f"- {sentence}")


def _read(path: Path) -> Bench:
    from beholden.scale.measured import LONGEST, read_bench

    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1)
    except OSError as error:
        raise MissingInput(f"{path} cannot be read: {error.strerror}") from error
    if len(text) > LONGEST:
        raise InputTooLarge(f"{path} is too large to be a result of a bench", advice="Give what `--json` printed.")
    return read_bench(text, str(path))


def _doubts(bench: Bench | None) -> tuple[str, ...]:
    from beholden.scale.capacity import doubts

    return () if bench is None else doubts(bench)


def _number(line: Line) -> str:
    whole = float(line.value).is_integer() and not line.unit
    number = f"{line.value:,.0f}" if whole or line.value >= 1000 else f"{line.value:,.2f}"
    return f"{number} {line.unit}".strip()


def _values(made: Plan) -> dict[str, object]:
    wish = made.wish
    return {
        "wish": {
            "cameras": wish.cameras,
            "record": wish.record,
            "days": wish.days,
            "people": wish.people,
            "load": wish.load,
            "cores": wish.cores,
            "memory_mb": wish.memory_mb,
        },
        "source": made.figures.source,
        "machines": made.machines,
        "cameras_per_machine": made.cameras_per_machine,
        "needs": {line.name: {"value": line.value, "unit": line.unit, "formula": line.formula} for line in made.lines},
        "said": list(made.said),
    }
