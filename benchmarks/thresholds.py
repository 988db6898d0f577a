"""Measure the non-mated score distribution that `faces/calibrations/*.json` is made of.

    python benchmarks/thresholds.py ../shared/data/london_cc-by > src/beholden/faces/calibrations/sface-2021dec.json

Consenting people of the Face Research Lab London Set (CC BY 4.0), every second person by number
(the others stay for evaluation). Each photo is degraded like a shot from a camera: 48 to 140 pixels
of face width, turned a little, blurred, dimmed, noisy, compressed. Non-mated pairs are of the same
sex and ethnicity as the people themselves gave them, which is the hard stratum. The aggregate is
printed: thresholds, counts, the fit's limits; no name, no single score.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from pathlib import Path

import cv2
import numpy as np

from beholden.faces.align import align
from beholden.faces.catalogue import SFACE, YUNET
from beholden.faces.detect import Detector
from beholden.faces.embed import Embedder
from beholden.faces.weights import load_folded

VARIANTS = 30
POOLED = (1, 2, 3, 5)
RESAMPLES = 200
RATES = (3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6)


def degrade(image: np.ndarray, face_width: float, random: np.random.Generator) -> np.ndarray:
    """A camera's view of the photo: smaller, turned, blurred, dimmed, noisy, compressed."""
    width = random.uniform(48, 140)
    height, across = image.shape[:2]
    turn = cv2.getRotationMatrix2D((across / 2, height / 2), random.uniform(-12, 12), 1)
    image = cv2.warpAffine(image, turn, (across, height), borderValue=(128, 128, 128))
    scale = width / face_width
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if random.random() < 0.6:
        image = cv2.GaussianBlur(image, (0, 0), random.uniform(0.3, 1.0))
    gain = random.uniform(0.55, 1.15)
    noisy = image.astype(np.float32) * gain + random.normal(0, random.uniform(1, 7), image.shape)
    image = np.clip(noisy, 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(random.uniform(35, 85))])[1]
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)


def numbers(embedder: Embedder, aligned: np.ndarray) -> np.ndarray:
    # The probe is wiped as soon as nothing holds it, so it is held while it is copied.
    with embedder.embed(aligned) as probe:
        return probe.vector.copy()


def templates(folder: Path, people: list[str], detector: Detector, embedder: Embedder) -> tuple[dict, dict, list[str]]:
    """References (pooled clean photos) and probes (degraded shots) of each person."""
    random = np.random.default_rng(20261122)
    references, probes, digests = {}, {}, []
    for person in people:
        clean, shots = [], []
        for name in (f"neutral_front/{person}_03.jpg", f"smiling_front/{person}_08.jpg"):
            data = (folder / name).read_bytes()
            digests.append(hashlib.sha256(data).hexdigest())
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            face = detector.detect(image, 0.6)[0]
            clean.append(numbers(embedder, align(image, face.landmarks)))
            for _ in range(VARIANTS // 2):
                seen = degrade(image, face.box.w, random)
                found = detector.detect(seen, 0.6)
                if found:
                    shots.append(numbers(embedder, align(seen, found[0].landmarks)))
        references[person] = np.mean(clean, 0) / np.linalg.norm(np.mean(clean, 0))
        probes[person] = np.array(shots)
    return references, probes, digests


def pooled(shots: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    draws = np.array([shots[random.permutation(len(shots))[:size]].mean(0) for _ in range(len(shots))])
    return draws / np.linalg.norm(draws, axis=1, keepdims=True)


def table(nonmated: np.ndarray, pairs: list[tuple[str, str]], people: list[str], random: np.random.Generator) -> dict:
    """Thresholds by FMR with an upper bound over resampled people, which is what decisions use.

    `nonmated` is (pairs, shots). A straight line in log FMR is fitted between 1e-3 and 3e-2 and
    carried beyond; a rate with fewer than 30 independent errors behind it is called extrapolated.
    """
    fits = [fit(nonmated.ravel())]
    for _ in range(RESAMPLES):
        times = dict.fromkeys(people, 0)
        for person in random.choice(people, len(people)):
            times[person] += 1
        weights = np.array([times[a] * times[b] for a, b in pairs])
        fits.append(fit(np.repeat(nonmated, weights, axis=0).ravel()))
    thresholds = {}
    for rate in RATES:
        values = [(np.log10(rate) - offset) / slope for slope, offset in fits]
        thresholds[f"{rate:.0e}"] = {
            "threshold": round(float(np.quantile(values[1:], 0.9)), 4),
            "point": round(float(values[0]), 4),
            "extrapolated": rate < 30 / (len(pairs) * 2),
        }
    return {"comparisons": nonmated.size, "thresholds": thresholds}


def fit(scores: np.ndarray) -> tuple[float, float]:
    """Slope and offset of log10 FMR over the threshold, from the upper tail of the scores."""
    ordered = np.sort(scores)[::-1]
    rates = np.geomspace(1e-3, 3e-2, 12)
    slope, offset = np.polyfit([ordered[int(rate * len(ordered))] for rate in rates], np.log10(rates), 1)
    return float(slope), float(offset)


def main() -> None:
    folder = Path(sys.argv[1])
    rows = list(csv.DictReader((folder / "london_info.csv").open()))
    rows = [{key.strip('"'): value.strip('"') for key, value in row.items()} for row in rows]
    label = {row["face_id"].lstrip("X_").zfill(3): (row["face_gender"], row["face_eth"]) for row in rows}
    people = sorted(path.name[:3] for path in (folder / "neutral_front").glob("*_03.jpg"))[::2]
    detector, embedder = Detector(YUNET, load_folded(YUNET)), Embedder(SFACE, load_folded(SFACE))
    references, probes, digests = templates(folder, people, detector, embedder)
    pairs = [(a, b) for a in people for b in people if a != b and label.get(a) == label.get(b)]
    random = np.random.default_rng(7)
    out = {
        "model": SFACE.digest,
        "made_by": "benchmarks/thresholds.py",
        "data": "Face Research Lab London Set (CC BY 4.0), every second person",
        "data_digest": hashlib.sha256("".join(digests).encode()).hexdigest(),
        "stratum": "same self-reported sex and ethnicity",
        "people": len(people),
        "pairs": len(pairs),
        "by_shots": {},
    }
    for size in POOLED:
        drawn = {person: pooled(probes[person], size, random) for person in people}
        most = min(len(shots) for shots in drawn.values())
        nonmated = np.array([drawn[a][:most] @ references[b] for a, b in pairs])
        mated = np.concatenate([drawn[a] @ references[a] for a in people])
        out["by_shots"][str(size)] = table(nonmated, pairs, people, random)
        print(size, "mated quantiles .1% 1% 5% 50%", np.quantile(mated, [0.001, 0.01, 0.05, 0.5]), file=sys.stderr)
    json.dump(out, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
