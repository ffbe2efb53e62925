"""Somebody at the park's front door, with the means of a browser: pages, API calls, websockets."""

import json
import uuid
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.sync.client import connect

from support.park import Park

READY_SECONDS = 90


class Visitor:
    """A person with a browser of their own."""

    def __init__(self, park: Park, name: str) -> None:
        self.park, self.name = park, name
        self.http = httpx.Client(
            base_url=park.address,
            follow_redirects=True,
            timeout=60,
            headers={"Accept-Language": "ru", "Sec-Fetch-Mode": "navigate"},
        )

    def close(self) -> None:
        self.http.close()

    def sign_in(self, words: str | None = None) -> httpx.Response:
        """Types the name and the words of the card (or others)."""
        self.http.get("/hub/login").raise_for_status()
        return self.http.post(
            "/hub/login",
            data={
                "username": self.name,
                "password": words or self.park.words[self.name],
                "_xsrf": self.xsrf("/hub/"),
            },
        )

    def start(self, classroom: str, owner: str | None = None) -> httpx.Response:
        """Clicks on the lesson and waits until its page is there."""
        owner = owner or self.name
        answer = self.http.get(f"/hub/spawn/{owner}/{classroom}")
        if "/spawn-pending/" not in str(answer.url):
            return answer
        with self.http.stream(
            "GET", f"/hub/api/users/{owner}/servers/{classroom}/progress", timeout=READY_SECONDS
        ) as events:
            for line in events.iter_lines():
                news = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if news.get("failed"):
                    raise AssertionError(f"{news['message']}\n{self.park.logs()}")
                if news.get("ready"):
                    break
        return self.http.get(answer.url)

    def hub(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Calls the hub's API as the page of the person would."""
        headers = {"X-XSRFToken": self.xsrf("/hub/"), "Sec-Fetch-Mode": "cors"}
        return self.http.request(method, f"/hub/api{path}", headers=headers, **arguments)

    def server(
        self, method: str, path: str, classroom: str, owner: str | None = None, **arguments: Any
    ) -> httpx.Response:
        """Calls a server's API as the Lab page in the browser would."""
        url = f"{self.server_url(classroom, owner)}{path}"
        prefix = f"/user/{owner or self.name}/{classroom}/"
        headers = {"X-XSRFToken": self.xsrf(prefix), "Sec-Fetch-Mode": "cors"}
        return self.http.request(method, url, headers=headers, **arguments)

    def server_url(self, classroom: str, owner: str | None = None) -> str:
        """Where a server's pages are; each on a name of its own."""
        owner, parts = owner or self.name, urlsplit(self.park.address)
        return f"{parts.scheme}://{owner}.{parts.netloc}/user/{owner}/{classroom}/"

    def new_kernel(self, classroom: str) -> str:
        """A new kernel's id."""
        answer = self.server("POST", "api/kernels", classroom, json={"name": "python3", "path": ""})
        answer.raise_for_status()
        return str(answer.json()["id"])

    def run(self, classroom: str, kernel: str, code: str) -> str:
        """Runs a cell over the kernel's websocket; what it printed or answered."""
        url = f"{self.server_url(classroom)}api/kernels/{kernel}/channels"
        cookies = self.http.build_request("GET", url).headers.get("Cookie", "")
        with connect(
            url.replace("http", "ws", 1),
            additional_headers={"Cookie": cookies, "Origin": url.split("/user/")[0]},
            open_timeout=30,
            max_size=None,
        ) as socket:
            message = _execute(code)
            socket.send(json.dumps(message))
            return _output(socket, message["header"]["msg_id"])

    def xsrf(self, path: str) -> str:
        """The word against forged requests that pages below `path` were given."""
        values = [c.value for c in self.http.cookies.jar if c.name == "_xsrf" and c.path == path]
        return values[-1] or "" if values else ""


def _execute(code: str) -> dict[str, Any]:
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "username": "",
        "session": uuid.uuid4().hex,
        "date": "",
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    return {
        "channel": "shell",
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
    }


def _output(socket: Any, asked: str) -> str:
    pieces = []
    while True:
        message = json.loads(socket.recv(timeout=60))
        if message["parent_header"].get("msg_id") != asked:
            continue
        content = message["content"]
        match message["msg_type"]:
            case "stream":
                pieces.append(content["text"])
            case "execute_result":
                pieces.append(content["data"]["text/plain"])
            case "error":
                pieces.append("\n".join(content["traceback"]))
            case "status" if content["execution_state"] == "idle":
                return "".join(pieces)
