"""`beholden bench`: how many of your own cameras this machine carries, measured on them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden import __version__
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened
from beholden.model.camera import CameraSpec
from beholden.model.errors import AddressRefused, CameraRefused, CameraUnknown, MissingInput
from beholden.model.ids import CameraId

if TYPE_CHECKING:
    from beholden.scale.measured import Bench, CameraMeasured, Machine, Period
    from beholden.settings import Settings
    from beholden.video.camera.address import AddressRules

FROM_INPUT = "-"
MOST = 64
Addresses = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ADDRESS]...",
        help="rtsp(s)://USER@HOST:PORT/PATH, http(s):// (MJPEG), webcam:/dev/video0, or a video file, played in real "
        "time. Without passwords, which are asked for. `-` reads whole addresses from standard input, one a line.",
    ),
]
Mains = Annotated[
    list[str] | None,
    typer.Option("--main", metavar="ADDRESS", help="The main stream of the first ADDRESS; again for the second."),
]
Names = Annotated[
    list[str] | None,
    typer.Option("--camera", metavar="NAME", help="A camera of the data folder, instead of an address; repeatable."),
]
Seconds = Annotated[float, typer.Option("--for", min=1, max=86_400, metavar="S", help="How long to measure.")]
WarmUp = Annotated[float, typer.Option(min=0, max=600, metavar="S", help="How long to run before that.")]
Wait = Annotated[float, typer.Option(min=1, max=120, metavar="S", help="How long to wait for first pictures.")]
Record = Annotated[
    bool, typer.Option("--record", help="Measure a second time, with covered recordings, which are thrown away.")
]
People = Annotated[
    int, typer.Option(min=1, max=1_000_000, metavar="NUMBER", help="Random templates of nobody to compare with.")
]
Load = Annotated[float, typer.Option(min=0.05, max=1, metavar="SHARE", help="How much of the cores may be in use.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the passwords from standard input, one a line, do not ask.")
]


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden bench rtsp://viewer@192.168.1.20:554/stream1 --for 60 --record")(bench)


def bench(
    addresses: Addresses = None,
    main: Mains = None,
    camera: Names = None,
    seconds: Seconds = 60.0,
    warm_up: WarmUp = 5.0,
    wait: Wait = 15.0,
    record: Record = False,
    people: People = 1000,
    load: Load = 0.8,
    password_stdin: FromInput = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Measure your own cameras on this machine: what each takes, and how many like these it carries.

    They are read, and faces found, followed and compared, as `beholden watch` does it. Nobody is recognised: faces are
    compared with random templates that are drawn in memory and belong to nobody. Nothing is shown or kept; no data
    folder is needed, unless --camera names cameras of one. With --record covered recordings go to a temporary folder,
    which is removed.

    Measure at a usual hour: people in view cost more than an empty scene. Ends with 1 when a camera could not be read.
    """
    from beholden.scale.capacity import doubts
    from beholden.supervise.workers.bench import BenchTimes
    from beholden.wiring.bench import BenchWish, run_bench

    if bool(addresses) == bool(camera):
        raise MissingInput("nothing to measure" if not addresses else "addresses and --camera are given",
                           advice="Give addresses or files, or names of cameras with --camera.")  # fmt: skip
    specs, rules, settings, folder = (
        _of_folder(camera, data) if camera else _of_addresses(addresses or [], main or [], from_input=password_stdin)
    )
    times = BenchTimes(wait_s=wait, warm_up_s=warm_up, seconds=seconds)
    measured = run_bench(
        BenchWish(specs, rules, times, record, people, __version__),
        settings,
        folder,
        lambda text: typer.echo(text, err=True),
    )
    said = doubts(measured)
    if as_json:
        emit(_values(measured, load, said))
    else:
        for line in in_words(measured, load, said):
            typer.echo(line)
    if any(len(period.readable) < len(specs) for period in measured.periods):
        raise typer.Exit(1)


_Found = tuple[tuple[CameraSpec, ...], "AddressRules", "Settings", Path | None]


def _of_folder(names: Sequence[str], data: Path) -> _Found:
    """Cameras of the data folder, which is closed again before anything is measured."""
    from beholden.acts.camera import camera_specs
    from beholden.wiring.cameras import address_rules

    with opened(data) as (acting, settings):
        there = {spec.camera.id: spec for spec in acting.do(camera_specs)}
        rules = address_rules(settings, rehearsal=acting.rehearsal)
    for name in names:
        if CameraId(name) not in there:
            raise CameraUnknown(f"there is no camera called {name!r} here, or its address is lost")
        if there[CameraId(name)].camera.paused:
            raise CameraRefused(
                f"{name} is paused", advice=f"Nobody looks through it: `beholden camera resume {name}`."
            )
    return tuple(there[CameraId(name)] for name in dict.fromkeys(names)), rules, settings, data


def _of_addresses(addresses: Sequence[str], mains: Sequence[str], *, from_input: bool) -> _Found:
    from beholden.settings import read_settings
    from beholden.wiring.bench import RULES, camera_at

    if list(addresses) == [FROM_INPUT]:
        addresses = [line.strip() for line in sys.stdin.read().splitlines() if line.strip()]
    else:
        addresses, mains = _with_passwords(addresses, mains, from_input=from_input)
    if not 1 <= len(addresses) <= MOST or len(mains) > len(addresses):
        raise AddressRefused(
            f"{counted(len(addresses), 'address', 'addresses')} and {counted(len(mains), 'main stream')} were given",
            advice=f"Give 1 to {MOST} addresses, and at most one --main for each.",
        )
    specs = tuple(
        camera_at(number + 1, address, mains[number] if number < len(mains) else None)
        for number, address in enumerate(addresses)
    )
    return specs, RULES, read_settings(), None


def _with_passwords(addresses: Sequence[str], mains: Sequence[str], *, from_input: bool) -> tuple[list[str], list[str]]:
    """Both with the passwords that were asked for; one whose user and host had one already is not asked for again.

    Raises AddressRefused for a password on the command line.
    """
    from beholden.video.camera.credentials import has_password, wants_password, with_password
    from beholden.wiring.bench import shown_address

    if any(map(has_password, (*addresses, *mains))):
        raise AddressRefused(
            "a password on the command line can be read by everybody on this machine",
            advice="Leave it out (USER@HOST): it is asked for, or read with --password-stdin. Then change it.",
        )
    known: dict[str, str] = {}

    def whole(address: str) -> str:
        if not wants_password(address):
            return address
        camera = address.partition("://")[2].partition("/")[0]
        if camera not in known:
            asked = f"Password for {shown_address(address)}"
            line = sys.stdin.readline().rstrip("\r\n") if from_input else typer.prompt(asked, hide_input=True, err=True)
            known[camera] = line
        return with_password(address, known[camera])

    return [whole(address) for address in addresses], [whole(address) for address in mains]


def in_words(bench: Bench, load: float, said: Sequence[str]) -> Iterator[str]:
    """A result as it is printed, line by line."""
    machine = bench.machine
    yield f"{machine.processor}: {machine.cores:g} cores, {machine.memory_mb / 1000:.1f} GB"
    for period in bench.periods:
        yield ""
        yield f"{'With' if period.recorded else 'Without'} recording, {period.wall_s:.0f} s:"
        for camera in period.cameras:
            yield from _camera_lines(camera, period)
        yield f"  all: {period.cpu_s / period.wall_s:.3f} cores, {period.memory_mb - period.memory_before_mb:.0f} MB"
    yield ""
    for period in bench.periods:
        yield _carries(period, machine, load)
    if bench.period(recorded=True) is None:
        yield "With recording: not measured (--record)."
    yield f"Comparing a face with {counted(bench.people, 'person', 'people')}: {bench.search_s * 1000:.2f} ms."
    for sentence in said:
        yield f"  ! {sentence}"
    yield "Next: beholden plan --cameras NUMBER --measured FILE, with what --json prints in FILE."


def _camera_lines(camera: CameraMeasured, period: Period) -> Iterator[str]:
    name = f"  {camera.camera}  {camera.address}"
    if not camera.readable:
        yield f"{name}: not read ({camera.problem or 'no picture came'})"
        return
    for stream, what in zip(camera.streams, ("", "main stream "), strict=False):
        size = f"{stream.width}x{stream.height}" if stream.width else "nothing came"
        yield (
            f"{name}: {what}{size}, {stream.pictures_per_s:.1f} pictures/s, {stream.codec or '-'}, "
            f"{stream.mbit_per_s:.2f} Mbit/s"
        )
    faces = f"{camera.faces_per_picture:.2f} faces a picture"
    yield (
        f"    {period.cores(camera):.3f} cores, {faces}; {camera.looked_at} pictures looked at, {camera.dropped} "
        f"dropped; {counted(camera.tracks, 'face')} followed, {camera.compared} compared"
    )


def _carries(period: Period, machine: Machine, load: float) -> str:
    from beholden.scale.capacity import carries

    how, there = "With" if period.recorded else "Without", carries(period, machine, load)
    if there is None:
        return f"{how} recording: no camera could be read."
    return (
        f"{how} recording this machine carries {counted(there.cameras, 'such camera')} at a load of {load:.0%}: "
        f"{machine.cores:g} cores x {load:g} / {period.cores_per_camera or 0:.3f}. Its memory: {there.by_memory}"
    )


def _values(bench: Bench, load: float, said: Sequence[str]) -> dict[str, object]:
    from beholden.scale.capacity import carries
    from beholden.scale.measured import as_values

    carried: dict[str, int | None] = {}
    for period in bench.periods:
        there = carries(period, bench.machine, load)
        carried["recorded" if period.recorded else "not_recorded"] = there.cameras if there else None
    return {"load": load, "carries": carried, "doubts": list(said), **as_values(bench)}
