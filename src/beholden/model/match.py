"""What a comparison ends in: one of three answers, each with its reasons, never with a score (I8)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from beholden.model.ids import GrantId, SubjectId


class Reason(StrEnum):
    """Why a track is known, unknown or undecided; the sentence for people is in `REASON_WORDS`."""

    CLEAR = "clear"
    NOBODY_ALIKE = "nobody_alike"
    EMPTY_GALLERY = "empty_gallery"
    NAMING_OFF = "naming_off"
    TOO_FEW_SHOTS = "too_few_shots"
    NO_USABLE_SHOT = "no_usable_shot"
    NOT_SURE_ENOUGH = "not_sure_enough"
    TWO_ALIKE = "two_alike"
    SHOTS_DISAGREE = "shots_disagree"
    CROSSED = "crossed"
    ANOTHER_TRACK = "another_track"
    STALE = "stale"
    BEING_RECORDED = "being_recorded"
    NOT_RECORDED = "not_recorded"


REASON_WORDS: dict[Reason, str] = {
    Reason.CLEAR: "several good shots agree on one person, clearly ahead of everyone else in view here",
    Reason.NOBODY_ALIKE: "nobody who may be recognised here looks alike enough",
    Reason.EMPTY_GALLERY: "nobody may be recognised at this place, purpose and hour",
    Reason.NAMING_OFF: "this source may not name anyone",
    Reason.TOO_FEW_SHOTS: "fewer than two good shots so far",
    Reason.NO_USABLE_SHOT: "no shot so far was good enough to recognise anyone by",
    Reason.NOT_SURE_ENOUGH: "alike to someone, but the error would be above the agreed rate",
    Reason.TWO_ALIKE: "two enrolled people look too much alike to say which one",
    Reason.SHOTS_DISAGREE: "the shots do not agree on one person",
    Reason.CROSSED: "two faces crossed, so the name ended until new shots confirm it",
    Reason.ANOTHER_TRACK: "another track in this picture has more support for the same person",
    Reason.STALE: "the registry could not be asked, so nobody is named",
    Reason.BEING_RECORDED: "it is being written to the log, and takes effect when that is done",
    Reason.NOT_RECORDED: "it could not be written to the log, so it does not take effect",
}


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons of an answer: `reason` first among them, `shots` pooled, `error_rate` the FPIR it was asked to keep.

    `extrapolated` is true when the threshold lies beyond the data it was measured on.
    """

    reason: Reason
    shots: int = 0
    error_rate: float | None = None
    extrapolated: bool = False

    def in_words(self) -> str:
        text = REASON_WORDS[self.reason]
        if self.shots:
            text += f" ({self.shots} shot{'s' if self.shots != 1 else ''})"
        return text


@dataclass(frozen=True, slots=True)
class Known:
    """This is a person whose grant covers this place, purpose and hour."""

    subject: SubjectId
    grant: GrantId
    why: Why


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody who may be recognised here."""

    why: Why


@dataclass(frozen=True, slots=True)
class Undecided:
    """It cannot be said with the error rate that was asked for."""

    why: Why


Match = Known | Unknown | Undecided
