"""The log at a million leaves: appending, signing, proving, verifying, finding one's own, each beside a floor.

    make bench-log    or    .venv/bin/python -m benchmarks.log [--out bench-output] [--leaves 1000000] [--rounds 3]

One thread, one process, files in the page cache. Each figure stands beside its limit and beside what
the same bytes cost without a log, measured in the same run, in turn. The median of the rounds counts.

    appends_per_s      leaves, in batches of 256 through FileLog, every fsync in it; floor: the same bytes
                       written and fsynced at the end of one file, a batch at a time
    sign_ms            the root from the edge, and the signed head; floor: the Ed25519 signature alone
    proof_ms           an inclusion proof of a random leaf read from tiles and held against the head, the
                       median (proof_p95_ms); floor: reading the same files
    verify_1m_s        FileLog.open: every leaf hashed, every tile compared; floor: hashing the same leaves
                       one by one, their files read, no tree
    scan_leaves_per_s  a person's own leaves, all of a month that there is a key of, read from bundles;
                       peer: the same with parse_leaf and hmac.digest

Writes `log.json`. Ends with 1 when a proof, the log or the scan came out wrong. Limits that were
missed are printed, and are no failure: they depend on the machine.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if __package__ in {None, ""}:  # started as a file
    sys.path[0] = str(ROOT)

from beholden.ledger.checkpoint import Checkpoint  # noqa: E402
from beholden.ledger.hashing import leaf_hash  # noqa: E402
from beholden.ledger.leaf import Month, new_leaf, parse_leaf  # noqa: E402
from beholden.ledger.log import FileLog  # noqa: E402
from beholden.ledger.note import SigningKey  # noqa: E402
from beholden.ledger.proof import verify_inclusion  # noqa: E402
from beholden.ledger.scan import own_leaves  # noqa: E402
from beholden.ledger.tiles import ENTRIES, WIDTH, encode_leaves, parse_leaves, tile_at  # noqa: E402
from benchmarks.engine import processor  # noqa: E402
from benchmarks.figures import Spread, median  # noqa: E402

ORIGIN = "beholden.invalid/bench"
MOMENT = datetime(2026, 11, 23, 9, tzinfo=UTC)
MILLION = 1_000_000
BATCH = 256
BATCHES, ONE_BY_ONE, PROOFS, SIGNATURES = 60, 255, 1000, 300
"""In each round."""
OWN_EVERY = 1000
PEER_LEAVES = 50_000
BUILD_BATCH = 1 << 15


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its limit (`least` or else at most), and what the floor or peer of the same run reached."""

    name: str
    value: float
    limit: float
    least: bool
    beside: str
    floor: float

    @property
    def reached(self) -> bool:
        return self.value >= self.limit if self.least else self.value <= self.limit

    def line(self) -> str:
        verdict = "reached" if self.reached else "MISSED"
        bound = f"{'at least' if self.least else 'at most'} {self.limit:g}"
        return f"  {self.name:<18} {self.value:>12,.3f}  {bound:<18} {verdict:<8} {self.beside}: {self.floor:,.3f}"


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def middle(values: list[float]) -> float:
    found = median(values)
    assert found is not None
    return found


class Bench:
    """One log of `leaves` leaves, every thousandth of them about a person with `key`."""

    def __init__(self, folder: Path, leaves: int) -> None:
        self._folder, self._leaves = folder, leaves
        self._key = secrets.token_bytes(32)
        self._log = FileLog.create(folder / "log", ORIGIN)
        began = time.perf_counter()
        for start in range(0, leaves, BUILD_BATCH):
            self._log.append([self._leaf(n) for n in range(start, min(start + BUILD_BATCH, leaves))])
        print(f"A log of {leaves:,} leaves of 85 bytes, made in {time.perf_counter() - began:.1f} s", flush=True)

    def _leaf(self, number: int) -> bytes:
        key = None if number % OWN_EVERY else self._key
        return new_leaf(bytes(32), MOMENT, key).encoded()

    def _bundles(self, most: int | None = None) -> Iterator[bytes]:
        count = self._leaves if most is None else min(most, self._leaves)
        for index in range((count - 1) // WIDTH + 1):
            tile = tile_at(ENTRIES, index, self._leaves)
            assert tile is not None
            yield (self._folder / "log" / tile.path).read_bytes()

    def verifying(self) -> tuple[float, float]:
        """Seconds for a million leaves: opening the log, and hashing its leaves alone."""

        def hash_leaves() -> None:
            for bundle in self._bundles():
                for leaf in parse_leaves(bundle):
                    leaf_hash(leaf)

        ours = seconds(lambda: FileLog.open(self._folder / "log"))
        return ours * MILLION / self._leaves, seconds(hash_leaves) * MILLION / self._leaves

    def proving(self) -> tuple[list[float], list[float]]:
        """Milliseconds of each proof, and of reading the files that it is read from."""
        tree, ours, floor = self._log.tree(), [], []
        for _ in range(PROOFS):
            index = random.randrange(self._leaves)
            began = time.perf_counter()
            proof = tree.inclusion(index)
            ours.append((time.perf_counter() - began) * 1e3)
            files = self._files(index)
            floor.append(seconds(lambda files=files: [file.read_bytes() for file in files]) * 1e3)
            if not verify_inclusion(leaf_hash(tree.leaf(index)), index, self._leaves, proof, tree.head.root):
                raise SystemExit(f"FAILED: the proof of leaf {index} is wrong")
        return ours, floor

    def _files(self, index: int) -> list[Path]:
        """The tiles above a leaf, and the last ones of each level."""
        found, level = [tile_at(ENTRIES, index // WIDTH, self._leaves)], 0
        while self._leaves >> (8 * level):
            last = ((self._leaves >> (8 * level)) - 1) // WIDTH
            found += [tile_at(level, min(index >> (8 * (level + 1)), last), self._leaves)]
            found += [tile_at(level, last, self._leaves)]
            level += 1
        return [self._folder / "log" / tile.path for tile in dict.fromkeys(found) if tile is not None]

    def signing(self) -> tuple[float, float]:
        """Milliseconds: root and signed head from the right edge of the tree, and one signature."""
        edge, key = self._log._edge, SigningKey.generate(ORIGIN)
        text = Checkpoint(ORIGIN, edge.size, edge.root()).text().encode()
        ours = [seconds(lambda: Checkpoint(ORIGIN, edge.size, edge.root()).signed(key)) for _ in range(SIGNATURES)]
        floor = [seconds(lambda: key.sign(text)) for _ in range(SIGNATURES)]
        return middle(ours) * 1e3, middle(floor) * 1e3

    def scanning(self) -> tuple[float, float]:
        """Leaves a second."""
        found: list[int] = []
        took = seconds(lambda: found.extend(own_leaves(self._bundles(), {Month.of(MOMENT): self._key})))
        if found != list(range(0, self._leaves, OWN_EVERY)):
            raise SystemExit(f"FAILED: the scan found {len(found)} leaves, others than those about the person")
        count = min(PEER_LEAVES, self._leaves)
        return self._leaves / took, count / seconds(lambda: self._plain_scan(count))

    def _plain_scan(self, most: int) -> int:
        hits = 0
        for bundle in self._bundles(most):
            for data in parse_leaves(bundle):
                leaf = parse_leaf(data)
                hits += hmac.compare_digest(hmac.digest(self._key, leaf.nonce, hashlib.sha256), leaf.tag)
        return hits

    def appending(self) -> tuple[float, float]:
        """Leaves a second in batches. The log grows by it, so this comes last."""
        batches = [[self._leaf(1) for _ in range(BATCH)] for _ in range(BATCHES)]
        ours = seconds(lambda: [self._log.append(batch) for batch in batches])
        file = os.open(self._folder / "plain", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

        def plain() -> None:
            for batch in batches:
                os.write(file, encode_leaves(batch))
                os.fsync(file)

        try:
            return BATCH * BATCHES / ours, BATCH * BATCHES / seconds(plain)
        finally:
            os.close(file)

    def one_by_one(self) -> Spread:
        """Milliseconds of an append of one leaf, fsync in it, while a tile fills up."""
        leaf = self._leaf(1)
        return Spread.of([seconds(lambda: self._log.append([leaf])) * 1e3 for _ in range(ONE_BY_ONE)])


def measure(bench: Bench, rounds: int) -> tuple[list[Figure], dict[str, object]]:
    """The figures, and everything that was measured."""
    verify, sign, scan, proofs = [], [], [], []
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds}", flush=True)
        verify.append(bench.verifying())
        proofs.append(bench.proving())
        sign.append(bench.signing())
        scan.append(bench.scanning())
    appends = [bench.appending() for _ in range(rounds)]
    single = bench.one_by_one()
    ours, floor = (Spread.of([ms for each in proofs for ms in each[side]]) for side in (0, 1))
    assert ours.p50 is not None
    assert ours.p95 is not None
    figures = [
        _figure("appends_per_s", appends, 5000, "one file, fsynced", least=True),
        _figure("sign_ms", sign, 2, "signature alone"),
        Figure("proof_ms", ours.p50, 1, False, "reading the files", floor.p50 or 0),
        Figure("proof_p95_ms", ours.p95, 1, False, "reading the files", floor.p95 or 0),
        _figure("verify_1m_s", verify, 10, "hashing the leaves"),
        _figure("scan_leaves_per_s", scan, 300_000, "parse_leaf, hmac.digest", least=True),
    ]
    runs = {"appends": appends, "sign": sign, "verify": verify, "scan": scan, "append_of_one_ms": single.as_values()}
    return figures, runs


def _figure(name: str, runs: list[tuple[float, float]], limit: float, beside: str, *, least: bool = False) -> Figure:
    ours, floor = (middle([run[side] for run in runs]) for side in (0, 1))
    return Figure(name, ours, limit, least, beside, floor)


def main() -> int:
    parser = argparse.ArgumentParser(description="Speed of the log, beside its limits and floors.")
    parser.add_argument("--out", type=Path, default=ROOT / "bench-output")
    parser.add_argument("--leaves", type=int, default=MILLION)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    began = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="log-", dir=options.out) as folder:
        figures, runs = measure(Bench(Path(folder), options.leaves), options.rounds)
    result = {
        **{figure.name: round(figure.value, 4) for figure in figures},
        "figures": [{**asdict(figure), "reached": figure.reached} for figure in figures],
        "leaves": options.leaves,
        "runs": runs,
        "machine": {"processor": processor(), "cpus": os.cpu_count(), "load": os.getloadavg()[0]},
        "method": {"rounds": options.rounds, "batch": BATCH, "proofs": PROOFS, "peer_leaves": PEER_LEAVES},
        "seconds": round(time.monotonic() - began, 1),
    }
    path = options.out / "log.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print("\n".join(figure.line() for figure in figures))
    if options.leaves != MILLION:
        print(f"  Of {options.leaves:,} leaves: verify_1m_s is scaled, proofs are of a smaller tree.")
    print(f"{path}, {result['seconds']} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
