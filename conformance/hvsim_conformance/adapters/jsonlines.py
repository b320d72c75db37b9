"""An implementation in any language: one JSON document a line on stdin and stdout."""

import contextlib
from collections.abc import Sequence
from typing import Any, cast

import orjson

import hvsim
from hvsim_conformance import schemas
from hvsim_conformance.adapters import codec
from hvsim_conformance.adapters.errors import (
    AdapterError,
    KnownIssueError,
    OperationUnsupportedError,
)
from hvsim_conformance.adapters.model import (
    Capabilities,
    Credentials,
    Guest,
    Host,
    Monitoring,
    MoveMode,
    Outcome,
    PowerAction,
    Product,
    Role,
    Session,
    Switch,
    Terms,
)
from hvsim_conformance.adapters.process import LineProcess

PROTOCOL = 1
"""Version of the adapter protocol."""


class JsonLinesHost:
    """Runs the adapter's process, and a new one after it has broken its contract."""

    def __init__(self, command: Sequence[str], deadline: float) -> None:
        self._command = command
        self._deadline = deadline
        self._channel: Channel | None = None

    def open(self, session: Session) -> "JsonLinesImplementation":
        """Return a fresh implementation; raises AdapterError or AdapterNotFoundError."""
        channel = self.channel()
        fields = {"check": session.check, "profile": session.profile, "seed": session.seed}
        channel.ask("open", fields, "opened")
        return JsonLinesImplementation(channel)

    def channel(self) -> "Channel":
        """Return the conversation with a running process."""
        if self._channel is None or self._channel.broken:
            self._channel = Channel(LineProcess(self._command), self._deadline)
            self._channel.start()
        return self._channel

    def stderr(self) -> str:
        """Return the end of what the adapter has written on its standard error."""
        return self._channel.process.stderr() if self._channel else ""

    def close(self) -> None:
        """Tell the process to stop, and end it if it does not."""
        if self._channel is not None and not self._channel.broken:
            self._channel.stop()
        self._channel = None


class Channel:
    """Questions and answers with one process; after an AdapterError it is `broken`."""

    def __init__(self, process: LineProcess, deadline: float) -> None:
        self.process = process
        self.broken = False
        self.deadline = deadline
        self._seq = 0

    def start(self) -> Capabilities:
        """Begin the conversation; the answer is the adapter's capabilities."""
        fields = {"protocol": PROTOCOL, "suite": f"hvsim {hvsim.__version__}"}
        return codec.decode_capabilities(self.ask("start", fields, "capabilities"))

    def ask(self, kind: str, fields: dict[str, Any], result: str) -> Any:
        """Send a message and return the result of its answer, valid for the definition named."""
        self._seq += 1
        message = {"type": kind, "seq": self._seq, **fields, "deadline": self.deadline}
        if (line := self.process.unread()) is not None:
            raise self._fault(f"wrote a line that nobody asked for: {_shown(line)}")
        try:
            self.process.send(orjson.dumps(message))
            line = self.process.receive(self.deadline)
        except AdapterError:
            self.broken = True
            raise
        return self._result(self._answer(line), result)

    def stop(self) -> int | None:
        """Say goodbye; the exit status, or None when the process had to be killed."""
        self._seq += 1
        with contextlib.suppress(AdapterError):
            self.process.send(orjson.dumps({"type": "stop", "seq": self._seq}))
        self.broken = True
        return self.process.stop()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            answer = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise self._fault(f"wrote a line that is not JSON: {_shown(line)}") from None
        if wrong := schemas.complaint(answer, "adapter", "answer"):
            raise self._fault(f"answered outside the protocol: {wrong}")
        if answer["seq"] != self._seq:
            raise self._fault(f"answered message {answer['seq']} instead of {self._seq}")
        return cast("dict[str, Any]", answer)

    def _result(self, answer: dict[str, Any], definition: str) -> Any:
        if "unsupported" in answer:
            raise OperationUnsupportedError(answer["unsupported"]["reason"])
        if "known" in answer:
            raise KnownIssueError(answer["known"]["issue_url"])
        if "error" in answer:
            raise self._fault(f"reports an error of its own: {answer['error']['message']}")
        if wrong := schemas.complaint(answer["result"], "adapter", definition):
            raise self._fault(f"gave a result that is no {definition}: {wrong}")
        return answer["result"]

    def _fault(self, what: str) -> AdapterError:
        self.broken = True
        return self.process.broken(what)


class JsonLinesImplementation:
    """The operations of `Implementation` and every optional one, each as one `call`."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def call(self, op: str, **arguments: object) -> Any:
        """One operation by name; raises AdapterError, or what the answer says instead."""
        operation = codec.OPERATIONS[op]
        fields = {"op": op, "args": codec.encode_arguments(arguments)}
        result = self._channel.ask("call", fields, operation.result)
        return codec.decode_result(operation, result)

    def capabilities(self) -> Capabilities:
        """See Implementation."""
        return cast("Capabilities", self.call("capabilities"))

    def register(
        self, kind: Product, address: str, credentials: Credentials, role: Role
    ) -> Outcome:
        """See Implementation."""
        answer = self.call(
            "register", kind=kind, address=address, credentials=credentials, role=role
        )
        return cast("Outcome", answer)

    def unregister(self, registration: str) -> Outcome:
        """See Implementation."""
        return cast("Outcome", self.call("unregister", registration=registration))

    def refresh(self) -> Outcome:
        """See Implementation."""
        return cast("Outcome", self.call("refresh"))

    def list_hosts(self) -> Sequence[Host]:
        """See Implementation."""
        return cast("Sequence[Host]", self.call("list_hosts"))

    def list_guests(self) -> Sequence[Guest]:
        """See Implementation."""
        return cast("Sequence[Guest]", self.call("list_guests"))

    def power(self, guest: str, action: PowerAction, *, force: bool = False) -> Outcome:
        """See Implementation."""
        return cast("Outcome", self.call("power", guest=guest, action=action, force=force))

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """See Implementation."""
        return cast("Outcome", self.call("migrate", guest=guest, host=host, mode=mode))

    def maintenance(self, host: str, switch: Switch, *, move: bool = False) -> Outcome:
        """See Implementation."""
        return cast("Outcome", self.call("maintenance", host=host, switch=switch, move=move))

    def assign_spare(self, primary: str, spare: str) -> Outcome:
        """See SpareOperations."""
        return cast("Outcome", self.call("assign_spare", primary=primary, spare=spare))

    def switchover(self, primary: str) -> Outcome:
        """See SpareOperations."""
        return cast("Outcome", self.call("switchover", primary=primary))

    def failback(self, primary: str) -> Outcome:
        """See SpareOperations."""
        return cast("Outcome", self.call("failback", primary=primary))

    def backup_host(self, host: str) -> Outcome:
        """See BackupOperations."""
        return cast("Outcome", self.call("backup_host", host=host))

    def restore_host(self, host: str, image: str) -> Outcome:
        """See BackupOperations."""
        return cast("Outcome", self.call("restore_host", host=host, image=image))

    def describe_terms(self) -> Sequence[Terms]:
        """See TermsOperation."""
        return cast("Sequence[Terms]", self.call("describe_terms"))

    def cycle(self, registration: str) -> Outcome:
        """See CycleOperation."""
        return cast("Outcome", self.call("cycle", registration=registration))

    def describe_monitoring(self) -> Sequence[Monitoring]:
        """See MonitoringOperation."""
        return cast("Sequence[Monitoring]", self.call("describe_monitoring"))

    def close(self) -> None:
        """Nothing to do: the next `open` makes the process forget."""


def _shown(line: bytes) -> str:
    return repr(line[:200].decode("utf-8", "replace").strip())
