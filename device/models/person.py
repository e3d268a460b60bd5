"""The simulated person: a portrait, the face mesh fitted to it, and the triangles that carry its skin.

The mesh is fitted once, by `fit-person`, and kept in person-mesh.json: so a build needs no neural network.
"""

import re
import struct
import zlib

# Chains of mesh points between the corners of an opening, the lower before the upper.
RIGHT_EYE = ([33, 7, 163, 144, 145, 153, 154, 155, 133], [33, 246, 161, 160, 159, 158, 157, 173, 133])
LEFT_EYE = ([263, 249, 390, 373, 374, 380, 381, 382, 362], [263, 466, 388, 387, 386, 385, 384, 398, 362])
MOUTH = ([78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308], [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308])


def portrait(png):
    """Unpacks an 8-bit RGB picture, not interlaced, to raw rows from the top."""
    width, height, form = struct.unpack(">II5s", png[16:29])
    if png[:8] != b"\x89PNG\r\n\x1a\n" or form != b"\x08\x02\0\0\0":
        raise ValueError("the portrait is not an 8-bit RGB PNG")
    packed, position = b"", 8
    while position < len(png):
        length, kind = struct.unpack(">I4s", png[position:position + 8])
        if kind == b"IDAT":
            packed += png[position + 8:position + 8 + length]
        position += length + 12
    data, stride = zlib.decompress(packed), 3 * width
    rows, above = [], bytes(stride)
    for start in range(0, height * (stride + 1), stride + 1):
        above = unfilter(data[start], data[start + 1:start + 1 + stride], above)
        rows.append(above)
    return b"".join(rows)


def unfilter(kind, row, above):
    """One row of a PNG with three bytes a pixel, from its differences to the left and the row above."""
    padding = bytes(3)
    row, above = bytearray(padding + row), padding + above
    for at in range(3, len(row)):
        left, up, corner = row[at - 3], above[at], above[at - 3]
        row[at] = (row[at] + (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]) & 255
    return bytes(row[3:])


def paeth(left, up, corner):
    """The neighbour nearest to left + up - corner, as PNG breaks ties."""
    estimate = left + up - corner
    return min((left, up, corner), key=lambda neighbour: abs(estimate - neighbour))


def mesh(points):
    """468 x (x, y, z), little-endian float32."""
    return b"".join(struct.pack("<3f", *point) for point in points)


def triangles(connections):
    """N x 3 point numbers, little-endian uint16: the mesh's tessellation, then fillers for eyes and mouth."""
    edges = [int(number) for number in re.findall(r"\d+", connections.partition("FACEMESH_TESSELATION")[2])]
    skin = [tuple(sorted(set(edges[start:start + 6]))) for start in range(0, len(edges), 6)]
    holes = [tuple(corners) for chains in (RIGHT_EYE, LEFT_EYE, MOUTH) for corners in filler(*chains)]
    known = set(skin)
    every = list(dict.fromkeys(skin)) + [corners for corners in holes if tuple(sorted(corners)) not in known]
    if any(len(corners) != 3 for corners in every):
        raise ValueError("the tessellation is not a list of triangles")
    return b"".join(struct.pack("<3H", *corners) for corners in every)


def filler(lower, upper):
    """Triangles between two chains of equal length that share both ends."""
    corners = []
    for step in range(len(lower) - 1):
        corners += [(lower[step], lower[step + 1], upper[step]), (lower[step + 1], upper[step + 1], upper[step])]
    return [triangle for triangle in corners if len(set(triangle)) == 3]
