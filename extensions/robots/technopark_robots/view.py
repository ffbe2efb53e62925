"""A finished drive in 3D: the world's shapes, the robot's trail, and a player to watch it again.

Made by `World.show()` alone, never while grading. The whole motion goes to the browser once, as an
animation that it plays by itself: about 1.6 kB for a second of driving, and nothing while it plays
but the slider's place, so a class can watch over a thin line.
"""

import math
from typing import TYPE_CHECKING, Any, Final

import ipywidgets
import mujoco
import numpy as np
import pythreejs

from technopark_robots import mjcf
from technopark_robots.layout import Layout
from technopark_robots.messages import say

if TYPE_CHECKING:
    from technopark_robots.world import Frame, World

WIDTH, HEIGHT = 760, 440
SKY: Final = "#dfe9f3"
TRAIL: Final = "#e8590c"
SLIDER_MS: Final = 200  # how often the slider moves while the browser plays

# Where the robot's parts are in a frame: time, then MuJoCo's qpos.
PLACE, TURN = slice(1, 4), slice(4, 8)
WHEELS: Final = {"left": 8, "right": 9}


class Player(ipywidgets.VBox):
    """The scene with its controls: watch, stop, and a slider to any moment of the drive."""

    def __init__(self, world: "World") -> None:
        """Shows the drive as recorded so far; the world may go on afterwards."""
        frames = world.frames
        self._seconds = max(frames[-1][0], SLIDER_MS / 1000)
        robot = robot_of(world.model, frames[0])
        self._action = animation(robot, frames)
        renderer = stage(world.layout, scene(world, robot))
        steps = math.ceil(1000 * self._seconds / SLIDER_MS)
        self._play = ipywidgets.Play(
            min=0, max=steps, interval=SLIDER_MS, tooltip=say("label-play"), show_repeat=False
        )
        slider = ipywidgets.IntSlider(
            min=0, max=steps, readout=False, layout=ipywidgets.Layout(width=f"{WIDTH - 320}px")
        )
        self._clock = ipywidgets.Label(layout=ipywidgets.Layout(width="110px"))
        ipywidgets.jslink((self._play, "value"), (slider, "value"))
        self._play.observe(self._on_playing, "playing")
        slider.observe(self._on_slider, "value")
        self._tell_time(0.0)
        controls = ipywidgets.HBox([self._play, slider, self._clock])
        summary = ipywidgets.Label(world.summary())
        super().__init__([renderer, controls, summary])

    def _on_playing(self, change: dict[str, Any]) -> None:
        """Starts the browser's animation from the slider's place, or stops it there."""
        self._action.time = self._slider_seconds()
        self._action.play()
        if not change["new"]:
            self._action.pause()

    def _on_slider(self, change: dict[str, Any]) -> None:
        """Tells the time; moved by hand, the slider also takes the robot to that moment."""
        del change
        seconds = self._slider_seconds()
        self._tell_time(seconds)
        if not self._play.playing:
            self._action.time = seconds
            self._action.play()
            self._action.pause()

    def _slider_seconds(self) -> float:
        return min(float(self._play.value) * SLIDER_MS / 1000, self._seconds)

    def _tell_time(self, seconds: float) -> None:
        self._clock.value = f"{seconds:.1f} / {self._seconds:.1f} s"


def stage(layout: Layout, shown: pythreejs.Scene) -> pythreejs.Renderer:
    """The window on the scene: a camera behind and above the field that the mouse can turn."""
    (x0, y0), (x1, y1) = layout.corner, layout.opposite
    middle = [(x0 + x1) / 2000, (y0 + y1) / 2000, 0.0]
    span = max(x1 - x0, 1.4 * (y1 - y0)) / 1000
    eye = [middle[0] - 0.35 * span, middle[1] - 0.3 * span, 0.75 * span]
    camera = pythreejs.PerspectiveCamera(
        position=eye, up=[0, 0, 1], fov=50, aspect=WIDTH / HEIGHT, near=0.02, far=40
    )
    camera.lookAt(middle)
    orbit = pythreejs.OrbitControls(
        controlling=camera, target=middle, maxPolarAngle=1.5, minDistance=0.2, maxDistance=10
    )
    return pythreejs.Renderer(
        camera=camera,
        scene=shown,
        controls=[orbit],
        width=WIDTH,
        height=HEIGHT,
        antialias=True,
        clearColor=SKY,
    )


def scene(world: "World", robot: pythreejs.Group) -> pythreejs.Scene:
    """Everything to be seen: light, what stands and is painted in the world, trail, robot."""
    fixed = shapes(world.model, body=0)
    sun = pythreejs.DirectionalLight(color="#ffffff", position=[-1, -2, 4], intensity=0.55)
    sky = pythreejs.HemisphereLight("#ffffff", "#b8c0c8", intensity=0.65)
    return pythreejs.Scene(children=[sky, sun, *fixed, *trail(world), robot], background=SKY)


def trail(world: "World") -> list[pythreejs.Line]:
    """The way that was driven, as a line just above the floor."""
    points = world.trail()
    if len(points) < 2:
        return []
    drawn = np.array([[x / 1000, y / 1000, 0.004] for x, y in points], dtype=np.float32)
    geometry = pythreejs.BufferGeometry(attributes={"position": pythreejs.BufferAttribute(drawn)})
    return [pythreejs.Line(geometry, pythreejs.LineBasicMaterial(color=TRAIL, linewidth=3))]


def robot_of(model: mujoco.MjModel, frame: "Frame") -> pythreejs.Group:
    """The robot as a group whose parts the animation moves: itself, and its wheels by name."""
    robot = pythreejs.Group(name="robot")
    robot.position = frame[PLACE]
    robot.quaternion = three_quaternion(frame[TURN])
    for shape in shapes(model, model.body("robot").id):
        robot.add(shape)
    for side, index in WHEELS.items():
        body = model.body(side)
        wheel = pythreejs.Group(name=side, position=body.pos.tolist())
        wheel.quaternion = wheel_quaternion(frame[index])
        for shape in shapes(model, body.id):
            wheel.add(shape)
        robot.add(wheel)
    return robot


def shapes(model: mujoco.MjModel, body: int) -> list[pythreejs.Mesh]:
    """Every visible shape of a body, where it is on that body."""
    meshes = []
    for index in range(model.ngeom):
        rgba = model.geom_rgba[index]
        if model.geom_bodyid[index] != body or rgba[3] == 0:
            continue
        turn = model.geom_quat[index]
        geometry, standing = solid(model.geom_type[index], model.geom_size[index])
        if not standing:
            # three.js draws cylinders along y, MuJoCo along z.
            upright = np.zeros(4)
            mujoco.mju_mulQuat(upright, turn, np.array([math.sqrt(0.5), math.sqrt(0.5), 0, 0]))
            turn = upright
        mesh = pythreejs.Mesh(geometry, material(rgba))
        mesh.position = model.geom_pos[index].tolist()
        mesh.quaternion = three_quaternion(turn)
        meshes.append(mesh)
    return meshes


def solid(kind: int, size: "np.ndarray[Any, Any]") -> tuple[pythreejs.BufferGeometry, bool]:
    """The three.js geometry of a MuJoCo shape, and whether both call the same axis up."""
    if kind == mjcf.Box:
        length, width, height = (2 * float(half) for half in size)
        return pythreejs.BoxBufferGeometry(length, width, height), True
    radius = float(size[0])
    if kind == mjcf.Cylinder:
        return pythreejs.CylinderBufferGeometry(radius, radius, 2 * float(size[1]), 28), False
    return pythreejs.SphereBufferGeometry(radius, 20, 14), True


def material(rgba: "np.ndarray[Any, Any]") -> pythreejs.MeshLambertMaterial:
    """Dull paint of the given colour (0-1 each)."""
    red, green, blue = (round(255 * float(part)) for part in rgba[:3])
    return pythreejs.MeshLambertMaterial(color=f"#{red:02x}{green:02x}{blue:02x}")


def animation(robot: pythreejs.Group, frames: list["Frame"]) -> pythreejs.AnimationAction:
    """The recorded motion as an animation that the browser plays once and stays at its end."""
    record = np.array(frames, dtype=np.float32)
    times = record[:, 0]
    turns = np.roll(record[:, TURN], -1, axis=1)  # w x y z -> x y z w
    tracks = [
        pythreejs.VectorKeyframeTrack(".position", times=times, values=record[:, PLACE].ravel()),
        pythreejs.QuaternionKeyframeTrack(".quaternion", times=times, values=turns.ravel()),
    ]
    for side, index in WHEELS.items():
        angles = np.array([wheel_quaternion(angle) for angle in record[:, index]])
        tracks.append(
            pythreejs.QuaternionKeyframeTrack(
                f"{side}.quaternion", times=times, values=angles.astype(np.float32).ravel()
            )
        )
    clip = pythreejs.AnimationClip(tracks=tracks, duration=float(times[-1]))
    return pythreejs.AnimationAction(
        pythreejs.AnimationMixer(robot), clip, robot, loop="LoopOnce", clampWhenFinished=True
    )


def three_quaternion(turn: "Frame | np.ndarray[Any, Any]") -> tuple[float, ...]:
    """MuJoCo's w x y z as three.js wants it: x y z w."""
    w, x, y, z = (float(part) for part in turn)
    return x, y, z, w


def wheel_quaternion(angle: float) -> tuple[float, float, float, float]:
    """The turn of a wheel about its axle (y) by `angle` radians, in three.js's order."""
    return 0.0, math.sin(angle / 2), 0.0, math.cos(angle / 2)
