"""Runspaces: state, streams, waiting in simulated time, stopping, products, programs."""

from __future__ import annotations

import base64
import threading

import pytest

from hvsim_fakes.powershell.engine.streams import Streams
from hvsim_fakes.powershell.host import PlainHost, Stopped
from hvsim_fakes.powershell.program import command_line, powershell
from hvsim_fakes.powershell.runspace import PipelineCommand
from hvsim_fakes.powershell.standard import library
from powershell.boxes import rows, run, runspace


def test_state_lives_on_between_runs():
    space = runspace()
    run("$x = 5; function f { $x + 1 }", space)
    assert run("f", space)[1].outputs == [6]


def test_output_comes_as_it_is_made():
    order = []

    class Watch(Streams):
        def output(self, value):
            order.append(("out", value))

    host = PlainHost(waiter=lambda wait: order.append(("wait", wait.seconds)))
    runspace(host=host).run("1; Start-Sleep 5; 2", Watch())
    assert order == [("out", 1), ("wait", 5.0), ("out", 2)]


def test_cmdlets_wait_in_simulated_time():
    host = PlainHost(context=rows(2))
    space = runspace(host=host)
    begin = host.time
    _, streams = run("Get-Guest vm1 | Start-Guest -Seconds 30 | % Status", space)
    assert [str(one) for one in streams.outputs] == ["Running"]
    assert host.time - begin == 30.0


def test_what_the_wait_gave_comes_back_to_the_cmdlet():
    host = PlainHost(context=rows(1), waiter=lambda _: "answer")
    _, streams = run("(Get-Guest | Start-Guest).Note", runspace(host=host))
    assert streams.outputs == ["answer"]


def test_what_if_changes_nothing_and_says_so():
    guests = rows(2)
    _, streams = run("Get-Guest vm1 | Start-Guest -WhatIf", guests=guests)
    assert streams.screen == [
        'What if: Performing the operation "Start-Guest" on target "vm1".\r\n'
    ]


def test_a_client_stops_a_script_that_waits():
    def refuse(_):
        raise Stopped

    outcome, streams = run(
        "try { 1; Start-Sleep 5; 2 } catch { 3 }", runspace(host=PlainHost(waiter=refuse))
    )
    assert outcome.stopped
    assert streams.outputs == [1]


def test_a_client_stops_a_script_that_runs():
    space = runspace()
    threading.Timer(0.05, space.stop).start()
    outcome, _ = run("while ($true) { try { 1 / 0 } catch { } }", space)
    assert outcome.stopped
    assert run("1", space)[1].outputs == [1]


def test_pipelines_of_psrp():
    space, streams = runspace(), Streams()
    commands = [
        PipelineCommand("Sort-Object", is_script=False, arguments=[("Descending", True)]),
        PipelineCommand("Select-Object", is_script=False, arguments=[("-First", 2)]),
    ]
    space.run_commands(commands, streams, [1, 3, 2])
    assert streams.outputs == [3, 2]
    streams = Streams()
    space.run_commands(
        [PipelineCommand("$x = 4", ends_statement=True), PipelineCommand("$x + 1")], streams
    )
    assert streams.outputs == [5]
    streams = Streams()
    space.run_commands([PipelineCommand("Get-Item C:\\no", merge_errors=True)], streams)
    assert [one.error_id for one in streams.outputs] == ["PathNotFound"]
    assert streams.errors == []


def test_input_of_a_script():
    _, streams = run("", None), None
    streams = Streams()
    runspace().run("$input | ForEach-Object { $_ * 2 }", streams, [1, 2])
    assert streams.outputs == [2, 4]


def test_the_same_seed_gives_the_same_values():
    script = "New-Guid; Get-Random; Get-Random -InputObject (1..9) -Count 3; (Get-Date).Ticks"
    first, second = (run(script)[1].outputs for _ in range(2))
    assert first == second


# A product's objects


def test_properties_are_those_of_the_table():
    _, streams = run(
        "$g = Get-Guest vm1; $g.Name; $g.name.Length; $g.Status -eq 'PowerOff'; [int]$g.Status; "
        '"$g"; $g.Disks.Size / 1GB; $g.Nope -eq $null; $g.GetType().FullName; $g.Note = 5; '
        "$g.Note.GetType().Name; (Get-Guest).Count; (Get-Guest).Name -join ','",
        guests=rows(2),
    )
    assert streams.outputs == [
        "vm1",
        3,
        True,
        1,
        "vm1",
        1,
        True,
        "Test.Guest",
        "String",
        2,
        "vm0,vm1",
    ]


def test_read_only_properties_are_refused():
    _, streams = run("(Get-Guest)[0].Name = 'x'", guests=rows(1))
    assert streams.errors[0].message == "'Name' is a ReadOnly property."


def test_products_errors_name_their_class():
    _, streams = run("Start-Guest")
    assert streams.errors[0].full_id == ("MissingMandatoryParameter,Test.Cmdlets.StartGuestCommand")


INVENTORY = """
$hash = @{}
$vms = @(Get-Guest -All |
  Select -Property Name,ID,Disks,Note,
    @{name='StatusString';expression={$_.Status -As [string]}},
    @{name='IDString';expression={$_.ID -As [string]}},
    @{name='First';expression={ $_.Disks.Missing | Select -Property Name, Size }} |
    % {
      if($_.Note){ $_.Note = @($_.Note); $_ } # keep it an array
      else{ $_ }
    })
$hash["vms"] = $vms
ConvertTo-Json -InputObject $hash -Depth 4 -Compress
"""


def test_an_inventory_as_managers_ask_for_it():
    guests = rows(2)
    guests[1]["note"] = "n"
    _, streams = run(INVENTORY, guests=guests)
    expected = (
        '{"vms":[{"Name":"vm0","ID":"00000000-0000-0000-0000-000000000000",'
        '"Disks":[{"Name":"d0","Size":0}],"Note":null,"StatusString":"Running",'
        '"IDString":"00000000-0000-0000-0000-000000000000","First":{}},'
        '{"Name":"vm1","ID":"00000000-0000-0000-0000-000000000001",'
        '"Disks":[{"Name":"d1","Size":1073741824}],"Note":["n"],"StatusString":"PowerOff",'
        '"IDString":"00000000-0000-0000-0000-000000000001","First":{}}]}'
    )
    assert streams.outputs == [expected]


def test_a_thousand_guests_stay_within_the_limits():
    outcome, streams = run(INVENTORY, guests=rows(1000))
    assert outcome.error is None
    assert len(streams.outputs[0]) > 200_000


# powershell.exe


def program(script, **more):
    return powershell(PlainHost(), library(), script, **more)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("1", 0),
        ("exit 7", 7),
        ("throw 'x'", 1),
        ("Get-Item C:\\no", 1),
        ("Get-Item C:\\no; 1", 0),
        ("Write-Error x", 1),
        ("nonsense-command", 1),
        ("if (", 1),
        ("exit", 0),
        ("exit -1", 2**32 - 1),
        ("function f { exit 4 }; f; 5", 4),
        ("try { exit 5 } finally { 1 }", 5),
    ],
)
def test_exit_codes(script, code):
    assert program(script).exit_code == code


def test_output_is_text_and_errors_are_clixml():
    done = program("'a'; Write-Host 'b' -NoNewline; Write-Warning '<w>'; Get-Item C:\\no; 'c'")
    assert done.stdout == "a\r\nbc\r\n"
    assert done.stderr.startswith(
        '#< CLIXML\r\n<Objs Version="1.1.0.1" '
        'xmlns="http://schemas.microsoft.com/powershell/2004/04"><S S="warning">&lt;w&gt;</S>'
        "<S S=\"Error\">Get-Item : Cannot find path 'C:\\no' because it does not exist."
        '_x000D__x000A_</S><S S="Error">At line:1 char:54_x000D__x000A_</S>'
    )
    assert done.stderr.endswith('<S S="Error"> _x000D__x000A_</S></Objs>')


def test_errors_are_wrapped_at_the_consoles_width():
    done = program("asdf", text_errors=True)
    assert done.stderr.split("\r\n") == [
        "asdf : The term 'asdf' is not recognized as the name of a cmdlet, function, ",
        "script file, or operable program. Check the spelling of the name, or if a path ",
        "was included, verify that the path is correct and try again.",
        "At line:1 char:1",
        "+ asdf",
        "+ ~~~~",
        "    + CategoryInfo          : ObjectNotFound: (asdf:String) [], CommandNotFoun ",
        "   dException",
        "    + FullyQualifiedErrorId : CommandNotFoundException",
        " ",
        "",
    ]


def test_parse_errors_run_nothing():
    done = program("'never'\nif (1", text_errors=True)
    assert done.stdout == ""
    assert "Missing closing ')' after expression in 'if' statement." in done.stderr
    assert "At line:2 char:" in done.stderr
    assert "ParserError: (:) [], ParentContainsErrorRecordException" in done.stderr.replace(
        " \r\n   ", ""
    )


def test_escapes_of_clixml():
    done = program('Write-Warning "a_x0041_`u{e9}`t"')
    assert 'S="warning">a_x005F_x0041_u{e9}_x0009_</S>' in done.stderr


def test_first_progress_is_a_switch():
    assert "Preparing modules for first use." in program("1", progress=True).stderr
    assert program("1").stderr == ""


def test_standard_input():
    done = program('$input | % { "<$_>" }', stdin="a\r\nb\r\n")
    assert done.stdout == "<a>\r\n<b>\r\n"
    assert program("[Console]::In.ReadToEnd().Length", stdin="abc").stdout == "3\r\n"


def encoded(script):
    return base64.b64encode(script.encode("utf-16-le")).decode()


@pytest.mark.parametrize(
    ("arguments", "script", "text"),
    [
        (["-EncodedCommand", encoded("1")], "1", False),
        (["-enc", encoded("é")], "é", False),
        (
            [
                "-NoProfile",
                "-NonInteractive",
                "-ExecutionPolicy",
                "Unrestricted",
                "-e",
                encoded("2"),
            ],
            "2",
            False,
        ),
        (["Import-Module", "X;", "Get-Y"], "Import-Module X; Get-Y", True),
        (["-Command", "a", "b"], "a b", True),
        (["-c", "-"], None, True),
        (["-NoLogo"], None, True),
        (["-OutputFormat", "Text", "-EncodedCommand", encoded("3")], "3", True),
        (["-File", "C:\\x.ps1", "-A", "1"], "& 'C:\\x.ps1' -A '1'", True),
    ],
)
def test_command_lines(arguments, script, text):
    found = command_line(arguments)
    assert (found.script, found.text_errors, found.wrong) == (script, text, "")


def test_a_command_that_is_not_base64_is_refused():
    assert "Base64" in command_line(["-EncodedCommand", "!!"]).wrong


def test_output_beyond_the_limit_ends_the_program():
    from hvsim_fakes.powershell.limits import Limits

    done = program("1..100 | % { $_ }; 'x' * 5000", limits=Limits(output=7_000))
    assert done.exit_code == 1
    assert "OutOfMemoryException" in done.stderr
