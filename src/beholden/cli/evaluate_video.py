"""`beholden evaluate video|covering`: the product's own pipeline over clips composed from your people's photos."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.measuring import Force, Out, Seed, refuse_output, shown_progress, write_result
from beholden.cli.options import DEFAULT_DATA, Data

if TYPE_CHECKING:
    from beholden.evaluate.cast import Person
    from beholden.video.limits import Limits

People = Annotated[
    Path,
    typer.Option(
        "--people",
        readable=False,
        metavar="DIR",
        help="A folder with one folder of photos per person: the first third enrols, the others walk.",
    ),
]


def register(group: typer.Typer) -> None:
    group.command(epilog="Example: beholden evaluate video --people photos --data town")(video)
    group.command(epilog="Example: beholden evaluate covering --people photos --clips yard.mp4 --data town")(covering)


def video(
    people: People,
    rounds: Annotated[
        int, typer.Option(min=1, max=100, metavar="NUMBER", help="How often everybody walks, past other cameras.")
    ] = 2,
    tracks: Annotated[
        int, typer.Option(min=1, metavar="NUMBER", help="Strangers who pass a camera in a day, for the false alerts.")
    ] = 1000,
    seed: Seed = 1,
    out: Out = None,
    force: Force = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Let people walk past drawn cameras, and see who is named: encoded, decoded, followed, pooled and decided.

    Heads are cut from the photos and walked through drawn places, with size, blur, noise, light, compression, motion
    and pose drawn for each camera. Clips lie in memory only. About five minutes for 100 people on two cores.
    """
    from beholden.cli.evaluated_video import tell_video
    from beholden.evaluate.video import VideoPlan, measure
    from beholden.wiring.engine import input_limits
    from beholden.wiring.evaluation import evaluation_engines, rehearsal_settings

    settings = rehearsal_settings(data)
    refuse_output(out, force=force)
    walkers, photos = _read(people, input_limits(settings))
    engines = evaluation_engines(settings, data, photos)
    with shown_progress() as progress:
        result = measure(walkers, engines, VideoPlan(rounds=rounds, seed=seed, tracks_a_day=tracks), progress)
    tell_video(result)
    write_result(out, result.as_values())


def covering(
    people: People,
    clips: Annotated[
        list[Path] | None,
        typer.Option("--clips", readable=False, metavar="FILE", help="Videos of your own, too; may be given again."),
    ] = None,
    seed: Seed = 1,
    out: Out = None,
    force: Force = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Cover composed clips and your own, and look for faces that still show, with another detector and by the truth.

    Needs the extra `demo`, which has that detector. Covered clips lie in a temporary folder while they are looked at.
    """
    from beholden.cli.evaluated_video import tell_covering
    from beholden.evaluate.covering import CoveringPlan, measure
    from beholden.wiring.engine import input_limits
    from beholden.wiring.evaluation import evaluation_engines, rehearsal_settings

    settings = rehearsal_settings(data)
    refuse_output(out, *(clips or ()), force=force)
    walkers, photos = _read(people, input_limits(settings))
    engines = evaluation_engines(settings, data, photos)
    with shown_progress() as progress:
        result = measure(walkers, engines, CoveringPlan(seed=seed), progress, tuple(clips or ()))
    tell_covering(result)
    write_result(out, result.as_values())


def _read(folder: Path, limits: Limits) -> tuple[list[Person], int]:
    """The people of a folder, and how many photos they have; nothing is decoded yet."""
    from beholden.evaluate.cast import Person
    from beholden.evaluate.people_folder import read_people
    from beholden.video.still import read_still

    read = read_people(folder, limits)
    pictures: list[list[Path]] = [[] for _ in read.names]
    for path, person in zip(read.pictures, read.person, strict=True):
        pictures[int(person)].append(path)
    people = [Person(tuple(partial(read_still, path, limits) for path in mine)) for mine in pictures]
    return people, len(read.pictures)
