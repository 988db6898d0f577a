"""Machines, memory, disk and network for so many cameras, each line with its formula. Pure arithmetic, no prices."""

from __future__ import annotations

import math
from dataclasses import dataclass

from beholden.model.errors import SettingsError
from beholden.scale.capacity import LOAD, by_memory, carried, workers
from beholden.scale.figures import DAY_S, Figures

GB = 1e9


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: cameras, recording with its retention in days, people enrolled, and what a machine has.

    `load` is how much of a machine's cores and memory (MB, 10^6 bytes) may be in use, above 0 to 1.
    """

    cameras: int
    cores: float
    memory_mb: float
    record: bool = False
    days: float = 7.0
    people: int = 100
    load: float = LOAD


@dataclass(frozen=True, slots=True)
class Line:
    """One result: a name for machines, words for people, the number with its unit, and how it was computed."""

    name: str
    words: str
    value: float
    unit: str
    formula: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is needed. `said` are sentences that hold for it."""

    wish: Wish
    figures: Figures
    machines: int
    cameras_per_machine: int
    lines: tuple[Line, ...]
    said: tuple[str, ...]


def plan(wish: Wish, figures: Figures) -> Plan:
    """The plan for a wish. Raises SettingsError when a machine like that carries no camera at all."""
    by_cores = carried(figures.camera.cores, wish.cores, wish.load)
    there = by_memory(figures.camera.memory_mb, base_mb(wish, figures), wish.memory_mb, wish.load)
    each = min(by_cores, there)
    if each < 1:
        short, few = ("cores", "few") if by_cores < 1 else ("memory", "little")
        raise SettingsError(
            f"such a machine has too {few} {short} for a single camera",
            advice=f"Give more with --{short}, or a higher --load.",
        )
    machines = math.ceil(wish.cameras / each)
    lines = (
        *_machines(wish, figures, (by_cores, there), machines),
        *_memory(wish, figures, machines),
        *_network(wish, figures, machines),
        *(_disk(wish, figures) if wish.record else ()),
        *_gallery(wish, figures),
    )
    return Plan(wish, figures, machines, each, lines, tuple(_said(wish, figures, machines)))


def base_mb(wish: Wish, figures: Figures) -> float:
    """Memory of one machine before its first camera: the gallery, a worker for each core, and everything else."""
    return figures.base_mb + workers(wish.cores) * figures.worker_mb + _gallery_mb(wish, figures)


def _gallery_mb(wish: Wish, figures: Figures) -> float:
    return wish.people * figures.template_bytes / 1e6


def _machines(wish: Wish, figures: Figures, each: tuple[int, int], machines: int) -> tuple[Line, ...]:
    cost, (by_cores, there) = figures.camera, each
    least = min(each)
    used = wish.cameras * cost.cores
    return (
        Line("machines", "machines", machines, "", f"{wish.cameras} cameras / {least} on each, rounded up"),
        Line(
            "cameras_by_cores", "cameras that the cores of one carry", by_cores, "",
            f"{wish.cores:g} cores x {wish.load:g} / {cost.cores:.3f} cores a camera, rounded down",
        ),
        Line(
            "cameras_by_memory", "cameras that the memory of one carries", there, "",
            f"({wish.memory_mb / 1000:.1f} GB x {wish.load:g} - {base_mb(wish, figures):.0f} MB) / "
            f"{cost.memory_mb:.1f} MB a camera, rounded down",
        ),
        Line("cores_busy", "cores busy, all machines", used, "cores", f"{wish.cameras} x {cost.cores:.3f}"),
        Line("cores_needed", "cores to have for it", used / wish.load, "cores", f"{used:.2f} / {wish.load:g}"),
    )  # fmt: skip


def _memory(wish: Wish, figures: Figures, machines: int) -> tuple[Line, ...]:
    each = figures.camera.memory_mb
    base = base_mb(wish, figures)
    value = machines * base + wish.cameras * each
    formula = (
        f"{machines} x ({figures.base_mb:.0f} MB + {workers(wish.cores)} workers x {figures.worker_mb:.0f} MB + "
        f"{_gallery_mb(wish, figures):.1f} MB gallery) + {wish.cameras} x {each:.1f} MB"
    )
    return (Line("memory_mb", "memory in use, all machines", value, "MB", formula),)


def _network(wish: Wish, figures: Figures, machines: int) -> tuple[Line, ...]:
    each = figures.camera.network_mbit_s
    most = math.ceil(wish.cameras / machines)
    return (
        Line("network_mbit_s", "network, all cameras", wish.cameras * each, "Mbit/s", f"{wish.cameras} x {each:.2f}"),
        Line("network_per_machine_mbit_s", "network, one machine", most * each, "Mbit/s", f"{most} x {each:.2f}"),
    )


def _disk(wish: Wish, figures: Figures) -> tuple[Line, ...]:
    each = figures.camera.disk_bytes_s
    day = wish.cameras * each * DAY_S / GB
    return (
        Line(
            "disk_day_gb", "covered timelines, a day", day, "GB",
            f"{wish.cameras} x {each / 1000:.1f} kB/s x 86,400 s",
        ),
        Line("disk_gb", f"the same, kept {wish.days:g} days", day * wish.days, "GB", f"{day:.1f} GB x {wish.days:g}"),
    )  # fmt: skip


def _gallery(wish: Wish, figures: Figures) -> tuple[Line, ...]:
    search_s = wish.people * figures.search_s
    return (
        Line(
            "gallery_mb", "gallery in memory, each machine", _gallery_mb(wish, figures), "MB",
            f"{wish.people:,} people x {figures.template_bytes} bytes",
        ),
        Line(
            "search_ms", "one comparison with all of them", search_s * 1000, "ms",
            f"{wish.people:,} people x {figures.search_s * 1e9:.0f} ns on one core ({figures.search_source})",
        ),
    )  # fmt: skip


def _said(wish: Wish, figures: Figures, machines: int) -> list[str]:
    said = [f"A camera costs what was measured of {figures.source}."]
    if machines > 1:
        said.append(
            "Beholden runs on one machine so far: several are several data folders, each with its own people, keys and "
            "log. Nothing is shared between them."
        )
    if wish.record:
        each = wish.cameras * figures.camera.disk_bytes_s * DAY_S * wish.days / GB / machines
        said.append(
            f"On each machine set recording.keep_days to {wish.days:g} and recording.keep_gb to {math.ceil(each)} or "
            "more: whichever is reached first, the oldest recordings go."
        )
    if wish.people > figures.people:
        said.append(
            f"Cameras were measured with {figures.people:,} people to compare with: with more, each face costs more. "
            f"Measure with `beholden bench --people {wish.people}`."
        )
    said.append(
        "Records: a SQLite file. No number of cameras or people is known from which PostgreSQL is needed "
        "(docs/postgresql.md)."
    )
    return said
