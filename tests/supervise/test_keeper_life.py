"""The keeper looks after grants and the time by itself, and its gate names nobody under a grant that stands still."""

from __future__ import annotations

import threading
from dataclasses import replace

from beholden.acts.grants.known_time import KeptTime
from beholden.consent.house import House
from beholden.model.grant import Capture, Hours, Place
from beholden.storage.folder import open_folder
from beholden.supervise.keeper import keeper as module
from beholden.supervise.keeper.desk import OpenedOffice
from beholden.supervise.keeper.election import wait_to_keep
from beholden.supervise.keeper.keeper import Keeper
from beholden.wiring.machine_time import machine_clocks
from tests.people import LOBBY
from tests.supervise.folders import PLACES, acts_on, enrol, made, now, until


def test_a_keeper_asks_at_changed_rules_and_keeps_the_time(tmp_path, monkeypatch):
    """Without anybody calling anything."""
    monkeypatch.setattr(module, "TIDY_S", 0.05)
    monkeypatch.setattr(module, "CLOSE_S", 0.05)
    folder = made(tmp_path / "data")
    with acts_on(folder) as acts:
        enrol(acts, "Ann", 1)

    def opened():
        kept = open_folder(folder, clock=now)
        house = House(places=[Place(LOBBY, capture=Capture.LANE, hours=Hours.parse("08:00-20:00"))])
        office = replace(kept.office, house=house, time=KeptTime(kept.database, machine_clocks()))
        return OpenedOffice(office, PLACES.get, kept.close)

    held = wait_to_keep(folder, threading.Event())
    with Keeper(folder, held, opened) as keeping:
        store = keeping._opened.office.store
        until(lambda: all(each.question for each in store.standings().values()), 10)
        until(lambda: store.known_time() is not None, 10)
        assert keeping.status().trouble is None
