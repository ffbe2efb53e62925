"""The truth table at the real doors: who may do what to Masha's server and work in data-6a.

`tests/unit/people/test_rights.py` asks the rule book; here the hub, the proxy, the server and the
exchange are asked, each by people with sessions and tokens of their own.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass

import httpx
import pytest
from support.park import Park
from support.visitor import Visitor

from technopark.bench.rehearsal import archive
from technopark.machine.network import park_network

pytestmark = pytest.mark.docker

CLASS = "data-6a"
WORK = f"/classrooms/{CLASS}/assignments/rights"
OK, FORBIDDEN, NOT_FOUND = httpx.codes.OK, httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND
RUNS_ALREADY = httpx.codes.BAD_REQUEST
"""What the hub answers to who may start a server, when it runs."""
EVERYBODY = (
    "masha",
    "petya",
    "anna-pavlovna",
    "oleg-ivanovich",
    "author",
    "gymnasium-admin",
    "admin",
    "nobody",
)
AT_THE_HUB = {
    "see": {"masha", "anna-pavlovna", "gymnasium-admin", "admin"},
    "start": {"masha", "anna-pavlovna", "gymnasium-admin", "admin"},
    "enter": {"masha", "anna-pavlovna", "admin"},
    "stop": {"masha", "anna-pavlovna", "gymnasium-admin", "admin"},
}
AT_THE_EXCHANGE = {
    "fetch the assignment": {"masha", "petya", "anna-pavlovna"},
    "submit": {"masha", "petya"},
    "read Masha's work": {"masha", "anna-pavlovna"},
    "read Masha's feedback": {"masha", "anna-pavlovna"},
    "collect": {"anna-pavlovna"},
    "grade": {"anna-pavlovna"},
}


@dataclass(frozen=True)
class Doors:
    """Everybody's way in: a browser that is signed in, and a token for the exchange."""

    people: dict[str, Visitor]
    exchange: dict[str, httpx.Client]
    submission: str
    """What Masha handed in, with feedback released."""

    def at_hub(self, name: str, action: str) -> bool:
        """Whether the hub, or the server itself, lets `name` do it to Masha's server."""
        somebody = self.people[name]
        server = f"/users/masha/servers/{CLASS}"
        if action == "see":
            answer = somebody.hub("GET", server)
            return expected(answer, OK)
        if action == "enter":
            page = somebody.http.get(somebody.server_url(CLASS, "masha"))
            asked = page.status_code == OK and "/hub/" in page.url.path and name != "nobody"
            if asked:  # the hub asks people before they enter another's server
                page = agree(somebody, page)
            return page.status_code == OK and page.url.path.startswith("/user/masha/")
        if action == "start":
            return expected(somebody.hub("POST", server), RUNS_ALREADY)
        return expected(somebody.hub("DELETE", server), httpx.codes.ACCEPTED, 204)

    def at_exchange(self, name: str, action: str) -> bool:
        """Whether the exchange lets `name` do it."""
        client, theirs = self.exchange[name], f"/submissions/{self.submission}"
        match action:
            case "fetch the assignment":
                return expected(client.get(f"{WORK}/content"), OK)
            case "submit":
                body = archive({"rights.ipynb": name.encode()})
                return expected(client.post(f"{WORK}/submissions", content=body), OK, 201)
            case "read Masha's work":
                return expected(client.get(f"{theirs}/content"), OK)
            case "read Masha's feedback":
                return expected(client.get(f"{theirs}/feedback/content"), OK)
            case "collect":
                return expected(client.get(f"{WORK}/collection"), OK)
        due = {"due": "2030-01-01T12:00"}
        return expected(client.put(f"{WORK}/extensions/masha", json=due), OK)


def expected(answer: httpx.Response, *allowed: int) -> bool:
    """Whether it was allowed; any answer but a refusal or one of `allowed` is an error."""
    assert answer.status_code in (*allowed, 401, FORBIDDEN, NOT_FOUND), answer.text
    return answer.status_code in allowed


def agree(somebody: Visitor, page: httpx.Response) -> httpx.Response:
    """Presses the button under "do you want to go to this person's computer?"."""
    return somebody.http.post(page.url, data={"_xsrf": somebody.xsrf("/hub/")})


@pytest.fixture(scope="module")
def doors(park: Park) -> Iterator[Doors]:
    with ExitStack() as closing_time:
        people = {
            name: closing_time.enter_context(closing(Visitor(park, name))) for name in EVERYBODY
        }
        exchange = {name: closing_time.enter_context(at_exchange(park)) for name in EVERYBODY}
        yield Doors(people, exchange, prepared(people, exchange))
        exchange["anna-pavlovna"].delete(WORK).raise_for_status()


def prepared(people: dict[str, Visitor], exchange: dict[str, httpx.Client]) -> str:
    """Signs everybody in and has Masha hand in a work; the submission."""
    for name, somebody in people.items():
        if name != "nobody":
            somebody.sign_in().raise_for_status()
            made = somebody.hub("POST", f"/users/{name}/tokens", json={"expires_in": 600})
            made.raise_for_status()
            exchange[name].headers["Authorization"] = f"token {made.json()['token']}"
    people["masha"].start(CLASS).raise_for_status()
    teacher = exchange["anna-pavlovna"]
    body = archive({"rights.ipynb": b"{}"})
    released = {"replace": True, "due": "2029-01-01T12:00"}
    teacher.put(WORK, content=body, params=released).raise_for_status()
    taken = exchange["masha"].post(f"{WORK}/submissions", content=body).raise_for_status().json()
    whose = {"person": "masha", "assignment": "rights"}
    page = archive({"rights.html": b"well done"})
    address = f"/submissions/{taken['id']}/feedback"
    teacher.put(address, content=page, params=whose).raise_for_status()
    return str(taken["id"])


@pytest.mark.parametrize("action", AT_THE_HUB)  # in this order: it runs until somebody stops it
def test_who_may_do_what_to_a_pupils_server(doors: Doors, action: str) -> None:
    # Those who may not come first: what they must not do would show in what follows.
    order = sorted(EVERYBODY, key=lambda name: name in AT_THE_HUB[action])
    assert {name for name in order if doors.at_hub(name, action)} == AT_THE_HUB[action]


@pytest.mark.parametrize("action", AT_THE_EXCHANGE)
def test_who_may_do_what_at_the_exchange(doors: Doors, action: str) -> None:
    may = {name for name in EVERYBODY if doors.at_exchange(name, action)}
    assert may == AT_THE_EXCHANGE[action]


Arrive = Callable[[str], Visitor]


def test_a_servers_token_opens_no_more_than_its_owner_may(
    park: Park, signed_in: Arrive, doors: Doors
) -> None:
    masha, petya = signed_in("masha"), signed_in("petya")
    masha.start(CLASS)
    petya.start(CLASS)
    petyas = doors.exchange["petya"].post(
        f"{WORK}/submissions", content=archive({"rights.ipynb": b"petya"})
    )
    token = token_inside(park, "masha", CLASS)
    with at_hub(park, token) as hub, at_exchange(park, token) as service:
        assert hub.get("/user").json()["name"] == "masha"
        refused = {
            "list users": hub.get("/users"),
            "look at Petya": hub.get("/users/petya"),
            "start Petya's server": hub.post(f"/users/petya/servers/{CLASS}"),
            "stop Petya's server": hub.delete(f"/users/petya/servers/{CLASS}"),
            "make a token": hub.post("/users/masha/tokens"),
            "enter Petya's server": hub.get(petya.server_url(CLASS) + "api/contents"),
            "read Petya's work": service.get(f"/submissions/{petyas.json()['id']}/content"),
            "collect": service.get(f"{WORK}/collection"),
            "grade": service.get(f"/classrooms/{CLASS}/roster"),
            "another class": service.get("/classrooms/bio-7v/assignments/x/content"),
        }
        assert {what for what, answer in refused.items() if answer.is_success} == set()
        assert all(expected(answer) is False for answer in refused.values())
        assert service.get(f"{WORK}/content").status_code == OK


def test_a_grading_servers_token_is_good_for_its_class_alone(
    park: Park, signed_in: Arrive, doors: Doors
) -> None:
    grader = f"grading-{CLASS}"
    signed_in("anna-pavlovna").start(CLASS, owner=grader)
    token = token_inside(park, grader, CLASS)
    with at_hub(park, token) as hub, at_exchange(park, token) as service:
        assert service.get(f"{WORK}/collection").status_code == OK
        refused = {
            "list users": hub.get("/users"),
            "stop Masha's server": hub.delete(f"/users/masha/servers/{CLASS}"),
            "hand in": service.post(f"{WORK}/submissions", content=archive({"a": b"a"})),
            "another class's roster": service.get("/classrooms/robots-5b/roster"),
        }
        assert all(expected(answer) is False for answer in refused.values())


def token_inside(park: Park, person: str, classroom: str) -> str:
    """The token that a server was given."""
    code, token = park.run_inside(person, classroom, "printenv", "JUPYTERHUB_API_TOKEN")
    assert code == 0
    return token.strip()


def at_hub(park: Park, token: str) -> httpx.Client:
    """A client of the hub's API that shows `token`."""
    return _client(park, park.settings.ports.hub, "/hub/api", token)


def at_exchange(park: Park, token: str = "") -> httpx.Client:
    """A client of the exchange that shows `token`."""
    return _client(park, park.settings.exchange.port, "", token)


def _client(park: Park, port: int, path: str, token: str) -> httpx.Client:
    headers = {"Authorization": f"token {token}"} if token else {}
    url = f"http://{park_network(park.settings).gateway}:{port}{path}"
    return httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=30)
