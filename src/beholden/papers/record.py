"""The record of processing activities (GDPR, article 30(1)), from what runs."""

from __future__ import annotations

from beholden.consent.oversight.rules import Act, in_words
from beholden.consent.policy import CAPTURE_DESCRIPTION, who_grants
from beholden.consent.policy_words import Rows, span
from beholden.consent.purposes import Outbound, policy_of
from beholden.model.grant import Basis, Purpose
from beholden.papers.parts import Answers, Blank, Cell, Paper, Section, Table, facts, listed
from beholden.papers.running import PlaceRunning, Running

CONSENT = "explicit consent: GDPR, articles 6(1)(a) and 9(2)(a)"
_Named = tuple[tuple[str, str, str], ...]
_MACHINE: Rows = (
    ("Sealing", "Templates, names and sightings under a key per person (AES-256-GCM); keys apart from records."),
    ("Log before act", "An act on a person happens after its leaf is durable under a signed head, or not at all."),
    ("Covering", "Every detected face in every picture that is kept or shown lies under a solid shape."),
)


def record(running: Running, answers: Answers) -> Paper:
    """Its sections follow article 30(1), (a) to (g)."""
    return Paper(
        "record-of-processing",
        "Record of processing",
        "GDPR, article 30(1)",
        (
            Section("Who answers (a)", (controller(running, answers),)),
            Section("What for, and on what basis (b)", (_purposes(running), _everybody(running, answers))),
            Section("Where", (places(running),)),
            Section("Whose data, and which (c)", (_data(running),)),
            Section("Who receives them (d)", (recipients(running), _processors(answers))),
            Section(
                "Other countries (e)",
                (
                    _transfers(running),
                    answers.ask(
                        "record.transfers", "Is anything sent to a country outside the EEA, and with which safeguards?"
                    ),
                ),
            ),
            Section("For how long (f)", ("See: How long anything is kept (the paper retention).",)),
            Section(
                "How it is protected (g)",
                (
                    measures(running),
                    answers.ask("record.measures", "What protects the rooms, the network and the machine?"),
                ),
            ),
        ),
    )


def controller(running: Running, answers: Answers) -> Table:
    """Who answers, from the settings, with a blank for each that is not set."""
    who = running.controller
    return facts(
        ("Controller", Blank("controller.name", "Who answers?", who.name, setting=True)),
        ("How to reach them", Blank("controller.contact", "How do people reach them?", who.contact, setting=True)),
        ("Supervisory authority", Blank("controller.authority", "Who takes complaints?", who.authority, setting=True)),
        (
            "Data protection officer",
            who.officer
            or answers.ask(
                "record.officer", "Who is the data protection officer, or why is there none (articles 37 to 39)?"
            ),
        ),
        ("Joint controllers", answers.ask("record.joint", "Who decides with you what for and how (article 26)?")),
        (
            "Representative in the EU",
            answers.ask("record.representative", "Who represents you (article 27), if needed?"),
        ),
    )


def _purposes(running: Running) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for purpose in running.purposes:
        policy = policy_of(purpose)
        where = listed(running.at(purpose)) or ("in files" if not policy.at_places else "nowhere")
        given = f"{CONSENT}, given by {who_grants(policy)}"
        if Basis.GUARDIAN in policy.bases:
            given += f" (by a guardian only with {listed(policy.guardian_approvers)})"
        rows.append((str(purpose), policy.about, where, given, f"{span(policy.longest)} at most"))
    return Table(("Purpose", "What for", "Where", "Basis", "How long a yes lasts"), tuple(rows))


def _everybody(running: Running, answers: Answers) -> Table:
    """What happens to people who agreed to nothing has a basis too, and the program knows none."""
    asked = answers.ask(
        "record.video_basis", "On which basis is video of people who pass looked at, and their faces covered?"
    )
    rows: list[tuple[Cell, ...]] = [("Covering the faces of everybody who passes", asked)]
    rows += [
        (f"Comparing everybody who passes at {each.place.id} (capture: declared)", each.legal_basis)
        for each in running.declared
    ]
    return facts(*rows)


def places(running: Running) -> Table:
    """Every place with its cameras; no address of a camera is known here."""
    rows = tuple(_place(each) for each in running.places)
    headings = ("Place", "Purposes", "When somebody may be named", "Hours", "Cameras")
    return Table(headings, rows or (("none", "", CAPTURE_DESCRIPTION[None], "", ""),))


def _place(each: PlaceRunning) -> tuple[Cell, ...]:
    place, hours = each.place, each.place.hours
    when = "always" if hours is None else str(hours)
    cameras = [
        f"{camera.id}{' (covered video is kept)' if camera.record else ''}"
        f"{f' (privacy zones: {len(camera.zones)})' if camera.zones else ''}"
        for camera in each.cameras
    ]
    return (
        place.id,
        ", ".join(place.purposes) or "none",
        CAPTURE_DESCRIPTION[place.capture],
        f"{when} ({place.zone})",
        "\n".join(cameras) or "none yet",
    )


def _data(running: Running) -> Table:
    video = "covered video, " if any(each.recorded for each in running.places) else ""
    return Table(
        ("Who", "What", "Special category (article 9)"),
        (
            ("People who agreed", "name, what they agreed to and when, what opens their leaves", "no"),
            (
                "People who agreed",
                "sightings: that they were recognised, where and when",
                "under care and self_exclusion: they can tell of somebody's health",
            ),
            (
                "People who agreed",
                "numbers that describe the face (template), sealed under their own key",
                "yes: biometric",
            ),
            ("People who pass", "numbers that describe the face, in memory while they are in view", "yes: biometric"),
            ("People who pass", f"{video}counts without identity", "no"),
            *_others(running),
            (
                "Holders of accounts",
                "name, organisation, public key, what they asked for, approved and looked at",
                "no",
            ),
        ),
    )


def _others(running: Running) -> _Named:
    """Whoever is named by somebody else."""
    rows: list[tuple[str, str, str]] = [
        ("Relatives, and whoever knows or is barred by somebody who agreed", "their number here, sealed", "no")
    ]
    if any(Basis.GUARDIAN in policy_of(each).bases for each in running.purposes):
        agreed = "name, that they agreed for somebody, and a digest of the paper that says they may"
        rows.append(("Guardians", agreed, "no"))
    if Purpose.FIND_ME in running.purposes:
        rows.append(("Whoever reports somebody missing", "name, as it was said, and when", "no"))
        named = "name or number: that they may be told, may never be told, or are of the family"
        rows.append(("Whom somebody names for when they go missing", named, "no"))
    return tuple(rows)


def recipients(running: Running) -> Table:
    """Who sees what of whom, from the policy table, and who outside sees the log."""
    rows: list[tuple[Cell, ...]] = []
    for purpose in running.purposes:
        policy = policy_of(purpose)
        rows += [
            (
                f"{sight.viewer}",
                f"{purpose}: {sight.what}",
                "as long as the yes holds" if sight.lasts is None else span(sight.lasts),
            )
            for sight in policy.sights
        ]
        if policy.outbound is not Outbound.NOTHING:
            rows.append(("Programs that the operator connects", f"{purpose}: {policy.outbound}", "theirs to say"))
    rows += [
        (f"{name} (witness of the log)", "how long the log is, and one hash: nothing about anybody", "for ever")
        for name in running.keeping.witnesses
    ]
    return Table(("Who", "Sees what", "For how long"), tuple(rows))


def _processors(answers: Answers) -> Table:
    return facts(
        (
            "Processors",
            answers.ask("record.processors", "Who processes anything on your behalf, by which contract (article 28)?"),
        ),
        ("Accounts", answers.ask("record.accounts", "Which organisations hold accounts here, and in which role?")),
    )


def _transfers(running: Running) -> str:
    alone = "The program itself calls no service, and nothing reports home."
    if not running.keeping.witnesses:
        return alone
    names = listed(running.keeping.witnesses)
    return f"The head of the log, a size and a hash, goes to {names}. But for that: {alone}"


def measures(running: Running) -> Table:
    """What is arranged here, and what the program does anywhere; who has to agree to what."""
    keeping = running.keeping
    witnesses = ", ".join(keeping.witnesses) or "none: heads of the log are UNWITNESSED"
    return facts(
        ("Records", keeping.records),
        ("Keys", f"{keeping.keystore}; {keeping.wrapping}"),
        ("Backups", "Without keys: a backup opens nobody by itself, and nobody who withdrew since."),
        ("Witnesses of the log", witnesses),
        *_MACHINE,
        ("More than one credential", "\n".join(f"{in_words(act)[:1].upper()}{in_words(act)[1:]}." for act in Act)),
    )
