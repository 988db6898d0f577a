"""`beholden evaluate verification|identification|enrolment`: how good it is on your own pictures, with bounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from beholden.cli.measuring import (
    Force,
    LabelsFile,
    Out,
    Seed,
    end_with_problems,
    refuse_output,
    shown_progress,
    write_result,
)
from beholden.cli.options import DEFAULT_DATA, Data
from beholden.model.errors import InputError

Register = Callable[[typer.Typer], None]
People = Annotated[
    Path,
    typer.Option("--people", readable=False, metavar="DIR", help="A folder with one folder of pictures per person."),
]


def register(app: typer.Typer, *protocols: Register) -> None:
    """Add the group; `protocols` add commands of theirs to it."""
    group = typer.Typer(
        help="Measure how good recognition is, in a rehearsal folder. Only totals are printed, and nothing is kept.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    group.command(epilog="Example: beholden evaluate verification --pairs pairs.csv --images photos --data town")(
        verification
    )
    group.command(epilog="Example: beholden evaluate identification --people photos --splits 20 --data town")(
        identification
    )
    group.command(epilog="Example: beholden evaluate enrolment --people photos --data town")(enrolment)
    for protocol in protocols:
        protocol(group)
    app.add_typer(group, name="evaluate", epilog="Example: beholden evaluate enrolment --people photos --data town")


def verification(
    pairs: Annotated[
        Path, typer.Option(readable=False, metavar="CSV", help="Columns file_x, file_y, Decision (Yes: one person).")
    ],
    images: Annotated[
        Path, typer.Option(readable=False, metavar="DIR", help="The folder that the paths in it begin at.")
    ],
    labels: LabelsFile = None,
    out: Out = None,
    force: Force = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Compare pairs of pictures: how often two people pass for one, and one person for two.

    The first picture of a pair is held to what enrolment asks of a photo, the second to what a camera's shot must be.
    """
    from beholden.cli.evaluated import tell_verification
    from beholden.evaluate.labels import read_labels
    from beholden.evaluate.pairs_file import read_pairs
    from beholden.evaluate.setting import setting_of
    from beholden.evaluate.templates import look_at
    from beholden.evaluate.verification import verify
    from beholden.wiring.engine import input_limits
    from beholden.wiring.evaluation import evaluation_engines, rehearsal_settings

    settings = rehearsal_settings(data)
    refuse_output(out, pairs, labels, force=force)
    limits = input_limits(settings)
    read = read_pairs(pairs, images, limits)
    if labels is not None and read.folders is None:
        raise InputError(
            "labels need to know who is who: the pictures do not lie in a folder per person",
            advice="Sort the pictures into a folder per person, or leave --labels out.",
        )
    known = None if labels is None or read.folders is None else read_labels(labels, read.folders)
    engines = evaluation_engines(settings, data, len(read.pictures))
    with shown_progress() as progress, look_at(read.pictures, engines, limits, progress) as looked:
        result = verify(read, looked, setting_of(engines[0]), known, progress)
    tell_verification(result)
    write_result(out, result.as_values())
    end_with_problems(looked, read.where)


def identification(
    people: People,
    splits: Annotated[
        int, typer.Option(min=1, max=1000, metavar="NUMBER", help="How often people are drawn anew.")
    ] = 10,
    photos: Annotated[
        int, typer.Option(min=1, max=5, metavar="NUMBER", help="Pictures that enrol a person; the others come back.")
    ] = 1,
    faces: Annotated[
        int, typer.Option(min=1, metavar="NUMBER", help="Faces that pass a camera in a day, for the false alerts.")
    ] = 1000,
    seed: Seed = 1,
    labels: LabelsFile = None,
    out: Out = None,
    force: Force = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Enrol half of the people, and see whom the others' pictures, and their own other ones, are taken for.

    Each picture is a search by itself. A camera does better: it pools several shots, and wants two that agree.
    """
    from beholden.cli.evaluated import tell_identification
    from beholden.evaluate.identification import identify, refuse_sizes
    from beholden.evaluate.labels import read_labels
    from beholden.evaluate.people_folder import read_people
    from beholden.evaluate.setting import setting_of
    from beholden.evaluate.splits import Plan
    from beholden.evaluate.templates import look_at
    from beholden.wiring.engine import input_limits
    from beholden.wiring.evaluation import evaluation_engines, rehearsal_settings

    settings = rehearsal_settings(data)
    refuse_output(out, labels, force=force)
    limits = input_limits(settings)
    read = read_people(people, limits)
    refuse_sizes(read, photos, splits)
    known = None if labels is None else read_labels(labels, read.names)
    engines = evaluation_engines(settings, data, len(read.pictures))
    setting_for = setting_of(engines[0])
    plan = Plan(splits, photos, seed, setting_for(1).alike)
    with shown_progress() as progress, look_at(read.pictures, engines, limits, progress) as looked:
        result = identify(read, looked, setting_for, plan, known, faces, progress)
    tell_identification(result)
    write_result(out, result.as_values())
    end_with_problems(looked, read.where)


def enrolment(
    people: People,
    labels: LabelsFile = None,
    out: Out = None,
    force: Force = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Try to enrol everybody from their pictures: who is refused, and why. Nobody is enrolled by it."""
    from beholden.cli.evaluated import tell_enrolment
    from beholden.evaluate.enrolment import try_enrolment
    from beholden.evaluate.labels import read_labels
    from beholden.evaluate.people_folder import read_people
    from beholden.evaluate.setting import setting_of
    from beholden.evaluate.templates import look_at
    from beholden.wiring.engine import input_limits
    from beholden.wiring.evaluation import evaluation_engines, rehearsal_settings

    settings = rehearsal_settings(data)
    refuse_output(out, labels, force=force)
    limits = input_limits(settings)
    read = read_people(people, limits)
    known = None if labels is None else read_labels(labels, read.names)
    engines = evaluation_engines(settings, data, len(read.pictures))
    with shown_progress() as progress, look_at(read.pictures, engines, limits, progress) as looked:
        result = try_enrolment(read, looked, setting_of(engines[0])(1), known)
    tell_enrolment(result)
    write_result(out, result.as_values())
    end_with_problems(looked, read.where)
