"""A finished drive in 3D: the world's shapes, the robot's trail, and a player to watch it again.

Made by `World.show()` alone, never while grading. The whole motion goes to the browser once, as an
animation that it plays by itself; while it plays only the slider's place is sent, so that a class
can watch over a thin line.
"""

import html
import math
from typing import TYPE_CHECKING, Any, Final

import ipywidgets
import mujoco
import numpy as np
import pythreejs

from technopark_robots.layout import Layout
from technopark_robots.meshes import mesh_of
from technopark_robots.messages import decimal, say

if TYPE_CHECKING:
    from technopark_robots.world import Frame, World

WIDTH, HEIGHT = 760, 440
SKY: Final = "#dfe9f3"
TRAIL: Final = "#e8590c"
GRID: Final = "#cfd6de"
KEYFRAME_EVERY: Final = 2  # recorded frames; the browser fills in the rest smoothly
SLIDER_STEP: Final = 0.1  # seconds
PLAY_STEPS: Final = 5  # the slider's own steps at a time while the browser plays: each is a message

# Where the robot's parts are in a frame: time, then MuJoCo's qpos.
PLACE, TURN = slice(1, 4), slice(4, 8)
WHEELS: Final = {"left": 8, "right": 9}


class Player(ipywidgets.VBox):
    """The scene with its controls: watch, stop, and a slider to any moment of the drive."""

    def __init__(self, world: "World") -> None:
        """Shows the drive as recorded so far; the world may go on afterwards."""
        frames = world.frames
        robot = robot_of(world.model, frames[0])
        self._action = animation(robot, frames)
        self._seconds = frames[-1][0]
        last = math.ceil(self._seconds / SLIDER_STEP)
        self._play = ipywidgets.Play(
            min=0,
            max=last,
            step=PLAY_STEPS,
            interval=round(1000 * PLAY_STEPS * SLIDER_STEP),
            show_repeat=False,
        )
        self._slider = ipywidgets.SelectionSlider(
            options=[decimal(step * SLIDER_STEP, 1) for step in range(last + 1)],
            description=say("label-time"),
            layout=ipywidgets.Layout(width=f"{WIDTH - 220}px"),
        )
        ipywidgets.jslink((self._play, "value"), (self._slider, "index"))
        self._play.observe(self._on_playing, "playing")
        self._slider.observe(self._on_slider, "index")
        super().__init__(
            [
                stage(world.layout, scene(world, robot)),
                ipywidgets.HBox([self._play, self._slider]),
                ipywidgets.HTML(html.escape(world.summary())),
            ]
        )

    def _on_playing(self, change: dict[str, Any]) -> None:
        """Starts the browser's animation from the slider's place, or stops it there."""
        if change["new"]:
            self._run_from_slider()
        else:
            self._action.pause()
            self._stand_at_slider()

    def _on_slider(self, change: dict[str, Any]) -> None:
        """Moved by hand, the slider takes the robot to that moment."""
        del change
        if not self._play.playing:
            self._stand_at_slider()

    def _stand_at_slider(self) -> None:
        self._run_from_slider()  # pythreejs moves the robot only while the animation runs
        self._action.pause()

    def _run_from_slider(self) -> None:
        self._action.time = min(self._slider.index * SLIDER_STEP, self._seconds)
        # The browser's own time went on without telling: send it even if it is no news here.
        self._action.send_state("time")
        self._action.play()


def stage(layout: Layout, shown: pythreejs.Scene) -> pythreejs.Renderer:
    """The window on the scene: a camera above the field, x to the right, that the mouse turns."""
    (x0, y0), (x1, y1) = layout.corner, layout.opposite
    away = max(0.72 * (x1 - x0), 1.15 * (y1 - y0)) / 1000
    camera = pythreejs.PerspectiveCamera(
        position=[0.0, -0.62 * away, 0.78 * away],
        up=[0, 0, 1],
        fov=50,
        aspect=WIDTH / HEIGHT,
        near=0.02,
        far=40,
    )
    orbit = pythreejs.OrbitControls(
        controlling=camera, maxPolarAngle=1.5, minDistance=0.2, maxDistance=10
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
    sun = pythreejs.DirectionalLight(color="#ffffff", position=[-1, -2, 4], intensity=0.55)
    sky = pythreejs.HemisphereLight("#ffffff", "#b8c0c8", intensity=0.65)
    (x0, y0), (x1, y1) = world.layout.corner, world.layout.opposite
    # pythreejs lets a camera begin by looking at the origin only, so the field's middle goes there.
    field = pythreejs.Group(
        children=[solid(world.model, body=0), grid(world.layout), *trail(world), robot],
        position=[-(x0 + x1) / 2000, -(y0 + y1) / 2000, 0.0],
    )
    return pythreejs.Scene(children=[sky, sun, field], background=SKY)


def trail(world: "World") -> list[pythreejs.Line2]:
    """The way that was driven, as a line just above the floor."""
    points = world.trail()
    if world.path() == 0:
        return []
    drawn = np.array([[x / 1000, y / 1000, 0.004] for x, y in points], dtype=np.float32)
    paint = pythreejs.LineMaterial(color=TRAIL, linewidth=4)
    return [pythreejs.Line2(pythreejs.LineGeometry(positions=drawn), paint)]


def grid(layout: Layout) -> pythreejs.LineSegments:
    """Thin lines on the floor, every 100 mm, to measure by eye."""
    (x0, y0), (x1, y1) = layout.corner, layout.opposite
    across = [((x, y0), (x, y1)) for x in hundreds(x0, x1)]
    along = [((x0, y), (x1, y)) for y in hundreds(y0, y1)]
    drawn = np.array([[[x / 1000, y / 1000, 0.0] for x, y in pair] for pair in (*across, *along)])
    points = pythreejs.BufferAttribute(drawn.reshape(-1, 3).astype(np.float32))
    geometry = pythreejs.BufferGeometry(attributes={"position": points})
    return pythreejs.LineSegments(geometry, pythreejs.LineBasicMaterial(color=GRID))


def hundreds(low: float, high: float) -> range:
    """The multiples of 100 from `low` to `high`."""
    return range(100 * math.ceil(low / 100), math.floor(high) + 1, 100)


def robot_of(model: mujoco.MjModel, frame: "Frame") -> pythreejs.Group:
    """The robot as a group whose parts the animation moves: itself, and its wheels by name."""
    wheels = [
        solid(
            model,
            model.body(side).id,
            name=side,
            position=model.body(side).pos.tolist(),
            quaternion=wheel_quaternion(frame[index]),
        )
        for side, index in WHEELS.items()
    ]
    return pythreejs.Group(
        children=[solid(model, model.body("robot").id), *wheels],
        position=frame[PLACE],
        quaternion=three_quaternion(frame[TURN]),
    )


def solid(model: mujoco.MjModel, body: int, **placed: Any) -> pythreejs.Mesh:
    """All that a body of the model shows; `placed` are pythreejs' words for where it is."""
    mesh = mesh_of(model, body)
    geometry = pythreejs.BufferGeometry(
        attributes={
            "position": pythreejs.BufferAttribute(mesh.corners),
            "color": pythreejs.BufferAttribute(mesh.colors, normalized=True),
        },
        index=pythreejs.BufferAttribute(mesh.triangles.ravel()),
    )
    paint = pythreejs.MeshPhongMaterial(
        vertexColors="VertexColors", flatShading=True, shininess=0, specular="#000000"
    )
    return pythreejs.Mesh(geometry, paint, **placed)


def animation(robot: pythreejs.Group, frames: list["Frame"]) -> pythreejs.AnimationAction:
    """The recorded motion as an animation that the browser plays once and stays at its end."""
    kept = [*frames[:-1:KEYFRAME_EVERY], frames[-1]]
    record = np.array(kept, dtype=np.float32)
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
