"""What the words of the policy table mean, and what it speaks of that the program cannot do yet."""

from __future__ import annotations

from beholden.consent.lengths import length, ordinal
from beholden.consent.oversight import displays
from beholden.consent.oversight.displays import COUNTS_FOR, Way
from beholden.consent.policy_words import Rows


def unbuilt_rows() -> Rows:
    """What the rules speak of and the program cannot do yet."""
    return (
        (
            "Agreeing",
            "There is no page yet on which people agree, resume or answer: so nobody is named at a real place today, "
            "only in rehearsals, which never become real.",
        ),
        ("Telling others", "Connected systems are told nothing yet, no pictures are sent, and nobody is introduced."),
    )


def meaning_rows() -> Rows:
    """What words of the table mean, for whoever reads it for the first time."""
    return (*_people(), *_things())


def _people() -> Rows:
    """Who does what, and where."""
    return (
        ("To agree", "To say yes to one purpose at named places. The program calls it a grant."),
        (
            "A place",
            "Cameras that people know by one name, like the entrance. A site is all places of an operator.",
        ),
        (
            "The operator",
            "Whoever runs the place. Running it shows them no sighting. They keep the list of who agreed to what; each "
            f"look at a name is logged and counted, and the {ordinal(displays.BLOCK_AT)} at one person or family is "
            f"refused, within {length(COUNTS_FOR[Way.LOOK_UP])} (of what a camera shows by itself, within "
            f"{length(COUNTS_FOR[Way.FEED])}). Family is whom the person named as that. A maintainer looks after the "
            "machine.",
        ),
        (
            "Desk, carers",
            "Whoever watches a place with an operator's account of those who run it: one place during a shift, as it "
            "happens, and no list of what was before. That is refused to every other account, whatever its role; a "
            "person is shown their own. Whom to give accounts is up to the operator; the program does not know who is "
            "a carer.",
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
    )


def _things() -> Rows:
    return (
        (
            "Leaves the house",
            "What is told to systems that the operator connected, like a pager. A one-time id is new each time and "
            "means nothing elsewhere.",
        ),
        (
            "A sighting",
            "What is kept of a match: who, by which camera, and when. A match is a computer's guess that a face is "
            "somebody's who agreed. An incident is a sighting of somebody who needed help.",
        ),
        ("A plan", "A search for one person who laid down who may be told of it."),
        ("A receipt", "A text that proves to anybody what was agreed to, or destroyed."),
        (
            "The log",
            "A list of all that was done. Anybody can check that nothing was changed; whom it is about is hidden.",
        ),
        ("An event", "Where pictures were taken. It is over, for you, when your yes to them ends."),
        ("A camera's mode", "A lane (a marked way of its own), a button, or everybody who passes (declared)."),
        ("Threshold, gate", "How alike two faces have to be, and what is asked before anybody may be compared."),
        ("A template", "Numbers that describe a face, sealed under a key of that person's own."),
        ("Never", "The program has no function for it, or refuses it; where only people can see to it, that is said."),
        ("A digest", "A number made from these rules. If one rule differs, so does the number."),
    )
