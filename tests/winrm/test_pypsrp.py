"""pypsrp, unmodified: WinRS processes and runspace pools over every login it has."""

from __future__ import annotations

import pytest
from pypsrp.complex_objects import ObjectMeta, PSInvocationState, RunspacePoolState
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.host import PSHost, PSHostUserInterface
from pypsrp.messages import GetCommandMetadata
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.shell import CommandState, Process, SignalCode, WinRS

LOGINS = {
    "basic": {"auth": "basic", "encryption": "never"},
    "ntlm sealed": {"auth": "ntlm"},
    "ntlm unsealed": {"auth": "ntlm", "encryption": "never"},
    "negotiate sealed": {"auth": "negotiate"},
    "credssp sealed": {"auth": "credssp"},
    "negotiate over TLS": {"auth": "negotiate", "tls": True},
    "basic over TLS": {"auth": "basic", "tls": True},
    "credssp over TLS": {"auth": "credssp", "tls": True},
}


@pytest.fixture
def pool(shared):
    with shared.wsman() as wsman, RunspacePool(wsman) as opened:
        yield opened


def run(pool: RunspacePool, script: str, **more: object) -> list[object]:
    return PowerShell(pool).add_script(script).invoke(**more)


@pytest.mark.parametrize("login", LOGINS)
def test_a_pipeline_gives_objects(shared, login):
    with shared.wsman(**LOGINS[login]) as wsman, RunspacePool(wsman) as pool:
        assert run(pool, "out hello\nnum 3\nwait 5\nget user") == ["hello", 3, "LAB\\Administrator"]


@pytest.mark.parametrize("login", LOGINS)
def test_a_process_gives_bytes_and_a_code(shared, login):
    with shared.wsman(**LOGINS[login]) as wsman, WinRS(wsman) as shell:
        process = Process(shell, "cmd", ["/c", "hostname", "&", "exit", "7"])
        process.invoke()
        assert (process.stdout, process.stderr, process.rc) == (b"VMM01\r\n", b"", 7)


@pytest.mark.parametrize("auth", ["basic", "ntlm", "negotiate"])
def test_a_wrong_password_is_turned_away(shared, auth):
    encryption = "never" if auth == "basic" else "auto"
    with (
        shared.wsman(auth, password="wrong", encryption=encryption) as wsman,
        pytest.raises(AuthenticationError),
    ):
        RunspacePool(wsman).open()


def test_every_stream_arrives(pool):
    ps = PowerShell(pool)
    ps.add_script("err bad\nwarn w\nverbose v\ndebug d\nprogress p\nhost shown").invoke()
    error = ps.streams.error[0]
    assert str(error) == "bad"
    assert error.fq_error == "Fake,Test"
    assert error.category == 7
    assert error.exception.types[0] == "System.InvalidOperationException"
    assert [r.message for r in ps.streams.warning] == ["w"]
    assert [r.message for r in ps.streams.verbose] == ["v"]
    assert [r.message for r in ps.streams.debug] == ["d"]
    assert [r.activity for r in ps.streams.progress] == ["p"]
    assert [str(r.message_data) for r in ps.streams.information] == ["shown"]
    assert ps.had_errors is False
    assert ps.state == PSInvocationState.COMPLETED


def test_a_terminating_error_fails_the_pipeline(pool):
    ps = PowerShell(pool).add_script("out before\nfail badly\nout after")
    assert ps.invoke() == ["before"]
    assert ps.state == PSInvocationState.FAILED
    assert [str(error) for error in ps.streams.error] == ["badly"]


def test_state_lives_on_between_pipelines_and_can_be_reset(pool):
    run(pool, "set colour green")
    assert run(pool, "get colour") == ["green"]
    pool.reset_runspace_state()
    assert run(pool, "get colour") == [None]


def test_a_pool_runs_more_pipelines_than_it_may_have_at_once(pool):
    for number in range(60):
        ps = PowerShell(pool).add_script(f"num {number}")
        assert ps.invoke() == [number]
    ps.close()


def test_input_of_a_pipeline(pool):
    assert run(pool, "input", input=["a", 2, None]) == ["<a>", "<2>", "<None>"]


def test_commands_arrive_with_their_arguments(shared, pool):
    ps = PowerShell(pool).add_script("out first").add_statement()
    ps.add_cmdlet("Get-Thing").add_parameter("Name", "x").add_argument(5).add_parameter("-All:")
    assert ps.invoke() == ["first"]
    called = shared.engine.opened[-1].variables["called"]
    assert called == ("Get-Thing", ("Name", "x"), ("", 5), ("All", True))


def test_two_megabytes_out_and_nine_hundred_kilobytes_in(pool):
    assert len("".join(run(pool, "big 2000000"))) == 2_000_000
    assert run(pool, "out " + "y" * 900_000) == ["y" * 900_000]
    assert run(pool, "input", input=["z" * 900_000]) == ["<" + "z" * 900_000 + ">"]


@pytest.mark.parametrize("login", ["credssp sealed", "negotiate sealed", "credssp over TLS"])
def test_large_messages_pass_every_seal(shared, login):
    with shared.wsman(**LOGINS[login]) as wsman, RunspacePool(wsman) as pool:
        assert len("".join(run(pool, "big 500000"))) == 500_000
        assert run(pool, "out " + "y" * 200_000) == ["y" * 200_000]


def test_a_running_pipeline_is_stopped(pool):
    for script in ("wait 1000000000", "spin", "input"):
        ps = PowerShell(pool).add_script(script)
        ps.begin_invoke()
        ps.stop()
        assert ps.state == PSInvocationState.STOPPED
    assert run(pool, "out alive") == ["alive"]


def test_a_stopped_pipeline_tells_so(pool):
    ps = PowerShell(pool).add_script("spin")
    ps.begin_invoke()
    pool.shell.signal(SignalCode.PS_CTRL_C, str(ps.id).upper())
    ps.end_invoke()
    assert ps.state == PSInvocationState.STOPPED
    assert ps.streams.error[0].fq_error == "PipelineStopped"


def test_keys_are_exchanged_and_secrets_pass_both_ways(shared):
    host = PSHost(None, None, False, "test", None, Typing(["hunter2"]), None)
    with shared.wsman() as wsman, RunspacePool(wsman, host=host) as pool:
        pool.exchange_keys()
        assert run(pool, "secret") == ["hunter2"]
        secret = pool.serialize("s3cret", ObjectMeta("SS"))
        assert run(pool, "input", input=[secret])[0].startswith("<")


def test_the_client_s_host_is_asked_and_told(shared):
    ui = Typing(["typed"])
    host = PSHost(None, None, False, "test", None, ui, None)
    with shared.wsman() as wsman, RunspacePool(wsman, host=host) as pool:
        assert run(pool, "ask\nhost told") == ["typed"]
    assert "told" in "".join(ui.stdout)


def test_without_a_host_there_is_nobody_to_ask(pool):
    ps = PowerShell(pool).add_script("ask")
    ps.invoke()
    assert ps.state == PSInvocationState.FAILED


def test_runspaces_of_a_pool(shared):
    with shared.wsman() as wsman, RunspacePool(wsman, max_runspaces=2) as pool:
        assert pool.get_available_runspaces() == 2
        pool.max_runspaces = 4
        pool.min_runspaces = 2
        assert pool.get_available_runspaces() == 4
        running = [PowerShell(pool).add_script("input") for _ in range(2)]
        for ps in running:
            ps.begin_invoke()
        while pool.get_available_runspaces() > 2:
            pass
        for ps in running:
            ps.stop()


def test_the_same_client_disconnects_and_reconnects(still):
    with still.running(), still.wsman() as wsman, RunspacePool(wsman) as pool:
        ps = PowerShell(pool).add_script("out before\nwait 60\nout after")
        ps.begin_invoke()
        still.engine.await_waiting()
        pool.disconnect()
        assert pool.state == RunspacePoolState.DISCONNECTED
        with pytest.raises(WSManFaultError) as caught:
            PowerShell(pool).add_script("out x").invoke()
        assert caught.value.code == 2150859204
        pool.connect()
        ps.state = PSInvocationState.RUNNING
        still.world.advance(60)
        assert ps.end_invoke() == ["before", "after"]


def test_another_client_takes_over_a_disconnected_pool(still):
    with still.running():
        with still.wsman() as wsman:
            pool = RunspacePool(wsman)
            pool.open()
            run(pool, "set name value")
            PowerShell(pool).add_script("wait 60\nout late").begin_invoke()
            still.engine.await_waiting()
            pool.disconnect()
        with still.wsman() as wsman:
            found = RunspacePool.get_runspace_pools(wsman)
            assert [one.id for one in found] == [pool.id]
            found[0].connect()
            late = found[0].create_disconnected_power_shells()
            still.world.advance(60)
            assert [ps.connect() for ps in late] == [["late"]]
            assert run(found[0], "get name") == ["value"]
            found[0].close()
            assert RunspacePool.get_runspace_pools(wsman) == []


def test_another_user_can_do_nothing_with_it(shared, pool):
    with shared.wsman(username="LAB\\operator", password="0per@tor") as wsman:
        assert RunspacePool.get_runspace_pools(wsman) == []
        shell = WinRS(wsman, resource_uri=pool.shell.resource_uri, id=pool.id)
        shell._selector_set = pool.shell._selector_set
        with pytest.raises(WSManFaultError) as caught:
            shell.receive("stdout")
        assert caught.value.code == 5


def test_a_pool_is_alive_until_it_is_closed(shared):
    with shared.wsman() as wsman:
        pool = RunspacePool(wsman)
        pool.open()
        assert pool.is_alive()
        wsman.delete(pool.shell.resource_uri, selector_set=pool.shell._selector_set)
        assert not pool.is_alive()


def test_an_unknown_configuration_is_refused(shared):
    with shared.wsman() as wsman, pytest.raises(WSManFaultError) as caught:
        RunspacePool(wsman, configuration_name="Microsoft.Exchange").open()
    assert caught.value.code == 2150858752


def test_metadata_is_not_given(pool):
    ps = PowerShell(pool)
    ps._invoke(GetCommandMetadata(["Get-*"], 0, None, None))
    ps.end_invoke()
    assert ps.streams.error[0].fq_error == "NotSupported"


def test_a_larger_envelope_is_told_and_used(shared):
    with shared.wsman() as wsman:
        wsman.update_max_payload_size()
        assert wsman.max_envelope_size == 512_000
        with RunspacePool(wsman) as pool:
            assert run(pool, "out " + "w" * 400_000) == ["w" * 400_000]


def test_a_process_takes_input_and_signals(shared):
    with shared.wsman() as wsman, WinRS(wsman, codepage=65001) as shell:
        process = Process(shell, "powershell", ["-Command", "input"])
        process.begin_invoke()
        process.send(b"typed\r\n", end=True)
        process.end_invoke()
        assert process.stdout == b"<typed>\r\n"
        process.signal(SignalCode.TERMINATE)
        process = Process(shell, "powershell", ["-Command", "spin"])
        process.begin_invoke()
        process.signal(SignalCode.CTRL_C)
        process.end_invoke()
        assert process.state == CommandState.DONE
        assert process.rc == -1073741510


class Typing(PSHostUserInterface):
    """A user who types."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines
        self.stdout: list[str] = []

    def ReadLine(self, runspace, pipeline):  # noqa: ARG002, N802 - pypsrp's names
        return self.lines.pop(0)

    def ReadLineAsSecureString(self, runspace, pipeline):  # noqa: ARG002, N802 - pypsrp's names
        return runspace.serialize(self.lines.pop(0), ObjectMeta("SS"))
