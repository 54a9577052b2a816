"""Run by Alembic: applies the migrations on the connection that `Database.migrate` holds."""

from alembic import context

from app.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="memo_migrations",
    transactional_ddl=False,
)
context.run_migrations()
