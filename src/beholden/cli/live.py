"""`beholden watch` without sources: all cameras at once, as a table that is drawn again each second, or as lines."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from beholden.cli.account_names import NOT_SHOWN
from beholden.cli.options import emit
from beholden.model.camera import CameraHealth, CameraState
from beholden.model.errors import BeholdenError

if TYPE_CHECKING:
    from rich.table import Table

    from beholden.cli.account_names import Names
    from beholden.model.ids import PlaceId, SubjectId
    from beholden.supervise.workers.reports import Decision
    from beholden.wiring.live import LiveSystem

EVERY_S = 1.0
_COLUMNS = ("CAMERA", "PLACE", "STATE", "READ/S", "SEEN/S", "DROPPED", "LATENCY", "PROBLEM")


@dataclass(frozen=True, slots=True)
class LiveTelling:
    """How it is told: names by subject, every answer or names only, as JSON lines or for a person; what happens at one
    place, or everywhere."""

    label: Names
    explain: bool
    as_json: bool
    rehearsal: bool
    place: PlaceId | None = None


def watch_live(system: LiveSystem, telling: LiveTelling, seconds: float | None) -> None:
    """Show all cameras until Ctrl-C, or for `seconds`. `system` is running."""
    stop = threading.Event()
    out = _Lines(telling, stop)
    system.on_decision(out.decision)
    ends = None if seconds is None else time.monotonic() + seconds
    if sys.stdout.isatty() and not telling.as_json:
        _draw(system, out, ends, stop)
    else:
        _print(system, out, ends, stop)
    if out.broken is not None:
        raise out.broken


def _print(system: LiveSystem, out: _Lines, ends: float | None, stop: threading.Event) -> None:
    """A line when something changes; with --json each camera's health every second."""
    said: dict[str, tuple[object, ...]] = {}
    wrong: str | None = None
    while not stop.wait(EVERY_S if ends is None else max(0.0, min(EVERY_S, ends - time.monotonic()))):
        if system.problem != wrong:
            wrong = system.problem
            if out.telling.as_json:
                emit({"problem": wrong})
            elif wrong is not None:
                out.line(f"problem: {wrong}")
        for health in system.snapshot():
            if out.telling.as_json:
                emit({"health": health_as_values(health), "place": system.place_of(health.camera)})
            elif said.get(health.camera) != (health.state, health.error):
                said[health.camera] = (health.state, health.error)
                out.line(f"{health.camera}: {health.state}{f' ({health.error})' if health.error else ''}")
        if ends is not None and time.monotonic() >= ends:
            return


def _draw(system: LiveSystem, out: _Lines, ends: float | None, stop: threading.Event) -> None:
    from rich.console import Console
    from rich.live import Live

    console = Console(highlight=False, markup=False, emoji=False)
    with Live(_table(system), console=console, refresh_per_second=4, transient=False) as live:
        out.write = live.console.print
        while not stop.wait(EVERY_S if ends is None else max(0.0, min(EVERY_S, ends - time.monotonic()))):
            live.update(_table(system))
            if ends is not None and time.monotonic() >= ends:
                return


def _table(system: LiveSystem) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, caption=system.problem, caption_justify="left")
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name in ("READ/S", "SEEN/S", "DROPPED", "LATENCY") else "left")
    for health in system.snapshot():
        table.add_row(*cells(health, system.place_of(health.camera)))
    return table


def cells(health: CameraHealth, place: str) -> tuple[str, ...]:
    """One camera's row: rates per second, dropped in all, latency from a frame's arrival to its covered picture."""
    live = health.state is CameraState.LIVE
    return (
        health.camera,
        place,
        str(health.state),
        f"{health.read_fps:.1f}" if live else "-",
        f"{health.analysed_fps:.1f}" if live else "-",
        str(health.dropped),
        "-" if health.latency_s is None or not live else f"{health.latency_s * 1000:.0f} ms",
        health.error or "",
    )


def health_as_values(health: CameraHealth) -> dict[str, object]:
    """A camera's health for machines."""
    return {
        "camera": health.camera,
        "state": str(health.state),
        "read": health.read,
        "analysed": health.analysed,
        "dropped": health.dropped,
        "read_fps": round(health.read_fps, 2),
        "analysed_fps": round(health.analysed_fps, 2),
        "latency_s": None if health.latency_s is None else round(health.latency_s, 4),
        "reconnects": health.reconnects,
        "error": health.error,
        "seen_at": None if health.seen_at is None else health.seen_at.isoformat(timespec="milliseconds"),
    }


class _Lines:
    """Writes decisions, from whichever thread they come."""

    def __init__(self, telling: LiveTelling, stop: threading.Event) -> None:
        self.telling, self._stop = telling, stop
        self.broken: BrokenPipeError | None = None
        """Whoever read what is written has gone away."""
        self.write: Callable[[str], object] = typer.echo
        self._lock = threading.Lock()

    def line(self, text: str) -> None:
        with self._lock:
            self.write(text)

    def decision(self, decision: Decision) -> None:
        """One answer that changed; ends of tracks only with --explain or --json."""
        if self.telling.place not in (None, decision.place):
            return
        try:
            self._tell(*self._called(decision))
        except BrokenPipeError as error:
            self.broken = error
            self._stop.set()

    def _called(self, decision: Decision) -> tuple[Decision, str | None]:
        """What may be told, and what somebody is called; where that cannot be asked now, their id in a rehearsal."""
        try:
            return self.telling.label.live(decision)
        except BeholdenError:
            return decision, None if decision.subject is None else self._unasked(decision.subject)

    def _unasked(self, subject: SubjectId) -> str:
        return subject if self.telling.rehearsal else NOT_SHOWN

    def _tell(self, decision: Decision, who: str | None) -> None:
        if self.telling.as_json:
            with self._lock:
                emit({"decision": decision.as_values(who), "rehearsal": self.telling.rehearsal})
        elif self.telling.explain or (who is not None and not decision.ended):
            answer = f"{who or decision.answer}{' (gone)' if decision.ended else ''}"
            seen = f"; sighting {decision.sighting}" if self.telling.explain and decision.sighting else ""
            self.line(f"{decision.at:%H:%M:%S}  {decision.camera}  {answer}: {decision.why}{seen}")
