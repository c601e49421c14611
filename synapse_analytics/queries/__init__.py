"""The questions to the store: one function per question about rows, in SQLAlchemy Core, over the marts."""
