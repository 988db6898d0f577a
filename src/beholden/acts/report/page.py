"""The report of a week as one page that needs nothing from outside: made from its JSON alone."""

from __future__ import annotations

from beholden.acts.report.figures import CAMERAS, OF_GRANTS, RULES
from beholden.acts.report.page_words import (
    HIDDEN,
    WAYS,
    Values,
    any_told,
    cell,
    changed_lines,
    days,
    moment,
    nearly_all,
    plain,
    sentence,
    share_words,
    times,
    told_of,
)
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.rules import RULES as ACTS
from beholden.consent.oversight.rules import Act
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
)

_GRANT_WORDS = ("begun", "paused by the person", "paused by silence", "withdrawn", "over by itself")


def as_html(report: Values) -> str:
    """One page without script or outside resources."""
    marks = [paragraph("REHEARSAL: nobody in here is real.", "mark")] if report["rehearsal"] else []
    whole, places = report["installation"], report["places"]
    return page(
        f"Transparency report, {days(report)}",
        *marks,
        *_opening(report),
        _first(whole),
        _alerts(whole, places),
        _people(whole, places),
        _looks(whole),
        _oversight(whole),
        _changes(whole),
        _machine(whole, places),
        _check(report),
    )


def _opening(report: Values) -> list[Html]:
    words = (
        f"What was done here with the recognition of faces in week {report['week']}, from Monday 00:00 to Sunday "
        "24:00 in UTC. Nobody is in it: every figure is a count."
    )
    note = (
        f"A count of people or of looks at people under {report['smallest_count_told']} is not told, nor is one "
        f'from which it could be computed: such cells say "{HIDDEN}". Nothing can be told from that, not even whether '
        "there was anybody."
    )
    return [paragraph(words), paragraph(note, "note")]


def _first(whole: Values) -> Html:
    """What somebody looks for who reads nothing else."""
    beat, glass = whole["heartbeat"], whole["break_glass"]
    stopped = f"{beat['without']} of {beat['hours']} hours without a heartbeat" if beat["without"] else "never"
    rows: list[tuple[str, str | Html]] = [
        ("Wrong alerts", share_words(whole["alerts"]["wrong_per_alert_answered"], "of the alerts that were answered")),
        ("Stopped", stopped),
        ("Opened by one alone (break-glass)", times(glass["opened"])),
        ("Recordings exported", times(whole["recordings_exported"]["exports"])),
        ("Rules or models changed", times(sum(len(each) for each in whole["changes"].values()))),
    ]
    warnings = [paragraph(each, "mark") for each in _warnings(whole)]
    return section("first", "In short", *warnings, facts(rows))


def _warnings(whole: Values) -> list[str]:
    found: list[str] = []
    if whole["invitations"]["nearly_all_accept"]:
        found.append(
            "More than nine in ten of those who were sent a link in 13 weeks accepted. Can everybody here say no, and "
            "get in all the same?"
        )
    if not whole["destroyed"]["all_within_a_minute"]:
        found.append("After a withdrawal it took longer than a minute until everything was destroyed.")
    if whole["break_glass"]["accounts_locked"]:
        found.append("Accounts were locked after a break-glass that nobody found justified in time.")
    if whole["restored"]:
        found.append("The installation was put back from a backup.")
    return found


def _alerts(whole: Values, places: Values) -> Html:
    rows = [_alert_row(name or "files", each["alerts"], each["faces"]) for name, each in places.items()]
    told = whole["alerts"]
    rows += [_alert_row("All places that tell theirs", told, {})] if len(places) > 1 else []
    words = (
        "An alert is a name that was shown. The desk can say whether it was right. The same number of wrong ones is a "
        "small share of the faces that passed, and a large one of the alerts: both are told. A face counts once for "
        "each time that it was followed; hours with few faces are left out."
    )
    headings = ("Place", "Alerts answered", "Right", "Wrong", "Wrong per alert", "Faces that passed", "Wrong per face")
    return section(
        "alerts", "Alerts, right and wrong", paragraph(words), listing("alerts", headings, rows, "No place.")
    )


def _alert_row(name: str, told: Values, faces: Values) -> list[str | Html]:
    named = ", ".join(f"{count} {what}" for what, count in faces.items() if count is not None)
    passed = cell(told["faces_that_passed"])
    return [
        name,
        cell(told["answered"]),
        cell(told["right"]),
        cell(told["wrong"]),
        share_words(told["wrong_per_alert_answered"]),
        f"{passed} or more: {named}" if named else passed,
        share_words(told["wrong_per_face_that_passed"]),
    ]


def _people(whole: Values, places: Values) -> Html:
    invited = whole["invitations"]
    destroyed = whole["destroyed"]
    longest = destroyed["longest_seconds"]
    rows: list[tuple[str, str | Html]] = [
        ("Invited", cell(invited["invited"])),
        ("Enrolled", cell(invited["accepted"])),
        ("Of those invited in 13 weeks", nearly_all(invited["nearly_all_accept"])),
        (
            "After a withdrawal",
            "all was destroyed within a minute" if destroyed["all_within_a_minute"] else "LATE",
        ),
        ("The longest took", HIDDEN if longest is None else f"{longest:g} s"),
    ]
    by_purpose = [
        [plain(purpose), *(cell(cells[how]) for how in OF_GRANTS)]
        for purpose, cells in whole["grants"].items()
        if any_told(cells)
    ]
    untold = [plain(purpose) for purpose, cells in whole["grants"].items() if not any_told(cells)]
    by_place = [
        [name, plain(purpose), cell(count)]
        for name, each in places.items()
        for purpose, count in each["grants_begun"].items()
        if count is not None
    ]
    return section(
        "people",
        "People who agreed",
        facts(rows),
        subheading("Agreements by purpose"),
        listing("people", ("Purpose", *map(str.capitalize, _GRANT_WORDS)), by_purpose, "None is told."),
        *([paragraph(f"Not told: {', '.join(untold)}.", "note")] if untold else []),
        subheading("Agreements begun, by place"),
        listing("people", ("Place", "Purpose", "Begun"), by_place, "Not told: somewhere there were too few."),
    )


def _looks(whole: Values) -> Html:
    told = whole["displays"]
    rows: list[tuple[str, str | Html]] = [(WAYS[Way(way)], cell(count)) for way, count in told["by_way"].items()]
    rows += [
        ("Together", cell(told["total"])),
        ("Who somebody's guardians are", cell(told["who_guardians_are"])),
        ("Looked too often: alarms", cell(told["alarms"])),
        ("Looked too often: nothing shown", cell(told["blocked"])),
    ]
    words = "Each time that somebody who works here was shown a person by name, by the way of looking."
    return section("looks", "Looks at people", paragraph(words), facts(rows))


def _oversight(whole: Values) -> Html:
    asked = [
        [sentence(ACTS[Act(act)].about), *(cell(cells[each]) for each in ("asked", "allowed", "refused"))]
        for act, cells in whole["approvals"].items()
    ]
    glass, plans, exports = whole["break_glass"], whole["find_me"], whole["recordings_exported"]
    rows: list[tuple[str, str | Html]] = [
        ("Break-glass", told_of(glass)),
        ("Find-me plans", told_of(plans)),
        ("Recordings exported", f"{exports['exports']}, {exports['minutes']} minutes in all, every face covered"),
    ]
    words = "One credential alone does none of this. How often was it asked for, allowed, and refused?"
    return section(
        "oversight",
        "Acts that need others to agree",
        paragraph(words),
        listing("oversight", ("Act", "Asked for", "Allowed", "Refused"), asked, "None."),
        facts(rows),
    )


def _changes(whole: Values) -> Html:
    changes = whole["changes"]
    rows: list[list[str | Html]] = [
        [moment(each["at"]), name.capitalize(), changed_lines(each["lines"])]
        for name in RULES
        for each in changes[name]
    ]
    rows += [
        [moment(each["at"]), "Model", Html(f"{text(each['name']).markup} {code(each['digest'][:16]).markup}")]
        for each in changes["models"]
    ]
    none = "Neither settings, nor policy, nor models changed."
    words = "Lines that went begin with -, lines that came with +."
    return section(
        "changes",
        "What holds here was changed",
        paragraph(words, "note"),
        listing("changes", _WHAT_CHANGED, rows, none),
    )


_WHAT_CHANGED = ("When (UTC)", "What", "Lines")


def _machine(whole: Values, places: Values) -> Html:
    beat, rotations = whole["heartbeat"], whole["key_rotations_at_least"]
    rows: list[tuple[str, str | Html]] = [
        ("Hours without a heartbeat", f"{beat['without']} of {beat['hours']}"),
        ("Keys replaced", HIDDEN if rotations is None else f"{rotations} or more"),
        ("Backups taken", str(whole["backups"])),
        ("Put back from a backup", times(whole["restored"])),
    ]
    cameras = [
        [name, *(str(each["cameras"][what]) for what in CAMERAS)]
        for name, each in places.items()
        if any(each["cameras"].values())
    ]
    words = "At each full hour the log says that somebody keeps it. Where that is missing, it stood still."
    return section(
        "machine",
        "The installation itself",
        paragraph(words),
        facts(rows),
        subheading("Cameras"),
        listing("machine", ("Place", *map(str.capitalize, CAMERAS)), cameras, "No camera was changed."),
    )


def _check(report: Values) -> Html:
    log = report["log"]
    words = (
        "The counts were told to the log after the week, and cannot be changed since. An auditor is handed what opens "
        "the leaves that are about nobody, and computes every figure again (docs/transparency.md)."
    )
    return section(
        "check",
        "How this can be checked",
        paragraph(words),
        facts(
            [
                ("Told in leaf", str(log["leaf"])),
                ("Their digest", code(log["digest"])),
            ]
        ),
    )
