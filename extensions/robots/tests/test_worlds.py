"""Worlds, their tasks, and what a child is told when something goes wrong."""

import re
import time
from itertools import pairwise

import pytest

from technopark_robots import World, errors
from technopark_robots.messages import SENTENCES
from technopark_robots.pybricks.parameters import Color, Direction, Port
from technopark_robots.pybricks.pupdevices import Motor, UltrasonicSensor
from technopark_robots.pybricks.robotics import DriveBase
from technopark_robots.pybricks.tools import wait


def test_hitting_a_wall_says_where_and_what_to_do(kit):
    world = World.wall(1200)
    with pytest.raises(errors.CrashError, match=r"hit the wall at 1\.20 m\. Turn or stop earlier"):
        kit.base().straight(3000)
    assert world.score() == 0
    assert "hit the wall" in world.summary()


def test_after_a_crash_the_robot_stays_where_it_is(kit):
    World.wall(300)
    base = kit.base()
    with pytest.raises(errors.CrashError):
        base.straight(3000)
    with pytest.raises(errors.CrashError, match="Start again"):
        base.straight(-100)


def test_a_box_is_not_called_a_wall(kit):
    World.warehouse()
    with pytest.raises(errors.CrashError, match="hit a box"):
        kit.base().straight(800)


def test_the_crash_is_told_in_russian_too(kit, monkeypatch):
    monkeypatch.setenv("TECHNOPARK_LANGUAGE", "ru")
    World.wall(1200)
    with pytest.raises(errors.CrashError, match="Робот ударился о стену, проехав 1,20 м"):
        kit.base().straight(3000)


def test_a_crash_in_a_notebook_shows_the_pupils_own_line(kit, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("base.straight(3000)\n")
    World.wall(500)
    code = compile(program.read_text(), str(program), "exec")
    with pytest.raises(errors.CrashError) as crash:
        exec(code, {"base": kit.base()})  # noqa: S102
    shown = crash.value._render_traceback_()
    assert shown[0] == "Line 1: base.straight(3000)"
    assert "hit the wall" in shown[1]


def test_a_loop_without_an_end_is_stopped(kit):
    world = World.square()
    world.time_limit = 2
    eye = kit.eye()

    def drive_for_ever() -> None:
        while eye.distance() > 0:
            pass

    with pytest.raises(errors.TimeIsUpError, match="2 seconds have passed"):
        drive_for_ever()


def test_devices_are_where_the_wiring_says():
    World.square()
    with pytest.raises(errors.WrongDeviceError, match="Nothing is connected to port F"):
        UltrasonicSensor(Port.F)
    with pytest.raises(errors.WrongDeviceError, match="Port C holds a color sensor"):
        Motor(Port.C)
    with pytest.raises(errors.WrongDeviceError, match=r"written like this: Port\.A"):
        Motor("A")


def test_commands_say_what_they_cannot_use(kit):
    World.square()
    base = kit.base()
    with pytest.raises(errors.WrongArgumentError, match="distance must be a number"):
        base.straight("200")
    with pytest.raises(errors.WrongArgumentError, match="turn_rate must be a number"):
        base.drive(100, float("nan"))
    with pytest.raises(errors.WrongArgumentError, match="wheel_diameter must be greater than zero"):
        DriveBase(*kit.motors(), 0, 112)
    with pytest.raises(errors.WrongArgumentError, match="exactly one of angle and distance"):
        base.arc(100)
    with pytest.raises(errors.WrongArgumentError, match="same motor"):
        DriveBase(Motor(Port.A), Motor(Port.A), 56, 112)
    with pytest.raises(errors.WrongArgumentError, match="gears cannot be changed"):
        Motor(Port.A, Direction.CLOCKWISE, [12, 36])


def test_worlds_say_what_they_cannot_be_built_of():
    with pytest.raises(errors.WrongArgumentError, match="side must be greater than zero"):
        World.square(-400)
    with pytest.raises(errors.WrongArgumentError, match="There are: 'bend', 'snake'"):
        World.line("circle")


def test_a_device_needs_a_world(monkeypatch):
    monkeypatch.setattr(World, "_current", None)
    with pytest.raises(errors.NoWorldError, match="Make a world first"):
        UltrasonicSensor(Port.D)


def test_both_languages_say_the_same_things_about_the_same_values():
    def values(sentence: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", sentence))

    assert SENTENCES["ru"].keys() == SENTENCES["en"].keys()
    for key, sentence in SENTENCES["ru"].items():
        assert values(sentence) == values(SENTENCES["en"][key]), key


def test_half_a_square_is_worth_half(kit):
    world = World.square(400)
    base = kit.base()
    for _ in range(2):
        base.straight(400)
        base.turn(90)
    assert world.score() == 50


def test_the_warehouse_has_a_way_to_its_goal(kit):
    world = World.warehouse()
    base = kit.base()
    for distance, angle in ((350, 90), (350, -90), (850, 90), (350, 0)):
        base.straight(distance)
        base.turn(angle)
    assert world.score() == 100


@pytest.mark.parametrize(("gap", "score"), [(100, 100), (200, 50), (400, 0)])
def test_stopping_before_the_wall_is_scored_by_how_near(kit, gap, score):
    world = World.wall(1000)
    kit.base().straight(1000 - gap)
    assert world.score() == score


def test_a_moving_robot_has_not_stopped(kit):
    world = World.wall(1000)
    base = kit.base()
    base.drive(150, 0)
    while world.position()[0] < 900:
        wait(5)
    assert world.score() == 0


@pytest.mark.parametrize("course", ["bend", "snake"])
def test_lines_can_be_followed_to_the_green_finish(kit, course):
    world = World.line(course)
    base, sensor = kit.base(), kit.color()
    while sensor.color() != Color.GREEN:
        base.drive(100, (sensor.reflection() - 50) * -1.2)
        wait(10)
    base.stop()
    assert world.score() == 100


def test_the_record_has_a_frame_for_every_50_ms(kit):
    world = World.square()
    kit.base().straight(200)
    times = [frame[0] for frame in world.frames]
    assert all(after - before == pytest.approx(0.05) for before, after in pairwise(times))


def test_a_minute_of_driving_costs_less_than_a_second_of_processor_time(kit):
    world = World.square()
    base, eye, color = kit.base(), kit.eye(), kit.color()
    started = time.process_time()
    base.drive(100, 20)
    while world.time < 60:
        eye.distance()
        color.reflection()
        wait(20)
    assert time.process_time() - started < 1
