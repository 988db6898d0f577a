"""How the cost grows: CPU against cameras, faces in view, and names per minute. One CSV, and a plot of each.

    python -m benchmarks.growth [--out bench-output] [--rounds 2] [--seconds 48]

- cameras: 1 to 40 runs of the busy clip on one engine, picture by picture in turn, on one CPU; memory beside it.
- faces: one camera with 0 to 20 faces always in view, from the first picture to the last.
- names: the whole program over RTSP, four cameras, 0 to 80 names a minute: engine, keeper, log and events.
- gallery: what `search.json` beside it says, where that was made before.

Each is CPU seconds for each second of stream (cores). A line is fitted through each curve; `r2` says how
much of what differs it tells. Beside other work compare CPU only: the machine's load is in the CSV's last column.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from beholden.demo.broadcast import Broadcast
from beholden.evaluate.report.plots import draw, need_matplotlib
from beholden.evaluate.report.shown import Axis, Plot, Series, Style, Table
from benchmarks.clips import make_clips
from benchmarks.crowds import Crowd, make_crowds, make_passing
from benchmarks.figures import slope
from benchmarks.hearing import Hearing
from benchmarks.latency import ENROLLED, PLACE, Load, add_cameras
from benchmarks.loops import RATE
from benchmarks.measuring import MEMORY_PICTURES, ROOT, measure
from benchmarks.ours import Keeping
from benchmarks.stack import Stack

CAMERAS = (1, 5, 10, 20, 30, 40)
NAMING_CAMERAS = 4
STRAIGHT = 0.98
"""A line that tells less than this of what differs is not straight, and NOTES.md says why."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, y) of one question; `title` as a plot's, axes with their units."""

    name: str
    title: str
    x: str
    y: str
    points: tuple[tuple[float, float], ...]
    load: float

    @property
    def line(self) -> tuple[float, float, float] | None:
        """Slope, intercept and r2 of the least-squares line; None of fewer than three points, or where x is one."""
        rise = slope(self.points)
        if rise is None or len(self.points) < 3:
            return None
        mean_x, mean_y = (statistics.fmean(values) for values in zip(*self.points, strict=True))
        start = mean_y - rise * mean_x
        off = sum((y - start - rise * x) ** 2 for x, y in self.points)
        spread = sum((y - mean_y) ** 2 for _, y in self.points)
        return rise, start, 1 - off / spread if spread > 0 else 1.0

    def said(self) -> str:
        """The line in words."""
        if self.line is None:
            return f"{self.name}: too few points for a line"
        rise, start, r2 = self.line
        verdict = "straight" if r2 >= STRAIGHT else "NOT straight"
        return f"{self.name}: {start:.4g} + {rise:.4g} for each, r2 {r2:.4f}, {verdict}"


def of_cameras(clip: Path, rounds: int) -> list[Curve]:
    """Cores and memory of one process with so many cameras."""
    runs: dict[int, list[dict[str, float]]] = {count: [] for count in CAMERAS}
    for _ in range(rounds):
        for count, found in runs.items():
            found.append(_together(clip, count))
    seconds = MEMORY_PICTURES / RATE
    cores = tuple((float(n), statistics.median(run["cpu_s"] for run in found) / seconds) for n, found in runs.items())
    held = tuple((float(n), statistics.median(run["highest_mb"] for run in found)) for n, found in runs.items())
    title = "cameras with five faces always in view, on one engine"
    return [
        Curve("cameras", f"CPU: {title}", "cameras", "cores", cores, _busy()),
        Curve("memory", f"Memory: {title}", "cameras", "MB", held, _busy()),
    ]


def _together(clip: Path, count: int) -> dict[str, float]:
    print(f"  {count} cameras", flush=True)
    return measure("memory", clip, count, MEMORY_PICTURES, Keeping.NOTHING)


def of_faces(crowds: Sequence[Crowd], rounds: int) -> Curve:
    """Cores of one camera with so many faces in view."""
    points: list[tuple[float, float]] = []
    for crowd in crowds:
        found = [measure("ours", crowd.path) for _ in range(rounds)]
        points.append((float(crowd.count), statistics.median(run["cpu_s"] for run in found) / crowd.seconds))
        print(f"  {crowd.count} faces in view, {found[0]['faces']:.0f} compared: {points[-1][1]:.3f} cores", flush=True)
    return Curve("faces", "CPU: one camera, faces always in view", "faces in view", "cores", tuple(points), _busy())


def of_names(clips: Sequence[Crowd], seconds: float, log: Path) -> Curve:
    """Cores of the whole program with so many names a minute."""
    points = tuple(_named(clip, seconds, log) for clip in clips)
    return Curve("names", "CPU: four cameras, the whole program", "names a minute", "cores", points, _busy())


def _named(clip: Crowd, seconds: float, log: Path) -> tuple[float, float]:
    hearing = Hearing(time.monotonic)
    with ExitStack() as around:
        folder = Path(around.enter_context(tempfile.TemporaryDirectory(prefix="beholden-growth-")))
        air = around.enter_context(Broadcast(clip.path.parent))
        stack = around.enter_context(Stack(folder / "data", log))
        stack.create((PLACE,), ENROLLED, folder / "photos")
        add_cameras(stack, hearing, air.address(clip.path.stem), (0, NAMING_CAMERAS), start=True)
        load = Load(lambda: (stack.pid,))
        before = len(hearing.delays)
        _, cores, _ = load.over(seconds)
        per_minute = (len(hearing.delays) - before) * 60 / seconds
    print(f"  {per_minute:.0f} names a minute: {cores:.3f} cores", flush=True)
    return per_minute, cores


def of_gallery(found: Path) -> list[Curve]:
    """What one comparison takes, from the points that the search's own benchmark left; none where it was not run."""
    if not found.exists():
        return []
    points = json.loads(found.read_text(encoding="utf-8"))["points"]
    each = tuple((float(point["references"]), float(point["single_ms"])) for point in points)
    return [Curve("gallery", "CPU: one comparison with everybody", "references", "ms", each, _busy())]


def _busy() -> float:
    return round(os.getloadavg()[0], 2)


def write(curves: Sequence[Curve], out: Path) -> None:
    """`growth.csv`, and `growth-NAME.png` of each curve."""
    with (out / "growth.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("curve", "x_is", "x", "y_is", "y", "load"))
        for curve in curves:
            lines.writerows((curve.name, curve.x, x, curve.y, round(y, 5), curve.load) for x, y in curve.points)
    for curve in curves:
        (out / f"growth-{curve.name}.png").write_bytes(draw(plot_of(curve)))


def plot_of(curve: Curve) -> Plot:
    """The points, and the line through them."""
    x, y = (tuple(values) for values in zip(*curve.points, strict=True))
    series = [Series("measured", x, y, style=Style.POINTS)]
    if curve.line is not None:
        rise, start, _ = curve.line
        ends = (min(x), max(x))
        series.append(Series(curve.said(), ends, tuple(start + rise * end for end in ends), style=Style.DASHED))
    axes = (Axis(label, lowest=0.0, shares=False) for label in (curve.x, curve.y))
    rows = tuple((f"{a:g}", f"{b:.4g}") for a, b in curve.points)
    return Plot(
        curve.name, curve.title, curve.said(), *axes, tuple(series), Table(curve.title, (curve.x, curve.y), rows)
    )


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    need_matplotlib()
    out: Path = options.out.resolve()
    clips, curves = make_clips(out / "clips"), list[Curve]()
    asked: dict[str, Callable[[], list[Curve]]] = {
        "cameras": lambda: of_cameras(clips["busy"].path, options.rounds),
        "faces": lambda: [of_faces(make_crowds(out / "clips"), options.rounds)],
        "names": lambda: [of_names(make_passing(out / "clips"), options.seconds, out / "growth-watch.log")],
        "gallery": lambda: of_gallery(out / "search.json"),
    }
    for name in options.only or asked:
        print(f"{name}:", flush=True)
        curves += asked[name]()
    write(curves, out)
    print("\n".join(curve.said() for curve in curves), f"\n{out / 'growth.csv'}")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "bench-output", help="where CSV and plots go")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each point of cameras and faces (2)")
    parser.add_argument("--seconds", type=float, default=48.0, help="how long each rate of names is listened to (48)")
    parser.add_argument(
        "--only", nargs="+", choices=("cameras", "faces", "names", "gallery"), help="some of the curves"
    )
    options = parser.parse_args(arguments)
    if options.rounds < 1 or options.seconds <= 0:
        parser.error("--rounds is 1 or more, --seconds more than 0")
    return options


if __name__ == "__main__":
    sys.exit(main())
