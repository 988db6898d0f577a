"""Records of oversight on SQLite, on PostgreSQL and in memory, alone and under the real acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from beholden.acts.approvals.requests import requests
from beholden.acts.camera import cameras
from beholden.acts.displays.show import Shown
from beholden.acts.store import Kept
from beholden.consent.keystore import Keystore
from beholden.ledger.memory import MemoryLog
from tests.acts.oversight import World
from tests.acts.test_approvals import PLACED, add_door
from tests.acts.test_breakglass import broken
from tests.acts.test_displays import BLOCK, HER, known, looked
from tests.people import NOW, Clock, office_of

MOMENT = NOW + timedelta(microseconds=1)
ONE = Kept("display", "a.1", "s_ann", b"sealed", MOMENT)
TWO = replace(ONE, id="a.2", about="s_ben", dies_at=None)
OTHER = replace(ONE, kind="account")


def test_records_are_read_as_they_were_put_by_id_and_kind(store):
    """All of them, to the microsecond; or those about some."""
    store.put_kept([TWO, ONE, OTHER])
    store.put_kept([])
    assert store.kept("display") == (ONE, TWO)
    assert store.kept("display", ["s_ben", "s_cem"]) == (TWO,)
    assert store.kept("display", []) == ()
    assert store.kept("account") == (OTHER,)
    assert store.kept("nothing") == ()


def test_everything_about_one_is_read_together(store):
    """Of every kind, and of nobody else."""
    store.put_kept([TWO, ONE, OTHER])
    assert store.kept_about("s_ann") == (OTHER, ONE)
    assert (store.kept_about("s_ben"), store.kept_about("s_cem")) == ((TWO,), ())


def test_one_of_the_same_kind_and_id_is_replaced(store):
    """Wholly."""
    store.put_kept([ONE, OTHER])
    after = replace(ONE, about="s_cem", sealed=b"other", dies_at=None)
    store.put_kept([after])
    assert (store.kept("display"), store.kept("account")) == ((after,), (OTHER,))


def test_dropping_is_of_one_kind(store):
    """What is not there is dropped already."""
    store.put_kept([ONE, TWO, OTHER])
    store.drop_kept("display", ["a.1", "a.3"])
    assert (store.kept("display"), store.kept("account")) == ((TWO,), (OTHER,))
    store.drop_kept("display", [])
    assert store.kept("display") == (TWO,)


def test_a_record_is_purged_at_its_moment_and_not_before(store):
    """One without a moment stays."""
    store.put_kept([ONE, TWO])
    store.purge(MOMENT - timedelta(microseconds=1))
    assert store.kept("display") == (ONE, TWO)
    store.purge(MOMENT)
    assert store.kept("display") == (TWO,)


def test_accounts_approvals_displays_and_break_glass_are_the_same_on_each(store, tmp_path):
    """One short story through the real acts, in a rehearsal."""
    clock = Clock()
    office = office_of(store, Keystore.create(tmp_path / "keys"), MemoryLog(), clock)
    world = World(office, clock).everybody()
    known(world, HER)
    add_door(world, world.agreed("olga", *PLACED, "sam"))
    assert [each.id for each in cameras(office)] == ["door"]
    assert [each.state for each in requests(office)] == ["done"]
    assert [looked(world, "olga", HER) for _ in range(4)] == [*[Shown("Her")] * 3, BLOCK]
    assert broken(world).open
