"""Who reads the public log cannot tell a home with somebody in from an empty one."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta
from random import Random

from beholden.acts.logged.hourly import Batches
from beholden.acts.sightings.sighting import Named, Settle
from beholden.consent.keystore import Keystore
from beholden.ledger.leaf import parse_leaf
from beholden.ledger.memory import MemoryLog
from beholden.model.ids import Epoch, TrackId
from beholden.model.match import Known, Reason, Why
from beholden.storage.memory import MemoryStore
from tests.people import AT_LOBBY, Clock, enrolled, office_of

HOURS = 24 * 14
BATCHES = Batches(("lobby",), 8)


def fortnight(folder, seed, *, at_home):
    """Two weeks of somebody's home, as their log shows it to anybody."""
    clock, log = Clock(), MemoryLog()
    office = office_of(MemoryStore(), Keystore.create(folder), log, clock, MemoryLog(), BATCHES)
    office.journal.publish_due()
    enrolment = enrolled(office, "Ann", 1)
    match = Known(enrolment.subject, enrolment.grants[0].id, Why(Reason.CLEAR, 2))
    settle, chance, before = Settle(office), Random(seed), log.size()
    for hour in range(HOURS):
        for each in range(chance.choice((0, 1, 2, 5)) if at_home else 0):
            moment = clock() + timedelta(minutes=10 * each)
            [made] = settle.settle_many([Named(AT_LOBBY, Epoch(f"{hour:012x}"), TrackId(f"t{each}"), match, moment)])
            assert not isinstance(made, Exception), made
        clock.pass_by(hours=1)
        office.journal.publish_due()
    return [parse_leaf(leaf) for leaf in log.leaves(before)]


def randomness(leaves):
    """The share of ones in each field, and how often two of any are alike: what an observer could count."""
    bits = {
        name: sum(int.from_bytes(getattr(leaf, name)).bit_count() for leaf in leaves)
        / (8 * sum(len(getattr(leaf, name)) for leaf in leaves))
        for name in ("commitment", "nonce", "tag")
    }
    values = [getattr(leaf, name) for leaf in leaves for name in ("commitment", "nonce", "tag")]
    return bits, len(values) - len(set(values))


def test_the_leaves_of_each_hour_are_as_many(tmp_path):
    """Of an empty home and of one with somebody in, hour by hour."""
    empty = fortnight(tmp_path / "empty", 1, at_home=False)
    lived_in = fortnight(tmp_path / "lived", 1, at_home=True)
    assert Counter(leaf.hour for leaf in empty) == Counter(leaf.hour for leaf in lived_in)
    assert set(Counter(leaf.hour for leaf in empty).values()) == {8}


def test_the_leaves_themselves_are_random_in_both(tmp_path):
    """Half of all bits are ones, within five standard deviations, and none is like another; wherever it stands."""
    for name, at_home in (("empty", False), ("lived", True)):
        leaves = fortnight(tmp_path / name, 2, at_home=at_home)
        bits, alike = randomness(leaves)
        assert alike == 0
        for share in bits.values():
            assert abs(share - 0.5) < 5 * 0.5 / (len(leaves) * 128) ** 0.5
        for place in range(8):  # a batch that began with the real ones would show it here
            first = [leaf for number, leaf in enumerate(leaves) if number % 8 == place]
            assert abs(randomness(first)[0]["commitment"] - 0.5) < 5 * 0.5 / (len(first) * 256) ** 0.5


def test_an_observer_who_learns_from_days_guesses_the_next_ones_no_better_than_by_chance(tmp_path):
    """Days of both homes, each as a row of what can be counted; the nearest day that is known says which home."""
    days = []
    for seed in range(6):
        for at_home in (False, True):
            leaves = fortnight(tmp_path / f"{seed}{at_home}", seed, at_home=at_home)
            for day in range(0, len(leaves), 24 * 8):
                of_it = leaves[day : day + 24 * 8]
                digest = hashlib.sha256(b"".join(leaf.commitment for leaf in of_it)).digest()
                row = (len(of_it), *(sum(leaf.tag[i] for leaf in of_it) / len(of_it) for i in range(4)), digest[0] / 2)
                days.append((row, at_home))
    Random(3).shuffle(days)
    known, asked = days[::2], days[1::2]
    right = sum(_nearest(known, row) == at_home for row, at_home in asked)
    assert abs(right - len(asked) / 2) < 5 * (len(asked) / 4) ** 0.5


def _nearest(known, row):
    return min(known, key=lambda each: sum((a - b) ** 2 for a, b in zip(each[0], row, strict=True)))[1]


def test_the_observer_would_see_a_leaf_for_each_sighting(tmp_path):
    """The same count on leaves that are published at once: the test above can fail."""
    clock, log = Clock(), MemoryLog()
    office = office_of(MemoryStore(), Keystore.create(tmp_path / "keys"), log, clock)
    enrolment = enrolled(office, "Ann", 1)
    match = Known(enrolment.subject, enrolment.grants[0].id, Why(Reason.CLEAR, 2))
    before = log.size()
    Settle(office).settle_many([Named(AT_LOBBY, Epoch("0" * 12), TrackId("t"), match, clock())])
    assert log.size() == before + 1
