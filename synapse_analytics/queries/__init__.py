"""Every SELECT of the product: one function per question about rows, in SQLAlchemy Core, over the marts."""
