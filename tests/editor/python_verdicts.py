"""Validates documents with Python's jsonschema. The first line of standard input is the schema, each other line a document."""

import json
import sys

from jsonschema import Draft202012Validator

schema, *documents = [json.loads(line) for line in sys.stdin]
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
json.dump([validator.is_valid(document) for document in documents], sys.stdout)
