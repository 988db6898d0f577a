"""The policy table in words that need no explanation: for `beholden policy show`, and for docs/purposes.md."""

from __future__ import annotations

from datetime import timedelta

from beholden.consent.lengths import ordinal
from beholden.consent.oversight import displays
from beholden.consent.oversight.plans import NOTICE_WITHIN
from beholden.consent.oversight.rules import RULES, Act, in_words
from beholden.consent.policy import who_grants
from beholden.consent.purposes import (
    ANSWER_WITHIN,
    FIRST_QUESTION,
    MOST_UNRENEWED,
    NEXT_QUESTION,
    POLICIES,
    Party,
    Policy,
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
    rows += [("Who sees what", _sights(policy)), ("Leaves the house", f"{_upper(policy.outbound)}.")]
    if policy.opening is not None:
        rows.append(("Each use", _each_use(policy)))
    rows.append(("Never", f"{_upper(policy.never)}."))
    return tuple(rows)


def general_rows() -> Rows:
    """What holds for every purpose."""
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
            "the log says that something was done, and to nobody any more to whom.",
        ),
        (
            "The person",
            "may pause, resume and withdraw at any time, and gets a receipt. Nothing is asked for it but who they are. "
            "A withdrawal closes a find-me plan that is open.",
        ),
        (
            "A guardian",
            "may agree, answer for the person and dispute, and is shown nothing of what was recognised. The person's "
            "own no goes before a guardian's yes, at any age; anybody may bring it to the desk for them.",
        ),
        (
            "Nobody",
            "lists one person's sightings, or joins places or days. The one exception was laid down by the person: the "
            "welfare body reads the matches of their find-me plan while it is open. The program does nothing by "
            "itself on a match; what people do on one, the operator has to see to.",
        ),
        (
            "Covered video",
            "shows nobody's face, to nobody. Whoever runs the place looks at it, for as long as the sign there says; "
            "what was exported stays covered, and is theirs to delete.",
        ),
    )


def stranger_rows() -> Rows:
    """What holds for somebody who agreed to nothing: the first question of whoever walks past."""
    return (
        (
            "Who could see me",
            "Nobody, by name: you can be named only if you agreed. Whoever runs the place sees video in which your "
            "face is covered; your clothes and the way you walk are not.",
        ),
        (
            "For how long",
            "While you are in view, numbers that describe your face are in the memory of a computer. It overwrites "
            "them when you are gone, and writes them nowhere. Covered video is kept for as long as the sign at the "
            "place says, if it is kept at all.",
        ),
        (
            "Who must agree",
            "Nobody is named without a yes of their own, or of a guardian for a few purposes. You are not asked: while "
            "anybody may be named at a camera, numbers are made of every face in view there, and compared with those "
            "who agreed. Whether they may be depends on the place: in a lane that you choose, for moments after "
            "somebody pressed a button, or, where neither is possible, always, for a reason that the operator wrote "
            "down and shows you.",
        ),
        (
            "How do I end it",
            "Stay out of view: the sign says where cameras look. There is nothing to withdraw, for nothing that "
            "recognises you is kept. Who runs the place, and who takes complaints, stands on the sign.",
        ),
    )


def together_rows() -> Rows:
    """What nobody can do alone, and who has to agree."""
    return tuple((_TOGETHER[act], f"{_upper(in_words(act))}.") for act in Act)


def meaning_rows() -> Rows:
    """What words of the table mean, for whoever reads it for the first time."""
    return (
        ("To agree", "To say yes to one purpose at named places. The program calls it a grant."),
        (
            "A place",
            "Cameras that people know by one name, like the entrance. A site is all places of an operator.",
        ),
        (
            "The operator",
            "Whoever runs the place. For that alone they see no sighting: desk and carers do, while they are on duty. "
            "They keep the list of who agreed to what; each look at a name is logged and counted, and the "
            f"{ordinal(displays.BLOCK_AT)} at one person or family is refused. A maintainer looks after the machine.",
        ),
        (
            "An approver",
            "Somebody who agrees, with a key of their own, to what others ask for. A second one may be of the same "
            "place; where it says so, they are of another organisation.",
        ),
        (
            "A dependent",
            "Somebody who cannot decide this alone: a child, or an adult in somebody's lawful care. A subject is "
            "whoever is recognised, dependent or not.",
        ),
        (
            "Welfare body",
            "An organisation that looks after people, named beforehand; never the police or an authority.",
        ),
        (
            "Leaves the house",
            "What is told to systems that the operator connected, like a pager. A one-time id is new each time and "
            "means nothing elsewhere.",
        ),
        ("Recordings", "A box of its own in the invitation: also in video that was recorded, not only as it happens."),
        (
            "An event",
            "Where pictures were taken. It is over, for you, when your yes to its pictures ends.",
        ),
        ("A camera's mode", "A lane, a button, or everybody who passes (declared): see the beginning."),
        ("Threshold, gate", "How alike two faces have to be, and what is asked before anybody may be compared."),
        ("A template", "Numbers that describe a face, sealed under a key of that person's own."),
        ("A digest", "A fingerprint of these rules: the same wherever they are the same."),
    )


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
        words += " A guardian only before anybody is recognised, for a dependent, and once "
        words += f"{_all_of(policy.guardian_approvers)} saw that they may decide."
    return words


def _how_long(policy: Policy) -> str:
    again = "Then the person is asked again." if policy.renewable else "It is not renewed: the event is over."
    return f"{span(policy.longest)} at most. {again}"


def _begins(cooling_off: timedelta) -> str:
    if not cooling_off:
        return "At once."
    return f"{span(cooling_off)} after the yes; until then it can be taken back as if it had never been said."


def _where(policy: Policy) -> str:
    if not policy.at_places:
        return "In the files of the event. At no camera."
    if policy.opening is not None:
        return "At the cameras of the places that the person named, while a plan is open. In no file."
    return "At the cameras of the places that the person named. In files only if they ticked the box for recordings."


def _sights(policy: Policy) -> str:
    each = (f"{_upper(sight.viewer)}: {sight.what}; {_as_long(sight.lasts)}." for sight in policy.sights)
    return f"{' '.join(each)} Nobody else sees anything of it."


def _as_long(length: timedelta | None) -> str:
    return "for as long as they agree" if length is None else f"for {span(length)} and no longer"


def _each_use(policy: Policy) -> str:
    opening = policy.opening
    assert opening is not None
    return (
        f"Only while a plan is open. An operator asks, and {_all_of(opening.approvers)} agree; it lasts "
        f"{span(opening.lasts)}, with at most {opening.renewals} renewals, and no more than {opening.most_open} are "
        f"open at one site. The person is told everything within {span(NOTICE_WITHIN)} of its opening, or up to "
        f"{span(RULES[Act.DELAY_NOTICE].longest or timedelta(0))} later (see below), which may be after it has ended. "
        "Whoever reported them missing learns that it is closed, and not whether anybody was found."
    )


def _all_of(parties: tuple[Party, ...]) -> str:
    return " and ".join(parties)
