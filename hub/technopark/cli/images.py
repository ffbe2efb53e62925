"""`technopark images`: the images that servers start from."""

import typer

app = typer.Typer(
    help="The images that servers start from.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def _images() -> None:
    """Keeps `build` a word of its own while it is the only one."""


@app.command()
def build() -> None:
    """Build all images that are missing; those that are up to date cost nothing."""
    from technopark.catalogue.images import tag
    from technopark.machine.park import prepare
    from technopark.settings import load

    settings = load()
    for name, identity in prepare(settings).images.items():
        typer.echo(f"{tag(name, settings):45} {identity[7:19]}")
