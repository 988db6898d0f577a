"""Faults on purpose, again and again: is anything lost that was acknowledged, or left half done?

python -m benchmarks.faults [--trials 1000] [--every-bit] [--out faults-output] [--seed 7]

A row for each fault: kill -9 at random moments of appending to the log, of enrolling and of withdrawing (`kills.py`);
a bit that flips anywhere in a store of 1,000 leaves (`flips.py`; all 1.2 million take half an hour); an error at every
system call of one append, injected by strace (`failing_syscalls.py`; as root, where strace is); a backup of 10,000
people from before 100 of them withdrew, with today's keystore (`old_backups.py`); and a million requests decided by
the policy and by an oracle (`policy_oracle.py`). `lost`: acknowledged and not there. `half_done`: neither done nor not,
or decided otherwise. `caught`: faults that were met with an error, or that left everything whole. Ends with 1 when
something was lost, half done or not caught.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from benchmarks.failing_syscalls import Refused, fail_every_call, why_not
from benchmarks.flips import every_bit, passed_over, some_bits, store
from benchmarks.kills import APPENDING, ENROLLING, WITHDRAWING, Killing, Outcome, kill
from benchmarks.old_backups import old_backup
from benchmarks.policy_oracle import disagreements

OF_EACH = 40
"""Bits of each tile, where not all are flipped."""
PEOPLE, LEAVING = 10_000, 100
"""In the folder that is backed up, and of these."""
REQUESTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one fault."""

    fault: str
    trials: int
    lost: int
    half_done: int
    caught: int

    @property
    def ok(self) -> bool:
        return self.trials > 0 and not self.lost and not self.half_done and self.caught == self.trials

    def line(self) -> str:
        verdict = "ok" if self.ok else "NO"
        counts = f"{self.trials:>9,} {self.lost:>6,} {self.half_done:>10,} {self.caught:>9,}"
        return f"{self.fault:<42}{counts}  {verdict}"


HEAD = f"{'FAULT':<42}{'TRIALS':>9} {'LOST':>6} {'HALF DONE':>10} {'CAUGHT':>9}"


def killed(killing: Killing, trials: int, seed: int, scratch: Path) -> Row:
    """kill -9 so many times, each at a random moment after the first act began."""
    chance, outcomes = Random(seed), list[Outcome]()
    for number in range(trials):
        outcomes.append(kill(killing, scratch / killing.name, chance))
        for words in outcomes[-1].half_done:
            print(f"{killing.name}, trial {number}: {words}", file=sys.stderr)
    lost, half = sum(each.lost for each in outcomes), sum(len(each.half_done) for each in outcomes)
    whole = sum(not each.lost and not each.half_done for each in outcomes)
    return Row(f"kill -9 while {killing.name}", trials, lost, half, whole)


def flips(scratch: Path, seed: int, *, every: bool) -> Row:
    """A bit turned over, an append and an opening tried, the bit turned back."""
    folder = scratch / "flips"
    log = store(folder)
    bits = list(every_bit(folder) if every else some_bits(folder, OF_EACH, seed))
    caught = sum(not passed_over(log, folder, bit) for bit in bits)
    return Row("a bit that flips in 1,000 leaves", len(bits), 0, 0, caught)


def failing_calls(scratch: Path) -> Row | None:
    """An error at every system call of one append; None where there is no strace."""
    try:
        found = fail_every_call(scratch / "calls")
    except Refused as error:
        print(f"left out: {error}", file=sys.stderr)
        return None
    return Row("an error at each system call of an append", found.trials, found.lost, found.half_done, found.caught)


def old_backups(scratch: Path, seed: int, people: int, leaving: int) -> Row:
    """`lost`: who stayed and does not open. `half_done`: who withdrew and does."""
    found = old_backup(scratch, people, leaving, seed)
    lost, there = found.stayed_and_lost, found.left_and_there
    fault = f"a backup from before {leaving:,} of them withdrew"
    return Row(fault, people, lost, there, people - lost - there)


def decided(requests: int, seed: int) -> Row:
    """`half_done`: decided otherwise than the rules say."""
    wrong = disagreements(requests, seed)
    for words in wrong[:10]:
        print(f"decided otherwise: {words}", file=sys.stderr)
    return Row("a random request to the policy", requests, 0, len(wrong), requests - len(wrong))


def run(trials: int, seed: int, scratch: Path, *, every_bit_too: bool) -> Iterator[Row]:
    """Every row, as it is measured."""
    for killing in (APPENDING, ENROLLING, WITHDRAWING):
        yield killed(killing, trials, seed, scratch)
    yield flips(scratch, seed, every=every_bit_too)
    if (row := failing_calls(scratch)) is not None:
        yield row
    yield old_backups(scratch, seed, PEOPLE, LEAVING)
    yield decided(REQUESTS, seed)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000, help="kills of each kind (1000)")
    parser.add_argument("--every-bit", action="store_true", help="flip all bits, not some of each tile")
    parser.add_argument("--out", type=Path, default=Path("faults-output"), help="where summary.json goes; replaced")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args(arguments)
    if asked.trials < 1:
        parser.error("--trials is at least 1")
    print(HEAD, flush=True)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="beholden-faults-") as scratch:
        for row in run(asked.trials, asked.seed, Path(scratch), every_bit_too=asked.every_bit):
            print(row.line(), flush=True)
            rows.append(row)
    shutil.rmtree(asked.out, ignore_errors=True)
    asked.out.mkdir(parents=True)
    ok = all(row.ok for row in rows)
    values = {"ok": ok, "seed": asked.seed, "left_out": why_not(), "faults": [asdict(row) for row in rows]}
    (asked.out / "summary.json").write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    print(f"{'Nothing was lost' if ok else 'NOT as promised'}: {asked.out / 'summary.json'}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
