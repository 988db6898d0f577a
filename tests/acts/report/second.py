"""What an auditor does, by docs/transparency.md and docs/log-format.md: nothing of ours is imported here.

The log's folder as it is handed out, its public key, the file of openings: from these the whole report, once more.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import struct
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HOUR = 3600
PURPOSES = ("entrance", "care", "self_exclusion", "photos", "introductions", "find_me")
ACTS = (
    "open_find_me",
    "guardian_grant",
    "camera_place",
    "loosen",
    "export_recordings",
    "change_policy",
    "delay_notice",
)
OF_A_PERSON = ("open_find_me", "guardian_grant", "delay_notice")


class Wrong(Exception):
    """What was handed over is not what the log holds."""


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return sha(b"\x01" + root(hashes[:k]) + root(hashes[k:]))


def leaves_of(folder: Path, key: str) -> list[bytes]:
    """Every leaf of the log, under its signed head."""
    text, signatures = (folder / "checkpoint").read_text(encoding="utf-8").split("\n\n")
    name, size, head = text.split("\n")[:3]
    origin, _, public = key.split("+", 2)
    line = next(each for each in signatures.splitlines() if each.startswith(f"\u2014 {origin} "))
    signature = base64.b64decode(line.rpartition(" ")[2])[4:]
    Ed25519PublicKey.from_public_bytes(base64.b64decode(public)[1:]).verify(signature, (text + "\n").encode())
    assert name == origin
    found: list[bytes] = []
    for bundle in range(-(-int(size) // 256)):
        number, width = f"{bundle:03d}", min(256, int(size) - 256 * bundle)
        data = (folder / "tile" / "entries" / (number if width == 256 else f"{number}.p/{width}")).read_bytes()
        while data:
            (length,) = struct.unpack_from(">H", data)
            found.append(data[2 : 2 + length])
            data = data[2 + length :]
    if base64.b64encode(root([sha(b"\x00" + leaf) for leaf in found])).decode() != head:
        raise Wrong("the log is not what was signed")
    return found


def opened(leaves: list[bytes], lines: list[str], week: str):
    """(hour, event) of each opening, and the counts of the week, once all of it is as the log says."""
    start = datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=UTC)
    first = int(start.timestamp()) // HOUR
    read = [json.loads(line) for line in lines]
    if not read:
        raise Wrong("nothing is opened")
    commitments, events, before = [], [], -1
    for each in read:
        index, salt, event = each["leaf"], bytes.fromhex(each["salt"]), each["event"].encode()
        if not before < index < len(leaves):
            raise Wrong("out of order")
        before, leaf = index, leaves[index]
        if len(salt) != 32 or sha(salt + event) != leaf[5:37]:
            raise Wrong(f"leaf {index} says something else")
        commitments.append(leaf[5:37])
        events.append((int.from_bytes(leaf[1:5], "big"), json.loads(event)))
    last = events.pop()[1]
    if last["kind"] != "week_tallied" or last["week"] != week:
        raise Wrong("the week was not told")
    if any(not first <= hour < first + 168 for hour, _ in events):
        raise Wrong("of another week")
    if last["opened"] != len(events) or last["digest"] != sha(b"".join(commitments[:-1])).hex():
        raise Wrong("an opening is missing")
    return start, events, last, before


def small(number: int):
    return number if number >= 10 else None


def wilson(wrong: int, of: int):
    """The share with its 95% bounds, six digits; 3/n where none was wrong."""
    z, p = 1.959963984540054, wrong / of
    middle, width = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    low, high = max(0.0, (middle - width) / scale), (middle + width) / scale
    if wrong == 0:
        low, high = 0.0, min(1.0, 3 / of)
    if wrong == of:
        high = 1.0
    return {"wrong": wrong, "of": of, "share": round(p, 6), "low": round(low, 6), "high": round(high, 6)}


def alerts(right, wrong, faces):
    told = right is not None
    answered = right + wrong if told else None
    return {
        "answered": answered,
        "right": right,
        "wrong": wrong,
        "faces_that_passed": faces,
        "wrong_per_alert_answered": wilson(wrong, answered) if told else None,
        "wrong_per_face_that_passed": wilson(wrong, faces) if told and faces and faces >= answered else None,
    }


def recompute(folder: Path, key: str, lines: list[str], week: str, *, rehearsal: bool) -> dict:
    """The report, as its JSON says it. Raises Wrong."""
    start, events, last, leaf = opened(leaves_of(folder, key), lines, week)
    end = start + timedelta(weeks=1)
    return {
        "format": "beholden-transparency/1",
        "rehearsal": rehearsal,
        "week": week,
        "from": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "until": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "smallest_count_told": 10,
        "log": {"leaf": leaf, "digest": last["digest"]},
        **added_up(start, last["counts"], events),
    }


def added_up(start, lines, events):
    """The figures, from the counts and from the other events with their hours."""
    counts: dict[str, int] = defaultdict(int)
    for line in lines:
        number, name = line.split(" ", 1)
        counts[name] = int(number)
    cameras = {e["place"] for _, e in events if e["kind"].startswith("camera_")}
    places = sorted(cameras | {name.split("@", 1)[1] for name in counts if "@" in name})
    by_place = {place: _place(place, places, counts, events) for place in places}
    return {"installation": _whole(start, counts, events, by_place), "places": by_place}


def _place(place, places, counts, events):
    right, wrong = counts[f"answered.right@{place}"], counts[f"answered.wrong@{place}"]
    outcomes = {each: counts[f"faces.{each}@{place}"] for each in ("known", "unknown", "undecided")}
    faces = sum(outcomes.values())
    told = alerts(right, wrong, faces) if right + wrong >= 10 else alerts(None, None, faces or None)
    begun = {}
    for purpose in PURPOSES:
        everywhere = [counts[f"begun.{purpose}@{each}"] for each in places if each]
        enough = bool(everywhere) and all(each >= 10 for each in everywhere)
        begun[purpose] = counts[f"begun.{purpose}@{place}"] if place and enough else None
    changed = ("added", "removed", "paused", "resumed", "rezoned")
    return {
        "alerts": told,
        "faces": {name: count or None for name, count in outcomes.items()},
        "grants_begun": begun,
        "cameras": {
            each: len([1 for _, e in events if e["kind"] == f"camera_{each}" and e["place"] == place])
            for each in changed
        },
    }


def _whole(start, counts, events, by_place):
    told = [each["alerts"] for each in by_place.values() if each["alerts"]["answered"] is not None]
    sums = [sum(each[name] or 0 for each in told) for name in ("right", "wrong", "faces_that_passed")]

    def of(kind):
        return [e for _, e in events if e["kind"] == kind]

    exports = [
        (datetime.fromisoformat(e["ends_at"]) - datetime.fromisoformat(e["starts_at"])).total_seconds()
        for e in of("recording_exported")
    ]
    rotations = len(of("keys_rotated")) // 10 * 10
    asked_13, accepted_13 = counts["quarter.invited"], counts["quarter.accepted"]
    seen = "overseen."
    return {
        "invitations": {
            "invited": small(counts["invited"]),
            "accepted": small(counts["accepted"]),
            "nearly_all_accept": accepted_13 * 10 > asked_13 * 9 if asked_13 >= 10 else None,
        },
        "grants": {
            purpose: {
                how: small(counts[f"{how}.{purpose}"]) for how in ("begun", "paused", "silent", "withdrawn", "over")
            }
            for purpose in PURPOSES
        },
        "destroyed": {
            "all_within_a_minute": not counts["erased.late"],
            "longest_seconds": round(counts["erased.longest_ms"] / 1000, 3) if counts["erased"] >= 10 else None,
        },
        "alerts": alerts(*sums) if told else alerts(None, None, None),
        "displays": _displays(counts),
        "approvals": {
            act: {
                name: small(n) if act in OF_A_PERSON else n
                for name, kind in (("asked", "act_requested"), ("allowed", "act_allowed"), ("refused", "act_refused"))
                for n in [len([e for e in of(kind) if e["act"] == act])]
            }
            for act in ACTS
        },
        "break_glass": {
            "opened": small(counts[f"{seen}glass_broken"]),
            "refused": small(counts[f"{seen}glass_refused"]),
            "reviewed_justified": small(counts[f"{seen}glass_reviewed.justified"]),
            "reviewed_not_justified": small(counts[f"{seen}glass_reviewed.not_justified"]),
            "accounts_locked": small(counts[f"{seen}account_locked"]),
        },
        "find_me": {how: small(counts[f"{seen}plan_{how}"]) for how in ("opened", "refused", "renewed", "closed")},
        "recordings_exported": {"exports": len(exports), "minutes": round(sum(exports) / 60)},
        "changes": {
            "settings": _rules(of("rules_changed"), "settings"),
            "policy": _rules(of("rules_changed"), "policy"),
            "models": [{name: e[name] for name in ("at", "name", "digest")} for e in of("model_added")],
        },
        "key_rotations_at_least": small(rotations),
        "backups": len(of("backed_up")),
        "restored": len(of("restored")),
        "heartbeat": _beats(start, events),
    }


def _displays(counts):
    ways = ("feed", "playback", "look_up", "cli")
    shown = {way: counts[f"overseen.shown.{way}"] for way in ways}
    hide = [way for way in ways if shown[way] < 10]
    if len(hide) == 1:
        hide.append(min((n, way) for way, n in shown.items() if way not in hide)[1])
    return {
        "by_way": {way: None if way in hide else n for way, n in shown.items()},
        "total": None if hide else sum(shown.values()),
        "who_guardians_are": small(counts["overseen.shown.guardians"]),
        "blocked": small(sum(counts[f"overseen.display_blocked.{way}"] for way in ways)),
        "alarms": small(sum(counts[f"overseen.display_alarm.{way}"] for way in ways)),
    }


def _rules(events, which):
    return [{"at": e["at"], "lines": e["changed"]} for e in events if e["rules"] == which]


def _beats(start, events):
    first = int(start.timestamp()) // HOUR
    made = [hour for hour, e in events if e["kind"] == "folder_created"]
    begin = made[0] + 1 if made else first
    hours = range(begin, first + 168)
    beats = {hour for hour, e in events if e["kind"] == "heartbeat"}
    return {"hours": len(hours), "without": len([hour for hour in hours if hour not in beats])}
