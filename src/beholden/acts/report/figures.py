"""The figures of a week, from what opens its leaves and nothing else: an auditor computes the same ones. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from beholden.acts.report.hidden import Cell, all_or_none, at_least, cell
from beholden.acts.report.week import Week
from beholden.acts.sightings.counts import OUTCOMES, SMALLEST, suppressed
from beholden.acts.sightings.drift import share
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.rules import Act
from beholden.ledger.leaf import hour_of
from beholden.model.grant import Purpose

Values = dict[str, Any]
Told = Sequence[tuple[int, Mapping[str, Any]]]
"""Events about nobody, each with the hour (since 1970) that its leaf shows."""
OF_GRANTS = ("begun", "paused", "silent", "withdrawn", "over")
ABOUT_SOMEBODY = frozenset({Act.OPEN_FIND_ME, Act.GUARDIAN_GRANT, Act.DELAY_NOTICE})
"""How often these were asked for is a count of people."""
CAMERAS = ("added", "removed", "paused", "resumed", "rezoned")
RULES = ("settings", "policy")
_NEARLY_ALL = 0.9


class _Counts:
    """The counts of a week by their names; what is not there is 0."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.by_name: dict[str, int] = {}
        for line in lines:
            number, _, name = line.partition(" ")
            self.by_name[name] = int(number)

    def __getitem__(self, name: str) -> int:
        return self.by_name.get(name, 0)

    def places(self) -> set[str]:
        return {name.partition("@")[2] for name in self.by_name if "@" in name}


def figures(week: Week, lines: Sequence[str], told: Told) -> Values:
    """JSON-ready. `lines` are those of the leaf that told of the week, `told` is all that is about nobody."""
    counts = _Counts(lines)
    places = counts.places() | {str(event["place"]) for _, event in told if str(event["kind"]).startswith("camera_")}
    begun = {
        str(purpose): all_or_none({place: counts[f"begun.{purpose}@{place}"] for place in places if place})
        for purpose in Purpose
    }
    alerts = {place: _alerts(counts, place) for place in places}
    by_place = {
        place: {
            "alerts": alerts[place],
            "faces": {name: counts[f"faces.{name}@{place}"] or None for name in OUTCOMES},
            "grants_begun": {purpose: cells.get(place) for purpose, cells in begun.items()},
            "cameras": {
                what: sum(e["kind"] == f"camera_{what}" and e["place"] == place for _, e in told) for what in CAMERAS
            },
        }
        for place in sorted(places)
    }
    return {"installation": _installation(week, counts, told, list(alerts.values())), "places": by_place}


def _installation(week: Week, counts: _Counts, told: Told, alerts: Sequence[Values]) -> Values:
    return {
        "invitations": _invitations(counts),
        "grants": {str(each): {how: cell(counts[f"{how}.{each}"]) for how in OF_GRANTS} for each in Purpose},
        "destroyed": _destroyed(counts),
        "alerts": _together(alerts),
        "displays": _displays(counts),
        "approvals": _approvals(told),
        "break_glass": _glass(counts),
        "find_me": {how: cell(counts[f"overseen.plan_{how}"]) for how in ("opened", "refused", "renewed", "closed")},
        "recordings_exported": _exports(told),
        "changes": _changes(told),
        "key_rotations_at_least": at_least(_of(told, "keys_rotated")),
        "backups": _of(told, "backed_up"),
        "restored": _of(told, "restored"),
        "heartbeat": _heartbeat(week, told),
    }


def _of(told: Told, kind: str) -> int:
    return sum(event["kind"] == kind for _, event in told)


def _invitations(counts: _Counts) -> Values:
    """`nearly_all_accept`: of those who were sent a link in 13 weeks, more than nine in ten accepted."""
    sent, accepted = counts["quarter.invited"], counts["quarter.accepted"]
    return {
        "invited": cell(counts["invited"]),
        "accepted": cell(counts["accepted"]),
        "nearly_all_accept": accepted > _NEARLY_ALL * sent if sent >= SMALLEST else None,
    }


def _destroyed(counts: _Counts) -> Values:
    """How many is not told: with the grants that are over, it would be a sum of hidden cells."""
    longest = round(counts["erased.longest_ms"] / 1000, 3)
    return {
        "all_within_a_minute": counts["erased.late"] == 0,
        "longest_seconds": longest if counts["erased"] >= SMALLEST else None,
    }


def _alerts(counts: _Counts, place: str) -> Values:
    """Of one place (of files: ""). Told from 10 answers on."""
    right, wrong = counts[f"answered.right@{place}"], counts[f"answered.wrong@{place}"]
    faces = sum(counts[f"faces.{name}@{place}"] for name in OUTCOMES)
    return _rates(right, wrong, faces) if right + wrong >= SMALLEST else _rates(None, None, faces or None)


def _together(alerts: Sequence[Values]) -> Values:
    """Of the places that tell theirs, so that those of the others cannot be had by subtraction."""
    told = [each for each in alerts if each["answered"] is not None]
    if not told:
        return _rates(None, None, None)
    right, wrong, faces = (sum(each[name] or 0 for each in told) for name in ("right", "wrong", "faces_that_passed"))
    return _rates(right, wrong, faces)


def _rates(right: Cell, wrong: Cell, faces: Cell) -> Values:
    """The two rates: wrong ones per alert that was answered, and per face that passed."""
    told: Values = {"answered": None, "right": right, "wrong": wrong, "faces_that_passed": faces}
    told |= {"wrong_per_alert_answered": None, "wrong_per_face_that_passed": None}
    if right is not None and wrong is not None:
        told["answered"] = right + wrong
        told["wrong_per_alert_answered"] = _share(wrong, right + wrong)
        if faces is not None and faces >= right + wrong:
            told["wrong_per_face_that_passed"] = _share(wrong, faces)
    return told


def _share(wrong: int, of: int) -> Values:
    """With bounds that hold 19 times out of 20 (`acts.sightings.drift.share`), to six digits."""
    return {name: round(value, 6) for name, value in asdict(share(wrong, of)).items()}


def _displays(counts: _Counts) -> Values:
    """Looks at where a find-me plan found somebody are counted for an auditor and told nobody else: ten of them may be
    about one person, and whoever reported them would learn that a plan was opened."""
    ways = [str(way) for way in Way]
    by_way, total = suppressed({way: counts[f"overseen.shown.{way}"] for way in ways})
    return {
        "by_way": by_way,
        "total": total,
        "who_guardians_are": cell(counts["overseen.shown.guardians"]),
        "blocked": cell(sum(counts[f"overseen.display_blocked.{way}"] for way in ways)),
        "alarms": cell(sum(counts[f"overseen.display_alarm.{way}"] for way in ways)),
    }


def _approvals(told: Told) -> Values:
    """What was asked for, done and refused, by act."""
    kinds = {"asked": "act_requested", "allowed": "act_allowed", "refused": "act_refused"}
    found = Counter((str(event["kind"]), str(event["act"])) for _, event in told if event["kind"] in kinds.values())
    return {
        str(act): {
            name: cell(found[kind, act]) if act in ABOUT_SOMEBODY else found[kind, act] for name, kind in kinds.items()
        }
        for act in Act
    }


def _glass(counts: _Counts) -> Values:
    """Hidden as find-me plans are, and an account that was locked with it: a glass opens nothing else."""
    names = {
        "opened": "glass_broken",
        "refused": "glass_refused",
        "reviewed_justified": "glass_reviewed.justified",
        "reviewed_not_justified": "glass_reviewed.not_justified",
        "accounts_locked": "account_locked",
    }
    return {name: cell(counts[f"overseen.{what}"]) for name, what in names.items()}


def _exports(told: Told) -> Values:
    spans = [
        datetime.fromisoformat(event["ends_at"]) - datetime.fromisoformat(event["starts_at"])
        for _, event in told
        if event["kind"] == "recording_exported"
    ]
    return {"exports": len(spans), "minutes": round(sum(span.total_seconds() for span in spans) / 60)}


def _changes(told: Told) -> Values:
    """Every change of settings, policy and models, with what went and what came."""
    rules = [event for _, event in told if event["kind"] == "rules_changed"]
    models = [event for _, event in told if event["kind"] == "model_added"]
    listed: Values = {
        name: [{"at": each["at"], "lines": list(each["changed"])} for each in rules if each["rules"] == name]
        for name in RULES
    }
    return listed | {"models": [{"at": each["at"], "name": each["name"], "digest": each["digest"]} for each in models]}


def _heartbeat(week: Week, told: Told) -> Values:
    """Hours of the week, since the folder is there, without a heartbeat: nobody kept it at the full hour."""
    hours = set(range(hour_of(week.start), hour_of(week.end)))
    for hour, event in told:
        if event["kind"] == "folder_created":
            hours -= set(range(hour_of(week.start), hour + 1))
    beats = {hour for hour, event in told if event["kind"] == "heartbeat"}
    return {"hours": len(hours), "without": len(hours - beats)}
