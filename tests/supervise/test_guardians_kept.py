"""A guardian's grant in a folder that is kept: what the keeper answers changes with the call that suspends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from beholden.acts.grants.invite import invite
from beholden.acts.grants.people import people
from beholden.acts.grants.reference import Reference
from beholden.acts.guardians.ask import Ask, ask, dispute, list_guarded, refuse, say
from beholden.acts.guardians.enrol_dependent import enrol_dependent
from beholden.acts.guardians.seen import approve, settle
from beholden.acts.office import ClockTime
from beholden.consent.house import House
from beholden.consent.registry import SubjectState
from beholden.model.grant import Capture, Place, Purpose, Viewpoint
from beholden.model.ids import CameraId, GrantId
from beholden.supervise.keeper.acting import acting
from beholden.supervise.keeper.desk import OpenedOffice
from beholden.supervise.keeper.election import try_to_keep
from beholden.supervise.keeper.keeper import Keeper
from tests.people import LOBBY, MODEL, vector
from tests.supervise.folders import made, now, opener

GARDEN = Place(LOBBY, capture=Capture.LANE, purposes=(Purpose.CARE,))
GRANT, PAPER, COURT = GrantId("g_care"), "ab" * 32, "cd" * 32


def house_opener(folder, clock):
    def opened():
        office = opener(folder)()
        housed = replace(office.office, house=House(places=[GARDEN]), time=ClockTime(clock))
        return OpenedOffice(housed, {LOBBY: GARDEN}.get, office.close)

    return opened


def test_who_is_suspended_or_refuses_is_gone_from_the_keepers_answers_with_the_call(tmp_path):
    """Over the socket, as a command and a worker ask; the keeper's minute ends it with majority."""
    folder = made(tmp_path / "data")
    with (
        Keeper(folder, try_to_keep(folder), house_opener(folder, now)) as keeper,
        acting(folder, opener(folder)) as acts,
    ):

        def named():
            view = Viewpoint(CameraId("cam"), GARDEN)
            return keeper._gate.gallery(view, [Purpose.CARE], now(), MODEL, True).subjects

        kim = acts.do(invite, "Kim", (Purpose.CARE,))
        majority = (now() + timedelta(days=30)).date()
        wish = Ask(GRANT, kim, Purpose.CARE, ("Mother", "Father"), majority, "UTC", PAPER, frozenset({LOBBY}))
        assert acts.do(ask, wish, None, "Mother").yes == ("Mother",)
        acts.do(say, GRANT, True, None, "Father")
        acts.do(approve, GRANT, PAPER)
        acts.do(enrol_dependent, (GRANT,), Reference(vector(1), MODEL, 0.8, 2))
        assert named() == (kim,)
        acts.do(dispute, GRANT, COURT, None, "Father")
        assert named() == ()
        acts.do(settle, GRANT, COURT, ("Mother",))
        assert named() == (kim,)
        acts.do(refuse, kim)
        assert named() == ()
        assert [each.why_not for each in acts.do(list_guarded)] == ["the person refused"]
    later = lambda: now() + timedelta(days=31)  # noqa: E731
    with Keeper(folder, try_to_keep(folder), house_opener(folder, later)) as keeper:
        keeper._look_after()
    with acting(folder, opener(folder)) as acts:
        assert [each.state for each in acts.do(people)] == [SubjectState.WITHDRAWN]
