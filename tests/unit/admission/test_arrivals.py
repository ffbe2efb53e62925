"""300 pupils arrive within a minute before a real hub: nothing holds up its loop.

Browsers, engine and servers are the stand-ins of the bench `hub`; hub, proxy and database are real.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.hub_with_stand_ins import hub_with_stand_ins

from technopark.admission.report import EVERY, read_report
from technopark.bench.hub.people import as_json, visits

pytestmark = pytest.mark.slow

PUPILS = 300
LONGEST = 0.1
"""Seconds that the hub's loop may block itself."""


def test_nothing_holds_the_hub_up_while_300_arrive(tmp_path: Path) -> None:
    coming = visits(PUPILS)
    who = tmp_path / "coming.json"
    who.write_text(as_json(coming), encoding="utf-8")
    with hub_with_stand_ins(tmp_path, coming) as (park, _):
        began = time.time()
        words = [sys.executable, "-m", "technopark.bench.hub.visitors", park.address, str(who)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as browsers:
            assert browsers.stdout
            met = json.loads(browsers.stdout.readline())
            browsers.kill()
        time.sleep(2 * EVERY)  # the hub writes its report every so often
        report = read_report(park.settings)
    assert met["first_errors"] == []
    assert report
    assert [held for held in report.hold_ups if held.at > began and held.blocked > LONGEST] == []
