"""The implementation under test as a check sees it: recorded, and held to its contract."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from hvsim_conformance.adapters.errors import (
    AdapterError,
    KnownIssueError,
    OperationUnsupportedError,
)
from hvsim_conformance.adapters.model import (
    Capabilities,
    Credentials,
    Done,
    Failed,
    Guest,
    Host,
    Known,
    Monitoring,
    MoveMode,
    PowerAction,
    Product,
    Refused,
    Role,
    Switch,
    Terms,
    Unsupported,
    Verdictable,
)
from hvsim_conformance.adapters.protocol import Implementation
from hvsim_conformance.engine.timeline import Lane, TimelineEntry

Item = TypeVar("Item", Host, Guest, Terms, Monitoring)


class Subject:
    """The operations of `Implementation`, each recorded with its simulated time.

    A command answers Done, Refused or Failed. Unsupported and Known leave as
    OperationUnsupportedError and KnownIssueError, which end the check with that verdict unless it
    catches them. Anything outside the contract is an AdapterError.
    """

    def __init__(self, implementation: Implementation) -> None:
        self._implementation = implementation
        self._now: Callable[[], float] = float
        self.calls: list[TimelineEntry] = []

    def follow(self, now: Callable[[], float]) -> None:
        """Record calls from here on with a lab's simulated time."""
        self._now = now

    def capabilities(self) -> Capabilities:
        """Return what the implementation claims."""
        answer = self._call("capabilities")
        if not isinstance(answer, Capabilities):
            raise _foreign("capabilities", answer, "Capabilities")
        return answer

    def register(
        self, kind: Product, address: str, credentials: Credentials, role: Role
    ) -> Verdictable:
        """Take a VM host or management product under management."""
        return self._command("register", kind, address, credentials, role)

    def unregister(self, registration: str) -> Verdictable:
        """Let go of a registration."""
        return self._command("unregister", registration)

    def refresh(self) -> Verdictable:
        """Make one full inventory pass."""
        return self._command("refresh")

    def list_hosts(self) -> tuple[Host, ...]:
        """Return the VM hosts as of the last refresh."""
        return self._listing("list_hosts", Host)

    def list_guests(self) -> tuple[Guest, ...]:
        """Return the guests as of the last refresh."""
        return self._listing("list_guests", Guest)

    def power(self, guest: str, action: PowerAction, *, force: bool = False) -> Verdictable:
        """Power a guest on, off, or reboot it."""
        return self._command("power", guest, action, force=force)

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Verdictable:
        """Move a guest to a host."""
        return self._command("migrate", guest, host, mode)

    def maintenance(self, host: str, switch: Switch, *, move: bool = False) -> Verdictable:
        """Set or release a host's maintenance mode."""
        return self._command("maintenance", host, switch, move=move)

    def assign_spare(self, primary: str, spare: str) -> Verdictable:
        """Name a spare server for a physical server."""
        return self._command("assign_spare", primary, spare)

    def switchover(self, primary: str) -> Verdictable:
        """Let the spare take the primary's place."""
        return self._command("switchover", primary)

    def failback(self, primary: str) -> Verdictable:
        """Give the primary its place back."""
        return self._command("failback", primary)

    def backup_host(self, host: str) -> Verdictable:
        """Take an image of a host's disks."""
        return self._command("backup_host", host)

    def restore_host(self, host: str, image: str) -> Verdictable:
        """Write an image back."""
        return self._command("restore_host", host, image)

    def describe_terms(self) -> tuple[Terms, ...]:
        """Return what each product's features are called."""
        return self._listing("describe_terms", Terms)

    def cycle(self, registration: str) -> Verdictable:
        """Let the time come at which a registration is read anew."""
        return self._command("cycle", registration)

    def describe_monitoring(self) -> tuple[Monitoring, ...]:
        """Return what the implementation follows of each kind of thing."""
        return self._listing("describe_monitoring", Monitoring)

    def close(self) -> None:
        """End the implementation; raises AdapterError when that fails."""
        self._call("close")

    def _command(self, op: str, /, *arguments: object, **options: object) -> Verdictable:
        answer = self._call(op, *arguments, **options)
        match answer:
            case Done() | Refused() | Failed():
                return answer
        raise _foreign(op, answer, "Done, Refused, Failed, Unsupported or Known")

    def _listing(self, op: str, kind: type[Item]) -> tuple[Item, ...]:
        answer = self._call(op)
        if not isinstance(answer, Sequence) or not all(isinstance(item, kind) for item in answer):
            raise _foreign(op, answer, f"a sequence of {kind.__name__}")
        return tuple(answer)

    def _call(self, op: str, /, *arguments: object, **options: object) -> Any:
        began = self._now()
        try:
            answer = self._invoke(op, arguments, options)
        except Exception as problem:
            self._record(op, arguments, options, began, f"{type(problem).__name__}: {problem}")
            raise
        self._record(op, arguments, options, began, _shown(answer))
        return answer

    def _invoke(self, op: str, arguments: Iterable[object], options: dict[str, object]) -> Any:
        method = getattr(self._implementation, op, None)
        if method is None:
            raise OperationUnsupportedError(f"the implementation has no operation {op}")
        try:
            answer = method(*arguments, **options)
        except (AdapterError, OperationUnsupportedError, KnownIssueError):
            raise
        except Exception as problem:
            raise AdapterError(f"{op} raised {type(problem).__name__}: {problem}") from problem
        match answer:
            case Unsupported():
                raise OperationUnsupportedError(answer.reason)
            case Known():
                raise KnownIssueError(answer.issue_url)
        return answer

    def _record(
        self,
        op: str,
        arguments: Iterable[object],
        options: dict[str, object],
        began: float,
        answer: str,
    ) -> None:
        shown = [*map(_shown, arguments), *(f"{key}={value}" for key, value in options.items())]
        text = f"{op}({', '.join(shown)})"
        self.calls.append(TimelineEntry(began, Lane.COMMAND, text, answer))


def _shown(value: object) -> str:
    """Return a value for the timeline: short, and without a password."""
    match value:
        case str():
            return str(value)
        case Done(None):
            return "done"
        case tuple() | list():
            return f"{len(value)} items"
    return repr(value)


def _foreign(op: str, answer: object, expected: str) -> AdapterError:
    return AdapterError(f"{op} returned {repr(answer)[:200]}; expected {expected}")
