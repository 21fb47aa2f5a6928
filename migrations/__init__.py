"""The steps from one set of tables to the next; alembic runs them, see ``axis db upgrade``."""
