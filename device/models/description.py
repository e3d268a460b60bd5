"""Describe a pack: the text of pack.json."""

import json
import pathlib


def describe(pack, pins):
    """The same files and pins give the same text."""

    def file(name):
        return {"file": name, "sha256": pins["pack"][name], "bytes": (pack / name).stat().st_size}

    def source(name):
        """Where a member comes from, and under which licence."""
        for requirement, package in pins["packages"].items():
            for path in package["members"]:
                if pathlib.Path(path).name == name:
                    return {"origin": f"{requirement}: {path}", "licence": package["licence"]}
        raise KeyError(name)

    def model(name, member, side, **values):
        picture = {"width": side, "height": side, "channels": "RGB", **values}
        return {**file(name), **source(member), "input": picture}

    description = {
        "format": 1,
        "name": "mediapipe-0.10.21+dlib-resnet-v1",
        "models": {
            "detector": model("detector.tflite", "face_detection_short_range.tflite", 128, low=-1, high=1),
            "mesh": model("mesh.tflite", "face_landmark.tflite", 192, low=0, high=1),
            "iris": model("iris.tflite", "iris_landmark.tflite", 64, low=0, high=1),
            "recognition": model(
                "recognition.tflite", "dlib_face_recognition_resnet_model_v1.dat", 150,
                mean=[122.782, 117.001, 104.298], scale=256),
        },
        "alignment": {
            "size": 150,
            "padding": 0.25,
            "meshPoints": [263, 362, 33, 133, 2],
            "template": [
                [0.8595674595992, 0.2134981538014], [0.6460604764104, 0.2289674387677],
                [0.1205750620789, 0.2137274526848], [0.3340850613712, 0.2290642403242],
                [0.4901123135679, 0.6277975316475],
            ],
        },
        "metric": "euclidean",
        "dimensions": 128,
        "thresholds": [
            {
                "name": "provisional-1", "match": 0.42, "nonMatch": 0.60,
                "validation": "not yet validated on ID portraits",
            },
            # More customers are left to the clerk.
            {
                "name": "cautious-1", "match": 0.36, "nonMatch": 0.60,
                "validation": "not yet validated on ID portraits",
            },
        ],
        "simulator": {
            "files": {
                "portrait": {**file("simulator/portrait.rgb"), "width": 512, "height": 512},
                "mesh": {**file("simulator/mesh.f32"), "count": 468},
                "triangles": {**file("simulator/triangles.u16"), "count": 898},
            },
            "origin": "; ".join(source(name)["origin"] for name in ("astronaut.png", "face_mesh_connections.py")),
            "licence": "portrait: public domain (NASA); mesh and triangles: Apache-2.0",
        },
    }
    return json.dumps(description, indent=2, sort_keys=True) + "\n"
