"""Runs the peers over the frames of a Motion JPEG file, one round for each word on standard input.

usage: peers.py FRAMES.mjpeg DLIB_NETWORK.dat

The words are `mesh`: decode with OpenCV and fit MediaPipe's FaceMesh with refined eyes, and `template`: compute
dlib's face descriptor of every tenth frame's 150 pixel chip. The answer is a line of JSON with the mean time of one
piece of work in milliseconds, of the CPU (all threads) and of the wall; or `missing` with the reason.
"""

import json
import pathlib
import re
import sys
import time

import cv2
import mediapipe
import numpy


def face_mesh():
    return mediapipe.solutions.face_mesh.FaceMesh(
        static_image_mode=False, max_num_faces=1, refine_landmarks=True)


def decode(jpeg):
    return cv2.imdecode(numpy.frombuffer(jpeg, numpy.uint8), cv2.IMREAD_COLOR_RGB)


def timed(work, items):
    """Does the work for every item; the first, which sets up, is not counted."""
    work(items[0])
    cpu, wall = time.process_time(), time.perf_counter()
    hits = sum(bool(work(item)) for item in items[1:])
    count = len(items) - 1
    return {
        "cpu": (time.process_time() - cpu) / count * 1000,
        "wall": (time.perf_counter() - wall) / count * 1000,
        "found": hits / count,
    }


def chips(jpegs):
    """The faces as dlib's network takes them: 150 pixels, cut roughly, as only the time counts."""
    with face_mesh() as mesh:
        for jpeg in jpegs:
            picture = decode(jpeg)
            faces = mesh.process(picture).multi_face_landmarks
            if not faces:
                continue
            height, width = picture.shape[:2]
            places = numpy.array([(p.x * width, p.y * height) for p in faces[0].landmark])
            (left, top), (right, bottom) = places.min(0), places.max(0)
            centre, side = ((left + right) / 2, (top + bottom) / 2), max(right - left, bottom - top) * 1.25
            yield cv2.getRectSubPix(cv2.resize(picture, None, fx=150 / side, fy=150 / side), (150, 150),
                                    (centre[0] * 150 / side, centre[1] * 150 / side))


def mesh_round(jpegs):
    with face_mesh() as mesh:
        return timed(lambda jpeg: mesh.process(decode(jpeg)).multi_face_landmarks, jpegs)


def make_template_round(jpegs, network):
    try:
        import dlib
        recogniser = dlib.face_recognition_model_v1(network)
    except (ImportError, RuntimeError) as reason:
        return lambda: {"missing": str(reason)}
    cut = list(chips(jpegs[::10]))
    return lambda: timed(recogniser.compute_face_descriptor, cut)


def main():
    cv2.setNumThreads(1)
    frames, network = sys.argv[1:]
    jpegs = re.findall(rb"\xff\xd8.*?\xff\xd9", pathlib.Path(frames).read_bytes(), re.DOTALL)
    rounds = {"mesh": lambda: mesh_round(jpegs), "template": make_template_round(jpegs, network)}
    print(json.dumps({"frames": len(jpegs)}), flush=True)
    for word in sys.stdin:
        print(json.dumps(rounds[word.strip()]()), flush=True)


main()
