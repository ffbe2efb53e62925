"""The command line as an admin meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from technopark.settings import SOURCE

PASSWORD = "the-word-of-the-database"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "technopark.yaml"
    content = {
        "data": "data",
        "sites": str(SOURCE / "config" / "sites.yaml"),
        "courses": ".",
        "database": {"url": f"postgresql://park:{PASSWORD}@db/park"},
    }
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def technopark(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "technopark.cli", *words],
        env={**os.environ, "TECHNOPARK_CONFIG": str(config)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_settings_in_effect_are_shown_without_secrets(config: Path) -> None:
    said = technopark(config, "config", "show")
    shown = yaml.safe_load(said.stdout)
    assert shown["data"] == str(config.parent / "data")
    assert shown["servers"]["idle_minutes"] == 45
    assert shown["database"]["url"] == "**********"
    assert PASSWORD not in said.stdout


def test_the_schema_explains_every_setting(config: Path) -> None:
    schema = json.loads(technopark(config, "config", "schema").stdout)
    for part in (schema, *schema["$defs"].values()):
        for name, setting in part["properties"].items():
            assert "description" in setting or "$ref" in setting, name


def test_a_wrong_settings_file_is_one_sentence_and_no_traceback(config: Path) -> None:
    config.write_text("language: de\n")
    said = technopark(config, "config", "show")
    assert said.returncode == 1
    assert said.stdout == ""
    assert said.stderr.startswith(f"technopark: {config}:1: language: input should be 'ru' or 'en'")
    assert len(said.stderr.splitlines()) == 1


def test_a_park_that_is_down_has_no_logs_yet(config: Path) -> None:
    said = technopark(config, "logs", "hub")
    assert said.returncode == 1
    assert "There is no log 'hub'" in said.stderr


def test_an_unknown_bench_names_those_that_there_are(config: Path) -> None:
    said = technopark(config, "bench", "moon")
    assert said.returncode == 1
    assert "There is no bench 'moon'; there are: " in said.stderr


@pytest.mark.parametrize("group", ["course", "roster", "demo", "images", "config"])
def test_every_group_of_verbs_explains_itself(config: Path, group: str) -> None:
    said = technopark(config, group, "--help")
    assert said.returncode == 0
    assert f"Usage: technopark {group} " in said.stdout


def test_the_help_does_not_load_the_park(config: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, technopark.cli; print(*(name for name in "
            "('docker', 'sqlalchemy', 'jupyterhub', 'fastapi') if name in sys.modules))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""
