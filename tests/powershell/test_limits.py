"""What a script may use is bounded, and going beyond ends it in PowerShell's words."""

from __future__ import annotations

import pytest

from hvsim_fakes.powershell.limits import Limits
from powershell.boxes import run

SMALL = Limits(steps=20_000, output=200_000, memory=2_000_000, value=500_000, depth=40)


@pytest.mark.parametrize(
    "script",
    [
        "while ($true) { }",
        "for (;;) { }",
        "do { } until ($false)",
        "while ($true) { try { throw 'x' } catch { } }",
        "function f { f; f }; while ($true) { f }",
        "1..1000 | % { 1..1000 | % { $_ } }",
        "foreach ($i in 1..100000) { foreach ($j in 1..100000) { } }",
        "try { while ($true) { } } catch { 'caught' } finally { 'last' }",
    ],
)
def test_endless_scripts_are_stopped(script):
    outcome, streams = run(script, limits=SMALL)
    assert outcome.error is not None
    assert outcome.error.error_id in ("PipelineStopped", "OutOfMemoryException")
    assert "caught" not in streams.outputs


@pytest.mark.parametrize(
    "script",
    [
        "'x' * 1000000000",
        "$a = 'xxxxxxxx'; while ($true) { $a += $a }",
        "$a = 1, 2; while ($true) { $a = $a + $a }",
        "(1, 2) * 1000000000",
        "'a'.PadLeft(2000000000)",
        "1..2000000000",
        "$s = New-Object Text.StringBuilder; while ($true) { [void]$s.Append('x' * 10000) }",
        "New-Object 'byte[]' 2000000000",
        "$a = 'x' * 400000; 'b' -replace 'b', ($a + $a) -replace 'x', $a",
        "('{0,99999999}' -f 1)",
        "$l = 1..9000; while ($true) { $l += 1..9000 }",
        "while ($true) { 'x' * 100000 }",
    ],
)
def test_memory_is_bounded(script):
    outcome, streams = run(script, limits=SMALL)
    errors = [*streams.errors, *([outcome.error] if outcome.error else [])]
    assert errors
    assert errors[0].error_id in ("OutOfMemoryException", "PipelineStopped", "FormatError")


def test_what_was_too_much_cannot_be_caught():
    outcome, streams = run("try { 'x' * 1000000000 } catch { 'caught' }; 'after'", limits=SMALL)
    assert outcome.error.error_id == "OutOfMemoryException"
    assert streams.outputs == []


@pytest.mark.parametrize(
    "script",
    [
        "function f { f }; f",
        "function f($n) { & { f ($n + 1) } }; f 1",
        "$b = { & $b }; & $b",
        "function f { 1 | % { f } }; f",
        "function f { Invoke-Expression 'f' }; f",
        "function f { (1, 2).ForEach({ f }) }; f",
    ],
)
def test_recursion_is_bounded(script):
    outcome, streams = run(script, limits=Limits(steps=100_000))
    errors = [*streams.errors, *([outcome.error] if outcome.error else [])]
    assert {one.error_id for one in errors} & {"CallDepthOverflow", "PipelineStopped"}


@pytest.mark.parametrize(
    "opening", ["(", "@(", "$(", "{", "@{a=", "-not ", "!", "[int]", "$a[", "-"]
)
def test_nesting_of_the_text_is_bounded(opening):
    outcome, _ = run(opening * 5_000)
    assert outcome.error.error_id == "ScriptTooComplicated" or outcome.error.error_id.startswith(
        ("Missing", "Unexpected", "Operator")
    )


@pytest.mark.parametrize(
    "script",
    [
        "while ($true) { try { $s -match '^(a|aa)+$' } catch { 'caught' } }",
        "while ($true) { try { [regex]::IsMatch($s, '^(a|aa)+$') } catch { 'caught' } }",
        "while ($true) { try { $s | Select-String '^(a|aa)+$' } catch { 'caught' } }",
    ],
)
def test_an_expression_that_takes_too_long_ends_the_script(script, monkeypatch):
    from hvsim_fakes.powershell.objects import patterns

    def slow(*_, **__):
        raise TimeoutError

    class Slow:
        search = finditer = slow

    monkeypatch.setattr(patterns, "compiled", lambda *_: Slow())
    outcome, streams = run(f"$s = 'aaab'; {script}")
    assert outcome.error.exception.ps_type.short in (
        "RegexMatchTimeoutException",
        "MethodInvocationException",
    )
    assert "caught" not in streams.outputs


def test_errors_kept_are_bounded():
    outcome, _ = run("foreach ($i in 1..2000) { try { throw $i } catch { } }; $Error.Count")
    assert outcome.error is None


def test_a_runspace_begins_each_run_afresh():
    from powershell.boxes import runspace

    space = runspace(limits=SMALL)
    assert run("while ($true) { }", space)[0].error.error_id == "PipelineStopped"
    assert run("1", space)[1].outputs == [1]
