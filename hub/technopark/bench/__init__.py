"""Benches: each runs the peer's way and ours in one call and says how they compare.

Called by `technopark bench NAME`. A bench lives in a module of its own and stands in `BENCHES`.
"""

BENCHES: dict[str, str] = {
    "bell": "technopark.bench.bell",
    "city": "technopark.bench.city",
    "exchange": "technopark.bench.exchange",
    "grade": "technopark.bench.grade",
    "hub": "technopark.bench.hub",
    "lease": "technopark.bench.lease",
    "page": "technopark.bench.page",
    "portal": "technopark.bench.portal",
    "spawn": "technopark.bench.spawn",
}
"""Name -> module; its `run(settings, ...)` returns a `report.Measured`."""

SIZES: dict[str, tuple[str, ...]] = {
    "bell": ("pupils",),
    "city": ("pupils", "minutes"),
    "grade": ("submissions",),
    "hub": ("clients",),
    "page": ("pupils",),
}
"""Name -> what its `run` takes beside `runs`; options of the same names on the command line."""
