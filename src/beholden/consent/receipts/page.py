"""Everything that is held about one person, as one page that they can read on a phone, print, and keep."""

from __future__ import annotations

from datetime import datetime

from beholden.consent.policy import matches_files
from beholden.consent.purposes import policy_of
from beholden.consent.receipts.holdings import (
    NOT_HERE,
    REHEARSAL,
    WHY_NO_NUMBERS,
    HeldGrant,
    Holdings,
)
from beholden.consent.receipts.page_parts import (
    Html,
    code,
    facts,
    listing,
    page,
    paragraph,
    section,
    subheading,
    text,
    time,
)
from beholden.consent.receipts.record import hours_words
from beholden.model.grant import Basis, Grant

TITLE = "What is held about you"


def as_html(held: Holdings, zone: str = "UTC") -> str:
    """One page without script, links or outside resources. Times are on the wall clock of `zone` (IANA)."""
    rehearsal = [paragraph(REHEARSAL, "mark")] if held.rehearsal else []
    sections = (
        *(_you, _agreed, _templates, _seen, _shown, _told, _others),
        *(_log, _notices, _receipts, _left_out, _rights),
    )
    return page(TITLE, *rehearsal, *_opening(held, zone), *(each(held, zone) for each in sections))


def _opening(held: Holdings, zone: str) -> list[Html]:
    name, moment = text(held.controller.name).markup, time(held.made_at, zone).markup
    words = f"This is everything that {name} held about you on {moment}. Times are those of {text(zone).markup}."
    note = "It is about you alone. Keep it as you would keep a letter from your doctor."
    return [paragraph(Html(words)), paragraph(note, "note")]


def _you(held: Holdings, zone: str) -> Html:
    del zone
    return section("you", "Who you are here", facts([*held.particulars, ("Your number here", code(held.subject))]))


def _agreed(held: Holdings, zone: str) -> Html:
    grants: list[Html] = []
    for each in held.grants:
        name = str(each.grant.purpose).replace("_", " ").capitalize()
        grants += [subheading(name), facts(_grant_rows(each, held.made_at, zone))]
    return section("agreed", "What you agreed to", *(grants or [paragraph("Nothing. You agreed to nothing here.")]))


def _grant_rows(held: HeldGrant, now: datetime, zone: str) -> list[tuple[str, str | Html]]:
    grant = held.grant
    asked = held.asked_at is not None and held.asked_at <= now
    return [
        ("What for", policy_of(grant.purpose).about),
        ("How it stands", held.standing),
        ("Who agreed", "You" if grant.basis is Basis.CONSENT else "A guardian, for you"),
        ("Where", _where(grant)),
        ("From", time(grant.starts_at, zone)),
        ("Until", time(grant.ends_at, zone)),
        ("You were asked" if asked else "You are asked again", _moment(held.asked_at, zone, "Not any more")),
        ("Templates are gone by", _moment(held.destroy_by, zone, "They are gone already")),
        ("Its number", code(grant.id)),
    ]


def _where(grant: Grant) -> str:
    places = "At " + ", ".join(sorted(grant.places)) if grant.places else "At no camera"
    hours = "" if grant.hours is None else f", {hours_words(grant.hours)}"
    files = matches_files(grant.purpose, recordings=grant.recordings)
    return f"{places}{hours}; {'also in files and recordings' if files else 'in no file or recording'}"


def _moment(moment: datetime | None, zone: str, none: str) -> str | Html:
    return none if moment is None else time(moment, zone)


def _templates(held: Holdings, zone: str) -> Html:
    rows = [
        (time(each.captured_at, zone), str(each.shots), f"{each.quality} of 100", code(each.model))
        for each in held.templates
    ]
    headings = ("Made", "Pictures it was made of", "Their quality", "Recogniser")
    table = listing("templates", headings, rows, "None.")
    return section("templates", "Your face templates", table, paragraph(WHY_NO_NUMBERS, "note"))


def _seen(held: Holdings, zone: str) -> Html:
    rows = [
        (
            each.place or "In a file",
            each.camera,
            time(each.opened_at, zone),
            time(each.seen_at, zone),
            time(each.dies_at, zone),
        )
        for each in held.sightings
    ]
    headings = ("Place", "Camera", "From", "Last seen", "Deleted")
    table = listing("seen", headings, rows, "Nowhere that is still known.")
    return section("seen", "Where you were recognised", table)


def _shown(held: Holdings, zone: str) -> Html:
    rows = [(time(each.at, zone), each.account, each.what) for each in held.displays]
    headings = ("When", "Account", "What was shown")
    return section("shown", "Who was shown something of you", listing("shown", headings, rows, "Nobody."))


def _told(held: Holdings, zone: str) -> Html:
    rows = [(time(each.due, zone), each.words) for each in held.messages]
    return section("told", "What you are told", listing("told", ("By when", "What"), rows, "Nothing."))


def _others(held: Holdings, zone: str) -> Html:
    parts: list[Html] = []
    for each in held.records:
        until = _moment(each.kept_until, zone, "As long as you are known here")
        parts += [subheading(each.what), facts([*each.says, ("Kept until", until)])]
    return section("others", "Other records about you", *(parts or [paragraph("None.")]))


def _log(held: Holdings, zone: str) -> Html:
    rows = [
        ("not yet" if each.index is None else str(each.index), time(each.at, zone), each.words) for each in held.leaves
    ]
    note = "The log is public and shows none of this: to everybody else, these lines look like random ones."
    table = listing("log", ("Number", "When", "What it says"), rows, "None.")
    return section("log", "Lines about you in the log", table, paragraph(note, "note"))


def _notices(held: Holdings, zone: str) -> Html:
    rows = [(each.version, each.language, time(each.shown_at, zone), code(each.digest)) for each in held.notices]
    headings = ("Version", "Language", "Shown", "Fingerprint of its text (SHA-256)")
    return section("notices", "Notices that you were shown", listing("notices", headings, rows, "None."))


def _receipts(held: Holdings, zone: str) -> Html:
    rows = [(each.purpose, time(each.issued, zone)) for each in held.receipts]
    note = "The receipts themselves, signed, are in the file for programs that comes with this page."
    table = listing("receipts", ("What for", "Issued"), rows, "None.")
    return section("receipts", "Receipts of what you agreed to", table, *([paragraph(note, "note")] if rows else []))


def _left_out(held: Holdings, zone: str) -> Html:
    del held, zone
    return section("not-here", "What is not here, and why", facts(NOT_HERE))


def _rights(held: Holdings, zone: str) -> Html:
    del zone
    controller, seat = held.controller, held.seat
    rows = [("Withdraw, pause, correct", seat.rights_at), ("Ask", controller.contact)]
    if controller.officer is not None:
        rows.append(("Data protection officer", controller.officer))
    rows += [("Write", seat.address), ("Complain", controller.authority)]
    words = "You may withdraw at any time, without a reason: the templates and the key that opens them are destroyed."
    return section("rights", "What you can do", paragraph(words), facts(rows))
