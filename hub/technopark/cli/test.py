"""`technopark test`: all tests in the order in which they fail soonest, as CI runs them."""

from typing import Annotated

import typer


def test(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="lint, unit, slow, docker, browser, cluster, soak or all (the default)."
        ),
    ] = None,  # noqa: PT028  # not a test but the verb `test`
) -> None:
    """Run the project's own tests.

    Lint and types, unit, slow, docker, browser, cluster, soak; stops at the first group that fails.
    """
    from technopark.machine.project_tests import chosen, run_groups

    wanted = names or ["all"]
    raise typer.Exit(run_groups(chosen(wanted), with_long_waits="all" in (names or [])))
