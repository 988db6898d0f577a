"""The notice of one place, to hang up and to take home: what happens there, and the words that people agree to."""

from __future__ import annotations

from itertools import groupby

from beholden.consent.notice import Controller, Notice, notice_for
from beholden.consent.notice import Section as NoticeSection
from beholden.consent.purposes import policy_of
from beholden.model.grant import Capture, Purpose
from beholden.papers.parts import Answers, Blank, Cell, Paper, Section, Table, facts, listed
from beholden.papers.record import CONSENT
from beholden.papers.running import PlaceRunning, Running

_UNSET = "\N{WHITE SQUARE}"
_ALONE = "Nobody here is named but people who agreed beforehand."
_IN_VIEW = (
    "While a face is in view, numbers that describe it are in the memory of a computer, to tell it from the next one; "
    "they are overwritten when it is gone, and never written anywhere."
)
NAMING = {
    None: "Nobody is named.",
    Capture.LANE: "People are named in a lane of its own only, which is marked.",
    Capture.BUTTON: "Nobody is named until somebody presses the button.",
    Capture.DECLARED: "Every face that passes is compared; named are only people who agreed beforehand.",
}
STRANGERS = {
    None: f"At this place faces are compared with nobody's. {_IN_VIEW}",
    Capture.LANE: "Only the marked lane compares faces. If you do not use it, yours is compared with nobody's. If you "
    "use it and did not agree, it is compared, found to be unknown, and forgotten when you are out of view.",
    Capture.BUTTON: "Faces are compared for a moment after somebody pressed the button, and at no other time. "
    f"{_IN_VIEW}",
    Capture.DECLARED: "The camera makes numbers from every face that passes, compares them with those of people who "
    "agreed, and overwrites them when the face is out of view. They are never written anywhere.",
}
"""What happens to somebody who agreed to nothing."""


def place_notice(running: Running, place: PlaceRunning, answers: Answers) -> Paper:
    """What GDPR, articles 12 to 14, want to be told: all of it, of one place."""
    sections = [
        Section("What happens here", (_happens(place), _purposes(place))),
        Section("If you agreed to nothing", (_strangers(running, place, answers),)),
        *_agreed(running, place),
        Section("Who answers, and what you may ask for", (*_who(running, answers), _rights())),
    ]
    return Paper(f"notice-{place.place.id}", f"Notice: {place.place.id}", "GDPR, articles 12 to 14", tuple(sections))


def _happens(place: PlaceRunning) -> str:
    many = len(place.cameras)
    cameras = "Cameras look at this place" if many != 1 else "One camera looks at this place"
    video = " Video is kept, with every detected face covered." if place.recorded else " No video is kept."
    return f"{cameras}. Sound is never recorded.{video} {NAMING[place.place.capture]}"


def _purposes(place: PlaceRunning) -> Cell | Table:
    rows = tuple((str(each), policy_of(each).about) for each in place.place.purposes)
    if place.place.capture is None or not rows:
        return "There is no purpose for which anybody is named here now."
    return facts(*rows)


def _strangers(running: Running, place: PlaceRunning, answers: Answers) -> Table:
    name, rows = place.place.id, [("Your face", f"{STRANGERS[place.place.capture]} {_ALONE}")]
    kept: list[tuple[Cell, ...]] = []
    if place.recorded:
        kept.append(
            (
                "Video",
                f"With your face covered, for {running.keeping.keep_days:g} days at most. Your clothes and the way you "
                "walk can be seen.",
            )
        )
    if place.place.capture is Capture.DECLARED:
        kept.append(("Why this is allowed", place.legal_basis))
        kept.append(("The assessment of what it may do to you", place.impact_assessment))
    other: Cell = (
        "Nothing to do: you are not recognised here." if place.place.capture is None else other_way(place, answers)
    )
    return facts(
        *rows,
        *kept,
        ("How not to be compared", other),
        (
            "Why cameras may be here at all",
            answers.ask(
                f"place.{name}.video_basis",
                f"On which basis is {name} watched by cameras (like GDPR, article 6(1)(f), and which interest)?",
            ),
        ),
    )


def other_way(place: PlaceRunning, answers: Answers) -> Blank:
    """How somebody gets the same without being compared: only the operator knows."""
    name = place.place.id
    return answers.ask(
        f"place.{name}.other_way",
        f"Which way leads past the comparison at {name}, for whoever wants the same without it?",
    )


def _agreed(running: Running, place: PlaceRunning) -> list[Section]:
    purposes = tuple(each for each in place.place.purposes if policy_of(each).at_places)
    if not purposes:
        return []
    notice = made_notice(running, purposes, place)
    yes = f"Nobody is named without a yes of their own ({CONSENT}), to each purpose by itself."
    if complete(running.controller):
        yes += f" These are the words that people agree to: version {notice.version}, SHA-256 {notice.digest}."
    made = [Section("If you agree", (yes,))]
    for purpose, sections in groupby(notice.sections, key=lambda each: each.purpose):
        heading = "Whatever you agree to" if purpose is None else f"If you agree: {str(purpose).replace('_', ' ')}"
        made.append(Section(heading, (facts(*((each.heading, _words(running, each)) for each in sections)),)))
    return made


def complete(controller: Controller) -> bool:
    """Whether a notice can be made that people agree to: it says who answers."""
    return all(text.strip() for text in (controller.name, controller.contact, controller.authority))


def made_notice(running: Running, purposes: tuple[Purpose, ...], place: PlaceRunning) -> Notice:
    """The notice as people read it; with stand-ins where nobody answers yet, which `_words` turns into blanks."""
    who = running.controller
    stand_in = Controller(who.name or _UNSET, who.contact or _UNSET, who.authority or _UNSET, who.officer)
    return notice_for(purposes, [place.place], stand_in)


def _words(running: Running, section: NoticeSection) -> Cell:
    if _UNSET not in section.words:
        return section.words
    missing = [name for name in ("name", "contact", "authority") if not str(getattr(running.controller, name)).strip()]
    return Blank(
        f"controller.{missing[0]}", f"Who answers, and how are they reached? ({listed(missing)})", setting=True
    )


def _who(running: Running, answers: Answers) -> tuple[Table]:
    who = running.controller
    return (
        facts(
            ("Who answers", Blank("controller.name", "Who answers?", who.name, setting=True)),
            ("How to reach them", Blank("controller.contact", "How do people reach them?", who.contact, setting=True)),
            (
                "Data protection officer",
                who.officer
                or answers.ask(
                    "record.officer", "Who is the data protection officer, or why is there none (articles 37 to 39)?"
                ),
            ),
            ("Complaint", Blank("controller.authority", "Who takes complaints?", who.authority, setting=True)),
        ),
    )


def _rights() -> Table:
    return facts(
        (
            "If you agreed",
            "See everything that is kept of you, take it with you, have it corrected, pause, withdraw: at "
            "any time, without a reason. Withdrawing destroys what recognises you, in backups too.",
        ),
        (
            "If you did not",
            "Ask whether anything is kept of you, and object to being filmed (GDPR, articles 15 and 21). "
            "Covered video cannot be searched for you: say when and where you were there.",
        ),
        ("Decisions", "No computer decides about you: a match opens no door and stops nobody. People look first."),
        ("Duty", "Nobody has to agree. Without a yes there is an equal way."),
    )
