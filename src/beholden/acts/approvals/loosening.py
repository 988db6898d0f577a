"""What each setting loosens, and in which direction: that waits for approval in a live folder, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PLACE = "places.NAME"
"""How a place's settings are named in the table."""


@dataclass(frozen=True, slots=True)
class Loosening:
    """A setting that loosens `when` (in words) it changes as `loosens` says, of (before, after); and `why`.

    `before` is None where it did not stand among the settings that hold.
    """

    loosens: Callable[[Any, Any], bool]
    when: str
    why: str


def _up(before: float | None, after: float) -> bool:
    return before is None or after > before


def _down(before: float | None, after: float) -> bool:
    return before is None or after < before


def _on(_: bool | None, after: bool) -> bool:  # a setting that older versions did not tell of may be off
    return after


def _other(before: object, after: object) -> bool:
    return before != after


def _more(before: Sequence[str] | None, after: Sequence[str]) -> bool:
    return not set(after or ()) <= set(before or ())


def _fewer(before: Sequence[str] | None, after: Sequence[str]) -> bool:
    return not set(before or ()) <= set(after)


def _unless_first(before: str | None, after: str | None) -> bool:
    """Hours: having some is tighter than having none; other hours may be wider."""
    return before is not None or after is None


_SIZE = "larger names faces further away; smaller covers fewer, for a face that is not found is not covered"
MODELS = ("models.recogniser", "recogniser.entry", "recogniser.thresholds")
"""Which recogniser names people, and of one that a user added its entry and its thresholds, by their digests: a change
of model, to which another organisation agrees."""
LOOSENING: dict[str, Loosening] = {
    "recognition.fpir": Loosening(_up, "higher", "more strangers are taken for somebody"),
    "recognition.min_width_px": Loosening(_down, "lower", "faces further away are compared, and more often wrongly"),
    "recognition.rate": Loosening(
        _other, "another", "higher names more often; lower covers fewer, for faces move between two pictures"
    ),
    "recognition.analysis_width": Loosening(_other, "another", _SIZE),
    "recognition.analysis_height": Loosening(_other, "another", _SIZE),
    "covering.score": Loosening(_up, "higher", "fewer faces are covered"),
    "cameras.loopback": Loosening(_on, "on", "streams of this machine are no cameras that anybody sees on a wall"),
    "recording.keep_gb": Loosening(_up, "higher", "covered video is kept longer where it fills that room"),
    "recording.keep_days": Loosening(_up, "higher", "covered video is kept longer than the sign said"),
    "models.recogniser": Loosening(_other, "another", "other people may be confused; another organisation agrees"),
    "log.batch": Loosening(_down, "lower", "hours that have more leaves than others tell how busy a place was"),
    "log.witnesses": Loosening(_fewer, "one fewer", "nobody outside notices a log that was rewritten"),
    f"{PLACE}.zone": Loosening(_other, "another", "hours are read by its clock"),
    f"{PLACE}.capture": Loosening(_other, "another, but unset", "people are named who were not, or in another way"),
    f"{PLACE}.purposes": Loosening(_more, "one more", "people are named for it"),
    f"{PLACE}.hours": Loosening(_unless_first, "other hours, or none", "people are named outside the hours before"),
    f"{PLACE}.legal_basis": Loosening(_other, "another", "it is why everybody who passes may be processed"),
    f"{PLACE}.impact_assessment": Loosening(_other, "another", "it is what the place was agreed to on"),
}
"""Of a place at which somebody may be named; where nobody is, none of it loosens."""
LOOSENS_NOTHING: dict[str, str] = {
    "cameras.workers": "how the work is shared between processes",
    "cameras.per_worker": "how the work is shared between processes",
    "cameras.idle": "how often a scene is looked at in which nothing moves; every picture that is shown was looked at",
    "recording.codec": "how covered video is written, after faces were covered",
    "recording.crf": "how covered video is written, after faces were covered",
    "limits.max_pixels": "larger pictures are refused; what is done with those that are taken is the same",
    "limits.max_bytes": "larger files are refused; what is done with those that are taken is the same",
    "models.accept_non_commercial": "a question of licence; which model is used waits by itself",
    "storage.database": "where records lie; they are sealed under keys that are not there",
    "storage.keystore": "where keys lie; without them nobody is named",
    "storage.cache": "where weights lie; each is known by its digest",
    "keystore.wrap": "who wraps the keys; without them nobody is named",
    "keystore.unwrap": "who wrapped the keys until now",
    "controller.name": "words of notices and receipts; whoever agreed to others is asked again",
    "controller.contact": "words of notices and receipts; whoever agreed to others is asked again",
    "controller.authority": "words of notices and receipts; whoever agreed to others is asked again",
    "controller.officer": "words of notices and receipts; whoever agreed to others is asked again",
    "controller.address": "words of receipts",
    "controller.jurisdiction": "words of receipts",
    "controller.stored_in": "words of receipts",
    "controller.rights_at": "words of receipts",
    "controller.gdpr": "which articles receipts name; what is named, seen and kept is the same",
}
_KEPT_MEANWHILE = (
    "recognition.rate",
    "recognition.analysis_width",
    "recognition.analysis_height",
    "covering.score",
    "cameras.loopback",
    "recording.keep_gb",
    "recording.keep_days",
)
"""What goes on while nobody is named: covering, recording, and what is opened."""


def loosens(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether one of these settings, line by line, loosens what held before."""
    old, new = _values(before), _values(after)
    return any(_loosens(name, old, new) for name in {**old, **new})


def another_model(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether another recogniser, or the same with other thresholds, would name people."""
    old, new = _values(before), _values(after)
    return any(old.get(name) != new.get(name) for name in MODELS)


def kept_meanwhile(before: Sequence[str], after: Sequence[str]) -> dict[str, Any]:
    """What has to stay as it was while `after` waits, by its name: what would loosen, of what goes on then."""
    old, new = _values(before), _values(after)
    found = {name: old.get(name) for name in _KEPT_MEANWHILE if _loosens(name, old, new)}
    if "cameras.loopback" in found:  # older versions did not tell of it
        found["cameras.loopback"] = False
    return {name: value for name, value in found.items() if value is not None}


def _loosens(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    before, after = old.get(name), new.get(name)
    if before == after:
        return False
    if not name.startswith("places."):
        rule = LOOSENING.get(name)
        return rule is not None and (after is None or rule.loosens(before, after))
    place, _, what = name.rpartition(".")
    if new.get(f"{place}.capture") is None:  # nobody is named there, or it is gone
        return False
    rule = LOOSENING.get(f"{PLACE}.{what}")
    was_off = old.get(f"{place}.capture") is None
    return was_off or rule is None or rule.loosens(before, after)


def _values(lines: Sequence[str]) -> dict[str, Any]:
    """By name. A line that is none is as good as another value."""
    found: dict[str, Any] = {}
    for line in lines:
        name, _, value = line.partition(" = ")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found
