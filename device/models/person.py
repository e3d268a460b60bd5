"""Make the simulator's person: texture, mesh and triangles.

usage: person.py astronaut.png face_mesh_connections.py FOLDER

portrait.rgb   512x512 8-bit RGB, row by row
mesh.f32       468x3 little-endian float32: x right and y down in pixels of the portrait, z away from the camera
triangles.u16  Nx3 little-endian uint16 mesh points: the tessellation, then fillers for eyes and mouth

The mesh in person-mesh.json was fitted once: MediaPipe's face mesh in two tracking passes over the
portrait, the lid contours moved to where its iris model sees them and the skin rows above carried along
(shares 0.6 and 0.2). It is kept as numbers so that no inference runtime is needed here.
"""

import json
import pathlib
import re
import struct
import sys
import zlib

import numpy as np

# Chains of mesh points along the lower and upper rim of each hole, sharing both ends.
HOLES = [
    ([33, 7, 163, 144, 145, 153, 154, 155, 133], [33, 246, 161, 160, 159, 158, 157, 173, 133]),
    ([263, 249, 390, 373, 374, 380, 381, 382, 362], [263, 466, 388, 387, 386, 385, 384, 398, 362]),
    ([78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308], [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]),
]


def read_png(data):
    """Decodes an 8-bit RGB PNG without interlace."""
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", data[16:29])
    assert (depth, colour, interlace) == (8, 2, 0), "the portrait is not a plain RGB picture"
    packed, at = b"", 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        packed += data[at + 8:at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    raw, stride = zlib.decompress(packed), 3 * width
    above, rows = bytearray(stride), []
    for row in range(height):
        start = row * (stride + 1)
        above = unfilter(raw[start], bytearray(raw[start + 1:start + 1 + stride]), above)
        rows.append(above)
    return b"".join(rows)


def unfilter(kind, line, above):
    """Undoes one row's filter (PNG specification, section 9)."""
    for index in range(len(line)):
        left = line[index - 3] if index >= 3 else 0
        corner = above[index - 3] if index >= 3 else 0
        line[index] = (line[index] + predict(kind, left, above[index], corner)) & 255
    return line


def predict(kind, left, up, corner):
    if kind == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda value: abs(guess - value))
    return (0, left, up, (left + up) // 2)[kind]


def tessellation(source):
    """The triangles whose edges MediaPipe lists three by three."""
    text = source[source.index("FACEMESH_TESSELATION"):]
    edges = [tuple(map(int, edge)) for edge in re.findall(r"\((\d+), (\d+)\)", text)]
    triangles = [tuple(sorted({point for edge in edges[at:at + 3] for point in edge}))
                 for at in range(0, len(edges) - 2, 3)]
    assert all(len(triangle) == 3 for triangle in triangles), "the edges are not listed as triangles"
    return list(dict.fromkeys(triangles))


def fill(lower, upper):
    """Triangles between two chains that share both ends."""
    triangles, low, up = [], 0, 0
    while low < len(lower) - 1 or up < len(upper) - 1:
        if up == len(upper) - 1 or (low < len(lower) - 1 and low <= up):
            triangles.append((lower[low], lower[low + 1], upper[up]))
            low += 1
        else:
            triangles.append((lower[low], upper[up + 1], upper[up]))
            up += 1
    return [triangle for triangle in triangles if len(set(triangle)) == 3]


def main(portrait, connections, folder):
    triangles = tessellation(connections.read_text())
    known = set(map(frozenset, triangles))
    triangles += [triangle for rims in HOLES for triangle in fill(*rims) if frozenset(triangle) not in known]
    mesh = json.loads(pathlib.Path(__file__).with_name("person-mesh.json").read_text())
    (folder / "portrait.rgb").write_bytes(read_png(portrait.read_bytes()))
    (folder / "mesh.f32").write_bytes(np.array(mesh, "<f4").tobytes())
    (folder / "triangles.u16").write_bytes(np.array(triangles, "<u2").tobytes())


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))
