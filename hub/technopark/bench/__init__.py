"""Benches: each runs the peer's way and ours in one call and says how they compare.

Called by `technopark bench NAME`. A bench lives in a module of its own and stands in `BENCHES`.
"""

BENCHES: dict[str, str] = {
    "exchange": "technopark.bench.exchange",
    "grade": "technopark.bench.grade",
    "lease": "technopark.bench.lease",
    "spawn": "technopark.bench.spawn",
}
"""Name -> module; its `run(settings, runs)` returns a `report.Measured`.

`grade` also takes the number of submissions.
"""
