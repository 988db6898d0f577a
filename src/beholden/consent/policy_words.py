"""The policy table in words that need no explanation: for `beholden policy show`, and for docs/purposes.md."""

from __future__ import annotations

from datetime import timedelta

from beholden.consent.oversight.rules import Act, in_words
from beholden.consent.policy import who_grants
from beholden.consent.purposes import FIRST_QUESTION, MOST_UNRENEWED, NEXT_QUESTION, POLICIES, Party, Policy
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
            f"Everybody is asked after {span(FIRST_QUESTION)}, then every {span(NEXT_QUESTION)}. Silence pauses.",
        ),
        (
            "The end",
            "A template is destroyed when its purpose is met, when its last grant ends, when the person withdraws, and "
            f"{span(MOST_UNRENEWED)} after the person last said yes: whichever comes first.",
        ),
        ("The person", "may pause, resume and withdraw at any time. A person's own no goes before a guardian's yes."),
        ("Nobody", "lists one person's sightings, joins places or days, or acts on a match alone."),
    )


def stranger_rows() -> Rows:
    """What holds for somebody who agreed to nothing: the first question of whoever walks past."""
    return (
        (
            "Who could see me",
            "Nobody, by name: you can be named only if you agreed. Your face is covered in every picture that is kept "
            "or shown; your clothes and the way you walk are not.",
        ),
        (
            "For how long",
            "While you are in view, numbers that describe your face are in the memory of a computer. It overwrites "
            "them when you are gone, and writes them nowhere. Covered video is kept for as long as the settings say, "
            "if it is kept at all.",
        ),
        (
            "Who must agree",
            "Nobody is named without a yes of their own, or of a guardian for a few purposes. Whether your face may be "
            "compared with theirs depends on the place: in a lane that you choose, after somebody pressed a button, "
            "or, where neither is possible, for a reason that the operator wrote down and shows you.",
        ),
    )


def together_rows() -> Rows:
    """What nobody can do alone, and who has to agree."""
    return tuple((_TOGETHER[act], f"{_upper(in_words(act))}.") for act in Act)


def meaning_rows() -> Rows:
    """What words of the table mean, for whoever reads it for the first time."""
    return (
        ("To agree", "To say yes to one purpose at named places. The program calls it a grant."),
        ("A place", "A set of cameras that people know by one name, like the entrance."),
        ("The operator", "Whoever runs the place. An operator sees what a purpose shows, and decides no yes."),
        (
            "An approver",
            "Somebody who agrees, with a credential of their own, to what others ask for.",
        ),
        (
            "Welfare body",
            "An organisation that looks after people, named beforehand; never the police or an authority.",
        ),
        ("A template", "Numbers that describe a face, sealed under a key of that person's own."),
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
        words += f" A guardian only beforehand, for a dependent, and with {_all_of(policy.guardian_approvers)}."
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
    return "At the cameras of the places that the person named. In files only if they ticked the box for recordings."


def _sights(policy: Policy) -> str:
    each = (f"{_upper(sight.viewer)}: {sight.what}, for {_as_long(sight.lasts)}." for sight in policy.sights)
    return f"{' '.join(each)} Nobody else sees anything."


def _as_long(length: timedelta | None) -> str:
    return "as long as they agree" if length is None else span(length)


def _each_use(policy: Policy) -> str:
    opening = policy.opening
    assert opening is not None
    return (
        f"Only while a plan is open. An operator asks, and {_all_of(opening.approvers)} agree; it lasts "
        f"{span(opening.lasts)}, with at most {opening.renewals} renewals, and no more than {opening.most_open} are "
        "open at one site."
    )


def _all_of(parties: tuple[Party, ...]) -> str:
    return " and ".join(parties)
