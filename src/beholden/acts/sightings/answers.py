"""Answers of the desk: was this alert right? They are counted without anybody in them, and never change a template.

Right or wrong, an answer marks one sighting while that lives, and counts once for its place and day.
What is told of the counts is a share with its bounds, and an alarm when that has grown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta

from beholden.acts.office import Office
from beholden.acts.sightings.counts import SMALLEST, counts
from beholden.acts.sightings.drift import Alarm, Day, Share, alarm, by_day, share
from beholden.acts.sightings.presence import Sighting, open_sighting
from beholden.acts.store import ANSWERS_LIVE, COUNTS_LIVE, IN_FILES, AnswerCount
from beholden.consent.registry import SubjectState
from beholden.model.errors import SightingGone
from beholden.model.event import Answered
from beholden.model.ids import PlaceId, SightingId


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of a sighting; `changed` is False when the same had been said before."""

    sighting: SightingId
    right: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the answers of the last `days` days (UTC) tell about the alerts at a place (IN_FILES: in files).

    `answered`, `right`, `wrong` and `per_alert` (wrong ones among the alerts that were answered) are None
    while there are fewer than 10 answers. `per_face` is wrong ones among the faces that were followed there
    in the same days, at most the last 90; faces of hours that `acts.sightings.counts` hides are left out, and it is
    None where too few remain. An alert that nobody answered counts in neither. `alarm` does not depend on `days`.
    """

    place: PlaceId
    days: int
    answered: int | None
    right: int | None
    wrong: int | None
    per_alert: Share | None
    per_face: Share | None
    alarm: Alarm | None

    def as_values(self) -> dict[str, object]:
        """JSON-ready."""
        return {
            "place": self.place or None,
            "days": self.days,
            "answered": self.answered,
            "right": self.right,
            "wrong": self.wrong,
            "wrong_per_alert_answered": None if self.per_alert is None else asdict(self.per_alert),
            "wrong_per_face_that_passed": None if self.per_face is None else asdict(self.per_face),
            "alarm": None
            if self.alarm is None
            else {
                "since": self.alarm.since.isoformat(),
                "raised": self.alarm.raised.isoformat(),
                "usual": self.alarm.usual,
            },
        }


def answer(office: Office, sighting: SightingId, right: bool) -> Answer:
    """Say whether a sighting was right: announced first, then marked and counted in one transaction.

    Its leaf becomes public with the sightings of its hour (`acts.logged.hourly`): by itself it would tell that
    somebody was there. Saying the other thing later moves the count; saying the same again changes
    nothing and is not logged. Raises SightingGone (unknown, or past its 24 hours), LogUnavailable (then
    nothing happened), DataFolderError, StorageFull, KeystoreError: then it is carried on at the next start.
    """
    with office.journal.acting():
        found, key, before = _alive(office, sighting)
        if before is right:
            return Answer(sighting, right, changed=False)
        event = Answered(at=office.clock(), sighting=sighting, subject=found.subject, place=found.place, right=right)
        noted = office.journal.announce([(event, found.subject, found.place)], {found.subject: key}, [found.dies_at])
        _mark(office, found, right, noted)
    return Answer(sighting, right, changed=True)


def carry_on_answers(office: Office) -> None:
    """Mark what was announced in this hour and cut off before it was marked. Raises LogUnavailable, DataFolderError."""
    with office.journal.acting():
        for line in office.journal.waiting():
            event = line.event
            if event is None or event["kind"] != Answered.kind or not line.genuine:
                continue
            with suppress(SightingGone):
                found, _, before = _alive(office, SightingId(event["sighting"]))
                if before is not event["right"]:
                    _mark(office, found, event["right"], {})


def estimate(office: Office, place: PlaceId | None = None, days: int = 90) -> tuple[Estimate, ...]:
    """What answers tell of the last `days` days (1 to 365, today included) at each place, or only at `place`.

    Also of places without answers: one that is missing would tell so. Fewer than 10 answers are not told,
    nor how many are missing. Raises DataFolderError.
    """
    days = max(1, min(days, ANSWERS_LIVE.days))
    now = office.clock()
    today = now.astimezone(UTC).date()
    stored: dict[PlaceId, list[AnswerCount]] = {}
    for each in office.store.answer_counts():
        stored.setdefault(each.place, []).append(each)
    known = {each.camera.place for each in office.store.cameras()} | stored.keys()
    counted_from = today - timedelta(days=min(days, COUNTS_LIVE.days) - 1)
    faces = _faces(office, counted_from, now, place)
    return tuple(
        _estimate(at, by_day(stored.get(at, ())), days, today, (counted_from, faces[at]))
        for at in (sorted(known) if place is None else [place])
    )


def _alive(office: Office, identity: SightingId) -> tuple[Sighting, bytes, bool | None]:
    """The sighting, the key of whose it is, and what was said of it before. Raises SightingGone."""
    gone = SightingGone(f"there is no sighting {identity[:40]!r} here, or it is older than 24 hours")
    row = office.store.sighting(identity)
    if row is None or row.dies_at <= office.clock():
        raise gone
    key = office.keystore.data_keys([row.subject])[row.subject]
    if key is None or office.store.subject(row.subject).state is not SubjectState.ENROLLED:
        raise gone  # they are withdrawing: it is about to be deleted
    return open_sighting(row, key), key, row.answered


def _mark(office: Office, found: Sighting, right: bool, noted: Mapping[bytes, int]) -> None:
    """The day is the one on which the person was seen: it stays the same when the answer is changed later."""
    day = found.opened_at.astimezone(UTC).date()
    if not office.store.mark_answer(found.id, right, found.place or IN_FILES, day, noted):
        raise SightingGone(f"the sighting {found.id} was deleted just now")


def _estimate(place: PlaceId, kept: Sequence[Day], days: int, today: date, counted: tuple[date, int]) -> Estimate:
    """`kept` are all days of the place, `counted` is since which day faces are known, and how many they were."""
    right, wrong = _since(kept, today - timedelta(days=days - 1))
    alarmed = alarm(kept) if sum(each.answered for each in kept) >= SMALLEST else None
    if right + wrong < SMALLEST:
        return Estimate(place, days, None, None, None, None, None, alarmed)
    right_there, wrong_there = _since(kept, counted[0])
    told = counted[1] >= right_there + wrong_there >= SMALLEST
    return Estimate(
        place,
        days,
        answered=right + wrong,
        right=right,
        wrong=wrong,
        per_alert=share(wrong, right + wrong),
        per_face=share(wrong_there, counted[1]) if told else None,
        alarm=alarmed,
    )


def _since(kept: Sequence[Day], first: date) -> tuple[int, int]:
    """Right and wrong ones since a day."""
    return sum(each.right for each in kept if each.day >= first), sum(each.wrong for each in kept if each.day >= first)


def _faces(office: Office, first: date, now: datetime, place: PlaceId | None) -> Mapping[PlaceId, int]:
    """How many tracks ended at each place, by the counts that may be told, so that nothing hidden can be had by
    subtraction."""
    added: Counter[PlaceId] = Counter()
    for row in counts(office, datetime.combine(first, time(), UTC), now, place):
        added[row.place] += sum(count for count in row.outcomes.values() if count is not None)
    return added
