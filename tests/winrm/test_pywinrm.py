"""pywinrm, unmodified, over every login it has."""

from __future__ import annotations

import threading

import pytest
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WSManFaultError

from winrm_host import DOMAIN, PASSWORD, USER, Host

LOGINS = {
    "basic": {"transport": "basic"},
    "plaintext": {"transport": "plaintext"},
    "ntlm sealed": {"transport": "ntlm", "message_encryption": "always"},
    "ntlm unsealed": {"transport": "ntlm", "message_encryption": "never"},
    "credssp sealed": {"transport": "credssp", "message_encryption": "always"},
    "credssp unsealed": {"transport": "credssp", "message_encryption": "never"},
    "ntlm over TLS": {"transport": "ntlm", "tls": True},
    "ntlm sealed over TLS": {"transport": "ntlm", "tls": True, "message_encryption": "always"},
    "basic over TLS": {"transport": "ssl", "tls": True},
    "credssp over TLS": {"transport": "credssp", "tls": True},
}


@pytest.mark.parametrize("login", LOGINS)
def test_a_script_runs_and_tells_what_it_wrote(shared, login):
    done = shared.winrm(**LOGINS[login]).run_ps("out hello\nnum 3\nerr bad news")
    assert done.std_out == b"hello\r\n3\r\n"
    assert done.std_err.startswith(b"bad news\n")
    assert done.status_code == 1


@pytest.mark.parametrize("login", LOGINS)
def test_a_wrong_password_is_turned_away(shared, login):
    session = shared.winrm(password="wrong", **LOGINS[login])
    if LOGINS[login]["transport"] == "credssp":
        with pytest.raises(Exception, match="0x8009030c"):
            session.run_cmd("hostname")
    else:
        with pytest.raises(InvalidCredentialsError):
            session.run_cmd("hostname")


@pytest.mark.parametrize(
    "user",
    [
        "Administrator",
        "administrator",
        "LAB\\ADMINISTRATOR",
        "Administrator@lab.example",
        ".\\administrator",
    ],
)
@pytest.mark.parametrize("transport", ["ntlm", "basic"])
def test_a_user_may_spell_the_name_in_every_way_of_windows(shared, user, transport):
    done = shared.winrm(transport, user=user).run_cmd("whoami")
    assert done.std_out == b"lab\\administrator\r\n"


@pytest.mark.parametrize(("user", "password"), [("leaver", "gone"), ("nobody", ""), ("", "")])
@pytest.mark.parametrize("transport", ["ntlm", "basic"])
def test_who_has_no_account_or_a_disabled_one_is_turned_away(shared, user, password, transport):
    with pytest.raises((InvalidCredentialsError, ValueError)):
        shared.winrm(transport, user=user, password=password).run_cmd("hostname")


def test_another_domain_s_user_is_turned_away(shared):
    with pytest.raises(InvalidCredentialsError):
        shared.winrm(user=f"ELSEWHERE\\{USER}").run_cmd("hostname")


def test_what_takes_simulated_time_blocks_until_it_is_over(host):
    before = host.world.now
    assert host.winrm().run_ps("wait 3600\nout done").std_out == b"done\r\n"
    assert host.world.now - before >= 3600


def test_a_receive_times_out_and_the_client_goes_on_waiting(still):
    with still.running():
        session = still.winrm(operation_timeout_sec=1, read_timeout_sec=5)
        protocol = session.protocol
        shell = protocol.open_shell()
        command = protocol.run_command(shell, "powershell", ["-Command", "wait 50"])
        with pytest.raises(WinRMOperationTimeoutError):
            protocol.get_command_output_raw(shell, command)
        still.engine.await_waiting()
        still.world.advance(50)
        assert protocol.get_command_output(shell, command) == (b"", b"", 0)
        protocol.cleanup_command(shell, command)
        protocol.close_shell(shell)


def test_output_of_two_megabytes_arrives_whole(shared):
    done = shared.winrm().run_ps("big 2000000")
    assert len(done.std_out) == 2000 * 1002
    assert set(done.std_out) == set(b"x\r\n")


def test_standard_input_reaches_the_script(shared):
    protocol = shared.winrm().protocol
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "powershell", ["-NoProfile", "-Command", "input"])
    protocol.send_command_input(shell, command, "one\r\ntw")
    protocol.send_command_input(shell, command, "o\r\n", end=True)
    out, err, code = protocol.get_command_output(shell, command)
    assert (out, err, code) == (b"<one>\r\n<two>\r\n", b"", 0)


def test_a_script_may_come_by_standard_input(shared):
    protocol = shared.winrm().protocol
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "powershell", ["-NoProfile", "-"])
    protocol.send_command_input(shell, command, "out first\r\nout second\r\n", end=True)
    assert protocol.get_command_output(shell, command)[0] == b"first\r\nsecond\r\n"


def test_a_shell_has_the_client_s_environment_and_code_page(shared):
    protocol = shared.winrm().protocol
    shell = protocol.open_shell(
        env_vars={"GREETING": "hej"}, working_directory="C:\\Temp", codepage=65001
    )
    command = protocol.run_command(shell, "echo %GREETING% \u00fc & cd & set GREET")
    out = protocol.get_command_output(shell, command)[0].decode()
    assert out == "hej \u00fc \r\nC:\\Temp\r\nGREETING=hej\r\n"


def test_commands_of_one_shell_run_one_after_the_other_and_are_forgotten(shared):
    protocol = shared.winrm().protocol
    shell = protocol.open_shell()
    for number in range(30):
        command = protocol.run_command(shell, "echo", [str(number)])
        assert protocol.get_command_output(shell, command)[0] == f"{number}\r\n".encode()
        protocol.cleanup_command(shell, command)
    with pytest.raises(WSManFaultError) as caught:
        protocol.get_command_output(shell, command)
    assert caught.value.wsman_fault_code == 2150858843


def test_what_is_told_of_a_shell_that_is_not_there(shared):
    with pytest.raises(WSManFaultError) as caught:
        shared.winrm().protocol.run_command("0BADC0DE-0000-0000-0000-000000000000", "ver")
    assert caught.value.wsman_fault_code == 2150858843
    assert caught.value.fault_subcode == "w:InvalidSelectors"


def test_fifty_sealed_sessions_at_once(shared, monkeypatch):
    # Told of a proxy itself, requests changes the environment, which threads do not survive.
    monkeypatch.setenv("no_proxy", "*")
    told: dict[int, bytes] = {}
    gate = threading.Barrier(50)

    def work(number: int) -> None:
        session = shared.winrm(message_encryption="always", proxy="legacy_requests")
        gate.wait()
        told[number] = session.run_ps(f"out {number}\nwait 10\nget user").std_out

    shared.machine.settings.max_shells_per_user = 60
    threads = [threading.Thread(target=work, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shared.machine.settings.max_shells_per_user = 30
    assert told == {n: f"{n}\r\nLAB\\Administrator\r\n".encode() for n in range(50)}


def test_two_labs_in_one_process_have_accounts_of_their_own():
    with Host().running() as one, Host().running() as other:
        other.accounts[0] = type(other.accounts[0])(USER, "other password", DOMAIN)
        other.machine.directory = type(other.machine.directory)(other.accounts)
        assert one.winrm().run_cmd("hostname").status_code == 0
        assert other.winrm(password="other password").run_cmd("hostname").status_code == 0
        with pytest.raises(InvalidCredentialsError):
            other.winrm(password=PASSWORD).run_cmd("hostname")


def test_every_exchange_stands_in_the_wire_log(still):
    with still.running():
        still.winrm().run_cmd("hostname")
    entries = still.log.entries()
    assert [entry.call for entry in entries] == ["Create", "Command", "Receive", "Signal", "Delete"]
    assert not any(entry.is_write for entry in entries)
    assert {entry.params["user"] for entry in entries} == {"LAB\\Administrator"}
    assert {entry.outcome for entry in entries} == {"ok"}
