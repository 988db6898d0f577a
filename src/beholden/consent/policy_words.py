"""The policy table in words that need no explanation: for `beholden policy show`, and for docs/purposes.md."""

from __future__ import annotations

from datetime import timedelta

from beholden.consent.lengths import length, ordinal
from beholden.consent.lifetimes import LONGEST
from beholden.consent.oversight import breakglass, displays
from beholden.consent.oversight.plans import EVERYTHING_LIVES, MATCH_LIVES, NOTICE_WITHIN
from beholden.consent.oversight.rules import RULES, Act, in_words
from beholden.consent.policy import who_grants
from beholden.consent.purposes import (
    ANSWER_WITHIN,
    FIRST_QUESTION,
    MOST_UNRENEWED,
    NEXT_QUESTION,
    POLICIES,
    Outbound,
    Party,
    Policy,
    Sight,
    Viewer,
)
from beholden.model.grant import Purpose

Rows = tuple[tuple[str, str], ...]
"""A heading and a sentence each."""


def policy_rows(purpose: Purpose) -> Rows:
    """Everything that the table says of one purpose."""
    policy = POLICIES[purpose]
    rows = [
        ("What for", policy.about),
        ("Who agrees", _who(policy)),
        ("How long", _how_long(policy)),
        ("Begins", _begins(policy.cooling_off)),
        ("Where", _where(policy)),
    ]
    rows += [("Who sees what", _sights(policy)), ("Leaves the house", _leaves(policy))]
    if policy.opening is not None:
        rows.append(("Each use", _each_use(policy)))
    rows.append(("Never", f"{_upper(policy.never)}. {_SEEN_TO.get(purpose, '')}".rstrip()))
    if purpose in _UNBUILT:
        rows.append(("Not there yet", _UNBUILT[purpose]))
    return tuple(rows)


def general_rows() -> Rows:
    """What holds for every purpose."""
    return (*_of_a_yes(), *_of_what_is_seen())


def _of_a_yes() -> Rows:
    """How it lasts and ends, and what is whose to say."""
    return (
        (
            "Still yes?",
            f"Whoever agreed, the person or their guardians, is asked after {span(FIRST_QUESTION)}, then every "
            f"{span(NEXT_QUESTION)}, with {span(ANSWER_WITHIN)} to answer and a reminder. Silence pauses: until "
            "somebody says yes, the person is not recognised, also where that protected them.",
        ),
        (
            "The end",
            "A template is destroyed when its purpose is met, when its last grant ends, when the person withdraws, and "
            f"{span(MOST_UNRENEWED)} after the last yes, theirs or a guardian's: whichever comes first. With it go the "
            "name, the sightings, what was kept of incidents, and the key, so that no backup opens them. What stays in "
            "the log says that something was done, and nobody here can tell any more to whom.",
        ),
        (
            "The person",
            "may pause, resume and withdraw at any time, and gets a receipt. Nothing is asked for it but who they are. "
            "Withdrawing from one purpose ends that one; with the last, or all at once, everything goes. A withdrawal "
            "closes a find-me plan that is open. They may keep a history of their own, which only they can open, and "
            "bar anybody who has an account: to that one they are not there, and nobody is told.",
        ),
        (
            "How they know",
            "Each time that an account was shown their name is in the log, and a key of their own finds the line. "
            f"Unasked they are told of the {ordinal(displays.ALARM_AT)} and the {ordinal(displays.BLOCK_AT)} time that "
            "one account looked at them or their family, of an incident that was kept, and of all that a find-me plan "
            "found.",
        ),
        (
            "A guardian",
            "agrees for a dependent only, before the dependent's face is known here. One guardian's no stops it at "
            "once; so does a dispute, a paper by which others decide, until an approver of another organisation "
            "settles it. They answer for the person, and are shown nothing of what was recognised. The person's own no "
            "goes before their yes, at any age, until the person takes it back; anybody may bring it to the desk, "
            "without proof. A no destroys nothing: withdrawing does.",
        ),
    )


def _of_what_is_seen() -> Rows:
    """Who may look, at what."""
    return (
        (
            "Nobody",
            "lists one person's sightings, or joins places or days, but the person; and the welfare body, those of "
            "their find-me plan while it is open. The program does nothing by itself on a match; what people do on "
            "one, the operator has to see to.",
        ),
        (
            "Files",
            "are video and pictures that others made, with faces to be seen; in what this program keeps they are "
            "covered, and name nobody any more. Every face in them is compared, in memory, a stranger's too. An "
            "operator who looks through them with an account reads the names of those who agreed to that, and each "
            "counts as a look. What is kept of it is kept from then on, not from when it was filmed.",
        ),
        (
            "Covered video",
            "shows no face that was found, to anybody. It lies with whoever runs the place, for as long as the sign "
            "there says, and looking at it needs nobody's yes. What was exported stays covered, and is theirs to "
            "delete.",
        ),
        (
            "Police, courts",
            "There is no list to put anybody on, and nobody is looked for but by a find-me plan, which they cannot ask "
            "for. What is kept may be demanded: covered video, sightings, incidents, who agreed to what; and in a file "
            "that they bring, whoever agreed to files can be named. Whether that is done is for the law and the "
            "operator to say; the program does not know who asked, and tells nobody.",
        ),
    )


def stranger_rows() -> Rows:
    """What holds for somebody who agreed to nothing: the first question of whoever walks past."""
    return (
        (
            "Who could see me",
            "Nobody, by name: you can be named only if you agreed. Whoever runs the place sees video in which your "
            "face is covered where it was found, and no program finds every one; your clothes and the way you walk are "
            "not.",
        ),
        (
            "For how long",
            "While you are in view of a camera at which somebody may be named just then, numbers that describe your "
            "face are in the memory of a computer. It overwrites them when you are gone, and writes them nowhere. "
            "Covered video is kept for as long as the sign at the place says, if it is kept at all.",
        ),
        (
            "Who must agree",
            "Nobody is named without a yes of their own, or of a guardian for a few purposes. You are not asked: while "
            "anybody may be named at a camera, numbers are made of every face in view there, and compared with those "
            "who agreed. When that is depends on the place: in a lane that you choose; for moments after somebody "
            "pressed a button; or always, for a reason that the operator wrote down, which stands in the notice there "
            "and is checked by nobody. In files that others made, like pictures of an event, faces are compared, too.",
        ),
        (
            "If it is wrong",
            "A computer may take you for somebody who agreed; their name is then shown where you are. Say so: the "
            "program does nothing by itself, and those on duty can answer that it was wrong, which is counted.",
        ),
        (
            "How do I end it",
            "Stay out of view: the sign says how not to be compared. Where you cannot, object to whoever runs the "
            "place; who that is, and who takes complaints, stands on the sign. There is nothing to withdraw, for "
            "nothing that recognises you is kept.",
        ),
    )


def together_rows() -> Rows:
    """What nobody can do alone, and who has to agree."""
    acts = {_TOGETHER[act]: f"{_upper(in_words(act))}." for act in Act}
    acts[_TOGETHER[Act.EXPORT_RECORDINGS]] += " What is exported is covered."
    acts[_TOGETHER[Act.DELAY_NOTICE]] += " Once, and the person is told that it was delayed."
    return (
        *acts.items(),
        ("An incident", "Keeping an incident of care: two operators who work at that place. The person is told."),
        (
            "In an emergency",
            f"One approver opens a find-me plan alone, for {length(breakglass.LASTS)}, for somebody who laid it down. "
            "The person and every account are told at once. Somebody of another organisation says within "
            f"{length(breakglass.REVIEW_WITHIN)} that it was justified, or that approver's accounts are locked.",
        ),
    )


_SEEN_TO = {
    Purpose.ENTRANCE: "The program does not know who is one: not to ask them is up to the operator.",
    Purpose.CARE: "The first is up to the operator: no program sees it.",
    Purpose.INTRODUCTIONS: "Only those two learn it of each other, once both said yes.",
    Purpose.FIND_ME: "That a report comes from an authority, the desk has to say.",
}
"""Said after what never happens: what only people can see to, and what is meant."""
_UNBUILT = {
    Purpose.PHOTOS: "Nothing sends the pictures.",
    Purpose.INTRODUCTIONS: "Nothing asks anybody whether they want to be in touch.",
}
_TOGETHER = {
    Act.OPEN_FIND_ME: "A find-me plan",
    Act.GUARDIAN_GRANT: "A guardian's yes",
    Act.CAMERA_PLACE: "A camera",
    Act.LOOSEN: "A looser setting",
    Act.EXPORT_RECORDINGS: "An export",
    Act.CHANGE_POLICY: "Other rules",
    Act.DELAY_NOTICE: "A later notice",
}


def span(length: timedelta) -> str:
    """`1 day`, `30 days`."""
    return f"{length.days} day{'' if length.days == 1 else 's'}"


def _upper(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _who(policy: Policy) -> str:
    words = f"{who_grants(policy).capitalize()}."
    if policy.guardian_approvers:
        words += (
            f" A guardian once all of them said yes, and {_all_of(policy.guardian_approvers)} saw that they may decide."
        )
    return words


def _how_long(policy: Policy) -> str:
    again = "Then the person is asked again." if policy.renewable else "It is not renewed: the event is over."
    return f"{span(policy.longest)} at most. {again}"


def _begins(cooling_off: timedelta) -> str:
    if not cooling_off:
        return "At once."
    return f"{span(cooling_off)} after the yes, which can be taken back until then."


def _where(policy: Policy) -> str:
    if not policy.at_places:
        return "In the files of the event, which whoever runs the place picks. At no camera."
    if policy.opening is not None:
        return "At the cameras of the places that the person named, while a plan is open. In no file."
    return (
        "At the cameras of the places, and in the hours if any, that the person named. In files only if they ticked "
        "the box for recordings."
    )


def _sights(policy: Policy) -> str:
    each = (f"{_upper(sight.viewer)}: {sight.what}; {_as_long(sight)}." for sight in policy.sights)
    in_files = "" if policy.opening is not None else " In files: an operator who looks through them with an account."
    return f"{' '.join(each)}{in_files} Nobody else here sees anything of it."


def _as_long(sight: Sight) -> str:
    if sight.lasts is None:
        return "for as long as they agree"
    if sight.viewer in (Viewer.DESK, Viewer.CARERS) and sight.lasts <= LONGEST:
        return f"it is not listed, and deleted within {span(sight.lasts)}"
    return f"for {span(sight.lasts)} and no longer"


def _leaves(policy: Policy) -> str:
    words = f"{_upper(policy.outbound)}."
    return words if policy.outbound is Outbound.NOTHING else f"{words} Not there yet: today nothing does."


def _each_use(policy: Policy) -> str:
    opening = policy.opening
    assert opening is not None
    later = RULES[Act.DELAY_NOTICE].longest or timedelta(0)
    return (
        "Only while a plan is open, for somebody who said beforehand, with an account of their own, who may and who "
        f"may never be told. An operator asks, and {_all_of(opening.approvers)} agree. It lasts {span(opening.lasts)}, "
        f"with at most {opening.renewals} renewals, and no more than {opening.most_open} are open at one site. The "
        f"person is told everything within {span(NOTICE_WITHIN)} of its opening; where that was delayed, up to "
        f"{span(later)} later, when it may be over. Then what was found is for the person alone: deleted within "
        f"{span(MATCH_LIVES)} of the opening, and what they were told of it {span(EVERYTHING_LIVES)} after that "
        "notice. Whoever reported them missing learns that it is closed, and not whether anybody was found."
    )


def _all_of(parties: tuple[Party, ...]) -> str:
    return " and ".join(parties)
