"""A product that lives in memory, its suite, and managers of it: right, wrong and broken."""
# ruff: noqa: ARG001, ARG002 - managers, checks and labs take what their contracts give them

import os
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from hvsim_conformance.adapters.model import (
    Capabilities,
    Credentials,
    Done,
    Failed,
    Guest,
    Host,
    Known,
    Product,
    Reason,
    Refused,
    Role,
    Status,
    Switch,
    Terms,
    Unsupported,
)
from hvsim_conformance.catalogue.record import Layer, Level, Requirement
from hvsim_conformance.engine.checks import Registry
from hvsim_conformance.engine.lab import Endpoint, Exchange, TrueGuest, TrueHost
from hvsim_conformance.engine.suite import Suite
from hvsim_conformance.engine.timeline import Lane, TimelineEntry
from hvsim_conformance.mutants.registry import MutantRegistry
from hvsim_conformance.profiles import Profile

TOYS = {}
XS = Product.XENSERVER


@dataclass
class ToyLab:
    request: object
    running: bool = True
    name: str = "vm <1> & co"
    clock: float = 0.0
    exchanges: list = field(default_factory=list)
    closed: bool = False

    def __post_init__(self):
        self.address = f"toy://{self.request.seed}"
        TOYS[self.address] = self

    @property
    def endpoints(self):
        return (Endpoint(XS, self.address, Credentials("root", "s3cret"), Role.VM_HOST),)

    @property
    def truth(self):
        return self

    @property
    def wire(self):
        return self

    @property
    def control(self):
        return self

    def hosts(self):
        return [TrueHost("h-1", "alpha", alive=True, in_maintenance=False)]

    def guests(self):
        return [TrueGuest("vm-1", self.name, "h-1", "Running" if self.running else "Halted", 1)]

    def mark(self):
        return len(self.exchanges)

    def since(self, mark):
        return self.exchanges[mark:]

    def now(self):
        return self.clock

    def advance(self, seconds):
        self.clock += seconds

    def perform(self, command, subject, **arguments):
        if command != "rename":
            raise ValueError(f"no command {command}")
        self.name = arguments["name"]
        return subject

    def write(self, call):
        self.advance(1.5)
        self.exchanges.append(
            Exchange(len(self.exchanges) + 1, self.clock, "manager", "alpha", call, True, "ok")
        )

    def timeline(self):
        return [
            TimelineEntry(e.at, Lane.WIRE, f"<{e.call}>", e.outcome, e.is_write)
            for e in self.exchanges
        ] + [TimelineEntry(self.clock, Lane.EVENT, "the end")]

    def close(self):
        self.closed = True
        del TOYS[self.address]


class Manager:
    """Keeps every rule of the toy product."""

    features = ()
    profiles = ()
    products = (XS,)

    def __init__(self, session):
        self.session = session
        self.lab = None

    def capabilities(self):
        return Capabilities("toy manager", "1", self.products, self.features, self.profiles)

    def register(self, kind, address, credentials, role):
        self.lab = TOYS.get(address)
        if self.lab is None:
            return Failed(Reason.ENDPOINT_UNREACHABLE, "no route")
        self.name = self.lab.name
        return Done("r-1")

    def unregister(self, registration):
        self.lab = None
        return Done()

    def refresh(self):
        return Done()

    def list_hosts(self):
        return [Host("h-1", "alpha", XS, "pool", Status.NORMAL, False)] if self.lab else []

    def list_guests(self):
        if not self.lab:
            return []
        status = Status.NORMAL if self.lab.running else Status.STOP
        return [Guest("g-1", self.name, "h-1", status, XS, "vm-1")]

    def power(self, guest, action, *, force=False):
        if not self.lab:
            return Refused(Reason.GUEST_GONE)
        self.lab.write("VM.power")
        self.lab.running = action != "off"
        return Done()

    def migrate(self, guest, host, mode):
        return Unsupported("one host only")

    def maintenance(self, host, switch, *, move=False):
        return Refused(Reason.HOST_IS_POOL_MASTER, "alpha is the master")

    def close(self):
        pass


class Wordy(Manager):
    """Refuses with a reason of its own."""

    def maintenance(self, host, switch, *, move=False):
        return Refused(Reason.NATIVE_ERROR)


class Lazy(Manager):
    """Says that it powers off, and does not."""

    def power(self, guest, action, *, force=False):
        return Done()


class Forwarding(Manager):
    """Forwards what it should refuse."""

    def maintenance(self, host, switch, *, move=False):
        self.lab.write("host.disable")
        return Done()


class RefusesTooLate(Manager):
    """Refuses, but only after it has written."""

    def maintenance(self, host, switch, *, move=False):
        self.lab.write("host.disable")
        return Refused(Reason.HOST_IS_POOL_MASTER)


class Renaming(Manager):
    def list_guests(self):
        self.name = self.lab.name if self.lab else ""
        return super().list_guests()


class Spare(Manager):
    """Also has spare servers, which it refuses."""

    features = ("spare",)

    def assign_spare(self, primary, spare):
        return Refused(Reason.SPARE_NOT_ELIGIBLE)

    def switchover(self, primary):
        return Unsupported("nothing to switch over to")

    def failback(self, primary):
        return Unsupported("nothing to fail back from")


class ClaimsSpare(Manager):
    features = ("spare",)


class Foreign(Manager):
    products = (Product.SOLARIS,)


class Elsewhere(Manager):
    profiles = ("toy-new",)


class Declining(Manager):
    def power(self, guest, action, *, force=False):
        return Unsupported("no power here")


class Confessing(Manager):
    def power(self, guest, action, *, force=False):
        return Known("https://issues.example/7")


class Raising(Manager):
    def power(self, guest, action, *, force=False):
        sys.stderr.write("about to raise\n")
        raise RuntimeError("out of order")


class Asserting(Manager):
    def power(self, guest, action, *, force=False):
        raise AssertionError("an assertion of the adapter is no verdict on it")


class Mumbling(Manager):
    def power(self, guest, action, *, force=False):
        return "ok"


class ListsRubbish(Manager):
    def list_guests(self):
        return [{"id": 1}]


class FailsToClose(Manager):
    def close(self):
        raise RuntimeError("cannot close")


class DoesNotOpen(Manager):
    def __init__(self, session):
        raise RuntimeError("cannot open")


class Dying(Manager):
    def power(self, guest, action, *, force=False):
        sys.stdout.write("last words\n")
        sys.stdout.flush()
        os._exit(9)


class Hanging(Manager):
    def power(self, guest, action, *, force=False):
        threading.Event().wait()


class HangsAtOnce(Manager):
    def capabilities(self):
        threading.Event().wait()


class Interrupting(Manager):
    """Lets the test know that a check is under way, and then hangs."""

    def power(self, guest, action, *, force=False):
        Path(os.environ["TOY_SIGNAL"]).write_text(str(os.getpid()))
        threading.Event().wait()


NOT_CALLABLE = 3

REQUIREMENTS = {
    record.id: record
    for record in (
        Requirement(
            id=f"TOY-{number}",
            area="TOY",
            level=level,
            statement=f"Toy rule <{number}> & its text.",
            source=("S",),
            products=(XS,),
            profiles=("toy-old", "toy-new"),
            layer=Layer.MANAGER,
            needs=needs,
            since="0.1",
            untested=untested,
        )
        for number, level, needs, untested in (
            (1, Level.MUST, ("power",), None),
            (2, Level.MUST, ("maintenance",), None),
            (3, Level.SHOULD, (), None),
            (4, Level.MAY, ("terms",), None),
            (5, Level.MUST, ("spare",), None),
            (6, Level.MUST, (), "nobody can see it from outside"),
            (7, Level.SHOULD, (), None),
        )
    )
}
PROFILES = (
    Profile("toy-old", XS, "Toy, old", default=True, minimum=5),
    Profile("toy-new", XS, "Toy, new", default=False, minimum=6),
)

checks = Registry()


@checks.check("TOY-1", product="xenserver")
def powers_off(bench):
    bench.enrol()
    guest = bench.guest("vm-1")
    bench.expect_done(bench.subject.power(guest.id, "off"))
    bench.refresh()
    status = bench.guest("vm-1").status
    bench.expect(status is Status.STOP, f"the guest is {status}, not stop <b>&\x07")


@checks.check("TOY-2", product="xenserver", variant="set")
def refuses_the_master(bench):
    bench.enrol()
    mark = bench.wire.mark()
    outcome = bench.subject.maintenance(bench.host("alpha").id, Switch.ON)
    bench.expect_refused(outcome, Reason.HOST_IS_POOL_MASTER, mark)


@checks.check("TOY-2", product="xenserver", variant="new", profiles=("toy-new",))
def refuses_the_master_newly(bench):
    refuses_the_master(bench)


@checks.check("TOY-3", product="xenserver")
def freezes_names(bench):
    bench.enrol()
    before = bench.guest("vm-1").display_name
    bench.control.perform("rename", "vm-1", name="other")
    bench.refresh()
    bench.expect(bench.guest("vm-1").display_name == before, "the name has changed")


@checks.check("TOY-4", product="xenserver")
def has_terms(bench):
    bench.expect(bench.subject.describe_terms(), "there are no terms")


@checks.check("TOY-5", product="xenserver")
def refuses_the_spare(bench):
    bench.enrol()
    outcome = bench.subject.assign_spare("h-1", "h-2")
    bench.expect_rejected(outcome, Reason.SPARE_NOT_ELIGIBLE)


mutants = MutantRegistry()
mutants.mutant("lazy", breaks="TOY-1", description="does not power off")(Lazy)
mutants.mutant("forwarding", breaks="TOY-2", description="forwards")(Forwarding)
mutants.mutant("late", breaks="TOY-2", description="refuses too late")(RefusesTooLate)


@mutants.mutant("no-spare", breaks="TOY-5", description="takes every spare")
class TakesEverySpare(Spare):
    def assign_spare(self, primary, spare):
        return Done()


def _suite(**fields):
    settings = {
        "requirements": REQUIREMENTS,
        "profiles": PROFILES,
        "checks": tuple(checks),
        "labs": {XS: ToyLab},
        "mutants": tuple(mutants),
        "reference": "toy:Spare",
    }
    return Suite(**{**settings, **fields})


def suite():
    return _suite()


def harmless_suite():
    """Has a mutant that breaks nothing, so that it survives, and none for the other rules."""
    registry = MutantRegistry()
    registry.mutant("harmless", breaks="TOY-1", description="breaks nothing at all")(Manager)
    return _suite(mutants=tuple(registry))


def unproven_suite():
    """Has a reference that fails what it should pass."""
    return _suite(reference="toy:Lazy")


def killed_by_error_suite():
    """Has a mutant that is broken instead of wrong."""
    registry = MutantRegistry()
    registry.mutant("broken", breaks="TOY-1", description="raises")(Raising)
    return _suite(mutants=tuple(registry))


def buggy_suite():
    """Has a check with a bug, and one that fails by a plain assertion."""
    registry = Registry()

    @registry.check("TOY-1", product="xenserver")
    def buggy(bench):
        raise KeyError("bug in the check")

    @registry.check("TOY-2", product="xenserver")
    def asserting(bench):
        raise AssertionError

    return _suite(checks=tuple(registry))


def labless_suite():
    def unlucky(request):
        raise OSError("no ports left")

    return _suite(labs={XS: unlucky})


def no_lab_suite():
    return _suite(labs={})


def unreferenced_suite():
    return _suite(reference=None)


def terms_of(product):
    return Terms(product, None, None, None, None)
