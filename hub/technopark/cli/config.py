"""`technopark config`: what the settings are, and what they may be."""

import json

import typer
import yaml

from technopark.settings import Settings, load, settings_path

app = typer.Typer(
    help="The park's settings: what is in effect, what there is.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def show() -> None:
    """Print every setting with its value; secrets are hidden."""
    settings = load()
    typer.echo(f"# {settings_path()}, with the defaults of what it does not name")
    values = settings.model_dump(mode="json")
    typer.echo(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), nl=False)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the settings file, for editors that check while you type."""
    typer.echo(json.dumps(Settings.model_json_schema(), indent=2, ensure_ascii=False))
