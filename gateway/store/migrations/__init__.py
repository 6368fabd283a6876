"""The history of the tables. `alembic revision` is not needed: copy a version, and raise HEAD.

A migration never imports `gateway.store.tables`: it describes what was true on its day.
"""

HEAD = "0016"
