"""The demo's day: the town is filmed, people enrol, cameras watch, and what happened is held against what had to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from beholden.acts.grants.enrol import MakeTemplate, Wish, enrol
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.office import Office
from beholden.acts.own_copy.logkeys import give_log_keys
from beholden.consent import gate as consent
from beholden.demo.clip import Clip
from beholden.demo.live_outcome import LiveResult
from beholden.demo.outcome import ClipOutcome, Mistakes, mistakes_of, read_outcome
from beholden.demo.people import PersonId, photos
from beholden.demo.proofs import Left, Proof, lines, prove
from beholden.demo.town import Resident, Town, TownClip, film_town
from beholden.evaluate.faces_left import VisibleReport, check_clip
from beholden.faces.engine import FaceEngine
from beholden.ledger.leaf import Month
from beholden.model.gallery import Gallery
from beholden.model.grant import Viewpoint
from beholden.model.ids import ModelDigest, SubjectId, new_epoch
from beholden.pipeline.ports import Gate, Settle, TrackDecision
from beholden.pipeline.redact import redact
from beholden.pipeline.stages import CameraRun
from beholden.video.record import Recorder
from beholden.video.source import open_source

Say = Callable[[str], None]
LOOK_EVERY = 2
"""The independent detector looks at every second covered picture."""
REDACTED = "06-lobby-crowd"
"""This clip is also covered by the redaction tool, at full size."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the demo runs on, put together by the command line: nothing in here is the demo's own.

    `log` is the folder of the office's log; None leaves the scenes about proofs out.
    """

    office: Office
    engine: FaceEngine
    gate: Gate
    settle: Settle
    make_template: MakeTemplate
    run: type[CameraRun] = CameraRun
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The day's outcome: `mistakes` and `visible` must be empty and zero, every clip as expected.

    `films` are the clips with their truth, by name. `live` is the part with live cameras
    (`live_town.run_live`), None where it was left out; `proofs` what was proven to outsiders.
    """

    clips: tuple[ClipOutcome, ...]
    mistakes: Mistakes
    visible: int
    pictures_checked: int
    seconds: float
    films: Mapping[str, Clip]
    live: LiveResult | None = None
    proofs: tuple[Proof, ...] = ()

    @property
    def ok(self) -> bool:
        return (
            (self.live is None or self.live.ok)
            and all(proof.ok for proof in self.proofs)
            and all(clip.as_expected for clip in self.clips)
            and self.visible == 0
            and self.mistakes == Mistakes()
            and self.pictures_checked > 0
        )


class TownGate:
    """The gate as a day of films sees it: each film plays a camera of its place, as only a rehearsal's may."""

    def __init__(self, gate: consent.Gate) -> None:
        self._gate = gate

    def revision(self) -> int:
        return self._gate.revision()

    def gallery(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Gallery:
        """For the purposes of the viewpoint's place."""
        purposes = () if viewpoint.place is None else viewpoint.place.purposes
        return self._gate.gallery(viewpoint, purposes, moment, model, rehearsal=True)


def run_demo(parts: Parts, town: Town, out: Path, say: Say) -> DemoResult:
    """Play the whole day; covered clips are left in `out`/covered, the originals in `out`/town."""
    began = time.monotonic()
    say(f"Filming {len(town.clips)} clips of a synthetic town ...")
    films = film_town(town, out / "town")
    subjects = {resident.person: _enrol(parts, resident, say) for resident in town.residents}
    outcomes: list[ClipOutcome] = []
    mistakes = Mistakes()
    visible, checked = 0, 0
    left: dict[PersonId, Left] = {}
    for clip in town.clips:
        for resident in town.residents:
            if resident.withdraws_at and resident.person not in left and clip.starts_at >= resident.withdraws_at:
                left[resident.person] = _leave(parts.office, resident, subjects[resident.person])
                say(f"  {resident.label} withdraws: templates and keys are destroyed")
        outcome, decisions = _play(parts, clip, films[clip.name], out, subjects)
        mistakes = mistakes.plus(mistakes_of(decisions, films[clip.name], subjects))
        report = check_clip(out / "covered" / f"{clip.name}.mp4", LOOK_EVERY)
        visible, checked = visible + report.visible, checked + report.frames_checked
        outcomes.append(replace(outcome, visible=report.visible))
        say(f"  {outcome.line(town)}")
    report = _redact(parts, films[REDACTED], out)
    visible, checked = visible + report.visible, checked + report.frames_checked
    say(
        f"  the redaction tool, at full size: {report.frames_checked} pictures looked at, "
        f"{report.visible} faces visible"
    )
    proofs = _proofs(parts, left.values(), out, say)
    seconds = time.monotonic() - began
    return DemoResult(tuple(outcomes), mistakes, visible, checked, seconds, films, proofs=proofs)


def wish_of(resident: Resident) -> Wish:
    """What a resident agrees to: their first grant."""
    grant = resident.grants[0]
    return Wish(
        purposes=(grant.purpose,),
        places=frozenset(grant.places),
        duration=grant.ends_at - grant.starts_at,
        guardian=grant.guardian,
        starts_at=grant.starts_at,
    )


def _enrol(parts: Parts, resident: Resident, say: Say) -> SubjectId:
    pictures = tuple(photos(resident.person).values())
    made = enrol(parts.office, resident.label, pictures, parts.make_template, wish_of(resident))
    grant = resident.grants[0]
    by = f" ({grant.guardian} agreed)" if grant.guardian else ""
    say(f"  {resident.label} enrols for {grant.purpose} at {', '.join(grant.places)}{by}")
    return made.subject


def _leave(office: Office, resident: Resident, subject: SubjectId) -> Left:
    """They take the keys to their own leaves along, and withdraw."""
    month = str(Month.of(office.clock()))
    keys = give_log_keys(office, subject, month, month)
    withdraw(office, subject)
    return Left(resident.label, subject, keys)


def _proofs(parts: Parts, left: Iterable[Left], out: Path, say: Say) -> tuple[Proof, ...]:
    """What can be proven of the first who left."""
    who = next(iter(left), None)
    if parts.log is None or who is None:
        return ()
    with TemporaryDirectory(prefix="beholden-proofs-") as scratch:
        proofs = prove(parts.office, parts.log, who, out, Path(scratch))
    for line in lines(proofs):
        say(f"  {line}")
    return proofs


def _play(
    parts: Parts, clip: TownClip, film: Clip, out: Path, subjects: dict[PersonId, SubjectId]
) -> tuple[ClipOutcome, list[TrackDecision]]:
    """One clip through the pipeline, its covered pictures recorded; what is stored of it afterwards."""
    covered = out / "covered" / f"{clip.name}.mp4"
    covered.parent.mkdir(parents=True, exist_ok=True)
    viewpoint = Viewpoint(clip.camera, clip.place)
    with ExitStack() as stack:
        source = stack.enter_context(open_source(film.path, camera=clip.camera, started_at=clip.starts_at))
        recorder = stack.enter_context(Recorder(covered, rate=5.0, stamp="REHEARSAL"))
        run = parts.run(parts.engine, viewpoint, new_epoch(), parts.gate, parts.settle, recorder.write)
        decisions = list(run.watch(source.frames()))
    ends = clip.starts_at + timedelta(seconds=len(film.truth) / film.fps + 1)
    return read_outcome(parts.office, clip, ends, {subject: person for person, subject in subjects.items()}), decisions


def _redact(parts: Parts, film: Clip, out: Path) -> VisibleReport:
    target = out / "covered" / f"{REDACTED}.full-size.mp4"
    redact(film.path, target, parts.engine.finder)
    return check_clip(target, every=6)
