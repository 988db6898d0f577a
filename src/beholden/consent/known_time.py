"""What is known of the time, by a clock that may be wrong: set ahead, set back, or stopped while nobody looked.

The rule, in plain words:

- **Time does not go back.** What has come has come: `latest` is a high-water mark, and while a clock
  that was set back a little catches up, the time stands still.
- **Nobody is believed who is more than a quarter of an hour off.** `sure` is the last trusted moment,
  and what has passed since by a clock that nobody can set. A reading further from it than `MOST_WRONG`,
  ahead or behind, puts the time *in doubt*: `now` is None. Then nothing is destroyed, ended or asked,
  and nobody is named (`consent.life`), until a reading fits again or a trusted source speaks.
- **A trusted source is believed** (synchronised by NTP, the word of an outside witness of the log, or
  somebody who looked at a watch), backwards too: a mark that it shows to be more than `MOST_WRONG`
  ahead is taken back. That revives nothing: what ended is recorded as ended, and what was destroyed is gone.

So nothing comes more than `MOST_WRONG` early, however often the clock is set and the machine started
again. While the machine is off nobody counts: after longer than `MOST_WRONG`, in all since the last
trusted moment, the time is in doubt until a trusted source speaks. Honest limits: a trusted source
that lies is believed; a clock that stands still while the machine sleeps, and is then read as if no
time had passed, is late by as much until a trusted source speaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MOST_WRONG = timedelta(minutes=15)
"""This project's choice: longer than a restart and any correction by NTP, shorter than the hour of a wrong zone."""
_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class KnownTime:
    """Moments are aware UTC. To be kept across restarts: `latest` never falls but on the word of a trusted source."""

    latest: datetime
    sure: datetime
    certain: bool = True

    @property
    def now(self) -> datetime | None:
        """The moment by which everything is decided; None while the time is in doubt."""
        return self.latest if self.certain else None


def known_from(reading: datetime) -> KnownTime:
    """The beginning: the clock as it is when a data folder is made."""
    return KnownTime(reading.astimezone(UTC), reading.astimezone(UTC))


def seen(known: KnownTime, reading: datetime, passed: timedelta | None = None, *, trusted: bool = False) -> KnownTime:
    """What is known after the clock was read once more.

    `passed`: the time since the reading before, by a clock that nobody can set (CLOCK_BOOTTIME); None
    where that is not known, after a start. `trusted`: a source that knows the time stands behind the reading
    (aware; kept as UTC, so that adding days to it adds days, not turns of a clock on a wall).
    """
    reading = reading.astimezone(UTC)
    if trusted:
        taken_back = known.latest - reading > MOST_WRONG
        return KnownTime(reading if taken_back else max(known.latest, reading), reading)
    sure = known.sure + max(passed or _NO_TIME, _NO_TIME)
    certain = abs(reading - sure) <= MOST_WRONG
    return KnownTime(max(known.latest, reading) if certain else known.latest, sure, certain)
