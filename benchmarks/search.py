"""What comparing with everybody costs, from a hundred references to a million: beside reading them, and beside sgemm.

    .venv/bin/python -m benchmarks.search [--out bench-output] [--rounds 7] [--ten-million]

One thread on one CPU, CPU time; float32 vectors of 128 numbers drawn at random, of length 1, in a gallery segment as
the keeper shares it. What is compared takes turns within each round, so that a noisy machine is noisy for all; a ratio
is the median of the rounds' ratios. Below about 10,000 references nothing is read from memory: they lie in the
processor's cache, and calls cost more than numbers.

    read_ms        the vectors read once by the fastest of two of NumPy's kernels: the limit
    single_ms      one probe with everybody (`faces.search.similarities`); single_ratio: times the limit
    subset_ms      one probe with every second person, drawn at random (a place's people); subset_ratio: times the
                   limit for that many
    batch_ms       32 probes in NumPy's products of 192 rows; batch_share: the share of the sgemm peak, which is that of
                   a product of 2048 x 2048 x 2048 in the same round. Nothing in the product compares 32 at once: this
                   says what that would gain
    plain_...      reading, and the batch, in ordinary memory, of which Linux makes large pages (a million at most)
    stranger_ms    a whole decision about five shots of nobody enrolled; stranger_ratio: times the limit
    named_ms       about five shots of somebody who is just alike enough to be named; named_ratio
    gallery_ms     making the gallery of a view that has just changed (`consent.view.gallery_of`), everybody in it

Writes `search.json` (`points`, by size; `cases`) and `search.csv`, ready to be plotted. Ends with 1 when the person was
not named, or the stranger was. Aims that were missed are printed, and are no failure: they depend on the machine.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if __package__ in {None, ""}:  # started as a file
    sys.path[0] = str(ROOT)

import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402

from beholden.consent.segment import Segment  # noqa: E402
from beholden.consent.view import View, gallery_of  # noqa: E402
from beholden.faces.calibration import load_calibration  # noqa: E402
from beholden.faces.catalogue import SFACE  # noqa: E402
from beholden.faces.decide import DecisionRule, decide  # noqa: E402
from beholden.faces.pool import pool  # noqa: E402
from beholden.faces.search import similarities  # noqa: E402
from beholden.faces.shots import MAX_SHOTS, Shot  # noqa: E402
from beholden.model.gallery import Gallery  # noqa: E402
from beholden.model.ids import GrantId, SubjectId  # noqa: E402
from beholden.model.match import Known, Match, Unknown  # noqa: E402
from beholden.model.template import ProbeTemplate  # noqa: E402

DIMS, BATCH = 128, 32
SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
MILLION, TEN_MILLION = 1_000_000, 10_000_000
BATCH_ROWS = 192
"""Rows of one product of a batch: more, and OpenBLAS copies them first."""
SQUARE = 2048
PART = 1 << 17
ENOUGH_S = 0.005
"""What takes less is done several times over."""
MUTUAL, AHEAD = 0.75, 0.03
"""The cosine between two shots of the person who is named, and how far above the threshold their pooled one is."""
AIMS = {"single_ratio": (1.3, 1.1, False), "batch_share": (0.5, 0.65, True)}
"""At a million: the aim, the stretch, and whether more is better."""
Vectors = npt.NDArray[np.float32]
Point = dict[str, float]


def unit(vectors: Vectors) -> Vectors:
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors


def drawn(random: np.random.Generator, vectors: Vectors) -> Vectors:
    """Fill (n, 128) with rows of length 1; in parts, so that there is never a second copy."""
    for start in range(0, len(vectors), PART):
        part = vectors[start : start + PART]
        part[:] = unit(random.standard_normal(part.shape, np.float32))
    return vectors


def view_of(rows: npt.NDArray[np.intp]) -> View:
    """A view of these rows, each of somebody else."""
    return View(
        subjects=tuple(SubjectId(f"s_{row:020x}") for row in rows),
        grants=tuple(GrantId(f"g_{row:020x}") for row in rows),
        rows=tuple(rows.tolist()),
        model=SFACE.digest,
        naming=True,
        since=datetime.min.replace(tzinfo=UTC),
        until=datetime.max.replace(tzinfo=UTC),
        version=1,
        segment=0,
    )


def track_of(random: np.random.Generator, like: Vectors, cosine: float) -> list[Shot]:
    """Five shots whose pooled template has this cosine to `like` (128,), and `MUTUAL` with each other."""
    axes = np.linalg.qr(np.column_stack([like, random.standard_normal((DIMS, MAX_SHOTS + 1))]))[0].T
    axes[0] = like
    own = cosine * np.sqrt((1 + (MAX_SHOTS - 1) * MUTUAL) / MAX_SHOTS)
    vectors = [own * axes[0] + np.sqrt(MUTUAL - own**2) * axes[1] + np.sqrt(1 - MUTUAL) * axis for axis in axes[2:]]
    return [
        Shot(ProbeTemplate(vector.astype(np.float32), SFACE.digest, 1), 1.0, 0.4 * number)
        for number, vector in enumerate(vectors)
    ]


def cpu_ms(work: Callable[[], object]) -> float:
    """Milliseconds of CPU for one call."""
    calls, spent = 0, 0.0
    began = time.thread_time()
    while spent < ENOUGH_S:
        work()
        calls, spent = calls + 1, time.thread_time() - began
    return 1000 * spent / calls


class Bench:
    """Everything that is measured with `count` references."""

    def __init__(self, count: int, random: np.random.Generator) -> None:
        self.count = count
        self._segment = Segment(count, DIMS)
        self._vectors = drawn(random, self._segment.rows)
        self._flat = self._vectors.reshape(-1)
        self._plain = self._vectors[:MILLION].copy()
        self._view = view_of(np.arange(count))
        self._all = gallery_of(self._view, self._vectors)
        half = np.sort(random.permutation(count)[: count // 2])
        self._half = gallery_of(view_of(half), self._vectors)
        self._probes = np.ascontiguousarray(drawn(random, np.empty((BATCH, DIMS), np.float32)).T)
        self._out = np.empty((min(count, BATCH_ROWS), BATCH), np.float32)
        self._square = random.standard_normal((SQUARE, SQUARE), np.float32)
        self._product = np.empty_like(self._square)
        self._rule, self._calibration = DecisionRule(), load_calibration(SFACE)
        held_to = max(count, self._rule.least_gallery)
        needed = self._calibration.for_fpir(self._rule.fpir, held_to, MAX_SHOTS).cosine + AHEAD
        self._stranger = track_of(random, unit(random.standard_normal(DIMS, np.float32)), needed)
        self._person = track_of(random, self._vectors[count // 3], needed)

    def read(self, values: Vectors) -> float:
        """The limit for these (flat) numbers, ms: each of two kernels that do next to nothing with what they read."""
        whole = values.view(np.int64)
        return min(cpu_ms(lambda: np.dot(values, values)), cpu_ms(lambda: np.bitwise_or.reduce(whole)))

    def round(self) -> Point:
        count = self.count
        probe = self._stranger[0].probe
        whole, half = self.read(self._flat), self.read(self._flat[: len(self._half) * DIMS])
        peak = 2 * SQUARE**3 / cpu_ms(lambda: np.matmul(self._square, self._square, out=self._product))
        found: Point = {
            "references": count,
            "read_ms": whole,
            "single_ms": cpu_ms(lambda: similarities(probe, self._all)),
            "subset_ms": cpu_ms(lambda: similarities(probe, self._half)),
            "batch_ms": cpu_ms(lambda: self._batch(self._vectors)),
            "plain_read_ms": self.read(self._plain.reshape(-1)),
            "plain_batch_ms": cpu_ms(lambda: self._batch(self._plain)),
            "peak_gflop_per_s": peak / 1e6,
            "stranger_ms": cpu_ms(lambda: self._decided(self._stranger, self._all)),
            "named_ms": cpu_ms(lambda: self._decided(self._person, self._all)),
            "gallery_ms": cpu_ms(lambda: gallery_of(self._view, self._vectors)),
        }
        found |= {f"{what}_ratio": found[f"{what}_ms"] / whole for what in ("single", "stranger", "named")}
        found["subset_ratio"] = found["subset_ms"] / half
        flops = 2 * DIMS * BATCH
        found["batch_share"] = flops * count / peak / found["batch_ms"]
        found["plain_batch_share"] = flops * len(self._plain) / peak / found["plain_batch_ms"]
        return found

    def close(self) -> None:
        self._segment.close()

    def broken(self) -> str | None:
        """Why the figures are not worth anything, if so."""
        person, stranger = self._decided(self._person, self._all), self._decided(self._stranger, self._all)
        if not (isinstance(person, Known) and person.subject == self._view.subjects[self.count // 3]):
            return f"the person was not named among {self.count}: {person.why.reason}"
        return None if isinstance(stranger, Unknown) else f"a stranger is {stranger.why.reason} among {self.count}"

    def _decided(self, shots: list[Shot], gallery: Gallery) -> Match:
        with pool([(shot.probe, shot.quality) for shot in shots]) as probe:
            return decide(probe, shots, gallery, self._calibration, self._rule)[0]

    def _batch(self, vectors: Vectors) -> None:
        for start in range(0, len(vectors), BATCH_ROWS):
            rows = vectors[start : start + BATCH_ROWS]
            np.matmul(rows, self._probes, out=self._out[: len(rows)])


def measured(sizes: list[int], rounds: int) -> dict[str, object]:
    """In this process, which must have one thread: a point for each size, and what is wrong with them, if anything."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    points: list[Point] = []
    for count in sizes:
        bench = Bench(count, np.random.default_rng(count))
        bench.round()  # nothing is allocated for the first time while it is measured
        each = [bench.round() for _ in range(rounds)]
        points.append({name: float(np.median([one[name] for one in each])) for name in each[0]})
        if (wrong := bench.broken()) is not None:
            return {"points": points, "wrong": wrong}
        bench.close()
        del bench  # before the next one is drawn
    return {"points": points, "wrong": None}


def measure(sizes: tuple[int, ...], rounds: int) -> list[Point]:
    """The points, from a process of its own with one thread. Ends this one when they are not worth anything."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "benchmarks.search", "--rounds", str(rounds), "--sizes", *map(str, sizes)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | one, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the search failed:\n{done.stderr.strip()[-2000:]}")
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    if answer["wrong"] is not None:
        raise SystemExit(f"FAILED: {answer['wrong']}")
    return answer["points"]


def cases_of(points: list[Point]) -> list[dict[str, object]]:
    """What was reached of each aim."""
    at = next(point for point in points if point["references"] == MILLION)
    return [
        {
            "case": f"search_1m_{name}",
            "value": round(at[name], 3),
            "aim": aim,
            "stretch": stretch,
            "reached": at[name] >= aim if more else at[name] <= aim,
        }
        for name, (aim, stretch, more) in AIMS.items()
    ]


def cases(rounds: int = 5) -> list[dict[str, object]]:
    """The aims at a million references, measured now (about half a minute): rows for the result of `make bench`."""
    return cases_of(measure((MILLION,), rounds))


def table(points: list[Point]) -> str:
    """The points as text."""
    heads = ("references", "read_ms", "single_ms", "single_ratio", "subset_ratio", "batch_share", "plain_batch_share")
    heads = (*heads, "stranger_ms", "stranger_ratio", "named_ms", "named_ratio", "gallery_ms")
    lines = ["  ".join(f"{head:>{max(10, len(head))}}" for head in heads)]
    lines += ["  ".join(f"{point[head]:>{max(10, len(head))},.4g}" for head in heads) for point in points]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="What comparing with everybody costs.")
    parser.add_argument("--out", type=Path, default=ROOT / "bench-output")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--ten-million", action="store_true", help="10 million references too: needs 12 GB")
    parser.add_argument("--sizes", type=int, nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.sizes:
        print(json.dumps(measured(options.sizes, options.rounds)))
        return 0
    points = measure((*SIZES, TEN_MILLION) if options.ten_million else SIZES, options.rounds)
    found = cases_of(points)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "search.json"
    path.write_text(json.dumps({"points": points, "cases": found}, indent=1) + "\n", encoding="utf-8")
    with (options.out / "search.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(points[0]))
        writer.writeheader()
        writer.writerows(points)
    print(table(points))
    for case in found:
        verdict = "reached" if case["reached"] else "MISSED"
        print(f"  {case['case']}: {case['value']}, aim {case['aim']}, stretch {case['stretch']}: {verdict}")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
