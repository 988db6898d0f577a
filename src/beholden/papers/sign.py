"""The sign of one place: what happens, who, how not to, where to ask; to be read while walking up to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from beholden.consent.purposes import policy_of
from beholden.model.grant import Capture
from beholden.papers.parts import Answers, Blank, Cell
from beholden.papers.place_notice import other_way
from beholden.papers.running import PlaceRunning, Running

HEADLINE = {
    None: "Cameras. Nobody is recognised here.",
    Capture.LANE: "Face recognition in the marked lane only",
    Capture.BUTTON: "Face recognition only when you press the button",
    Capture.DECLARED: "Cameras compare every face here",
}
_HOW_NOT = {
    Capture.LANE: "Do not take the marked lane.",
    Capture.BUTTON: "Do not press the button.",
    Capture.DECLARED: "Go another way.",
}
_FORGOTTEN = {
    Capture.LANE: "Other faces in the lane are compared, found to be unknown, and forgotten at once.",
    Capture.BUTTON: "Other faces are compared only after a press, and forgotten at once.",
    Capture.DECLARED: "Every other face is compared too, and forgotten when it is out of view.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A few words under one of the four headings; a blank stands on a line of its own."""

    heading: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """`name` is that of its file. `small` stands at the foot."""

    name: str
    place: str
    naming: bool
    headline: str
    lines: tuple[Line, ...]
    small: str

    def blanks(self) -> Iterator[Blank]:
        return (cell for line in self.lines for cell in line.cells if isinstance(cell, Blank))


def sign(running: Running, place: PlaceRunning, answers: Answers) -> Sign:
    """The first layer of what has to be told (EDPB guidelines 3/2019, 7.1); the notice is the second."""
    capture = place.place.capture if place.place.purposes else None
    lines = [Line("What happens", _happens(running, place, capture))]
    lines += [Line("What for", tuple(policy_of(each).about for each in place.place.purposes))] if capture else []
    lines.append(Line("Who", _who(capture)))
    lines += [Line("How to avoid it", (_HOW_NOT[capture], other_way(place, answers)))] if capture is not None else []
    lines.append(Line("Where to ask", _ask(running, place, answers)))
    small = _small(running, place, capture)
    name = place.place.id
    return Sign(f"sign-{name}", name, capture is not None, HEADLINE[capture], tuple(lines), small)


def _small(running: Running, place: PlaceRunning, capture: Capture | None) -> str:
    hours, authority = place.place.hours, running.controller.authority.strip()
    words = ""
    if capture is not None:
        words = "" if hours is None else f"Nobody is named outside {hours}. "
        words += "You agreed and no longer want to? Say so at any time, without a reason. "
    object_to = f", object, and complain to {authority}." if authority else ", and object."
    return f"{words}You may ask what is kept of you{object_to}"


def _happens(running: Running, place: PlaceRunning, capture: Capture | None) -> tuple[str, ...]:
    days = running.keeping.keep_days
    kept = (
        f"Video is kept for {days:g} day{'' if days == 1 else 's'}, with every face covered that was found."
        if place.recorded
        else "No video is kept."
    )
    if capture is None:
        return ("A camera covers faces. It compares them with nobody's.", f"{kept} No sound.")
    return ("A computer compares faces with those of people who asked for it.", f"{kept} No sound.")


def _who(capture: Capture | None) -> tuple[str, ...]:
    if capture is None:
        return ("Nobody is named.",)
    return ("Only people who agreed beforehand are named.", _FORGOTTEN[capture])


def _ask(running: Running, place: PlaceRunning, answers: Answers) -> tuple[Cell, ...]:
    who, name = running.controller, place.place.id
    answers_for = f"{who.name}: {who.contact}" if who.name.strip() and who.contact.strip() else ""
    return (
        Blank("controller.contact", "Who answers, and how are they reached?", answers_for, setting=True),
        "The whole notice, to read and to take home:",
        answers.ask(f"place.{name}.notice_at", f"Where at {name} can people read the whole notice and take it home?"),
    )
