"""Finds the implementation that the user names."""

import importlib
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from typing import Any

from hvsim_conformance.adapters.errors import AdapterNotFoundError
from hvsim_conformance.adapters.jsonlines import JsonLinesHost
from hvsim_conformance.adapters.model import Session
from hvsim_conformance.adapters.protocol import AdapterHost, Factory, Implementation

ENTRY_POINTS = "hvsim.adapters"


class AdapterKind(StrEnum):
    """How an adapter is named: Python code, a command, or one of the suite's mutants."""

    PYTHON = "adapter"
    COMMAND = "adapter-cmd"
    MUTANT = "mutant"


@dataclass(frozen=True, slots=True)
class AdapterSpec:
    """An adapter by name; it can cross a process boundary."""

    kind: AdapterKind
    value: str

    def option(self) -> str:
        """Return the command-line option that names this adapter."""
        return f"--{self.kind} {shlex.quote(self.value)}"


class PythonHost:
    """Implementations made by a Python factory in this process."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory

    def open(self, session: Session) -> Implementation:
        """Return a fresh implementation."""
        return self._factory(session)

    def stderr(self) -> str:
        """Nothing of its own: the worker captures the process's standard error."""
        return ""

    def close(self) -> None:
        """Nothing to do: every implementation is closed on its own."""


def open_host(
    spec: AdapterSpec, deadline: float, mutants: Callable[[str], Factory] | None = None
) -> AdapterHost:
    """Return the source of implementations that a spec names; raises AdapterNotFoundError."""
    match spec.kind:
        case AdapterKind.COMMAND:
            return JsonLinesHost(split_command(spec.value), deadline)
        case AdapterKind.MUTANT if mutants is not None:
            return PythonHost(mutants(spec.value))
        case AdapterKind.PYTHON:
            return PythonHost(load_factory(spec.value))
    raise AdapterNotFoundError(f"there is no mutant {spec.value} here")


def split_command(command: str) -> list[str]:
    """Return a command line's words; raises AdapterNotFoundError."""
    try:
        words = shlex.split(command)
    except ValueError as problem:
        raise AdapterNotFoundError(f"--adapter-cmd {command!r}: {problem}") from problem
    if not words:
        raise AdapterNotFoundError("--adapter-cmd is empty")
    return words


def load_factory(name: str) -> Factory:
    """Return a factory by `module:factory` or by its entry point; raises AdapterNotFoundError."""
    factory = load_object(name) if ":" in name else _entry_point(name)
    if not callable(factory):
        raise AdapterNotFoundError(f"the adapter {name} is not callable")
    return factory  # type: ignore[no-any-return]  # a callable is all that can be known of it here


def load_object(name: str) -> Any:
    """Return what `module:attribute` names; raises AdapterNotFoundError."""
    module_name, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module_name), attribute)
    except Exception as problem:  # the module is the user's: it can raise anything
        what = f"{type(problem).__name__}: {problem}"
        raise AdapterNotFoundError(f"cannot load {name}: {what}") from problem


def _entry_point(name: str) -> Any:
    found = metadata.entry_points(group=ENTRY_POINTS)
    try:
        return found[name].load()
    except KeyError:
        known = ", ".join(sorted(found.names)) or "none"
        raise AdapterNotFoundError(
            f"no adapter is named {name}: give module:factory, or one of: {known}"
        ) from None
    except (ImportError, AttributeError) as problem:
        raise AdapterNotFoundError(f"cannot load the adapter {name}: {problem}") from problem
