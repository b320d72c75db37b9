"""``cmd`` and the programs it knows, as clients over WinRS drive them."""

from __future__ import annotations

import base64

import pytest

from hvsim_fakes.winrm import cmdline
from hvsim_fakes.winrm.powershell_exe import BadArgumentError, parse


def run(shared, line: str) -> tuple[str, str, int]:
    protocol = shared.winrm("basic").protocol
    shell = protocol.open_shell(codepage=65001)
    command = protocol.run_command(shell, line)
    out, err, code = protocol.get_command_output(shell, command)
    protocol.close_shell(shell)
    return out.decode(), err.decode(), code


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("hostname", "VMM01\r\n"),
        ("HOSTNAME.EXE", "VMM01\r\n"),
        ("C:\\Windows\\System32\\hostname.exe", "VMM01\r\n"),
        ("whoami", "lab\\administrator\r\n"),
        ("ver", "\r\nMicrosoft Windows [Version 10.0.17763]\r\n"),
        ("echo one & echo two", "one \r\ntwo\r\n"),
        ("echo.", "\r\n"),
        ('echo "a & b" ^& c', '"a & b" & c\r\n'),
        ("echo %USERNAME% on %computername% %NONE%", "Administrator on VMM01 %NONE%\r\n"),
        ("ver > nul && echo yes || echo no", "yes \r\n"),
        ("nothere 2> nul && echo yes || echo no", "no\r\n"),
        ("(echo a& echo b) | powershell -Command input", "<a>\r\n<b>\r\n"),
        ("cd C:\\Temp & cd", "C:\\Temp\r\n"),
        ("set X=1 & set X", "X=1 \r\n"),
        ("cmd /c echo inner", "inner\r\n"),
        ('cmd /c "echo inner & echo more"', "inner \r\nmore\r\n"),
        ("if exist C:\\Temp echo there", "there\r\n"),
        ("if not exist C:\\None echo gone", "gone\r\n"),
        ("chcp", "Active code page: 65001\r\n"),
        ("rem nothing", ""),
    ],
)
def test_what_a_line_writes(shared, line, out):
    assert run(shared, line) == (out, "", 0)


@pytest.mark.parametrize("page", ["37", "9", "x", "123456", "500"])
def test_a_code_page_that_no_console_has(shared, page):
    assert run(shared, f"chcp {page}") == ("Invalid code page\r\n", "", 1)


def test_files_are_written_read_and_removed(shared):
    line = (
        'mkdir "C:\\Temp\\a b" & cd "C:\\Temp\\a b" & echo one> x.txt & echo two>> x.txt'
        " & type X.TXT & del x.txt & rmdir /s /q C:\\Temp\\a"
    )
    out, err, _ = run(shared, line)
    assert out == "one \r\ntwo \r\n"
    assert "The system cannot find the file specified." in err
    assert run(shared, 'rmdir "C:\\Temp\\a b" & if exist "C:\\Temp\\a b" echo still')[0] == ""


@pytest.mark.parametrize(
    ("line", "told", "code"),
    [
        ("nothere", "'nothere' is not recognized as an internal or external command,", 1),
        ("type C:\\none.txt", "The system cannot find the file specified.", 1),
        ("mkdir C:\\Temp", "A subdirectory or file C:\\Temp already exists.", 1),
        ("cd C:\\nowhere", "The system cannot find the path specified.", 1),
        ("echo x > C:\\nowhere\\y", "The system cannot find the file specified.", 1),
        ("echo a & & echo b", "& was unexpected at this time.", 255),
        ("(echo a", "The syntax of the command is incorrect.", 255),
        ("echo a > ", "The syntax of the command is incorrect.", 255),
        ("type a?b", "The filename, directory name, or volume label syntax is incorrect.", 1),
    ],
)
def test_what_fails_is_told_in_the_words_of_windows(shared, line, told, code):
    out, err, ended = run(shared, line)
    assert (out, ended) == ("", code)
    assert told in err


def test_a_line_ends_with_the_code_it_is_told(shared):
    assert run(shared, "exit 3")[2] == 3
    assert run(shared, "exit /b -5")[2] == -5
    assert run(shared, "cmd /c exit 9 & echo %ERRORLEVEL%")[2] == 0
    assert run(shared, "powershell -Command exit 12")[2] == 12


def test_a_script_file_is_written_and_run(shared):
    line = (
        "echo args> C:\\Temp\\s.ps1 & powershell -NoProfile -ExecutionPolicy Bypass"
        " -File C:\\Temp\\s.ps1 one two"
    )
    assert run(shared, line) == ("one|two\r\n", "", 0)
    out, err, code = run(shared, "powershell -File C:\\Temp\\none.ps1")
    assert (out, code) == ("", -196608)
    assert "does not exist" in err


def test_errors_are_clixml_only_for_an_encoded_command(shared):
    encoded = base64.b64encode("err _x000A_ <bad>".encode("utf-16-le")).decode()
    out, err, code = run(shared, f"powershell -NoP -NonI -enc {encoded}")
    assert (out, code) == ("", 1)
    assert err.startswith("#< CLIXML\r\n<Objs Version=")
    assert '<S S="Error">_x005F_x000A_ &lt;bad&gt;_x000D__x000A_</S>' in err
    assert run(shared, "powershell -Command err plain")[1].startswith("plain\r\n")
    assert run(shared, f"powershell -OutputFormat Text -enc {encoded}")[1].startswith("_x000A_ <")


def test_progress_on_the_error_stream_is_a_switch(shared):
    shared.machine.settings.progress_on_stderr = True
    try:
        done = shared.winrm("basic").run_ps("out fine")
        assert done.std_err.startswith(b"#< CLIXML")
        assert b"Preparing modules for first use." in done.std_err
    finally:
        shared.machine.settings.progress_on_stderr = False
    assert shared.winrm("basic").run_ps("out fine").std_err == b""


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ("", []),
        (" a  b\tc ", ["a", "b", "c"]),
        ('"a b" c', ["a b", "c"]),
        (r"a\b c\\d", [r"a\b", r"c\\d"]),
        (r'"a \"b\" c" d', ['a "b" c', "d"]),
        (r'"C:\x\\" y', ["C:\\x\\", "y"]),
        ('a"b c"d', ["ab cd"]),
        ('""', [""]),
    ],
)
def test_arguments_are_parted_as_windows_does(tail, words):
    assert cmdline.arguments(tail) == words


@pytest.mark.parametrize("words", [["-enc"], ["-EncodedCommand", "!"], ["-File"], ["-Version"]])
def test_a_command_line_that_is_no_good_is_refused(words):
    with pytest.raises(BadArgumentError):
        parse(words)


def test_options_of_powershell_may_be_shortened():
    options = parse(["-nop", "-noni", "-ex", "Bypass", "-c", "out", "a", "b"])
    assert options.script == "out a b"
    assert parse(["-"]).script is None
    assert parse(["Get-VM", "-Name", "x"]).script == "Get-VM -Name x"
    assert parse(["-f", "x.ps1", "-c", "y"]).arguments == ["-c", "y"]
