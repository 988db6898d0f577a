"""The parts of a report: which protocols there are, what each depends on, and which of them are measured already.

A part is kept as one JSON file as soon as it is whole, under a key of all it depends on. A second run takes over what
has the same key, and measures the rest: it may be stopped at any time. Nothing is kept between parts but totals:
pictures are looked at again, because templates are never written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from beholden.evaluate import covering, video
from beholden.evaluate.enrolment import try_enrolment
from beholden.evaluate.identification import identify
from beholden.evaluate.real_clips import look_through
from beholden.evaluate.report.apparatus import apparatus, key_of
from beholden.evaluate.report.drawn_pairs import draw_pairs
from beholden.evaluate.report.extent import Extent
from beholden.evaluate.report.material import Material
from beholden.evaluate.setting import setting_of
from beholden.evaluate.splits import Plan
from beholden.evaluate.templates import Looked, Progress, look_at
from beholden.evaluate.verification import verify
from beholden.faces.engine import FaceEngine
from beholden.model.errors import OutputRefused
from beholden.video.output import PendingFile, output_error

VERSION = 1
"""Raised when this file measures something else with the same protocols."""
Values = dict[str, Any]
Told = Callable[[str, bool], object]
"""Which part is there now, and whether it was taken over."""


class Part(StrEnum):
    """In the order in which they are measured: the short ones first."""

    ENROLMENT = "enrolment"
    VERIFICATION = "verification"
    IDENTIFICATION = "identification"
    VIDEO = "video"
    COVERING = "covering"
    REAL_CLIPS = "real_clips"


ON_PICTURES = (Part.ENROLMENT, Part.VERIFICATION, Part.IDENTIFICATION)
"""These look at the same pictures, once together."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The folder of parts: `take` gives what has this key, `keep` writes a part that is whole."""

    folder: Path

    def take(self, part: Part, key: str) -> Values | None:
        """A part of this key; None where there is none, it is of another key, or the file is damaged."""
        try:
            kept: Any = json.loads((self.folder / f"{part}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(kept, dict):
            return None
        found: Any = kept  # pyright: ignore[reportUnknownVariableType]
        return found["values"] if found.keys() == {"key", "values"} and found["key"] == key else None

    def keep(self, part: Part, key: str, values: Values) -> None:
        """The file is there whole, or not at all. Raises OutputRefused, StorageFull."""
        write_json(self.folder / f"{part}.json", {"key": key, "values": values})


@dataclass(frozen=True)
class Work:
    """What parts are measured with; `engines` (one per thread, all of one model)."""

    material: Material
    engines: Sequence[FaceEngine]
    extent: Extent
    progress: Progress

    @cached_property
    def apparatus(self) -> Values:
        """Asked once, so that the report tells of what measured, even if somebody changes the code meanwhile."""
        return rounded_all(apparatus(self.engines[0]))

    @cached_property
    def digests(self) -> dict[str, str | None]:
        """Of pictures and clips: read once, before anything is measured. Labels of few people could be guessed from
        a digest, so theirs is in no report."""
        return {
            "pictures_sha256": self.material.pictures_digest(),
            "clips_sha256": self.material.clips_digest(),
        }


def measure_parts(work: Work, wanted: Sequence[Part], kept: Kept, told: Told) -> dict[Part, Values]:
    """Every part that is wanted, taken over or measured, and kept as soon as it is whole.

    Raises what the protocols raise (EmptyInput, MissingInput, ModelError), OutputRefused, StorageFull.
    """
    keys = _keys(work, wanted)
    found = {part: values for part in wanted if (values := kept.take(part, keys[part])) is not None}
    for part in found:
        told(part, True)

    def done(part: Part, values: Values) -> None:
        rounded: Values = rounded_all(values)
        kept.keep(part, keys[part], rounded)
        found[part] = rounded
        told(part, False)

    missing = [part for part in wanted if part not in found]
    if on_pictures := [part for part in ON_PICTURES if part in missing]:
        people = work.material.people
        with look_at(people.pictures, work.engines, work.material.limits, work.progress) as looked:
            for part in on_pictures:
                done(part, _OF_PICTURES[part](work, looked))
    for part in missing:
        if part in _OF_CLIPS:
            done(part, _OF_CLIPS[part](work))
    return {part: found[part] for part in wanted}


def _keys(work: Work, wanted: Sequence[Part]) -> dict[Part, str]:
    """What a part depends on: the code and its settings, the data, the extent."""
    limits, digests = work.material.limits, work.digests
    pictures = [digests["pictures_sha256"], limits.max_bytes, limits.max_pixels]
    common: list[Any] = [VERSION, work.apparatus, work.extent.as_values(), pictures]
    labels, clips = work.material.labels_digest(), digests["clips_sha256"]
    return {
        part: key_of([part, common, labels if part in ON_PICTURES else clips if part is Part.REAL_CLIPS else None])
        for part in wanted
    }


def _enrolment(work: Work, looked: Looked) -> Values:
    material = work.material
    return try_enrolment(material.people, looked, setting_of(work.engines[0])(1), material.labels).as_values()


def _verification(work: Work, looked: Looked) -> Values:
    pairs = draw_pairs(work.material.people, work.extent.most_pairs, work.extent.seed)
    result = verify(pairs, looked, setting_of(work.engines[0]), work.material.labels, work.progress)
    return result.as_values()


def _identification(work: Work, looked: Looked) -> Values:
    setting, extent, material = setting_of(work.engines[0]), work.extent, work.material
    plan = Plan(extent.splits, extent.photos, extent.seed, setting(1).alike)
    result = identify(material.people, looked, setting, plan, material.labels, extent.faces_a_day, work.progress)
    return result.as_values()


def _video(work: Work) -> Values:
    extent = work.extent
    plan = video.VideoPlan(extent.widths, extent.rounds, extent.seed, extent.faces_a_day)
    return video.measure(work.material.walkers(), work.engines, plan, work.progress).as_values()


def _covering(work: Work) -> Values:
    extent = work.extent
    plan = covering.CoveringPlan(extent.covering_widths, extent.covering_clips, extent.covering_s, extent.seed)
    return covering.measure(work.material.walkers(), work.engines, plan, work.progress).as_values()


def _real_clips(work: Work) -> Values:
    clips = work.material.clips
    return look_through(clips, work.engines, covering.with_the_tool, work.progress).as_values()


_OF_PICTURES: Mapping[Part, Callable[[Work, Looked], Values]] = {
    Part.ENROLMENT: _enrolment,
    Part.VERIFICATION: _verification,
    Part.IDENTIFICATION: _identification,
}
_OF_CLIPS: Mapping[Part, Callable[[Work], Values]] = {
    Part.VIDEO: _video,
    Part.COVERING: _covering,
    Part.REAL_CLIPS: _real_clips,
}


def rounded_all(values: Any) -> Any:  # noqa: ANN401  (whatever JSON holds)
    """Six digits of every number: nobody knows more, and the last ones differ from machine to machine."""
    if isinstance(values, float):
        return float(f"{values:.6g}")
    if isinstance(values, dict):
        return {str(key): rounded_all(value) for key, value in values.items()}  # pyright: ignore
    if isinstance(values, list | tuple):
        return [rounded_all(value) for value in values]  # pyright: ignore
    return values


def write_json(path: Path, values: Values) -> None:
    """Values as JSON, whole or not at all. Raises OutputRefused, StorageFull."""
    write_text(path, json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """A text, whole or not at all; its folder is made. Raises OutputRefused, StorageFull."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OutputRefused(f"{path.parent}: is not a folder", advice="Name another folder.") from error
    except OSError as error:
        raise output_error(path.parent, error) from error
    file = PendingFile(path)
    try:
        file.write(text.encode())
        file.commit()
    finally:
        file.discard()
