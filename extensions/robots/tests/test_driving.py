"""The robot goes where geometry says: distances, turns, arcs, and what the wheels count."""

import math

import pytest

from technopark_robots import World
from technopark_robots.pybricks.parameters import Stop
from technopark_robots.pybricks.robotics import DriveBase
from technopark_robots.pybricks.tools import StopWatch, wait


@pytest.mark.parametrize("distance", [200, 50, -150, 800])
def test_straight_goes_the_distance(kit, distance):
    world = World.square()
    base = kit.base()
    base.straight(distance)
    x, y = world.position()
    assert x == pytest.approx(distance, abs=1 + 0.004 * abs(distance))
    assert y == pytest.approx(0, abs=1)
    assert base.distance() == pytest.approx(distance, abs=1)


@pytest.mark.parametrize("angle", [90, -90, 30, 170])
def test_turn_turns_right_for_positive_angles(kit, angle):
    world = World.square()
    base = kit.base()
    base.turn(angle)
    assert world.heading() == pytest.approx(angle, abs=0.5)
    assert base.angle() == pytest.approx(angle, abs=0.5)
    assert math.hypot(*world.position()) < 1


def test_a_square_ends_where_it_began(kit):
    world = World.square(300)
    base = kit.base()
    for _ in range(4):
        base.straight(300)
        base.turn(90)
    assert math.hypot(*world.position()) < 5
    assert world.score() == 100


def test_a_wrong_axle_track_turns_too_far_or_too_little(kit):
    world = World.square()
    kit.base(axle_track=100).turn(90)
    assert world.heading() == pytest.approx(90 * 100 / 112, abs=1)


def test_an_arc_is_part_of_a_circle(kit):
    world = World.square()
    kit.base().arc(300, angle=90)
    assert world.position() == pytest.approx((300, -300), abs=3)
    assert world.heading() == pytest.approx(90, abs=0.5)


def test_drive_keeps_its_speed_and_turn_rate(kit):
    world = World.square()
    base = kit.base()
    base.drive(100, 30)
    wait(1000)
    assert base.state() == (pytest.approx(94, abs=3), 100, pytest.approx(28, abs=2), 30)
    path = world.path()
    wait(2000)
    assert world.path() - path == pytest.approx(200, abs=2)


def test_settings_change_how_long_a_drive_takes(kit):
    world = World.square()
    base = kit.base()
    base.straight(300)
    usual = world.time
    base.settings(straight_speed=100)
    assert base.settings()[0] == 100
    base.straight(300)
    assert world.time - usual > 2.9 > usual


def test_a_program_can_go_on_while_the_robot_drives(kit):
    World.square()
    base = kit.base()
    watch = StopWatch()
    base.straight(200, wait=False)
    assert not base.done()
    wait(2500)
    assert base.done()
    assert watch.time() == pytest.approx(2510, abs=10)


def test_without_a_stop_one_drive_flows_into_the_next(kit):
    world = World.square()
    base = kit.base()
    base.straight(200, then=Stop.NONE)
    assert base.state()[1] > 150
    base.straight(100)
    assert world.position()[0] == pytest.approx(300, abs=3)


def test_stopping_rolls_out_and_holding_does_not(kit):
    rolled = []
    for word in ("stop", "hold"):
        world = World.square()
        base = kit.base()
        base.drive(300, 0)
        wait(1000)
        before = world.path()
        getattr(base, word)()
        wait(1000)
        rolled.append(world.path() - before)
    assert rolled[0] > 2 * rolled[1]


def test_motors_turn_wheels_by_angles(kit):
    world = World.square()
    left, right = kit.motors()
    right.run_angle(300, 180, wait=False)
    left.run_angle(300, 180)
    wait(200)
    assert (left.angle(), right.angle()) == (pytest.approx(180, abs=1), pytest.approx(180, abs=1))
    assert world.position()[0] == pytest.approx(math.pi * 56 / 2, abs=1)
    left.run_target(200, 0)
    assert left.angle() == pytest.approx(0, abs=1)
    right.run(500)
    wait(800)
    assert right.speed() == pytest.approx(500, abs=5)
    right.run_time(300, 1000)
    assert right.done()


def test_a_drive_starts_where_single_motors_left_the_robot(kit):
    world = World.square()
    left, right = kit.motors()
    base = DriveBase(left, right, 56, 112)
    base.straight(100)
    left.run_angle(300, 90)
    heading = world.heading()
    base.straight(100)
    assert world.heading() == pytest.approx(heading, abs=0.5)


def test_going_nowhere_ends_a_drive(kit):
    world = World.square()
    base = kit.base()
    base.drive(200, 0)
    wait(1000)
    base.straight(0)
    wait(500)
    path = world.path()
    wait(500)
    assert world.path() == pytest.approx(path, abs=0.1)


def test_motors_need_time_to_speed_up_and_friction_stops_them(kit):
    World.square()
    left, right = kit.motors()
    for motor in (left, right):
        motor.dc(60)
    slow = left.speed(window=20)
    wait(1000)
    fast = left.speed(window=20)
    assert 0 < slow < 0.5 * fast
    left.stop()
    right.stop()
    wait(5000)
    assert left.speed() == 0


def test_the_same_program_gives_the_same_drive_to_the_last_bit(kit):
    def drive() -> tuple[bytes, float, list[int]]:
        world = World.line("bend")
        base, color = kit.base(), kit.color()
        seen = []
        for _ in range(200):
            seen.append(color.reflection())
            base.drive(120, (seen[-1] - 50) * -1.2)
            wait(10)
        return world.data.qpos.tobytes(), world.path(), seen

    assert drive() == drive()
