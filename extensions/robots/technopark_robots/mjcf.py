"""Builds the physical model: the world's floor and blocks, and the wheeled robot, for MuJoCo.

Called once per world. Only here lengths turn from the pupils' mm into MuJoCo's metres, and
headings (clockwise) into angles (counterclockwise).
"""

import math
from typing import Final

import mujoco

from technopark_robots.layout import Block, Layout, Patch, Stripe

TIMESTEP: Final = 0.005

# The robot, in mm. Its middle is the middle of the axle; the size is about that of a small school
# robot built around a hub.
WHEEL_DIAMETER: Final = 56.0
AXLE_TRACK: Final = 112.0
FRONT: Final = 70.0  # from the axle to the bumper, where the ultrasonic sensor sits
BACK: Final = 80.0
HALF_WIDTH: Final = 68.0
ULTRASONIC_HEIGHT: Final = 55.0
COLOR_SENSOR_AHEAD: Final = 60.0

# The motors, about as strong as a medium motor of a SPIKE Prime set (data sheet: 0.18 Nm stalled,
# 185 turns a minute unloaded); the lag is the electrical one and that of the driver together.
STALL_TORQUE: Final = 0.18
NO_LOAD_SPEED: Final = 1110.0
MOTOR_LAG: Final = 0.01
DRY_FRICTION: Final = 0.004

SEEN_BY_SONAR: Final = 1  # the geom group of what the ultrasonic sensor hears
FLOOR, BODY = 1, 2  # who touches whom: wheels the floor, the bumper walls and boxes

PAINTS: Final[dict[str, tuple[float, float, float, float]]] = {
    "black": (0.08, 0.08, 0.1, 1),
    "white": (0.97, 0.97, 0.95, 1),
    "green": (0.18, 0.68, 0.32, 1),
    "red": (0.86, 0.2, 0.18, 1),
    "blue": (0.15, 0.42, 0.82, 1),
    "yellow": (0.98, 0.82, 0.2, 1),
}
BLOCKS: Final = {"wall": (0.62, 0.68, 0.76, 1), "box": (0.86, 0.58, 0.3, 1)}
BODY_COLOR, DARK, LIGHT = (0.98, 0.75, 0.12, 1), (0.16, 0.18, 0.22, 1), (0.92, 0.94, 0.96, 1)

Box, Cylinder, Sphere = (
    mujoco.mjtGeom.mjGEOM_BOX,
    mujoco.mjtGeom.mjGEOM_CYLINDER,
    mujoco.mjtGeom.mjGEOM_SPHERE,
)


def build(layout: Layout) -> mujoco.MjModel:
    """The compiled model of `layout` with the robot at its start."""
    spec = mujoco.MjSpec()
    spec.option.timestep = TIMESTEP
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    # Wheels must roll without creeping sideways: the round friction cone, stiffer along the floor.
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10
    # Hard rubber on a hard floor: softer contacts make the loaded wheel 1 % smaller than it is.
    spec.default.geom.solref = [2 * TIMESTEP, 1]
    spec.default.geom.solimp = [0.98, 0.99, 0.0005, 0.5, 2]
    add_floor(spec, layout)
    for index, block in enumerate(layout.blocks):
        add_block(spec, block, index)
    add_robot(spec, layout)
    return spec.compile()


def add_floor(spec: mujoco.MjSpec, layout: Layout) -> None:
    """The endless ground that carries the robot, and on it the white field with its marks."""
    spec.worldbody.add_geom(
        name="ground",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[10, 10, 0.1],
        contype=FLOOR,
        conaffinity=FLOOR,
        friction=[1.0, 0.005, 0.0001],
        rgba=[0, 0, 0, 0],
    )
    (x0, y0), (x1, y1) = layout.corner, layout.opposite
    field = Patch(((x0 + x1) / 2, (y0 + y1) / 2), (x1 - x0, y1 - y0), "white")
    add_patch(spec, field, "field", 0)
    for index, mark in enumerate(layout.marks):
        name = f"mark{index}"
        if isinstance(mark, Stripe):
            add_stripe(spec, mark, name, index + 1)
        else:
            add_patch(spec, mark, name, index + 1)


def add_patch(spec: mujoco.MjSpec, patch: Patch, name: str, layer: int) -> None:
    """A painted rectangle: a thin sheet that nothing bumps into; upper layers cover lower ones."""
    shown = spec.worldbody.add_geom(
        name=name,
        type=Box,
        pos=[patch.centre[0] / 1000, patch.centre[1] / 1000, sheet_height(layer)],
        size=[patch.size[0] / 2000, patch.size[1] / 2000, 0.0001],
    )
    paint(shown, PAINTS[patch.paint])


def add_stripe(spec: mujoco.MjSpec, stripe: Stripe, name: str, layer: int) -> None:
    """A painted line: a sheet for every straight piece, a round one at every joint."""
    height = sheet_height(layer)
    half = stripe.width / 2000
    for index, (begin, end) in enumerate(zip(stripe.points, stripe.points[1:], strict=False)):
        along_x, along_y = end[0] - begin[0], end[1] - begin[1]
        angle = math.atan2(along_y, along_x)
        piece = spec.worldbody.add_geom(
            name=f"{name}.{index}",
            type=Box,
            pos=[(begin[0] + end[0]) / 2000, (begin[1] + end[1]) / 2000, height],
            quat=[math.cos(angle / 2), 0, 0, math.sin(angle / 2)],
            size=[math.hypot(along_x, along_y) / 2000, half, 0.0001],
        )
        paint(piece, PAINTS[stripe.paint])
    for index, point in enumerate(stripe.points):
        joint = spec.worldbody.add_geom(
            name=f"{name}.joint{index}",
            type=Cylinder,
            pos=[point[0] / 1000, point[1] / 1000, height],
            size=[half, 0.0001, 0],
        )
        paint(joint, PAINTS[stripe.paint])


def sheet_height(layer: int) -> float:
    """Where a sheet of paint lies, in metres: just below the ground, each layer a bit higher."""
    return -0.004 + 0.0003 * layer


def add_block(spec: mujoco.MjSpec, block: Block, index: int) -> None:
    """A wall or a box: solid for the bumper and for the ultrasonic sensor, and immovable."""
    length, width, height = (side / 2000 for side in block.size)
    spec.worldbody.add_geom(
        name=f"{block.kind}{index}",
        type=Box,
        pos=[block.centre[0] / 1000, block.centre[1] / 1000, height],
        size=[length, width, height],
        group=SEEN_BY_SONAR,
        contype=BODY,
        conaffinity=BODY,
        rgba=BLOCKS[block.kind],
    )


def add_robot(spec: mujoco.MjSpec, layout: Layout) -> None:
    """The robot: a body with bumper, sensors and caster, two wheels with motors."""
    radius = WHEEL_DIAMETER / 2000
    yaw = -math.radians(layout.start.heading)
    body = spec.worldbody.add_body(
        name="robot",
        pos=[layout.start.x / 1000, layout.start.y / 1000, radius],
        quat=[math.cos(yaw / 2), 0, 0, math.sin(yaw / 2)],
    )
    body.add_freejoint()
    add_shell(body, radius)
    for side, sign in (("left", 1), ("right", -1)):
        wheel = body.add_body(name=side, pos=[0, sign * AXLE_TRACK / 2000, 0])
        wheel.add_joint(
            name=side,
            type=mujoco.mjtJoint.mjJNT_HINGE,
            axis=[0, 1, 0],
            frictionloss=DRY_FRICTION,
            armature=5e-5,
        )
        # A ball touches the floor in one point, exactly at the axle track; the tyre is only shown.
        wheel.add_geom(
            type=Sphere,
            size=[radius, 0, 0],
            mass=0.03,
            contype=FLOOR,
            conaffinity=FLOOR,
            friction=[1.0, 0.005, 0.0001],
            rgba=[0, 0, 0, 0],
        )
        show(wheel, Cylinder, [0, 0, 0], [radius, 0.011, 0], DARK, lying=True)
        show(wheel, Cylinder, [0, sign * 0.001, 0], [radius * 0.6, 0.0115, 0], LIGHT, lying=True)
        show(wheel, Box, [0, sign * 0.012, 0], [radius * 0.5, 0.001, 0.003], DARK)
        add_motor(spec, side)


def add_shell(body: mujoco.MjsBody, axle_height: float) -> None:
    """The body's solid outline, its weight, the caster, and what is to be seen of it."""
    # The weight (a hub and its battery) is low and behind the axle, or hard braking tips it over.
    body.explicitinertial = True
    body.mass = 0.43
    body.ipos = [-0.03, 0, 0]
    body.inertia = [5e-4, 9e-4, 1e-3]
    body.add_geom(
        name="bumper",
        type=Box,
        pos=[(FRONT - BACK) / 2000, 0, 0.047 - axle_height],
        size=[(FRONT + BACK) / 2000, HALF_WIDTH / 1000, 0.035],
        contype=BODY,
        conaffinity=BODY,
        rgba=[0, 0, 0, 0],
    )
    add_slider(body, "caster", -0.06, 0.01 - axle_height, LIGHT)
    # Normally just above the floor; it catches the nose when the robot dips.
    add_slider(body, "skid", 0.045, 0.0115 - axle_height, DARK)
    show(body, Box, [-0.006, 0, 0.014], [0.070, 0.040, 0.024], BODY_COLOR)
    show(body, Box, [-0.016, 0, 0.044], [0.044, 0.028, 0.008], LIGHT)
    show(body, Box, [0.005, 0, 0.0525], [0.012, 0.018, 0.0008], DARK)
    eye_height = ULTRASONIC_HEIGHT / 1000 - axle_height
    show(body, Box, [0.061, 0, eye_height], [0.007, 0.034, 0.014], DARK)
    for sign in (1, -1):
        show(body, Sphere, [0.064, sign * 0.017, eye_height], [0.010, 0, 0], LIGHT)
    show(body, Box, [COLOR_SENSOR_AHEAD / 1000, 0, -0.014], [0.008, 0.012, 0.010], DARK)


def add_slider(
    body: mujoco.MjsBody, name: str, x: float, z: float, rgba: tuple[float, ...]
) -> None:
    """A smooth ball that slides over the floor in any direction."""
    body.add_geom(
        name=name,
        type=Sphere,
        pos=[x, 0, z],
        size=[0.01, 0, 0],
        contype=FLOOR,
        conaffinity=FLOOR,
        condim=1,  # no friction at all: with a little of it, so light a ball hops
        priority=1,
        rgba=rgba,
    )


def add_motor(spec: mujoco.MjSpec, joint: str) -> None:
    """A motor at the joint: its power acts with a lag, and its own turning brakes it.

    The second actuator is that brake (back-EMF): torque = -k * speed while its control is 1, and
    nothing while it is 0, when the motor is switched off and the wheel spins freely.
    """
    drive = spec.add_actuator(
        name=f"{joint}.power",
        target=joint,
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        dyntype=mujoco.mjtDyn.mjDYN_FILTEREXACT,
        ctrllimited=1,
        ctrlrange=[-1, 1],
    )
    drive.dynprm[0] = MOTOR_LAG
    drive.gainprm[0] = STALL_TORQUE
    brake = spec.add_actuator(
        name=f"{joint}.brake",
        target=joint,
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        ctrllimited=1,
        ctrlrange=[0, 1],
    )
    brake.set_to_damper(kv=STALL_TORQUE / math.radians(NO_LOAD_SPEED))


def show(
    body: mujoco.MjsBody,
    shape: mujoco.mjtGeom,
    pos: list[float],
    size: list[float],
    rgba: tuple[float, ...],
    *,
    lying: bool = False,
) -> None:
    """Adds a shape (metres) to look at, without weight and without touching anything.

    A `lying` cylinder has its axis along y, as a wheel has.
    """
    quat = [math.sqrt(0.5), math.sqrt(0.5), 0, 0] if lying else [1, 0, 0, 0]
    paint(body.add_geom(type=shape, pos=pos, quat=quat, size=size), rgba)


def paint(geom: mujoco.MjsGeom, rgba: tuple[float, ...]) -> None:
    """Makes a shape something to look at only."""
    geom.rgba = rgba
    geom.mass = 0
    geom.contype = 0
    geom.conaffinity = 0
