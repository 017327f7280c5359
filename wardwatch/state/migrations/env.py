"""Run by Alembic: the steps go through the connection (and transaction) of `Database.migrate`."""

from alembic import context

from wardwatch.state.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
