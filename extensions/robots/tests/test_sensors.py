"""Sensors tell what geometry says."""

import math

import pytest

from technopark_robots import World
from technopark_robots.layout import Layout, Patch, Stripe
from technopark_robots.pybricks.parameters import Color


@pytest.mark.parametrize("distance", [100, 640, 1500])
def test_the_wall_is_as_far_as_it_stands(kit, distance):
    World.wall(distance)
    assert kit.eye().distance() == pytest.approx(distance, abs=1)


def test_driving_towards_a_wall_shortens_the_distance(kit):
    world = World.wall(900)
    kit.base().straight(400)
    x, _ = world.position()
    assert kit.eye().distance() == pytest.approx(900 - x, abs=2)


def test_nothing_ahead_reads_2000(kit):
    World.square()
    assert kit.eye().distance() == 2000


def test_a_room_is_as_long_and_as_wide_as_it_was_built(kit):
    World.room(1500, 1000)
    base, eye = kit.base(), kit.eye()
    measured = []
    for _ in range(4):
        measured.append(eye.distance() + 70)  # the sensor sits 70 mm before the axle
        base.turn(90)
    front, right, back, left = measured
    assert front + back == pytest.approx(1500, abs=5)
    assert right + left == pytest.approx(1000, abs=5)


def test_a_wall_seen_aslant_is_as_far_as_its_nearest_part_in_the_cone(kit):
    world = World.room(1500, 1000)
    kit.base().turn(20)
    nose_x = 70 * math.cos(math.radians(world.heading()))
    expected = (0.55 * 1500 - nose_x) / math.cos(math.radians(20 - 10))
    assert kit.eye().distance() == pytest.approx(expected, rel=0.01)


def over(mark: Stripe | Patch) -> World:
    return World(Layout((-300, -300), (300, 300), marks=(mark,)))


def test_black_returns_little_light_and_white_much(kit):
    over(Stripe(((0, 0), (200, 0)), 40, "black"))
    assert kit.color().reflection() < 10
    World.room()
    assert kit.color().reflection() > 90


def test_on_the_edge_of_a_line_the_sensor_sees_half_of_it(kit):
    over(Stripe(((0, 20), (200, 20)), 40, "black"))
    assert kit.color().reflection() == pytest.approx(52, abs=1)


@pytest.mark.parametrize(
    ("paint", "color"),
    [
        ("green", Color.GREEN),
        ("red", Color.RED),
        ("blue", Color.BLUE),
        ("yellow", Color.YELLOW),
        ("white", Color.WHITE),
        ("black", Color.NONE),
    ],
)
def test_colors_have_their_names(kit, paint, color):
    over(Patch((60, 0), (80, 80), paint))
    sensor = kit.color()
    assert sensor.color() == color
    assert 0 <= sensor.hsv().h < 360
