"""`technopark status`: what runs, who has a server, which images there are."""

from datetime import timedelta
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from technopark.engine.parent import Parent
    from technopark.settings import Settings


def status() -> None:
    """Tell what runs: processes, servers, images."""
    from technopark.front import ways
    from technopark.machine import supervisor
    from technopark.settings import load

    settings = load()
    states = supervisor.states(settings)
    if not states:
        typer.echo("The park is down; `./park up` starts it.")
    else:
        typer.echo(f"{settings.web.address}, front: {ways.way(settings)}\n")
        for each in states:
            since = f"for {timedelta(seconds=each.seconds)}" if each.pid else ""
            typer.echo(f"  {each.name:10} {each.state:9} {since}".rstrip())
        typer.echo("\n".join(["", *_line(settings, [each.pid for each in states])]))
    typer.echo("\n".join(["", *_servers(settings), "", *_images(settings)]))
    if any(each.state != "RUNNING" for each in states) or not states:
        raise typer.Exit(1)


def _line(settings: "Settings", pids: "list[int]") -> list[str]:
    from technopark.admission.report import read_report

    report = read_report(settings)
    if report is None or report.pid not in pids:
        return ["Line: the hub has not told of it yet"]
    rows = [
        f"Line: {report.waiting} wait for a server, {report.starting} start now, "
        f"{report.at_a_time} may at a time"
    ]
    if report.is_short:
        rows.append("  They wait for memory (./park doctor)")
    if report.refused:
        rows.append(f"  {report.refused} were refused for want of memory (./park doctor)")
    return rows


def _servers(settings: "Settings") -> list[str]:
    from contextlib import closing

    from technopark.engine.client import engine_errors, open_engine
    from technopark.engine.parent import find_parent
    from technopark.engine.park_containers import park_containers

    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        found = park_containers(client, settings.network.name)
        parent = find_parent(client, settings.network.name)
    servers = [each for each in found if parent is None or each.id != parent.id]
    rows = [f"  {each.name:40} {each.status}" for each in servers]
    running = f"Servers: {sum(each.runs for each in servers)} running"
    return [f"{running}; {_parent(settings, parent)}", *rows]


def _parent(settings: "Settings", parent: "Parent | None") -> str:
    if settings.servers.way == "ordinary":
        return "each starts by itself"
    return f"their parent: {parent.status}" if parent else "their parent is away (./park doctor)"


def _images(settings: "Settings") -> list[str]:
    from technopark.catalogue.images import images_in_use, tag
    from technopark.catalogue.recipe import all_images

    have = images_in_use(settings)
    rows = [
        f"  {tag(name, settings):45} {'' if name in have else 'not built'}".rstrip()
        for name in all_images()
    ]
    return [f"Images: {len(have)} of {len(rows)} built", *rows]
