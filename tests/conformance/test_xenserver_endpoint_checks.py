"""Checks of the simulated product alone: no implementation breaks them, a wrong product does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hvsim.xenserver.availability import failover, recovery
from hvsim.xenserver.hosts import residents
from hvsim.xenserver.life import power, protection, rules
from hvsim_conformance.adapters.loading import PythonHost, load_factory
from hvsim_conformance.engine.execution import Task, execute
from hvsim_conformance.engine.suite import builtin
from hvsim_conformance.engine.verdict import CheckResult, Verdict

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool


def test_unprotected_suspend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "is_protected", lambda *_: False)
    _expect_caught("POWER-XS-3", "xenserver-5.5", "succeeded")


@pytest.mark.parametrize("profile", ["xenserver-5.5", "xenserver-8"])
def test_protected_guest_is_not_started_again(
    monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    monkeypatch.setattr(recovery, "guest_stopped", lambda *_: None)
    _expect_caught("POWER-XS-8", profile, "Halted, not Running")


def test_switch_for_internal_shutdown_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "after_inside_stop", lambda *_: None)
    _expect_caught("POWER-XS-10", "xenserver-8", "Running, not Halted")


@pytest.mark.parametrize("profile", ["xenserver-5.5", "xenserver-8"])
def test_protected_guests_stay_lost(monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    monkeypatch.setattr(failover, "protected", lambda *_: [])
    _expect_caught("HA-XS-2", profile, "guest db is Halted")


@pytest.mark.parametrize("profile", ["xenserver-5.5", "xenserver-8"])
def test_best_effort_guests_are_not_tried(monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    monkeypatch.setattr(recovery, "_start_best_effort", lambda *_: None)
    _expect_caught("HA-XS-2", profile, "guest app is Halted")


@pytest.mark.parametrize("profile", ["xenserver-5.5", "xenserver-8"])
def test_unprotected_guests_are_restarted(monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    honest = residents.halt_all

    def all_tried(pool: Pool, host: str) -> list[str]:
        fell = honest(pool, host)
        pool.lookout.fallen.update(dict.fromkeys(fell))
        return fell

    monkeypatch.setattr(recovery.residents, "halt_all", all_tried)
    _expect_caught("HA-XS-2", profile, "guest bare is Running")


@pytest.mark.parametrize("profile", ["xenserver-5.5", "xenserver-8"])
def test_dead_host_passes_for_live(monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    monkeypatch.setattr(power.placement, "is_live", lambda *_: True)
    _expect_caught("HA-XS-3", profile, "HOST_IS_LIVE", variant="reset", verdict=Verdict.ERROR)


@pytest.mark.parametrize("profile", ["xenserver-5.5", "xenserver-8"])
def test_guest_of_a_dead_host_starts_at_once(monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    honest = rules.judge
    monkeypatch.setattr(
        rules,
        "judge",
        lambda traits, op, *, strict: None if op == "start" else honest(traits, op, strict=strict),
    )
    _expect_caught("HA-XS-3", profile, "VM.start succeeded", variant="reset")


@pytest.mark.parametrize("profile", ["xenserver-5.5", "xenserver-8"])
def test_returning_host_keeps_its_guests(monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    monkeypatch.setattr(residents, "settle", lambda *_: None)
    _expect_caught("HA-XS-3", profile, "Running, not Halted", variant="return")


def _expect_caught(
    requirement: str,
    profile: str,
    message: str,
    variant: str = "",
    verdict: Verdict = Verdict.FAIL,
) -> None:
    result = _run(requirement, profile, variant)
    assert result.verdict is verdict, result
    assert message in result.message + result.detail


def _run(requirement: str, profile: str, variant: str) -> CheckResult:
    suite = builtin()
    host = PythonHost(load_factory(str(suite.reference)))
    return execute(suite, Task(requirement, profile, variant, seed=1), host)
