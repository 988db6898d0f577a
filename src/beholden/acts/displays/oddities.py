"""What is odd about how an account looks, noticed with the display itself, and told to those who watch it.

`consent.oversight.anomalies` decides. Each oddity is told once, when it is new; never to the account concerned, nor
to whoever else its holder is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from beholden.acts.displays.watched import links_of
from beholden.acts.office import Office
from beholden.consent.oversight.accounts import Account
from beholden.consent.oversight.anomalies import Finding, Oddity, findings
from beholden.consent.oversight.displays import SOUGHT, Display, Watched
from beholden.consent.oversight.steps import Fact, Happened, Notice
from beholden.model.grant import Place
from beholden.model.ids import PlaceId

ASKED_OF = frozenset({Oddity.REPEAT_TARGET, Oddity.PERSONAL_LINK})
"""What is told where an account asks for an act about somebody: whoever goes missing at night is missed at night."""
Told = tuple[tuple[Fact, ...], tuple[Notice, ...]]


def odd_display(office: Office, viewer: Account, display: Display, past: Sequence[Display], known: Watched) -> Told:
    """What to log, and whom to tell, of a display that comes after `past` (of the person and relatives)."""
    if display.way not in SOUGHT:
        return (), ()
    new = _new(office, display, past, known)
    return _told(viewer, display, [(each, each.sentence) for each in new], known)


def odd_request(
    office: Office, viewer: Account, about: str, display: Display, past: Sequence[Display], known: Watched
) -> Told:
    """The same of an account that asks for an act about a person (`about` in words), as if it looked at them."""
    new = [each for each in _new(office, display, past, known) if each.oddity in ASKED_OF]
    return _told(viewer, display, [(each, f"{each.sentence} It asks for {about}.") for each in new], known)


def _new(office: Office, display: Display, past: Sequence[Display], known: Watched) -> Sequence[Finding]:
    links = links_of(office, known.families.of(display.subject))
    mine = [each for each in past if each.person == display.person]
    places, now = _places(office), display.at
    before = {(each.oddity, each.subjects) for each in findings(mine, known, places, links, now)}
    after = findings([*mine, display], known, places, links, now)
    return [each for each in after if (each.oddity, each.subjects) not in before]


def _told(viewer: Account, display: Display, new: Sequence[tuple[Finding, str]], known: Watched) -> Told:
    now = display.at
    facts = tuple(Fact(now, Happened.ODDITY, each.oddity, display.subject, (viewer.id,)) for each, _ in new)
    watchers = known.directory.watchers(viewer, now)
    return facts, tuple(Notice(each.id, text, now) for _, text in new for each in watchers)


def _places(office: Office) -> Mapping[PlaceId, Place]:
    """With the hours of a command line, which is at no place, read in the zone of the house if it has one."""
    places = dict(office.house.places)
    zones = {each.zone for each in places.values()}
    nowhere = PlaceId("")
    return places | {nowhere: Place(nowhere, zones.pop() if len(zones) == 1 else "UTC")}
