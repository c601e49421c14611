"""Every sentence a person can read in this product, in one list: `make sentences` writes it, and tests hold it to the glossary."""
