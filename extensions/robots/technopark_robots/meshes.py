"""MuJoCo's shapes as triangles: all that one body shows becomes a single coloured mesh.

Called by `view.py`. One mesh a body and not one a shape, because every object in the browser costs
a message of about a kilobyte on a school's line, and a triangle only some bytes.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import mujoco
import numpy as np
import numpy.typing as npt

from technopark_robots import mjcf

Floats = npt.NDArray[np.float64]

AROUND: Final = 16  # corners of a circle
BOX_CORNERS: Final = np.array(
    [[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], dtype=np.float64
)
BOX_TRIANGLES: Final = np.array(
    [
        *((0, 2, 1), (1, 2, 3), (4, 5, 6), (5, 7, 6)),  # bottom, top
        *((0, 1, 4), (1, 5, 4), (2, 6, 3), (3, 6, 7)),  # right, left
        *((0, 4, 2), (2, 4, 6), (1, 3, 5), (3, 7, 5)),  # back, front
    ]
)


@dataclass(frozen=True)
class Mesh:
    """Corners (metres, n x 3), their colours (0-255, n x 3), triangles (numbers of corners)."""

    corners: npt.NDArray[np.float32]
    colors: npt.NDArray[np.uint8]
    triangles: npt.NDArray[np.uint16]


def mesh_of(model: mujoco.MjModel, body: int) -> Mesh:
    """Every visible shape of a body (0 is the world itself) in that body's own frame."""
    corners, colors, triangles = [], [], []
    count = 0
    for index in range(model.ngeom):
        rgba = model.geom_rgba[index]
        if model.geom_bodyid[index] != body or rgba[3] == 0:
            continue
        own_corners, own_triangles = solid(model.geom_type[index], model.geom_size[index])
        placed = own_corners @ rotation(model.geom_quat[index]).T + model.geom_pos[index]
        corners.append(placed)
        colors.append(np.tile(np.round(255 * rgba[:3]), (len(placed), 1)))
        triangles.append(own_triangles + count)
        count += len(placed)
    return Mesh(
        np.concatenate(corners).astype(np.float32),
        np.concatenate(colors).astype(np.uint8),
        np.concatenate(triangles).astype(np.uint16),
    )


def solid(kind: int, size: Floats) -> tuple[Floats, npt.NDArray[Any]]:
    """Corners and triangles of a box, an upright cylinder, or a ball around the origin."""
    if kind == mjcf.Box:
        return BOX_CORNERS * size, BOX_TRIANGLES
    radius = float(size[0])
    if kind == mjcf.Cylinder:
        half = float(size[1])
        return turned([(0, -half), (radius, -half), (radius, half), (0, half)])
    rings = [(-math.cos(step * math.pi / 6), math.sin(step * math.pi / 6)) for step in range(7)]
    return turned([(radius * across, radius * up) for up, across in rings])


def turned(profile: list[tuple[float, float]]) -> tuple[Floats, npt.NDArray[Any]]:
    """The body that a profile of (distance from the axis, height), from below, makes around z."""
    angles = 2 * math.pi * np.arange(AROUND) / AROUND
    rings = [
        np.stack([across * np.cos(angles), across * np.sin(angles), np.full(AROUND, up)], axis=1)
        for across, up in profile
    ]
    triangles = []
    for ring in range(len(profile) - 1):
        for step in range(AROUND):
            here, after = ring * AROUND + step, ring * AROUND + (step + 1) % AROUND
            above, above_after = here + AROUND, after + AROUND
            triangles += [(here, after, above), (after, above_after, above)]
    return np.concatenate(rings), np.array(triangles)


def rotation(quaternion: Floats) -> Floats:
    """The 3 x 3 matrix of MuJoCo's quaternion."""
    matrix = np.zeros(9)
    mujoco.mju_quat2Mat(matrix, quaternion)
    return matrix.reshape(3, 3)
