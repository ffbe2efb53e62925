"""Alembic's entry point; `store.database.migrate` gives it an open connection."""

from alembic import context

from technopark.store.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table="park_version",
    # The hub's tables may stand in the same database.
    include_name=lambda name, kind, _parents: kind != "table" or (name or "").startswith("park_"),
    render_as_batch=True,
)
# Two processes may start at once: the first one migrates, the second one waits for it.
if connection.dialect.name == "sqlite":
    connection.exec_driver_sql("BEGIN IMMEDIATE")
else:
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7077)")
with context.begin_transaction():
    context.run_migrations()
if connection.dialect.name == "sqlite":
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if lost:
        raise RuntimeError(f"after the migration rows point to nothing: {lost[:5]}")
connection.commit()
