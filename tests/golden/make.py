"""Write tests/golden/faces.json with OpenCV's own YuNet and SFace, on synthetic people.

    python tests/golden/make.py

Run by hand when a golden image is added; never to make a failing test pass.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from beholden.faces.catalogue import SFACE, YUNET
from beholden.faces.weights import find_shipped
from tests.golden.images import GOLDEN, golden_image


def main() -> None:
    detector = cv2.FaceDetectorYN.create(str(find_shipped(YUNET)), "", (320, 320), 0.6, 0.3, 5000)
    recogniser = cv2.FaceRecognizerSF.create(str(find_shipped(SFACE)), "")
    rows = {}
    for name in GOLDEN:
        image = golden_image(name)
        detector.setInputSize((image.shape[1], image.shape[0]))
        found = detector.detect(image)[1]
        feature = recogniser.feature(recogniser.alignCrop(image, found[0]))[0]
        rows[name] = {
            "faces": len(found),
            "box": [round(float(v), 4) for v in found[0][:4]],
            "landmarks": [round(float(v), 4) for v in found[0][4:14]],
            "score": round(float(found[0][14]), 6),
            "template": [round(float(v), 6) for v in feature / np.linalg.norm(feature)],
        }
    digests = {"detector": YUNET.digest, "recogniser": SFACE.digest}
    out = {"made_with": f"OpenCV {cv2.__version__}", **digests, "images": rows}
    Path(__file__).with_name("faces.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
