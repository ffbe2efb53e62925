"""Thirty pieces of honest work on five assignments: right, half right, wrong, late, unfinished."""

from typing import Any

Row = tuple[str, str, Any]


def task(name: str) -> dict[str, Any]:
    return {"grade_id": name, "solution": True}


def test(name: str, points: float) -> dict[str, Any]:
    return {"grade_id": name, "grade": True, "locked": True, "points": points}


def by_hand(name: str, points: float) -> dict[str, Any]:
    return {"grade_id": name, "grade": True, "solution": True, "points": points}


def hidden(text: str) -> str:
    return f"### BEGIN HIDDEN TESTS\n{text}\n### END HIDDEN TESTS"


STUB = "### BEGIN SOLUTION\n### END SOLUTION"

NOTEBOOKS: dict[str, dict[str, list[Row]]] = {
    "sums": {
        "sums": [
            ("code", "start = 10", {"grade_id": "setup", "locked": True}),
            ("code", STUB, task("add")),
            (
                "code",
                f"assert add(start, 2) == 12\n{hidden('assert add(-1, 1) == 0')}",
                test("add-test", 3),
            ),
            ("code", STUB, task("twice")),
            ("code", "assert twice(4) == 8\nassert twice('a') == 'aa'", test("twice-test", 2)),
            ("markdown", "Why?", by_hand("why", 1)),
            ("code", "# Draw what you like", by_hand("drawing", 2)),
            (
                "code",
                hidden("total = add(1, 1)\nfor n in (1, 2):\n    assert twice(n) == n * total"),
                test("both-test", 1.5),
            ),
        ],
    },
    "credit": {
        "credit": [
            ("code", STUB, task("words")),
            (
                "code",
                "score = 0\nif count('a b') == 2:\n    score += 1\n"
                + hidden(
                    "if count('') == 0:\n    score += 0.5\nif count(' a ') == 1:\n    score += 1"
                )
                + "\nscore",
                test("words-test", 2.5),
            ),
            ("code", "1 if count('x') == 1 else 0", test("one-test", 1)),
            ("code", "assert count('x') == 1\n'well done'", test("praise-test", 1)),
            (
                "code",
                "assert count('a b c') == 3\nlast_two = 0.5\n(last_two)",
                test("half-test", 1),
            ),
        ],
    },
    "files": {
        "1-read": [
            ("code", "from pathlib import Path", {"grade_id": "imports", "locked": True}),
            ("code", STUB, task("read")),
            (
                "code",
                "assert read('numbers.txt') == [3, 1, 2]\n"
                + hidden("Path('other.txt').write_text('7')\nassert read('other.txt') == [7]"),
                test("read-test", 2),
            ),
            ("code", STUB, task("write")),
            (
                "code",
                "write('out.txt', [1, 2])\n"
                "assert Path('out.txt').read_text().split() == ['1', '2']\n"
                "write('out.txt', [5])\nassert Path('out.txt').read_text().split() == ['5']",
                test("write-test", 2),
            ),
        ],
        "2-sort": [
            ("code", "from pathlib import Path", {"grade_id": "imports", "locked": True}),
            ("code", STUB, task("sort")),
            (
                "code",
                "ordered = sorted_numbers()\nassert ordered == [1, 2, 3], 'Sort them'\n"
                "assert Path('ordered.txt').exists()",
                test("sort-test", 2),
            ),
            (
                "code",
                hidden("assert len(Path('ordered.txt').read_text()) >= 5"),
                test("kept-test", 1),
            ),
        ],
    },
    "chance": {
        "chance": [
            ("code", "import random\nrandom.seed(7)", {"grade_id": "setup", "locked": True}),
            ("code", STUB, task("dice")),
            (
                "code",
                "throws = [dice() for _ in range(200)]\nassert set(throws) == {1, 2, 3, 4, 5, 6}\n"
                "assert all(1 <= throw <= 6 for throw in throws)",
                test("dice-test", 2),
            ),
            ("code", STUB, task("mean")),
            (
                "code",
                "assert abs(mean([1, 2, 4]) - 7 / 3) < 1e-9\n"
                + hidden(
                    "import math\nassert math.isclose(mean(range(10)), 4.5)\nassert not mean([0])"
                ),
                test("mean-test", 2),
            ),
            (
                "code",
                "for given, expected in [([1], 1), ([2, 4], 3)]:\n"
                "    assert mean(given) == expected",
                test("pairs-test", 1),
            ),
        ],
    },
    "shapes": {
        "shapes": [
            ("code", STUB, task("shape")),
            (
                "code",
                "box = Box(2, 3)\nassert box.area() == 6\nassert isinstance(box, Box)\n"
                + hidden("assert Box(1, 1) == Box(1, 1)\nassert Box(1, 2) != Box(2, 2)"),
                test("box-test", 3),
            ),
            (
                "code",
                "if Box(4, 5).area() != 20:\n    raise ValueError('the area is wrong')",
                test("raise-test", 1),
            ),
            (
                "code",
                "try:\n    Box(-1, 2)\nexcept ValueError:\n    passed = True\n"
                "else:\n    passed = False\n"
                "assert passed, 'No box has a side of -1'",
                test("negative-test", 1),
            ),
            (
                "code",
                "def check(box):\n    assert box.area() >= 0\ncheck(Box(0, 1))",
                test("check-test", 1),
            ),
        ],
    },
}

FILES = {"files": {"numbers.txt": "3\n1\n2\n"}}
LATE = {"sums-late", "credit-spaces"}

ADD = "def add(a, b):\n    return a + b"
TWICE = "def twice(a):\n    return a * 2"
COUNT = "def count(text):\n    return len(text.split())"
READ = "def read(name):\n    return [int(line) for line in Path(name).read_text().split()]"
WRITE = "def write(name, numbers):\n    Path(name).write_text('\\n'.join(map(str, numbers)))"
SORT = (
    "def sorted_numbers():\n    numbers = sorted(map(int, open('numbers.txt').read().split()))\n"
    "    Path('ordered.txt').write_text(' '.join(map(str, numbers)))\n    return numbers"
)
DICE = "def dice():\n    return random.randint(1, 6)"
MEAN = "def mean(numbers):\n    return sum(numbers) / len(numbers)"
BOX = (
    "class Box:\n    def __init__(self, width, height):\n        if width < 0 or height < 0:\n"
    "            raise ValueError('a side cannot be negative')\n"
    "        self.width, self.height = width, height\n\n"
    "    def area(self):\n        return self.width * self.height\n\n"
    "    def __eq__(self, other):\n"
    "        return (self.width, self.height) == (other.width, other.height)\n"
)
PLOT = "from IPython.display import HTML, display\ndisplay(HTML('<svg></svg>'))\nprint('a plot')\n"

ANSWERS: dict[str, dict[str, str]] = {
    "sums-right": {"add": ADD, "twice": TWICE, "why": "Because.", "drawing": "print('me')"},
    "sums-guess": {"add": "def add(a, b):\n    return 12", "twice": TWICE, "why": "I know."},
    "sums-nothing": {},
    "sums-broken": {"add": "def add(a, b)\n    return a + b", "twice": TWICE},
    "sums-late": {"add": ADD, "twice": "def twice(a):\n    return a + a"},
    "sums-warns": {
        "add": ADD,
        "twice": "import sys\n" + TWICE.replace("return", "print('!', file=sys.stderr); return"),
    },
    "sums-plot": {"add": PLOT + ADD, "twice": PLOT + TWICE, "drawing": PLOT},
    "credit-right": {"words": COUNT},
    "credit-spaces": {"words": "def count(text):\n    return text.count(' ') + 1"},
    "credit-zero": {"words": "def count(text):\n    return 0"},
    "credit-raises": {"words": "def count(text):\n    return text.size()"},
    "credit-prints": {"words": "def count(text):\n    print(text)\n    return len(text.split())"},
    "credit-none": {"words": "def count(text):\n    len(text.split())"},
    "files-right": {"read": READ, "write": WRITE, "sort": SORT},
    "files-appends": {
        "read": READ,
        "write": WRITE.replace("Path(name).write_text(", "open(name, 'a').write("),
        "sort": SORT,
    },
    "files-fixed": {"read": "def read(name):\n    return [3, 1, 2]", "write": WRITE, "sort": SORT},
    "files-unsorted": {
        "read": READ,
        "write": WRITE,
        "sort": SORT.replace("sorted(map", "list(map"),
    },
    "files-missing": {"read": READ.replace("(name).", "('no.txt')."), "sort": SORT},
    "files-remembers": {
        "read": "seen = []\n" + READ.replace("return", "seen.append(name)\n    return"),
        "write": WRITE,
        "sort": SORT,
    },
    "chance-right": {"dice": DICE, "mean": MEAN},
    "chance-five": {"dice": DICE.replace("6", "5"), "mean": MEAN},
    "chance-system": {
        "dice": "import secrets\ndef dice():\n    return secrets.randbelow(6) + 1",
        "mean": MEAN,
    },
    "chance-whole": {"dice": DICE, "mean": MEAN.replace("/", "//")},
    "chance-loop": {
        "dice": DICE,
        "mean": "def mean(numbers):\n    total = 0.0\n    for n in numbers:\n        total += n\n"
        "    return total / len(numbers)",
    },
    "chance-unfinished": {
        "dice": DICE,
        "mean": "def mean(numbers):\n    raise NotImplementedError",
    },
    "shapes-right": {"shape": BOX},
    "shapes-no-equality": {"shape": BOX.split("    def __eq__")[0]},
    "shapes-no-check": {"shape": BOX.replace("width < 0 or height < 0", "False")},
    "shapes-dataclass": {
        "shape": "from dataclasses import dataclass\n\n@dataclass\nclass Box:\n    width: int\n"
        "    height: int\n\n    def area(self):\n        return self.width * self.height"
    },
    "shapes-nothing": {"shape": "Box = None"},
}
"""By pupil, whose name begins with the assignment: code by the cell it is written into."""
