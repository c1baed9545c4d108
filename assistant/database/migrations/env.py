"""Alembic's entry: runs the migrations on the connection that `assistant.database.engine` hands over."""

from alembic import context

from assistant.database import schema
from knowledge import tables as knowledge_tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=[schema.metadata, knowledge_tables.metadata],
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
