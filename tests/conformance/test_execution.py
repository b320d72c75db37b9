import pytest
import toy

from hvsim_conformance.adapters.errors import OperationUnsupportedError
from hvsim_conformance.adapters.loading import PythonHost
from hvsim_conformance.adapters.model import Done, Failed, Product, Reason, Refused, Session
from hvsim_conformance.engine.bench import Bench
from hvsim_conformance.engine.checks import CheckFailed, Registry
from hvsim_conformance.engine.execution import Task, execute
from hvsim_conformance.engine.lab import HARNESS, Exchange, LabRequest
from hvsim_conformance.engine.subject import Subject
from hvsim_conformance.engine.suite import SuiteError
from hvsim_conformance.engine.timeline import Lane
from hvsim_conformance.engine.verdict import Verdict


def run(factory, requirement="TOY-1", variant="", profile="toy-old", suite=None):
    task = Task(requirement, profile, variant, 11)
    result = execute(suite or toy.suite(), task, PythonHost(factory))
    assert toy.TOYS == {}, "the lab is closed whatever happens"
    return result


@pytest.mark.parametrize(
    ("factory", "requirement", "variant", "verdict", "message"),
    [
        (toy.Manager, "TOY-1", "", Verdict.PASS, ""),
        (toy.Manager, "TOY-2", "set", Verdict.PASS, ""),
        (toy.Manager, "TOY-3", "", Verdict.PASS, ""),
        (toy.Lazy, "TOY-1", "", Verdict.FAIL, "normal, not stop"),
        (toy.Forwarding, "TOY-2", "set", Verdict.FAIL, "should have been refused"),
        (toy.RefusesTooLate, "TOY-2", "set", Verdict.FAIL, "host.disable at alpha"),
        (toy.Renaming, "TOY-3", "", Verdict.FAIL, "the name has changed"),
        (toy.Raising, "TOY-1", "", Verdict.ERROR, "power raised RuntimeError: out of order"),
        (toy.Asserting, "TOY-1", "", Verdict.ERROR, "power raised AssertionError"),
        (toy.Mumbling, "TOY-1", "", Verdict.ERROR, "power returned 'ok'; expected Done"),
        (toy.ListsRubbish, "TOY-1", "", Verdict.ERROR, "expected a sequence of Guest"),
        (toy.FailsToClose, "TOY-1", "", Verdict.ERROR, "close raised"),
        (toy.DoesNotOpen, "TOY-1", "", Verdict.ERROR, "cannot open"),
        (toy.Declining, "TOY-1", "", Verdict.UNSUPPORTED, "no power here"),
        (toy.Confessing, "TOY-1", "", Verdict.KNOWN_FAILURE, "known issue"),
        (toy.Manager, "TOY-4", "", Verdict.NOT_RUN, "does not offer terms"),
        (toy.Manager, "TOY-5", "", Verdict.NOT_RUN, "does not offer spare"),
        (toy.Spare, "TOY-5", "", Verdict.PASS, ""),
        (toy.ClaimsSpare, "TOY-5", "", Verdict.UNSUPPORTED, "no operation assign_spare"),
        (toy.Foreign, "TOY-1", "", Verdict.NOT_RUN, "does not handle xenserver"),
        (toy.Elsewhere, "TOY-1", "", Verdict.NOT_RUN, "does not claim the profile toy-old"),
    ],
)
def test_the_verdict(factory, requirement, variant, verdict, message):
    result = run(factory, requirement, variant)
    assert (result.verdict, message in result.message) == (verdict, True), result
    assert result.executed == (verdict in (Verdict.PASS, Verdict.FAIL))


def test_an_implementation_that_claims_profiles_is_checked_under_those():
    assert run(toy.Elsewhere, profile="toy-new").verdict is Verdict.PASS


def test_a_bug_of_a_check_is_an_error_with_its_traceback():
    result = run(toy.Manager, suite=toy.buggy_suite())
    assert result.verdict is Verdict.ERROR
    assert "KeyError" in result.message
    assert "in buggy" in result.detail


def test_a_plain_assertion_of_a_check_fails_it():
    result = run(toy.Manager, "TOY-2", suite=toy.buggy_suite())
    assert (result.verdict, result.message) == (Verdict.FAIL, "the check failed")


@pytest.mark.parametrize(
    ("suite", "message"),
    [(toy.labless_suite, "no ports left"), (toy.no_lab_suite, "no lab for xenserver")],
)
def test_a_lab_that_does_not_open_is_an_error(suite, message):
    result = run(toy.Manager, suite=suite())
    assert (result.verdict, message in result.message) == (Verdict.ERROR, True)


def test_another_reason_than_the_rules_own_is_a_remark_and_no_failure():
    result = run(toy.Wordy, "TOY-2", "set")
    assert result.verdict is Verdict.PASS
    (remark,) = result.remarks
    assert "NATIVE_ERROR" in remark.text
    assert "HOST_IS_POOL_MASTER" in remark.text


def test_the_timeline_tells_of_calls_writes_and_events_in_simulated_time():
    result = run(toy.Manager)
    assert {entry.lane for entry in result.timeline} == set(Lane)
    assert [entry.at for entry in result.timeline] == sorted(e.at for e in result.timeline)
    (power,) = [entry for entry in result.timeline if entry.text.startswith("power(")]
    assert (power.at, power.text, power.detail) == (0.0, "power(g-1, off, force=False)", "done")
    assert [entry.at for entry in result.timeline if entry.is_write] == [1.5]
    assert "s3cret" not in repr(result.timeline)


class NoLab:
    """A lab of which only the wire log is asked."""

    def __init__(self, exchanges=()):
        self.wire = self
        self.exchanges = exchanges

    def since(self, mark):
        return [exchange for exchange in self.exchanges if exchange.seq > mark]


def bench(exchanges=()):
    request = LabRequest("TOY-1", Product.XENSERVER, "toy-old", 1)
    return Bench(NoLab(exchanges), Subject(toy.Manager(Session("", "", 0))), request)


def exchange(seq, client, *, is_write):
    return Exchange(seq, 0.0, client, "alpha", "VM.start", is_write, "ok")


def test_only_the_implementations_own_writes_count():
    reads = [exchange(1, "manager", is_write=False), exchange(2, HARNESS, is_write=True)]
    bench(reads).expect_no_write(0)
    written = [*reads, exchange(3, "manager", is_write=True)]
    with pytest.raises(CheckFailed, match=r"VM\.start at alpha"):
        bench(written).expect_no_write(2)
    bench(written).expect_no_write(3)


def test_expectations_on_outcomes():
    reason = Reason.GUEST_GONE
    assert bench().expect_done(Done("x")) == "x"
    for outcome in (Refused(reason, "away"), Failed(reason, "VM_GONE")):
        bench().expect_rejected(outcome, reason)
        with pytest.raises(CheckFailed, match="GUEST_GONE"):
            bench().expect_done(outcome)
    with pytest.raises(CheckFailed, match="should not have succeeded"):
        bench().expect_rejected(Done(), reason)
    for outcome in (Done(), Failed(reason, "VM_GONE")):
        with pytest.raises(CheckFailed, match="should have been refused"):
            bench().expect_refused(outcome, reason, 0)


def test_a_guest_must_be_listed_once():
    with pytest.raises(CheckFailed, match="0 times"):
        bench().guest("vm-1")
    bench().expect_not_listed("vm-1")


def test_a_check_may_accept_that_an_operation_is_not_offered():
    with pytest.raises(OperationUnsupportedError):
        bench().subject.migrate("g-1", "h-1", "live")


def test_a_check_is_registered_once_for_a_product_and_profile():
    registry = Registry()
    registry.check("TOY-1", product="xenserver", profiles=("toy-old",))(print)
    registry.check("TOY-1", product="xenserver", profiles=("toy-new",))(print)
    registry.check("TOY-1", product="xenserver", variant="x")(print)
    registry.check("TOY-1", product="vmware")(print)
    with pytest.raises(ValueError, match="exists already"):
        registry.check("TOY-1", product="xenserver")(print)


@pytest.mark.parametrize(
    ("requirement", "options", "complaint"),
    [
        ("TOY-99", {}, "no requirement"),
        ("TOY-6", {}, "untested"),
        ("TOY-1", {"product": "solaris"}, "no requirement of solaris"),
        ("TOY-1", {"profiles": ("toy-odd",)}, "toy-odd"),
    ],
)
def test_a_suite_refuses_a_check_that_contradicts_the_catalogue(requirement, options, complaint):
    registry = Registry()
    registry.check(requirement, **{"product": "xenserver", **options})(print)
    with pytest.raises(SuiteError, match=complaint):
        toy._suite(checks=tuple(registry)).validate()
