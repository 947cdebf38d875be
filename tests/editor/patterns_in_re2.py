"""Loads schemas, one on each line of standard input, in Python's jsonschema, and their patterns in RE2. Prints the
number of patterns, and fails at the first that RE2 refuses."""

import json
import sys

import re2
from jsonschema import Draft202012Validator


def patterns(schema):
    """All patterns in a schema. None of our keys is called `pattern`."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for inner in schema.values():
            yield from patterns(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from patterns(inner)


found = 0
for line in sys.stdin:
    schema = json.loads(line)
    Draft202012Validator.check_schema(schema)
    for pattern in patterns(schema):
        re2.compile(pattern)
        found += 1
json.dump(found, sys.stdout)
