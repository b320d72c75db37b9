"""The smoke stage: whether an adapter keeps the contract at all, before any lab is built."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hvsim_conformance.adapters.errors import (
    AdapterError,
    AdapterNotFoundError,
    OperationUnsupportedError,
)
from hvsim_conformance.adapters.jsonlines import JsonLinesHost
from hvsim_conformance.adapters.model import (
    Capabilities,
    Credentials,
    Done,
    Feature,
    PowerAction,
    Product,
    Role,
    Session,
)
from hvsim_conformance.adapters.protocol import (
    AdapterHost,
    BackupOperations,
    CycleOperation,
    MonitoringOperation,
    SpareOperations,
    TermsOperation,
)
from hvsim_conformance.engine.subject import Subject

SESSION = Session("check-adapter", "", 1)
_FEATURES: dict[Feature, type] = {
    Feature.SPARE: SpareOperations,
    Feature.BACKUP: BackupOperations,
    Feature.TERMS: TermsOperation,
    Feature.CYCLES: CycleOperation,
    Feature.MONITORING: MonitoringOperation,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the smoke stage; `problem` is empty when it went well."""

    title: str
    problem: str = ""
    stderr: str = ""


class ContractBroken(AssertionError):  # noqa: N818 - a finding, no malfunction
    """The adapter answers, but not as the contract says."""


def smoke(host: AdapterHost) -> Iterator[Step]:
    """Yield the steps in order, up to the first that goes wrong; raises AdapterNotFoundError."""
    for title, action in _STEPS:
        step = _tried(title, action, host)
        yield step
        if step.problem:
            return


def _tried(title: str, action: Callable[[AdapterHost], None], host: AdapterHost) -> Step:
    try:
        action(host)
    except AdapterNotFoundError:
        raise
    except AdapterError as problem:
        return Step(title, str(problem), problem.stderr or host.stderr())
    except Exception as problem:  # noqa: BLE001 - whatever it is, the step failed
        return Step(title, f"{type(problem).__name__}: {problem}", host.stderr())
    return Step(title)


@contextmanager
def _opened(host: AdapterHost) -> Iterator[Subject]:
    subject = Subject(host.open(SESSION))
    yield subject
    subject.close()


def _claims(host: AdapterHost) -> Capabilities:
    with _opened(host) as subject:
        return subject.capabilities()


def _opens(host: AdapterHost) -> None:
    with _opened(host):
        pass


def _has_capabilities(host: AdapterHost) -> None:
    claims = _claims(host)
    if not claims.products:
        raise ContractBroken("capabilities name no product")


def _offers_what_it_claims(host: AdapterHost) -> None:
    implementation = host.open(SESSION)
    claims = implementation.capabilities()
    for feature, kind in _FEATURES.items():
        if feature in claims.features and not isinstance(implementation, kind):
            raise ContractBroken(f"the feature {feature} is claimed, its operations are missing")
    implementation.close()


def _begins_empty(host: AdapterHost) -> None:
    with _opened(host) as subject:
        subject.refresh()
        if subject.list_hosts() or subject.list_guests():
            raise ContractBroken("a fresh implementation lists hosts or guests")


def _survives_a_dead_address(host: AdapterHost) -> None:
    product = _claims(host).products[0]
    with _closed_port() as port, _opened(host) as subject:
        address = f"http://127.0.0.1:{port}"
        secret = Credentials("nobody", "nothing")
        outcome = subject.register(Product(product), address, secret, Role.VM_HOST)
        subject.refresh()
        if isinstance(outcome, Done) and not outcome.value:
            raise ContractBroken("register succeeded and named no registration")


def _knows_no_stranger(host: AdapterHost) -> None:
    with _opened(host) as subject:
        try:
            outcome = subject.power("no-such-guest", PowerAction.ON)
        except OperationUnsupportedError:
            return
        if isinstance(outcome, Done):
            raise ContractBroken("powering on a guest that does not exist succeeded")


def _declines_the_unknown(host: AdapterHost) -> None:
    if not isinstance(host, JsonLinesHost):
        return
    host.open(SESSION)
    try:
        fields = {"op": "no_such_operation", "args": {}}
        host.channel().ask("call", fields, "outcome")
    except OperationUnsupportedError:
        return
    raise ContractBroken("an unknown operation was not answered with unsupported")


def _stops(host: AdapterHost) -> None:
    if not isinstance(host, JsonLinesHost):
        host.close()
        return
    status = host.channel().stop()
    if status is None:
        raise ContractBroken("the process did not end after stop")
    if status != 0:
        raise ContractBroken(f"the process ended with status {status} after stop")


@contextmanager
def _closed_port() -> Iterator[int]:
    """Hold a port on which nobody listens, so that nobody else takes it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


_STEPS: tuple[tuple[str, Callable[[AdapterHost], None]], ...] = (
    ("starts and opens", _opens),
    ("tells its capabilities", _has_capabilities),
    ("offers what it claims", _offers_what_it_claims),
    ("begins empty, without hosts or guests", _begins_empty),
    ("survives an address where nobody answers", _survives_a_dead_address),
    ("does nothing to a guest that does not exist", _knows_no_stranger),
    ("opens again, without memory", _begins_empty),
    ("declines an unknown operation", _declines_the_unknown),
    ("stops", _stops),
)
