"""The time in a folder that is kept: over restarts, jumps and doubts, and by whose word it is believed again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.acts.grants.known_time import Clocks, KeptTime, TimeNow, beat, keep, time_now, trust
from beholden.ledger.memory import Weather
from beholden.model.errors import DataFolderError, LogUnavailable
from beholden.wiring.machine_time import machine_clocks, said_synchronised
from tests.acts.houses import kinds
from tests.acts.words import lines, said_by
from tests.people import NOW

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


class Machine:
    """Its clock can be set, its count cannot; `off` it counts nothing."""

    def __init__(self):
        self.clock, self.count, self.boot, self.synchronised = NOW, 5_000_000, "boot-1", False

    def pass_by(self, time):
        self.clock += time
        self.count += time // timedelta(microseconds=1)

    def off(self, time):
        self.clock += time
        self.count, self.boot = 0, self.boot + "+"

    def clocks(self):
        return Clocks(lambda: self.clock, lambda: self.count, self.boot, lambda: self.synchronised)


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def opened(office, machine):
    """Open the folder, anew."""
    return lambda: replace(office, time=KeptTime(office.store, machine.clocks()), clock=lambda: machine.clock)


def test_time_that_passes_is_believed_without_any_source(opened, machine):
    """A year on a machine that is never synchronised, while it is on."""
    office = opened()
    for _ in range(365):
        machine.pass_by(DAY)
        beat(office)
    assert office.time.now == office.time.latest == NOW + 365 * DAY


@pytest.mark.parametrize("jump", [DAY, -DAY, 16 * MINUTE, -16 * MINUTE])
def test_a_clock_that_was_set_puts_the_time_in_doubt(opened, machine, jump):
    """Ahead or behind; and it is believed again when it fits again."""
    office = opened()
    machine.clock += jump
    beat(office)
    assert (office.time.now, office.time.latest) == (None, NOW)
    machine.clock -= jump
    machine.pass_by(MINUTE)
    beat(office)
    assert office.time.now == NOW + MINUTE


def test_a_little_wrong_is_believed_and_never_goes_back(opened, machine):
    """A correction of a few minutes."""
    office = opened()
    machine.clock += 10 * MINUTE
    beat(office)
    machine.clock -= 10 * MINUTE
    beat(office)
    assert office.time.now == NOW + 10 * MINUTE


def test_it_is_written_each_minute_and_not_at_each_beat(opened, machine):
    """And at the first look."""
    office, written = opened(), 0
    for _ in range(600):
        machine.pass_by(timedelta(seconds=1))
        beat(office)
        written += keep(office)
    assert written == 10
    assert office.store.known_time().known.latest > NOW + 9 * MINUTE


def test_a_doubt_is_written_and_logged_at_once_and_once(opened, machine):
    """Also when it ends."""
    office = opened()
    keep(office)
    machine.clock += DAY
    beat(office)
    assert (keep(office), keep(office)) == (True, False)
    assert (kinds(office)[-1], office.store.known_time().known.certain) == ("time_doubted", False)
    machine.synchronised = True
    beat(office)
    assert (keep(office), keep(office)) == (True, False)
    assert (kinds(office)[-1], office.time.now) == ("time_trusted", NOW + DAY)
    assert [line.event["by"] for line in office.journal.read() if line.event["kind"] == "time_trusted"] == ["kernel"]


def test_a_restart_while_the_machine_is_on_loses_nothing(opened, machine):
    """Nobody looked for ten days, and the machine counted them."""
    keep(opened())
    machine.pass_by(10 * DAY)
    assert opened().time.now == NOW + 10 * DAY


def test_after_a_machine_was_off_for_long_the_time_is_in_doubt(opened, machine):
    """Nobody counted; a quarter of an hour is a restart."""
    keep(opened())
    machine.off(10 * MINUTE)
    assert opened().time.now == NOW + 10 * MINUTE
    machine.off(HOUR)
    office = opened()
    assert office.time.now is None
    beat(office)
    assert office.time.now is None


def test_starting_again_and_again_does_not_make_time(opened, machine):
    """Ten minutes ahead at each start, without a minute having passed."""
    for _ in range(10):
        keep(opened())
        machine.off(10 * MINUTE)
    assert opened().time.latest <= NOW + 15 * MINUTE


def test_a_doubt_survives_a_restart(opened, machine):
    """It is kept with the folder."""
    office = opened()
    machine.clock += DAY
    beat(office)
    keep(office)
    machine.pass_by(MINUTE)
    assert opened().time.now is None


def test_an_operator_is_believed_after_it_was_logged(opened, machine, log):
    """And not before."""
    office = opened()
    machine.off(30 * DAY)
    office = replace(office, time=opened().time)
    machine.clock += 30 * DAY
    beat(office)
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        trust(office)
    assert office.time.now is None
    log.weather = Weather.WORKS
    told = trust(office)
    assert (told.now, told.latest, office.time.now) == (machine.clock, machine.clock, machine.clock)
    assert (kinds(office)[-1], keep(office), opened().time.now) == ("time_trusted", False, machine.clock)
    beat(office)
    assert time_now(office).now == machine.clock


def test_a_source_that_knows_takes_a_clock_back(opened, machine):
    """A mark that was a day ahead is taken back; nothing that ended comes back by it."""
    office = opened()
    machine.synchronised = True
    machine.clock += DAY
    beat(office)
    assert office.time.now == NOW + DAY
    machine.clock -= DAY
    beat(office)
    assert office.time.now == NOW


def test_where_nothing_is_kept_the_clock_is_believed(office):
    """And nobody can say otherwise."""
    now = office.clock()
    assert (time_now(office), keep(office)) == (TimeNow(now, now, now, True), False)
    beat(office)
    kind, message, _ = said_by(lambda: trust(office))
    assert (kind, message) == (DataFolderError, "the time of this folder is not kept here")


def test_what_is_told_of_the_time_is_what_the_clock_says_and_who_stands_behind_it(opened, machine):
    """In doubt: what has certainly come, and no more."""
    office = opened()
    assert time_now(office) == TimeNow(NOW, NOW, NOW, False)
    machine.clock += DAY
    beat(office)
    assert time_now(office) == TimeNow(None, NOW, NOW + DAY, False)
    machine.synchronised = True
    assert time_now(office).trusted
    beat(office)
    assert time_now(office) == TimeNow(NOW + DAY, NOW + DAY, NOW + DAY, True)


def test_a_doubt_is_logged_with_what_was_known_and_its_end_with_who_ended_it(opened, machine):
    """A source that knows, an operator, or a clock that fits again; over a restart, too."""
    office = opened()
    keep(office)
    machine.clock += DAY
    beat(office)
    keep(office)
    assert lines(office, "time_doubted") == [(None, {"latest": moment(NOW), "sure": moment(NOW)})]
    office = opened()
    assert keep(office) is False
    trust(office)
    machine.clock += DAY
    beat(office)
    keep(office)
    machine.clock -= DAY
    beat(office)
    assert keep(opened()) is True
    assert [said["by"] for _, said in lines(office, "time_trusted")] == ["operator", "clock"]
    assert kinds(office).count("time_doubted") == 2


def moment(when):
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_what_was_just_kept_is_not_kept_again_at_a_restart(opened, machine):
    """Only after a minute; and at once where the clock was set by a quarter of an hour."""
    assert [keep(opened()) for _ in range(2)] == [True, False]
    machine.pass_by(MINUTE - timedelta(microseconds=1))
    assert not keep(opened())
    machine.pass_by(timedelta(microseconds=1))
    assert keep(opened())
    office = opened()
    machine.clock += 15 * MINUTE
    beat(office)
    assert (keep(office), keep(office)) == (True, False)


def test_a_count_that_went_back_or_is_none_counts_nothing(opened, machine):
    """Nobody knows then how much time passed: what has certainly come stays."""
    office = opened()
    machine.clock, machine.count = NOW + 10 * MINUTE, 0
    beat(office)
    assert office.time.now == NOW + 10 * MINUTE
    machine.clock, machine.count = NOW + 16 * MINUTE, None
    beat(office)
    assert office.time.now is None


def test_this_machine_has_clocks():
    """Whatever the kernel thinks of the first."""
    clocks = machine_clocks()
    assert clocks.reading().utcoffset() == timedelta(0)
    assert clocks.trusted() in (True, False)
    first, second = clocks.count_us(), clocks.count_us()
    assert first is None or second >= first


@pytest.mark.parametrize(
    ("state", "status", "synchronised"),
    [(0, 0x01, True), (4, 0x2001, True), (5, 0x01, False), (-1, 0x01, False), (0, 0x40, False), (0, 0x41, False)],
)
def test_what_the_kernel_says_is_read_as_adjtimex_documents_it(state, status, synchronised):
    """TIME_ERROR, an error, or STA_UNSYNC: not synchronised."""
    assert said_synchronised(state, bytes(40) + status.to_bytes(4, "little") + bytes(200)) is synchronised
