"""A teacher opens what was handed in: it shows as it should, and nothing in it runs."""

import re

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode, v4
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from technopark_grading.nbgrader_settings import configure
from technopark_grading.notebooks.safe_pages import safe_html, safe_markdown

ANSWER = {"grade": True, "solution": True, "grade_id": "why", "locked": False, "points": 1}
RUNS = re.compile(r'<script>attack|onerror=|href="javascript|<iframe|<svg|<form |<style>attack')


def handed_in() -> NotebookNode:
    """A text answer and outputs, each of which tries to run something."""
    text = v4.new_markdown_cell(
        "<script>attack()</script> <img src=x onerror=attack()> <iframe src='/hub'></iframe> "
        "<form action='/'></form>\n\n[see](javascript:attack())"
    )
    text.metadata["nbgrader"] = {**ANSWER, "schema_version": 3, "score": 1, "cell_type": "markdown"}
    page = v4.new_output("display_data", data={"text/html": "<script>attack()</script>"})
    style = v4.new_output("display_data", data={"text/html": "<style>attack</style>"})
    words = v4.new_output("display_data", data={"text/markdown": "<script>attack()</script>"})
    drawing = v4.new_output(
        "display_data", data={"text/plain": "drawn", "image/svg+xml": "<svg onload=attack()/>"}
    )
    program = v4.new_output("display_data", data={"application/javascript": "<script>attack()"})
    code = v4.new_code_cell("look()", outputs=[page, style, words, drawing, program])
    return v4.new_notebook(cells=[text, code])


@pytest.mark.filterwarnings("ignore")  # nbconvert's own, about alt texts of a bare template
@pytest.mark.parametrize("template", ["formgrade", "feedback"])
def test_no_page_runs_what_was_handed_in(template: str) -> None:
    config = Config()
    configure(config)
    config.HTMLExporter.template_name = template
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    static = f"{handlers.static_path}/node_modules/bootstrap/dist/css"
    config.HTMLExporter.extra_template_paths = [static]
    score = {"score": 1, "max_score": 1, "late_penalty": 0}
    about = {"student": "masha", "assignment": "ps1", "notebook": "p1", **score}
    places = {"submission_id": "x", "notebook_id": "y", "index": 0, "total": 1}
    page, _ = HTMLExporter(config=config).from_notebook_node(
        handed_in(), resources={"nbgrader": about, **places}
    )
    assert RUNS.findall(page) == []


def test_tables_pictures_and_formulas_stay() -> None:
    table = '<table border="1"><thead><tr><th scope="col">g</th></tr></thead></table>'
    assert safe_html(table) == table.replace(' border="1"', "")
    assert 'src="data:image/png;base64,AA=="' in safe_html('<img src="data:image/png;base64,AA==">')
    shown = safe_markdown("# Ответ\n\n**да**, если $a < b$ и `x < 1`")
    assert "<strong>да</strong>" in shown
    assert "a &lt; b" in shown
    assert "<h1" in shown
