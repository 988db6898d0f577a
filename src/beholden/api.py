"""The Python API: one image, an array, a video; answers are decisions, never scores or templates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy.typing as npt

from beholden.acts.displays.show import Look, show
from beholden.consent.oversight.displays import Way
from beholden.faces.align import align
from beholden.faces.engine import FaceEngine
from beholden.faces.quality import assess
from beholden.model.errors import FolderMissing, PolicyRefused
from beholden.model.face import Face, Quality
from beholden.model.frame import CoveredFrame, Pixels
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId, GrantId, PlaceId, SubjectId
from beholden.model.match import Known, Match
from beholden.pipeline.redact import STILL_SIDES, Progress, Redaction, cover_pixels, redact
from beholden.settings import Settings, read_settings
from beholden.supervise.keeper.acting import Acting
from beholden.video.still import read_still, still_from_array
from beholden.wiring.clock import now
from beholden.wiring.engine import input_limits, load_faces, redaction_options
from beholden.wiring.files import Watch
from beholden.wiring.folder import open_acting
from beholden.wiring.rules import in_force

NOT_SHOWN = "(not shown)"
"""Somebody who is known here, outside a rehearsal: see `beholden watch --account`."""

Image = str | PathLike[str] | npt.NDArray[Any]
"""A path, or HxWx3 BGR or HxW grey pixels, uint8 or uint16."""


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face in one image: `box` and `landmarks` in its pixels, and how fit it is to be recognised, with reasons."""

    face: Face
    quality: Quality


@dataclass(frozen=True, slots=True)
class Seen:
    """A track's answer changed. `who` is the name of a person who agreed, None otherwise; `why` says it in words.

    Outside a rehearsal neither `who` nor `match` tells who it is: the same id would be there for everybody.
    """

    at: datetime
    offset_s: float
    source: str
    track: str
    who: str | None
    answer: str
    why: str
    ended: bool
    match: Match


class Beholden:
    """Faces found and covered; with a data folder, people who agreed are recognised.

    `data` is a data folder (`beholden init`), or None: then nobody can be recognised, and finding
    and covering work all the same. Not for two threads at once. Use it as a context manager, or
    call `close`.
    """

    def __init__(self, data: str | PathLike[str] | None = None, settings: Settings | None = None) -> None:
        """Raises FolderMissing, KeystoreError, ModelError, SettingsError and their kin."""
        self._data = None if data is None else Path(data)
        self._settings = settings or read_settings(self._data)
        self._looking = self._settings
        self._stack = ExitStack()
        self._engine: FaceEngine = load_faces(self._settings, self._data)
        self._acting: Acting | None = None
        if self._data is not None:
            self._acting = self._stack.enter_context(open_acting(self._data, self._settings))
            try:
                self._look_with_what_holds()
            except BaseException:
                self.close()
                raise

    def _look_with_what_holds(self) -> None:
        """Looser settings wait for approval: nobody is named, and faces are covered as before."""
        if self._acting is not None and self._data is not None:
            looking, _ = in_force(self._acting, self._settings, self._data)
            if looking.covering != self._looking.covering:
                self._engine = load_faces(looking, self._data)
            self._looking = looking

    def faces(self, image: Image) -> tuple[FoundFace, ...]:
        """Every face in one image, largest first, with its quality. Raises InputError."""
        pixels = self._pixels(image)
        size = (pixels.shape[1], pixels.shape[0])
        found: list[FoundFace] = []
        for face in self._engine.detector.detect_at_scales(pixels, 0.6, STILL_SIDES):
            aligned = align(pixels, face.landmarks)
            found.append(FoundFace(face, assess(face, aligned, size, (1.0, 1.0), self._engine.gates)))
            aligned.fill(0)
        return tuple(sorted(found, key=lambda one: -one.face.box.w))

    def cover(self, image: Image) -> CoveredFrame:
        """One image with every face covered; `.to_jpeg()` or `.pixels` (BGR). Raises InputError."""
        return cover_pixels(self._pixels(image), self._engine.finder)

    def cover_file(
        self,
        source: str | PathLike[str],
        out: str | PathLike[str],
        progress: Progress | None = None,
        *,
        overwrite: bool = False,
    ) -> Redaction:
        """An image, video or folder with every face covered, written to `out`. Raises InputError.

        A file that is there already is refused unless `overwrite`.
        """
        options = redaction_options(self._looking, overwrite=overwrite)
        return redact(Path(source), Path(out), self._engine.finder, options, progress)

    def watch(
        self,
        source: str | PathLike[str],
        *,
        place: str | None = None,
        camera: str = "camera",
        at: datetime | None = None,
        save: str | PathLike[str] | None = None,
    ) -> Iterator[Seen]:
        """Who came by in a video, photo or folder: each answer as it changes.

        `place` plays a camera of a place, in a rehearsal only; without it a file is a file, and only
        grants that allow files count. `at` (aware) is when it began, now if left out. `save` records
        the covered picture; nothing is left there when the iteration is broken off. Raises
        FolderMissing without a data folder, NamingNotAllowed, SettingsError (no such place) at once,
        InputError as it is read.
        """
        if self._acting is None:
            raise FolderMissing(
                "recognition needs a data folder",
                advice="Create one with `beholden init`, and open it: Beholden('my-data').",
            )
        if at is not None and at.tzinfo is None:
            raise ValueError("at needs a time zone")
        self._look_with_what_holds()
        watching = Watch(self._acting, self._engine, self._looking)
        viewpoint = watching.viewpoint(CameraId(camera), place)
        return self._seen(watching, Path(source), viewpoint, at or now(), None if save is None else Path(save))

    def _seen(
        self, watching: Watch, source: Path, viewpoint: Viewpoint, at: datetime, save: Path | None
    ) -> Iterator[Seen]:
        with ExitStack() as stack:
            opened = stack.enter_context(watching.source(source, viewpoint.camera, at))
            show: Callable[[CoveredFrame], None] | None = None
            if save is not None:
                show = stack.enter_context(watching.recorder(save)).write
            for decision in watching.run(opened, viewpoint, show):
                who, match = self._told(decision.match)
                yield Seen(
                    at=decision.at,
                    offset_s=decision.offset_s,
                    source=str(source),
                    track=decision.track,
                    who=who,
                    answer=type(decision.match).__name__.lower(),
                    why=decision.match.why.in_words(),
                    ended=decision.ended,
                    match=match,
                )

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _pixels(self, image: Image) -> Pixels:
        if isinstance(image, str | PathLike):
            return read_still(Path(image), input_limits(self._settings))
        return still_from_array(image)

    def _told(self, match: Match) -> tuple[str | None, Match]:
        """The name, and the answer as it may be told: whoever is not shown has no id to follow them by either."""
        if not isinstance(match, Known) or self._acting is None:
            return None, match
        try:
            return self._acting.do(show, Look(match.subject, Way.PLAYBACK, PlaceId(""))).name, match
        except PolicyRefused:  # outside a rehearsal names are shown to accounts only, and this has none
            return NOT_SHOWN, replace(match, subject=SubjectId(NOT_SHOWN), grant=GrantId(NOT_SHOWN))


__all__ = ["Beholden", "FoundFace", "Seen"]
