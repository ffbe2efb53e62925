"""The classrooms of a bench are such as a park has."""

from technopark.bench.made_up import HEAD, made_up, seats_of

SITES = ["gymnasium", "ftsh", "school-01"]
COURSES = ["data-start", "bio-start"]


def test_pupils_are_dealt_out_evenly() -> None:
    rooms = made_up(10, SITES, COURSES).classrooms
    assert [room.site for room in rooms] == SITES
    assert [len(room.pupils) for room in rooms] == [4, 3, 3]
    assert [room.course for room in rooms] == ["data-start", "bio-start", "data-start"]
    assert len({name for room in rooms for name in room.pupils}) == 10


def test_everybody_in_a_classroom_is_somebody_of_its_site() -> None:
    people = made_up(10, SITES, COURSES)
    sites = {person.name: person.site for person in people.people}
    for room in people.classrooms:
        assert {sites[name] for name in [*room.teachers, *room.pupils]} == {room.site}
    assert [person.name for person in people.people if person.role == "admin"] == [HEAD]


def test_a_seat_is_where_the_pupil_has_a_classroom() -> None:
    people = made_up(4, SITES, COURSES)
    words = {person.name: f"words of {person.name}" for person in people.people}
    seats = seats_of(people, words)
    assert [seat.name for seat in seats] == ["pupil-000", "pupil-001", "pupil-002", "pupil-003"]
    assert seats[1].words == "words of pupil-001"
    assert [seat.classroom for seat in seats] == ["class-00", "class-01", "class-02", "class-00"]


def test_people_are_called_as_those_of_the_made_up_city() -> None:
    first, second = (made_up(10, SITES, COURSES).people for _ in range(2))
    assert first == second
    called = {one.full_name for one in first if one.role != "admin"}
    assert all(name.endswith(".") for name in called)
