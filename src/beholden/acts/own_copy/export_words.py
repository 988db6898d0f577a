"""What is held about a person, in words to that person: lines of the log, and how grants stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from beholden.consent.life import Over, Standing, Unnamed
from beholden.consent.purposes import ANSWER_WITHIN
from beholden.model.event import EVENTS
from beholden.model.grant import Grant
from beholden.model.ids import SubjectId

_NOT_NOW: Mapping[str, str] = {
    Unnamed.OVER: "it is over",
    Unnamed.IN_DOUBT: "nobody knows what time it is here, because the clock was set or stood still",
    Unnamed.COOLING_OFF: "it has not begun",
    Unnamed.PAUSED: "you paused it",
    Unnamed.SILENT: 'you were asked "still yes?" and have not answered',
    Unnamed.OTHER_RULES: "the rules changed, and you have not agreed to the new ones",
}
_OVER = {
    Over.CANCELLED: "you took it back before it began",
    Over.WITHDRAWN: "you withdrew",
    Over.ENDED: "it lasted as long as was agreed",
    Over.UNRENEWED: "you did not say yes for a year",
    Over.MET: "its purpose is met",
    Over.OF_AGE: "you came of age, and decide alone",
}
_ANY_GRANT = re.compile(r"\bg_[0-9a-f]{20}\b")
_ANYBODY = re.compile(r"\bs_[0-9a-z]+")
SOMEBODY = "somebody else"
_SHORT = 12
"""Characters of a digest by which it is called, as receipts call editions of a notice."""
_WAYS = {
    "feed": "In the live feed",
    "playback": "In a recording",
    "look_up": "Looked up by name",
    "cli": "Looked up in a terminal",
}
_RECORDS = {
    "find_match": "Where you were recognised while you were looked for",
    "find_own": "How it ended when you were reported missing",
    "find_wishes": "What you laid down for when you go missing",
    "bar": "Somebody who sees nothing of you, as you wished",
    "history": "Where you were on a day, sealed so that only you can open it",
    "history_on": "You want a history of where you were",
}
Event = Mapping[str, Any]


def standing_words(standing: Standing, why: str | None) -> str:
    """How a grant stands, to its person. `why`: why nobody is named under it now, an `Unnamed` or in words."""
    if standing.over is not None:
        return f"Over, because {_OVER[standing.over]}"
    words = "It holds" if why is None else f"Nobody recognises you under it now, because {_NOT_NOW.get(why, why)}"
    asked = standing.question
    if asked is None:
        return words
    if standing.silent_at is not None:
        return f"{words}. It goes on when you say yes"
    return f'{words}. "Still yes?" is open: answer by {asked.since + ANSWER_WITHIN:%-d %B %Y}'


def line_words(event: Event, grants: Mapping[str, str]) -> str:
    """One line of the log; `grants` are called what they are for, by id.

    Of a kind that nobody put into words here, what every such line means.
    """
    kind = str(event["kind"])
    say = _SAYS.get(kind)
    words = _in_general(kind) if say is None else say(event)
    words = _ANY_GRANT.sub(lambda found: grants.get(found[0], found[0]), words)
    return without_others(words, SubjectId(str(event.get("subject"))))


def grant_names(grants: Iterable[Grant]) -> dict[str, str]:
    """By id, what each is for; with the id where several are for the same."""
    known = tuple(grants)
    purposes = [each.purpose for each in known]
    return {
        each.id: _purpose(each.purpose) + ("" if purposes.count(each.purpose) == 1 else f" ({each.id})")
        for each in known
    }


def display_words(way: str, place: str, *, shown: bool) -> str:
    """What an account saw, or wanted to see."""
    return f"{_WAYS.get(way, _purpose(way))}, at {place}: {'your name' if shown else 'refused'}"


def record_words(kind: str) -> str:
    """What a record is that has no section of its own."""
    return _RECORDS.get(kind, _purpose(kind).capitalize())


def without_others(text: str, subject: SubjectId) -> str:
    """The text with nobody's id in it but this person's."""
    return _ANYBODY.sub(lambda found: found[0] if found[0] == subject else SOMEBODY, text)


def _in_general(kind: str) -> str:
    """The first sentence of what docs/events.md says about it."""
    found = next((each.__doc__ for each in EVENTS if each.kind == kind), None)
    return kind.replace("_", " ") if not found else " ".join(found.split()).partition(". ")[0].rstrip(".") + "."


def _granted(event: Event) -> str:
    where = f" at {_list(event['places'])}" if event["places"] else ""
    who = "A guardian agreed for you" if event["basis"] == "guardian" else "You agreed"
    return f"{who} to {_purpose(event['purpose'])}{where}, until {_day(event['ends_at'])}."


def _sighted(event: Event) -> str:
    where = "in a file" if event["place"] is None else f"at {event['place']}"
    return f"You were recognised {where}, by camera {event['camera']}."


def _answered(event: Event) -> str:
    where = "in a file" if event["place"] is None else f"at {event['place']}"
    return f"The desk was asked whether it was you {where}, and said {'yes' if event['right'] else 'no'}."


def _corrected(event: Event) -> str:
    where = f" at {_list(event['places'])}" if event["places"] else ""
    hours = f", {event['hours']}" if event["hours"] else ""
    what = f"{where}{hours or ('' if where else ' in files')}"
    return f"You corrected {event['grant']}: from then on it held{what}, until {_day(event['ends_at'])}."


def _overseen(event: Event) -> str:
    accounts = [each for each in event["by"] if not each.startswith("s_")]
    by = f", by {_list(accounts)}" if accounts else ""
    return f"{_LOOKED.get(event['what'], event['what'].replace('_', ' ').capitalize())}{by}."


_LOOKED = {
    "shown": "You were shown to an account",
    "display_blocked": "Somebody wanted to see you and was refused",
    "display_alarm": "Somebody looked at you, or your family, so often that others were told",
    "barred_look": "Somebody whom you barred wanted to see you, and saw nobody",
}
_SAYS: Mapping[str, Callable[[Event], str]] = {
    "invited": lambda e: f"You were invited to {_list(map(_purpose, e['purposes']))}.",
    "invitation_revoked": lambda _: "Your invitation was taken back.",
    "notice_read": lambda e: f"You read the notice {e['notice'][:_SHORT]}.",
    "granted": _granted,
    "enrolled": lambda e: f"Your face template was made of {e['shots']} pictures, and sealed under your own key.",
    "paused": lambda e: f"You paused {e['grant']}.",
    "resumed": lambda e: f"You resumed {e['grant']}.",
    "still_yes_asked": lambda e: f'You were asked "still yes?" about {e["grant"]}.',
    "still_yes_reminded": lambda e: f"You were reminded of the question about {e['grant']}.",
    "silent": lambda e: f"You had not answered: {e['grant']} was paused.",
    "confirmed": lambda e: f"You said that {e['grant']} is still a yes.",
    "renewed": lambda e: f"You renewed {e['grant']}, until {_day(e['ends_at'])}.",
    "corrected": _corrected,
    "purpose_met": lambda e: f"You said that the purpose of {e['grant']} is met.",
    "wishes_laid_down": lambda _: "You laid down what holds if you go missing.",
    "reported_missing": lambda _: "Somebody reported you missing.",
    "grant_ended": lambda e: f"{e['grant']} was over, because {_OVER[Over[e['why'].upper()]]}.",
    "sighted": _sighted,
    "answered": _answered,
    "log_keys_given": lambda e: f"You took your log keys, {e['first']} to {e['last']}.",
    "receipt_given": lambda e: f"You asked for a receipt of {e['grant']}.",
    "holdings_exported": lambda _: "You asked for everything that is held about you.",
    "history_turned_on": lambda e: f"You turned your history on, for {e['days']} days.",
    "history_turned_off": lambda _: "You turned your history off: what was kept of it was destroyed.",
    "history_given": lambda _: "You asked for your history.",
    "overseen": _overseen,
}


def _purpose(name: object) -> str:
    return str(name).replace("_", " ")


def _list(words: Iterable[object]) -> str:
    return ", ".join(map(str, words))


def _day(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%-d %B %Y}"
