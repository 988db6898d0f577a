"""`beholden evaluate report`: every protocol on your people, as one page to read and one file for programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.measuring import LabelsFile, Seed, shown_progress
from beholden.cli.options import DEFAULT_DATA, Data, counted
from beholden.model.errors import OutputRefused, SettingsError

if TYPE_CHECKING:
    from beholden.evaluate.report.extent import Extent
    from beholden.evaluate.report.material import Material
    from beholden.evaluate.report.parts import Part
    from beholden.settings import Settings

PAGE, VALUES, PARTS = "report.html", "report.json", "parts"
People = Annotated[
    Path,
    typer.Option("--people", readable=False, metavar="DIR", help="A folder with one folder of pictures per person."),
]
Out = Annotated[Path, typer.Option("--out", readable=False, metavar="DIR", help="Where the report is written.")]
About = Annotated[
    Path | None,
    typer.Option(
        readable=False, metavar="TOML", help="Words for the data sheet: title, people, consent, licence, not_shown."
    ),
]
Clips = Annotated[
    list[Path] | None,
    typer.Option("--clips", readable=False, metavar="PATH", help="Videos, or a folder of them; may be given again."),
]
LeaveOut = Annotated[
    int,
    typer.Option(
        min=0, metavar="NUMBER", help="Leave out every so many-th person: whom `calibrate --every` took. 0: nobody."
    ),
]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="PART", help="This part, and no other; may be given again.")
]
Small = Annotated[bool, typer.Option("--small", help="Fewer clips: for a first look, or for few people.")]


def register(group: typer.Typer) -> None:
    group.command(epilog="Example: beholden evaluate report --people photos --out report --data town")(report)


def report(
    people: People,
    out: Out,
    labels: LabelsFile = None,
    about: About = None,
    clips: Clips = None,
    leave_out: LeaveOut = 0,
    only: Only = None,
    small: Small = False,
    seed: Seed = 1,
    data: Data = DEFAULT_DATA,
) -> None:
    """Measure everything on your own people, and write report.html and report.json.

    Parts are kept in OUT/parts as soon as they are whole: a run that was stopped goes on where it was. The page needs
    the extra `evaluate`, covering the extra `demo`. Totals only: no name, no picture, no score of anybody.
    """
    from beholden.evaluate.faces_left import known_face_finder
    from beholden.evaluate.report.contents import report_values
    from beholden.evaluate.report.page import make_page, need_renderers
    from beholden.evaluate.report.parts import Kept, Part, Work, measure_parts, write_json, write_text
    from beholden.wiring.evaluation import evaluation_engines, rehearsal_settings

    settings = rehearsal_settings(data)
    if out.exists() and not out.is_dir():
        raise OutputRefused(f"{out}: is not a folder", advice="Name a folder with --out.")
    need_renderers()
    material = _material(settings, people, labels, about, clips, leave_out)
    wanted = _wanted(only, material)
    if Part.COVERING in wanted or Part.REAL_CLIPS in wanted:
        known_face_finder()
    engines = evaluation_engines(settings, data, len(material.people.pictures))
    with shown_progress() as progress:
        work = Work(material, engines, _extent(seed, small=small), progress)
        found = measure_parts(work, wanted, Kept(out / PARTS), _tell)
        values = report_values(work, found)
        page = make_page(values)
    write_json(out / VALUES, values)
    write_text(out / PAGE, page)
    typer.echo(f"The report: {out / PAGE}. The same for programs: {out / VALUES}.")
    unreadable = found.get(Part.ENROLMENT, {}).get("pictures", {}).get("unreadable", 0)
    if unreadable:
        typer.echo(f"beholden: {counted(unreadable, 'picture')} cannot be read and counted in no rate", err=True)


def _material(
    settings: Settings, people: Path, labels: Path | None, about: Path | None, clips: list[Path] | None, leave_out: int
) -> Material:
    from beholden.evaluate.labels import read_labels
    from beholden.evaluate.people_folder import read_people
    from beholden.evaluate.report.about import About, read_about
    from beholden.evaluate.report.material import Material, find_clips, without_every
    from beholden.wiring.engine import input_limits

    words = About() if about is None else read_about(about)
    limits = input_limits(settings)
    left, left_out = without_every(read_people(people, limits), leave_out)
    known = None if labels is None else read_labels(labels, left.names)
    return Material(words, left, known, find_clips(clips or ()), limits, left_out)


def _wanted(only: list[str] | None, material: Material) -> list[Part]:
    """The parts that can be measured, or those that were asked for. Raises SettingsError, InputError."""
    from beholden.evaluate.identification import refuse_sizes
    from beholden.evaluate.report.extent import FULL
    from beholden.evaluate.report.parts import Part

    unknown = [name for name in only or () if name not in set(Part)]
    if unknown:
        raise SettingsError(f"--only {unknown[0]!r} is no part", advice=f"Parts are {', '.join(Part)}.")
    if Part.REAL_CLIPS in (only or ()) and not material.clips:
        raise SettingsError("--only real_clips needs clips", advice="Give --clips.")
    wanted = [part for part in Part if (not only or part in only) and (part is not Part.REAL_CLIPS or material.clips)]
    if Part.IDENTIFICATION in wanted:
        refuse_sizes(material.people, FULL.photos, FULL.splits)
    return wanted


def _extent(seed: int, *, small: bool) -> Extent:
    from dataclasses import replace

    from beholden.evaluate.report.extent import FULL, SMALL

    return replace(SMALL if small else FULL, seed=seed)


def _tell(part: str, taken_over: bool) -> None:
    typer.echo(f"beholden: {part} {'was measured before' if taken_over else 'is measured'}", err=True)
