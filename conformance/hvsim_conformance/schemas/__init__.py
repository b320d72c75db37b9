"""The JSON Schemas (draft 2020-12) of everything that crosses the suite's boundary."""

import json
from functools import cache
from importlib import resources
from typing import Any, Protocol

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

_SHOWN = 200
"""Characters of a wrong value that are shown."""


class JsonValidator(Protocol):
    """What is used of a validator of the `jsonschema` library."""

    def iter_errors(self, instance: object) -> Any:
        """Every way in which the instance breaks the schema."""


@cache
def document(name: str) -> dict[str, Any]:
    """Return the schema `name`.schema.json as shipped."""
    text = resources.files(__name__).joinpath(f"{name}.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def validator(name: str, definition: str | None = None) -> JsonValidator:
    """Return a compiled validator of a schema, or of one of its `$defs`."""
    schema = document(name)
    if definition is not None:
        schema = {**schema, "$ref": f"#/$defs/{definition}"}
        for keyword in ("oneOf", "type", "required", "properties", "additionalProperties"):
            schema.pop(keyword, None)
    return Draft202012Validator(schema)


def complaint(value: object, name: str, definition: str | None = None) -> str | None:
    """Return what is wrong with the value, in one line naming the place; None when it is valid."""
    worst = best_match(validator(name, definition).iter_errors(value))
    if worst is None:
        return None
    place = "/".join(str(step) for step in worst.absolute_path)
    return f"{place or 'the document'}: {_told(worst)}"[:500]


def _told(error: Any) -> str:
    """Return what an error says; of alternatives, which there are."""
    if error.validator != "oneOf":
        return str(error.message)
    names = [one["$ref"].rpartition("/")[2] for one in error.validator_value if "$ref" in one]
    shown = json.dumps(error.instance)[:_SHOWN]
    return f"{shown} is none of: {', '.join(names)}" if names else str(error.message)
