"""Between the vocabulary's dataclasses and the JSON of the adapter protocol."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hvsim_conformance.adapters.model import (
    Capabilities,
    Credentials,
    Done,
    Failed,
    Feature,
    Guest,
    Host,
    Monitored,
    Monitoring,
    MoveMode,
    Outcome,
    PowerAction,
    Product,
    Reason,
    Refused,
    Role,
    Status,
    Switch,
    Terms,
)

Json = Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its result's definition in the schema, and its arguments' types."""

    name: str
    result: str
    arguments: Mapping[str, Callable[[Any], object]]
    optional: bool = False


def _credentials(value: Mapping[str, Any]) -> Credentials:
    return Credentials(value["username"], value["password"], value.get("ca_file"))


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("capabilities", "capabilities", {}),
        Operation(
            "register",
            "outcome",
            {"kind": Product, "address": str, "credentials": _credentials, "role": Role},
        ),
        Operation("unregister", "outcome", {"registration": str}),
        Operation("refresh", "outcome", {}),
        Operation("list_hosts", "hosts", {}),
        Operation("list_guests", "guests", {}),
        Operation("power", "outcome", {"guest": str, "action": PowerAction, "force": bool}),
        Operation("migrate", "outcome", {"guest": str, "host": str, "mode": MoveMode}),
        Operation("maintenance", "outcome", {"host": str, "switch": Switch, "move": bool}),
        Operation("assign_spare", "outcome", {"primary": str, "spare": str}, optional=True),
        Operation("switchover", "outcome", {"primary": str}, optional=True),
        Operation("failback", "outcome", {"primary": str}, optional=True),
        Operation("backup_host", "outcome", {"host": str}, optional=True),
        Operation("restore_host", "outcome", {"host": str, "image": str}, optional=True),
        Operation("describe_terms", "terms", {}, optional=True),
        Operation("cycle", "outcome", {"registration": str}, optional=True),
        Operation("describe_monitoring", "monitoring", {}, optional=True),
    )
}
"""Every operation by name."""


def encode_arguments(arguments: Mapping[str, object]) -> dict[str, Json]:
    """Arguments of a call as JSON."""
    return {
        name: asdict(value) if isinstance(value, Credentials) else value
        for name, value in arguments.items()
    }


def decode_arguments(operation: Operation, arguments: Mapping[str, Json]) -> dict[str, object]:
    """Arguments of a call from JSON; raises ValueError, TypeError or KeyError on foreign ones."""
    return {name: operation.arguments[name](value) for name, value in arguments.items()}


def encode_result(value: object) -> Json:
    """Return the result of an operation, other than Unsupported and Known, as JSON."""
    match value:
        case Done():
            return {"outcome": "done", "value": value.value}
        case Refused():
            return {"outcome": "refused", "reason": value.reason, "detail": value.detail}
        case Failed():
            return {"outcome": "failed", "reason": value.reason, "native_error": value.native_error}
        case Capabilities():
            return asdict(value)
        case None:
            return None
        case Sequence():
            return [asdict(item) for item in value]
    raise TypeError(f"{type(value).__name__} is no result of an operation")


def decode_result(operation: Operation, value: Json) -> object:
    """Return a result from JSON that the schema has accepted."""
    return _DECODERS[operation.result](value)


def decode_capabilities(value: Json) -> Capabilities:
    """Capabilities from JSON that the schema has accepted."""
    return Capabilities(
        name=value["name"],
        version=value["version"],
        products=tuple(Product(item) for item in value["products"]),
        features=tuple(Feature(item) for item in value.get("features", ())),
        profiles=tuple(value.get("profiles", ())),
    )


def _outcome(value: Json) -> Outcome:
    match value["outcome"]:
        case "done":
            return Done(value.get("value"))
        case "refused":
            return Refused(Reason(value["reason"]), value.get("detail", ""))
        case _:
            return Failed(Reason(value["reason"]), value.get("native_error", ""))


def _hosts(value: Json) -> tuple[Host, ...]:
    return tuple(
        Host(**{**item, "product": Product(item["product"]), "status": Status(item["status"])})
        for item in value
    )


def _guests(value: Json) -> tuple[Guest, ...]:
    return tuple(
        Guest(**{**item, "product": Product(item["product"]), "status": Status(item["status"])})
        for item in value
    )


def _terms(value: Json) -> tuple[Terms, ...]:
    return tuple(Terms(**{**item, "product": Product(item["product"])}) for item in value)


def _monitoring(value: Json) -> tuple[Monitoring, ...]:
    return tuple(Monitoring(**{**item, "kind": Monitored(item["kind"])}) for item in value)


_DECODERS: Mapping[str, Callable[[Json], object]] = {
    "outcome": _outcome,
    "capabilities": decode_capabilities,
    "hosts": _hosts,
    "guests": _guests,
    "terms": _terms,
    "monitoring": _monitoring,
}
