"""Whatever a process may ask the keeper for, with every kind of argument: no answer lists somebody's movements."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from beholden.acts.accounts.listed import notices_for
from beholden.acts.accounts.signed import Signed
from beholden.acts.displays.look_up import look_up
from beholden.acts.displays.show import show
from beholden.acts.displays.ties import ties
from beholden.acts.grants.invite import links
from beholden.acts.grants.people import everybody
from beholden.acts.grants.rehearse import stands
from beholden.acts.guardians.seen import show as show_guarded
from beholden.acts.office import Office
from beholden.acts.own_copy.export import export_held
from beholden.acts.own_copy.history import show_history
from beholden.acts.own_copy.own_request import Proof
from beholden.acts.own_copy.receipt import give_receipts
from beholden.acts.plans.listed import list_plans
from beholden.acts.plans.matches import read_matches
from beholden.acts.sightings import presence, sighting
from beholden.acts.sightings.incidents import list_incidents, read_incident
from beholden.model.errors import BeholdenError
from beholden.model.ids import PlaceId, SubjectId
from beholden.storage.memory import MemoryStore
from beholden.supervise.keeper import messages
from beholden.supervise.keeper.calls import ALLOWED, Call
from tests.acts.oversight import told
from tests.movement.arguments import PROVEN, SIGNED, Prover, Signer, calls, sign
from tests.movement.planted import Town, Towns, complaints

LOGGED = {
    export_held: ("holdings_exported",),
    show_history: ("history_given",),
    give_receipts: ("receipt_given",),
    read_matches: ("overseen",),
}
"""What somebody is told of themselves, or a welfare body of a plan that it helps with; each time logged first."""
NAMING = {show, look_up, read_incident, show_guarded}
"""The only ones whose answers may have a name: each counted, for an account that signed."""


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    return Towns(tmp_path_factory.mktemp("towns"), MemoryStore)


def wrong(towns: Towns, act: Callable[..., Any]) -> set[str]:
    """What answers of this use case told that they must not, with every kind of argument."""
    found: set[str] = set()
    for town, given in _each(towns, act):
        shown = len(told(town.office, *LOGGED.get(act, ("overseen",))))
        try:
            text = _over_the_socket(Call(act), town.office, sign(town, act, given))
            told_rightly = rightly(town, act, given)
        except (BeholdenError, ValueError) as error:
            text, told_rightly = str(error), set()
        asked = repr(given)
        found.update(complaints(town, asked, text, told_rightly))
        if told_rightly and act in LOGGED and len(told(town.office, *LOGGED[act])) <= shown:
            found.add("tells somebody of themselves, and is not logged")
        others = [person for person in town.people if person.id not in told_rightly]
        if any(f'"{person.name}"' in text and person.name not in asked for person in others):
            if act not in NAMING:
                found.add("has a name in it")
            elif len(told(town.office, "overseen")) <= shown:
                found.add("has a name in it that was not counted")
    return found


def rightly(town: Town, act: Callable[..., Any], given: dict[str, Any]) -> set[str]:
    """Of whom this answer may tell: of whoever asks, who proves that it is they; and to the welfare body of a plan, of
    whom it is about."""
    ann, ben = (each.id for each in town.people)
    asking = {town.people[each.whose].id for each in given.values() if isinstance(each, Prover)}
    signers = {each.name for each in given.values() if isinstance(each, Signer)}
    found = asking & {given.get("subject")}
    if "ann" in signers and (act in (notices_for, ties) or (act is show and given["asked"].subject == ann)):
        found.add(ann)
    if "wanda" in signers and act in (read_matches, notices_for):
        found.add(ben)
    return found


def _each(towns: Towns, act: Callable[..., Any]) -> Iterator[tuple[Town, dict[str, Any]]]:
    """Each call with a town in which everybody is there: ids differ from one to the next."""
    for number in range(len(list(calls(towns.one(), act)))):
        town = towns.one()
        yield town, list(calls(town, act))[number]


def _over_the_socket(call: Call, office: Office, given: dict[str, Any]) -> str:
    """As it travels; a reference, which travels beside the message, is handed over as it is."""
    if any(type(each).__name__ == "Reference" for each in given.values()):
        return repr(call.act(office, **given))
    arguments, _ = call.encode((), given)
    return call.run(office, arguments)


@pytest.mark.parametrize("act", ALLOWED, ids=lambda act: f"{act.__module__.rpartition('.')[2]}.{act.__name__}")
def test_no_use_case_lists_sightings_of_somebody_or_joins_places_or_days(towns, act):
    """Nor does any but three tell a name, and these count it."""
    assert wrong(towns, act) == set()


def test_the_calls_are_such_that_answers_come(towns):
    """A test whose every call is refused would find nothing."""
    several = (show, 4), (look_up, 3), (read_incident, 1), (list_incidents, 1), (links, 1), (stands, 2)
    for act, least in (*several, (read_matches, 1), (list_plans, 4), (export_held, 1), (ties, 1)):
        answered = 0
        for town, given in _each(towns, act):
            try:
                _over_the_socket(Call(act), town.office, sign(town, act, given))
                answered += 1
            except BeholdenError:
                pass
        assert answered >= least, act


def leak_all(office: Office) -> tuple[sighting.Sighting, ...]:
    rows = office.store.sightings()
    keys = office.keystore.data_keys({row.subject for row in rows})
    return tuple(presence.open_sighting(row, key) for row in rows if (key := keys[row.subject]) is not None)


def leak_of(office: Office, subject: SubjectId) -> tuple[str, ...]:
    return tuple(str(each.place) for each in leak_all(office) if each.subject == subject)


def leak_days(office: Office, subject: SubjectId) -> tuple[str, ...]:
    return tuple(each.opened_at.isoformat() for each in leak_all(office) if each.subject == subject)


def leak_at(office: Office, place: PlaceId) -> tuple[tuple[str, str], ...]:
    return tuple((str(each.subject), str(each.place)) for each in leak_all(office) if each.place == place)


def leak_names(office: Office) -> tuple[str | None, ...]:
    return tuple(each.label for each in everybody(office))


def leak_ids(office: Office, who: str) -> tuple[str, ...]:
    return tuple(each.id for each in leak_all(office) if each.subject == who)


@pytest.mark.parametrize("leak", [leak_all, leak_of, leak_days, leak_at, leak_names, leak_ids])
def test_a_planted_query_that_tells_is_found(towns, leak):
    """Everybody's, one person's, one place's, days only, ids only, names only."""
    assert wrong(towns, leak) != set()


def test_a_use_case_that_takes_a_signature_says_here_what_is_signed():
    """Else it would be tried with wrong signatures only; likewise of a proof."""
    for kind, known in ((Signed, SIGNED), (Proof, PROVEN)):
        assert {act for act in ALLOWED if kind in _kinds(act)} == set(known)


def test_a_new_kind_of_question_is_looked_at_here():
    """Beside use cases a process asks for what names somebody, and for who may be seen: agreements, not sightings."""
    assert {each.__name__ for each in typing.get_args(messages.Request)} == {
        "Hello", "Do", "Press", "AskView", "AskSegment", "Settle", "AskStatus",
    }  # fmt: skip
    hints = [typing.get_type_hints(each) for each in typing.get_args(messages.Reply)]
    assert not {SubjectId, presence.Sighting} & {hint for each in hints for hint in each.values()}


def _kinds(act: Callable[..., Any]) -> set[Any]:
    hints = [hint for name, hint in typing.get_type_hints(act).items() if name != "return"]
    return {each for hint in hints for each in (hint, *typing.get_args(hint))}
