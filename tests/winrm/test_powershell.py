"""Our PowerShell behind WinRM, driven by pypsrp and pywinrm."""

from __future__ import annotations

import uuid

import pytest
from pypsrp.complex_objects import ObjectMeta, PSInvocationState
from pypsrp.host import PSHost, PSHostUserInterface
from pypsrp.powershell import PowerShell, RunspacePool

from hvsim.clock import Clock, ClockMode
from hvsim_fakes.powershell.standard import library
from hvsim_fakes.winrm.ansible.shim import AnsibleEngine
from hvsim_fakes.winrm.powershell import PowerShellEngine
from winrm_host import Host

GUID = uuid.UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")


@pytest.fixture(scope="module")
def windows():
    made = Host(Clock(ClockMode.SKIP_IDLE))
    engine = PowerShellEngine(
        made.world,
        library(),
        None,
        computer="VMM01",
        domain="lab.example",
        drive=made.machine.drive,
        epoch=1_700_000_000.0,
    )
    made.machine.engine = AnsibleEngine(engine)
    with made.running() as running:
        yield running


@pytest.fixture
def pool(windows):
    with windows.wsman() as wsman, RunspacePool(wsman) as opened:
        yield opened


def run(pool, script, **more):
    return PowerShell(pool).add_script(script).invoke(**more)


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("'text'", "text"),
        ("1", 1),
        ("5gb", 5 * 2**30),
        ("1.5", 1.5),
        ("$true", True),
        ("$null", None),
        (
            "[guid]'6f9619ff-8b86-d011-b42d-00c04fc964ff'",
            uuid.UUID(int=0x6F9619FF8B86D011B42D00C04FC964FF),
        ),
        ("[char]'c'", "c"),
        ("[version]'1.2.3'", "1.2.3"),
        ("@{a = 1; b = 'x'}", {"a": 1, "b": "x"}),
        (",@(1, 'b')", [1, "b"]),
        ("[byte]7", 7),
        ("[timespan]::FromSeconds(90)", "PT0H1M30S"),
        ("[timespan]'-3.00:00:20.5'", "-P3DT0H0M20.5S"),
    ],
)
def test_values_arrive_as_what_they_are(pool, script, value):
    (found,) = run(pool, script)
    assert (str(found) if isinstance(value, str) else found) == value


def test_custom_objects_have_their_properties(pool):
    (found,) = run(pool, "[pscustomobject]@{Name = 'web'; Inner = [pscustomobject]@{A = 1}}")
    assert found.adapted_properties | found.extended_properties | {} == {
        "Name": "web",
        "Inner": found.extended_properties.get("Inner"),
    }
    assert found.extended_properties["Inner"].extended_properties == {"A": 1}


def test_input_arrives_as_what_it_is(pool):
    script = "$input | ForEach-Object { $_.GetType().FullName }"
    given = ["a", 1, True, {"k": 1}, [1, 2]]
    told = run(pool, script, input=given)
    assert told[:3] == ["System.String", "System.Int32", "System.Boolean"]
    assert told[3] == "System.Collections.Hashtable"


def test_a_pipeline_of_commands_with_arguments(pool):
    ps = PowerShell(pool)
    ps.add_cmdlet("Write-Output").add_argument([3, 1, 2])
    ps.add_cmdlet("Sort-Object").add_parameter("Descending")
    assert ps.invoke() == [3, 2, 1]


def test_errors_tell_where_they_come_from(pool):
    ps = PowerShell(pool).add_script("Get-Nothing; 'after'")
    assert ps.invoke() == ["after"]
    error = ps.streams.error[0]
    assert error.fq_error == "CommandNotFoundException"
    assert error.exception.types[0] == "System.Management.Automation.CommandNotFoundException"
    assert error.category == 13


def test_a_script_that_throws_fails(pool):
    ps = PowerShell(pool).add_script("throw 'no'")
    ps.invoke()
    assert (ps.state, ps.had_errors) == (PSInvocationState.FAILED, True)
    assert str(ps.streams.error[0]) == "no"


def test_an_endless_script_is_stopped(pool):
    ps = PowerShell(pool).add_script("while ($true) { }")
    ps.begin_invoke()
    ps.stop()
    assert run(pool, "'alive'") == ["alive"]


def test_a_sleeping_script_is_stopped(windows, pool):
    ps = PowerShell(pool).add_script("Start-Sleep -Seconds 600; 'no'")
    ps.begin_invoke()
    ps.stop()
    assert run(pool, "'alive'") == ["alive"]
    assert windows.world.operations.running == {}


def test_sleep_takes_the_lab_s_time(windows, pool):
    before = windows.world.now
    assert run(pool, "Start-Sleep 3600; 'up'") == ["up"]
    assert windows.world.now - before >= 3600


def test_state_is_kept_and_reset(pool):
    run(pool, "$colour = 'green'; function Get-It { $colour }")
    assert run(pool, "Get-It") == ["green"]
    pool.reset_runspace_state()
    assert run(pool, "$colour") == [None]


def test_secrets_pass_both_ways(pool):
    pool.exchange_keys()
    secret = pool.serialize("s3cret", ObjectMeta("SS"))
    ps = PowerShell(pool).add_script("param($s) $s")
    assert ps.add_parameter("s", secret).invoke() == ["s3cret"]
    made = "ConvertTo-SecureString 'hidden' -AsPlainText -Force"
    assert run(pool, made) == ["hidden"]


def test_write_host_shows_on_the_client_s_host(windows):
    ui = PSHostUserInterface()
    host = PSHost(None, None, False, "test", None, ui, None)
    with windows.wsman() as wsman, RunspacePool(wsman, host=host) as pool:
        ps = PowerShell(pool).add_script("Write-Host shown; Write-Warning careful")
        ps.invoke()
    assert "shown" in "".join(ui.stdout)
    assert [str(one.message_data) for one in ps.streams.information] == ["shown"]
    assert [one.message for one in ps.streams.warning] == ["careful"]


@pytest.mark.parametrize(
    ("script", "out", "code"),
    [
        ("'a'; 1 + 1", b"a\r\n2\r\n", 0),
        ("exit 3", b"", 3),
        ("throw 'x'", b"", 1),
        ("Write-Host shown", b"shown\r\n", 0),
    ],
)
def test_run_ps_tells_text_and_code(windows, script, out, code):
    done = windows.winrm().run_ps(script)
    assert (done.std_out, done.status_code) == (out, code)


def test_standard_input_is_read_by_who_asks_for_it(windows):
    protocol = windows.winrm().protocol
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "powershell", ["-Command", "\"$input | % { '<' + $_ }\""])
    protocol.send_command_input(shell, command, "one\r\ntwo\r\n", end=True)
    assert protocol.get_command_output(shell, command)[0] == b"<one\r\n<two\r\n"


def test_files_of_cmd_and_powershell_are_the_same(windows):
    session = windows.winrm()
    session.run_cmd("echo 40 + 2 > C:\\Temp\\sum.ps1")
    assert session.run_cmd("powershell -File C:\\Temp\\sum.ps1").std_out == b"42\r\n"
    session.run_ps("Set-Content C:\\Temp\\note.txt 'from PowerShell'")
    assert b"from PowerShell" in session.run_cmd("type C:\\Temp\\note.txt").std_out
