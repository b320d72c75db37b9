"""Nothing of the machine, and nothing of Python, is within a script's reach."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from powershell.boxes import rows, run

PYTHON = [
    "__class__",
    "__dict__",
    "__init__",
    "__globals__",
    "__subclasses__",
    "__mro__",
    "__builtins__",
    "__reduce__",
    "__doc__",
    "ps_type",
    "data",
    "extra",
    "members",
    "type_names",
    "engine",
    "frame",
    "tree",
    "code",
    "captured",
    "gi_frame",
    "f_globals",
    "func_globals",
    "mro",
    "append",
]


@pytest.mark.parametrize("name", PYTHON)
def test_no_member_of_python_is_seen(name):
    values = "'text' | 5 | 1.5 | $true | @(1) | (Get-Date) | ([guid]::Empty) | ([version]'1.2') | "
    values += (
        "[string] | { 1 } | ([regex]'a') | (Get-Guest)[0] | $Host | ([IO.MemoryStream]::new())"
    )
    for value in values.split(" | "):
        outcome, streams = run(f"$v = {value}; $v.{name} -eq $null", guests=rows(2))
        assert outcome.error is None
        if streams.outputs:
            assert streams.outputs[-1] is True or streams.outputs == [], (value, streams.outputs)


@pytest.mark.parametrize("name", PYTHON)
def test_no_method_of_python_can_be_called(name):
    for value in ("'text'", "5", "@(1)", "@{a=1}.Keys", "(Get-Guest)[0]", "{ 1 }", "$Host"):
        _, streams = run(f"$v = {value}; $v.{name}()", guests=rows(2))
        assert [one.error_id for one in streams.errors] == ["MethodNotFound"], value


@pytest.mark.parametrize(
    "script",
    [
        "[System.IO.File]::ReadAllText('/etc/passwd')",
        "[IO.Directory]::GetFiles('/')",
        "[System.Diagnostics.Process]::Start('sh')",
        "[System.Net.WebClient]::new()",
        "[System.Reflection.Assembly]::LoadFile('x')",
        "[AppDomain]::CurrentDomain",
        "[System.Activator]::CreateInstance([string])",
    ],
)
def test_types_that_reach_out_are_not_there(script):
    _, streams = run(script)
    assert [one.error_id for one in streams.errors] == ["TypeNotFound"]


@pytest.mark.parametrize(
    "script",
    [
        "Start-Process sh",
        "Invoke-WebRequest http://x",
        "Add-Type 'x'",
        "cmd /c dir",
        "sh -c id",
        "Start-Job { }",
        "New-PSSession x",
        "/bin/sh",
        "python -c 1",
        "Get-Process",
    ],
)
def test_commands_that_reach_out_are_not_there(script):
    _, streams = run(script)
    assert [one.error_id for one in streams.errors] == ["CommandNotFoundException"]


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "C:/etc/passwd",
        "..\\..\\etc\\passwd",
        "file:///etc/passwd",
        "/proc/self/environ",
    ],
)
def test_paths_are_those_of_the_simulated_host(path):
    _, streams = run(f"Get-Content '{path}'; Get-Item '{path}'; Test-Path '{path}'")
    assert streams.outputs == [False]
    assert len(streams.errors) == 2


def test_formats_reach_no_attributes():
    _, streams = run("'{0.__class__}' -f 'x'")
    assert [one.error_id for one in streams.errors] == ["FormatError"]


def test_no_file_process_or_socket_is_touched_by_any_case():
    """All scripts of the cases run with a watch on what Python does for them."""
    program = textwrap.dedent(
        """
        import sys
        sys.path[:0] = [sys.argv[1]]
        from powershell.cases import load
        from hvsim_fakes.powershell.host import PlainHost
        from hvsim_fakes.powershell.program import powershell
        from hvsim_fakes.powershell.standard import library
        known, on, seen = library(), [False], []
        watched = ("open", "socket", "subprocess", "os.", "exec", "compile", "shutil", "ctypes")

        def watch(event, arguments):
            if on[0] and event.startswith(watched):
                seen.append((event, str(arguments)[:200]))

        for case in load():
            powershell(PlainHost(), known, case.script)  # what is imported lazily is by now
        sys.addaudithook(watch)
        for case in load():
            on[0] = True
            powershell(PlainHost(), known, case.script)
            on[0] = False
        print(seen)
        """
    )
    found = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", program, str(Path(__file__).parents[1])],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"
