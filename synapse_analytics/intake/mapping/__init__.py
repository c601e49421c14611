"""The mapping: model.py its parts, fields.py what rows can become, reading.py from YAML, writing.py to YAML."""
