"""How long anything is kept: each line from the rule or constant that the program itself goes by."""

from __future__ import annotations

from datetime import timedelta

from beholden.acts.accounts.kept import NOTICE_LIVES
from beholden.acts.approvals.requests import REQUEST_LIVES
from beholden.acts.guardians.kept import KEPT_AFTER
from beholden.acts.own_copy.history import MOST_DAYS
from beholden.acts.plans.kept import LIVES
from beholden.acts.sightings.presence import ABSENCE
from beholden.acts.store import ANSWERS_LIVE, COUNTS_LIVE
from beholden.consent.invitation import LINK_LASTS
from beholden.consent.lifetimes import LONGEST, sighting_life
from beholden.consent.oversight import feed_days
from beholden.consent.oversight.displays import COUNTS_FOR, Way
from beholden.consent.oversight.plans import MATCH_LIVES
from beholden.consent.policy_words import span
from beholden.consent.purposes import (
    ANSWER_WITHIN,
    DAY,
    FIRST_QUESTION,
    MOST_UNRENEWED,
    NEXT_QUESTION,
    Viewer,
    policy_of,
)
from beholden.model.grant import Basis, Purpose
from beholden.papers.parts import Answers, Cell, Paper, Section, Table, facts
from beholden.papers.running import Running

HEADINGS = ("What", "How long", "What ends it", "Rule in the program")


def retention(running: Running, answers: Answers) -> Paper:
    """The schedule: of people who agreed, of everybody who passes, of those who run it, of what lies elsewhere."""
    return Paper(
        "retention",
        "How long anything is kept",
        "GDPR, articles 5(1)(e), 13(2)(a) and 30(1)(f); BIPA, section 15(a)",
        (
            Section("People who agreed", (Table(HEADINGS, _agreed(running)),)),
            Section("Everybody who passes", (Table(HEADINGS, _passing(running)),)),
            Section("Those who run it, and the log", (Table(HEADINGS, (*_looked(), *_kept_of_acts())),)),
            Section("Outside the program", (facts(*_outside(answers)),)),
        ),
    )


def _agreed(running: Running) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = [
        (
            "The face template, and the key that opens every copy of it",
            f"{span(MOST_UNRENEWED)} after the last yes, at the latest",
            "Whichever comes first: the purpose is met, the last grant ends, the person withdraws, nobody says yes "
            f"for {span(MOST_UNRENEWED)}. A withdrawal ends it at once.",
            "consent.purposes.MOST_UNRENEWED, consent.policy.destroy_by",
        ),
        (
            "The yes itself, as one that counts",
            f"asked again after {span(FIRST_QUESTION)}, then every {span(NEXT_QUESTION)}",
            f"{span(ANSWER_WITHIN)} of silence pause it: nobody is named.",
            "consent.purposes.FIRST_QUESTION, NEXT_QUESTION, ANSWER_WITHIN",
        ),
        *(
            (
                f"A grant for {purpose}",
                f"{span(policy_of(purpose).longest)} at most",
                "It ends by itself.",
                _row(purpose),
            )
            for purpose in running.purposes
        ),
        *_seen(running),
        *_guarded(running),
        *_missed(running),
    ]
    for purpose in running.purposes:
        for sight in policy_of(purpose).sights:
            longer = sight.lasts is not None and sight.lasts > DAY and sight.viewer is not Viewer.SUBJECT
            if longer and sight.lasts is not None:
                rows.append((f"{purpose}: {sight.what}", span(sight.lasts), f"For {sight.viewer} only.", _row(purpose)))
    rows.append(
        ("An invitation's link", span(LINK_LASTS), "It works once, until then.", "consent.invitation.LINK_LASTS")
    )
    return tuple(rows)


def _seen(running: Running) -> tuple[tuple[Cell, ...], ...]:
    """Where somebody was, and what they say of others."""
    return (
        (
            "A sighting: that they were recognised, where and when",
            f"{_hours(LONGEST)} at most; it is closed after {ABSENCE.seconds} seconds of absence",
            "The keeper deletes it each minute.",
            "consent.lifetimes.LONGEST, acts.sightings.presence.ABSENCE",
        ),
        *(
            (
                f"A sighting in pictures, for {purpose}",
                "until the event ends",
                "It goes with the grant, also when that ends early.",
                "consent.lifetimes.sighting_life",
            )
            for purpose in running.purposes
            if sighting_life(purpose) is None
        ),
        (
            "A history of where they were, if they turn one on",
            f"{span(timedelta(days=MOST_DAYS))} at most, or for as long as they said",
            "It opens with a key of their own only. Destroyed when they turn it off, or withdraw.",
            "acts.own_copy.history.MOST_DAYS",
        ),
        (
            "Whom they bar, who is of their family, who knows them; that they refused what a guardian agreed to",
            "until they take it back",
            "Destroyed with their key when they withdraw.",
            "acts.displays.ties, acts.guardians.ask",
        ),
    )


def _guarded(running: Running) -> tuple[tuple[Cell, ...], ...]:
    if not any(Basis.GUARDIAN in policy_of(purpose).bases for purpose in running.purposes):
        return ()
    return (
        (
            "What guardians agreed to: their names, who said yes or no, the digest of the paper that says they may",
            f"{span(KEPT_AFTER)} after the day on which the person is of age, at most",
            "Destroyed with the person's key when they withdraw.",
            "acts.guardians.kept.KEPT_AFTER",
        ),
    )


def _missed(running: Running) -> tuple[tuple[Cell, ...], ...]:
    """What comes of a plan to find somebody."""
    if Purpose.FIND_ME not in running.purposes:
        return ()
    return (
        (
            "What they laid down for when they go missing: who may and may never be told, who is of their family",
            "until they say otherwise",
            "Destroyed with their key when they withdraw.",
            "acts.plans.own",
        ),
        (
            "That somebody was reported missing, by whom, and the plan that was opened on it",
            span(LIVES),
            "Who reported them, and how it ended, goes with the person's key when they withdraw.",
            "acts.plans.kept.LIVES",
        ),
        (
            "Where a plan found them, so that they can be told everything",
            f"{span(MATCH_LIVES)} at most",
            "What they are told of it then is a notice to them. Destroyed when they withdraw.",
            "consent.oversight.plans.MATCH_LIVES",
        ),
    )


def _passing(running: Running) -> tuple[tuple[Cell, ...], ...]:
    keeping = running.keeping
    rows: list[tuple[Cell, ...]] = [
        (
            "Numbers that describe the face of somebody who did not agree",
            "while they are in view, in the memory of one process",
            "Overwritten when they are out of view. Never written.",
            "model.template.ProbeTemplate, faces.shots",
        ),
        (
            "Counts of faces by place and hour, without identity",
            span(COUNTS_LIVE),
            "Deleted; small counts are never told.",
            "acts.store.COUNTS_LIVE",
        ),
    ]
    where = [each.place.id for each in running.places if each.recorded]
    if where:
        rows.append(
            (
                f"Video with every detected face covered, of {', '.join(where)}",
                f"{keeping.keep_days:g} days at most, and {keeping.keep_gb:g} GB of all cameras together",
                "The oldest goes first.",
                "recording.keep_days, recording.keep_gb",
            )
        )
    else:
        rows.append(("Video", "not kept: no camera here records", "", "beholden camera add --record"))
    return tuple(rows)


def _looked() -> tuple[tuple[Cell, ...], ...]:
    """Who looked at whom."""
    drawn = COUNTS_FOR[Way.FEED] // timedelta(minutes=1)
    return (
        (
            "That an account looked at somebody",
            f"counts for {span(max(COUNTS_FOR.values()))}; a line of the live feed for {drawn} minutes",
            "Then it limits nobody any more; its leaf stays in the log.",
            "consent.oversight.displays.COUNTS_FOR",
        ),
        (
            "How often the live feed, or a playback, showed an account one person or their family",
            f"{_hours(feed_days.LASTS)} from the first time on",
            "Deleted; with the person's key when they withdraw.",
            "consent.oversight.feed_days.LASTS",
        ),
    )


def _kept_of_acts() -> tuple[tuple[Cell, ...], ...]:
    return (
        ("A request and its approvals", span(REQUEST_LIVES), "Deleted.", "acts.approvals.requests.REQUEST_LIVES"),
        (
            "A notice to an account, or to a person",
            f"{span(NOTICE_LIVES)} at most",
            "Deleted, read or not; a person's with their key when they withdraw.",
            "acts.accounts.kept.NOTICE_LIVES",
        ),
        (
            "An account: name of the holder, organisation, key; that one opened a plan alone, and the review",
            "as long as the data folder",
            "A revoked account stays, so that what it did can be told.",
            "acts.accounts.change, acts.approvals.breakglass",
        ),
        (
            "A canary: somebody who does not exist",
            "until it is withdrawn",
            "Nobody is behind it.",
            "acts.displays.canaries",
        ),
        (
            "Counts of right and wrong alerts, without anybody in them",
            span(ANSWERS_LIVE),
            "Deleted.",
            "acts.store.ANSWERS_LIVE",
        ),
        (
            "What opens the leaf of a sighting, or of an answer to it",
            "as long as the sighting",
            "Deleted with the sighting, once the leaf is public.",
            "acts.logged.journal",
        ),
        (
            "What opens any other leaf of the log about a person",
            "as long as that person's key",
            "Destroyed with the key when they withdraw.",
            "acts.logged.openings",
        ),
        (
            "The leaves of the public log",
            "for ever",
            "They are salted commitments and an hour: no name, no type, nothing that can be computed back.",
            "ledger.leaf",
        ),
    )


def _outside(answers: Answers) -> tuple[tuple[Cell, ...], ...]:
    return (
        (
            "Backups",
            answers.ask("retention.backups", "How long are backups of the data folder kept, and who destroys them?"),
        ),
        (
            "What a backup opens",
            "Those who stayed. Who withdrew is opened by no backup, as long as no copy of the keystore's kek files of "
            "before is kept: a backup never has them.",
        ),
        (
            "Exports and print-outs",
            answers.ask("retention.exports", "How long are exported recordings kept, and who destroys them?"),
        ),
    )


def _row(purpose: Purpose) -> str:
    return f"consent.purposes.POLICIES[{purpose}]"


def _hours(length: timedelta) -> str:
    return f"{length // timedelta(hours=1)} hours"
