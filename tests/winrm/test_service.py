"""The service itself: what it tells of itself, its faults, limits and quotas, and its troubles."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree as ET

import pytest
import requests

from hvsim_fakes.server import HttpError, Request
from hvsim_fakes.winrm import faults, names
from winrm_host import PASSWORD, USER, Host, envelope

NS = {
    "s": names.SOAP,
    "w": names.WSMAN,
    "f": names.FAULT,
    "rsp": names.SHELL,
    "a": names.ADDRESSING,
}
CREATE, DELETE, GET = (f"{names.TRANSFER}/{name}" for name in ("Create", "Delete", "Get"))
COMMAND, RECEIVE, SEND, SIGNAL = (
    f"{names.SHELL}/{name}" for name in ("Command", "Receive", "Send", "Signal")
)
SHELL = "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams></rsp:Shell>"
POOL = f"<rsp:Shell><creationXml xmlns='{names.POWERSHELL}'>{{}}</creationXml></rsp:Shell>"


def parsed(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 - the host's own answers


def code(content: bytes) -> int:
    """Return the code of a fault."""
    found = parsed(content).find(".//f:WSManFault", NS)
    assert found is not None, content
    return int(found.attrib["Code"])


def create(host: Host, body: str = SHELL, **more: str) -> str:
    status, content = host.post(envelope(CREATE, body=body, **more))
    assert status == 200, content
    found = parsed(content).findtext(".//rsp:Shell/rsp:ShellId", "", NS)
    assert re.fullmatch("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", found)
    return found


def command(host: Host, shell: str, line: str) -> str:
    body = f"<rsp:CommandLine><rsp:Command>{line}</rsp:Command></rsp:CommandLine>"
    status, content = host.post(envelope(COMMAND, body=body, of=shell))
    assert status == 200, content
    return parsed(content).findtext(".//rsp:CommandId", "", NS)


def receive(host: Host, shell: str, command_id: str, **more: str) -> tuple[int, bytes]:
    body = (
        f'<rsp:Receive><rsp:DesiredStream CommandId="{command_id}">stdout stderr'
        "</rsp:DesiredStream></rsp:Receive>"
    )
    return host.post(envelope(RECEIVE, body=body, of=shell, **more))


def identify(path: str, body: bytes) -> bytes:
    host = Host()
    response = host.endpoint(Request("POST", path, body=body))
    assert response.status == 200
    return response.body


IDENTIFY = (
    f'<s:Envelope xmlns:s="{names.SOAP}" xmlns:wsmid="{names.IDENTIFY}"><s:Header/>'
    "<s:Body><wsmid:Identify/></s:Body></s:Envelope>"
).encode()


def test_it_identifies_itself_to_anybody_under_the_anonymous_path():
    told = identify("/wsman-anon/identify", IDENTIFY)
    assert b"OS: 10.0.17763 SP: 0.0 Stack: 3.0" in told


def test_it_identifies_itself_to_who_has_logged_in(still):
    status, content = still.post(IDENTIFY)
    assert status == 200
    assert b"Microsoft Corporation" in content


def test_nothing_else_is_told_without_a_login(still):
    response = still.endpoint(Request("POST", "/wsman", body=envelope(CREATE, body=SHELL)))
    offered = [value for name, value in response.header_items() if name == "WWW-Authenticate"]
    assert (response.status, response.body) == (401, b"")
    assert offered == ["Negotiate", 'Basic realm="WSMAN"', "CredSSP"]


@pytest.mark.parametrize("setting", ["basic", "credssp"])
def test_a_scheme_that_is_switched_off_is_neither_offered_nor_taken(setting):
    host = Host(**{setting: False})
    basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    given = f"Basic {basic}" if setting == "basic" else "CredSSP FgMBAAEB"
    response = host.endpoint(
        Request("POST", "/wsman", headers={"authorization": given}, body=IDENTIFY)
    )
    assert response.status == 401
    assert setting not in str(response.header_items()).lower()


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/wsman", 405), ("POST", "/", 404), ("GET", "/x", 404)]
)
def test_other_paths_and_methods(still, method, path, status):
    assert still.endpoint(Request(method, path)).status == status


def test_an_answer_relates_to_its_request(still):
    content = still.post(envelope(CREATE, body=SHELL, message_id="uuid:AbC"))[1]
    assert parsed(content).findtext(".//a:RelatesTo", "", NS) == "uuid:AbC"


FAULTY = {
    "no XML": (b"<s:Envelope", faults.INVALID_XML),
    "entities": (
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + envelope(CREATE, body=SHELL),
        faults.INVALID_XML,
    ),
    "SOAP 1.1": (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
        faults.VERSION_MISMATCH,
    ),
    "no header": (
        f'<s:Envelope xmlns:s="{names.SOAP}"><s:Body/></s:Envelope>'.encode(),
        faults.HEADER_REQUIRED,
    ),
    "no message id": (
        envelope(CREATE, body=SHELL, message_id=""),
        faults.HEADER_REQUIRED,
    ),
    "a header to be understood": (
        envelope(CREATE, body=SHELL, header='<w:Odd s:mustUnderstand="true">1</w:Odd>'),
        faults.NOT_UNDERSTOOD,
    ),
    "an unknown resource": (
        envelope(CREATE, "http://example/none", SHELL),
        faults.UNKNOWN_RESOURCE,
    ),
    "an unknown configuration": (
        envelope(CREATE, f"{names.POWERSHELL}/Other", SHELL),
        faults.UNKNOWN_RESOURCE,
    ),
    "an unknown action": (
        envelope(f"{names.SHELL}/Dance", body=SHELL),
        faults.ACTION_NOT_SUPPORTED,
    ),
    "putting": (envelope(f"{names.TRANSFER}/Put", body=SHELL), faults.ACTION_NOT_SUPPORTED),
    "no shell named": (envelope(DELETE), faults.NO_SHELL_ID),
    "an unknown shell": (envelope(DELETE, of="1"), faults.UNKNOWN_SHELL),
    "another body": (envelope(CREATE, body="<rsp:Send/>"), faults.SCHEMA),
    "no body": (envelope(CREATE), faults.SCHEMA),
    "no duration": (envelope(CREATE, body=SHELL, timeout="soon"), faults.INVALID_TIMEOUT),
    "a small envelope": (
        envelope(CREATE, body=SHELL, limit="8191"),
        faults.ENVELOPE_LIMIT_TOO_SMALL,
    ),
    "no number": (envelope(CREATE, body=SHELL, limit="many"), faults.INVALID_HEADER),
    "a bad shell id": (envelope(CREATE, body='<rsp:Shell ShellId="x"/>'), faults.INVALID_SHELL_ID),
    "an idle timeout of nothing": (
        envelope(CREATE, body="<rsp:Shell><rsp:IdleTimeOut>PT0S</rsp:IdleTimeOut></rsp:Shell>"),
        faults.IDLE_TIMEOUT,
    ),
    "a code page that is none": (
        envelope(
            CREATE,
            body=SHELL,
            header='<w:OptionSet><w:Option Name="WINRS_CODEPAGE">9</w:Option></w:OptionSet>',
        ),
        faults.CODE_PAGE,
    ),
    "an opening that is none": (
        envelope(CREATE, f"{names.POWERSHELL}/Microsoft.PowerShell", POOL.format("AAAA")),
        faults.INVALID_PARAMETER,
    ),
    "no base64": (
        envelope(CREATE, f"{names.POWERSHELL}/Microsoft.PowerShell", POOL.format("!")),
        faults.SCHEMA,
    ),
    "commands of no shell": (
        envelope(f"{names.ENUMERATION}/Enumerate", names.COMMANDS, "<n:Enumerate/>"),
        faults.FILTER_EXPECTED,
    ),
    "too much": (
        envelope(CREATE, body=f"{SHELL}<!--{'x' * 512_000}-->"),
        faults.ENVELOPE_TOO_LARGE,
    ),
}


@pytest.mark.parametrize("case", FAULTY)
def test_faults_have_the_codes_of_windows(still, case):
    body, kind = FAULTY[case]
    status, content = still.post(body)
    assert (status, code(content)) == (500, kind.code)
    subcode = parsed(content).findtext(".//s:Subcode/s:Value", "", NS)
    assert subcode in (kind.subcode, "")
    assert parsed(content).find(".//f:Message", NS).text


def test_2008_r2_takes_smaller_envelopes():
    host = Host(max_envelope=150)
    status, content = host.post(envelope(CREATE, body=f"{SHELL}<!--{'x' * 153_600}-->"))
    assert (status, code(content)) == (500, faults.ENVELOPE_TOO_LARGE.code)


def test_a_shell_that_is_there_already_is_no_new_one(still):
    given = '<rsp:Shell ShellId="12345678-0000-0000-0000-00000000000a"/>'
    assert create(still, given) == "12345678-0000-0000-0000-00000000000A"
    assert code(still.post(envelope(CREATE, body=given))[1]) == faults.SHELL_EXISTS.code


def test_shells_of_a_user_are_counted_and_deleted_ones_are_not():
    host = Host(max_shells_per_user=2)
    shells = [create(host) for _ in range(2)]
    status, content = host.post(envelope(CREATE, body=SHELL))
    assert (status, code(content)) == (500, 2150859173)
    assert host.post(envelope(DELETE, of=shells[0]))[0] == 200
    create(host)
    host.endpoint.close()


def test_commands_of_a_shell_are_counted():
    host = Host(max_processes_per_shell=2)
    shell = create(host)
    command(host, shell, "powershell -Command input")
    command(host, shell, "ver")
    body = "<rsp:CommandLine><rsp:Command>ver</rsp:Command></rsp:CommandLine>"
    content = host.post(envelope(COMMAND, body=body, of=shell))[1]
    assert code(content) == faults.TOO_MANY_COMMANDS.code
    host.endpoint.close()


def test_operations_of_a_user_are_counted_while_they_last():
    host = Host(max_operations_per_user=0)
    status, content = host.post(envelope(CREATE, body=SHELL))
    assert (status, code(content)) == (500, 2150859174)
    host.machine.settings.max_operations_per_user = 1
    for _ in range(3):
        create(host)
    host.endpoint.close()


def test_an_idle_shell_goes_by_the_lab_s_clock(still):
    shell = create(still)
    for _ in range(3):
        still.world.advance(7000)
        assert receive(still, shell, command(still, shell, "ver"))[0] == 200
    still.world.advance(7201)
    assert code(still.post(envelope(DELETE, of=shell))[1]) == faults.UNKNOWN_SHELL.code


def test_a_shell_at_work_is_not_idle(still):
    body = "<rsp:Shell><rsp:IdleTimeOut>PT60.000S</rsp:IdleTimeOut></rsp:Shell>"
    shell = create(still, body)
    command_id = command(still, shell, "powershell -Command wait 600")
    still.engine.await_waiting()
    still.world.advance(600)
    assert receive(still, shell, command_id)[0] == 200
    still.world.advance(61)
    assert code(still.post(envelope(DELETE, of=shell))[1]) == faults.UNKNOWN_SHELL.code


def test_a_shell_shows_what_it_is(still):
    shell = create(still, '<rsp:Shell Name="mine"/>')
    still.world.advance(3661)
    content = still.post(envelope(GET, names.SHELL, of=shell))[1]
    shown = parsed(content).find(".//rsp:Shell", NS)
    told = {item.tag.partition("}")[2]: item.text for item in shown}
    assert told["Owner"] == "LAB\\Administrator"
    assert told["State"] == "Connected"
    assert told["Name"] == "mine"
    assert told["ShellRunTime"] == "P0DT1H1M1S"
    assert told["IdleTimeOut"] == "PT7200.000S"


def test_the_configuration_is_shown(still):
    content = still.post(envelope(GET, names.CONFIG))[1]
    assert b"<cfg:MaxEnvelopeSizekb>500</cfg:MaxEnvelopeSizekb>" in content
    assert b"<cfg:MaxShellsPerUser>30</cfg:MaxShellsPerUser>" in content


def test_output_is_cut_to_the_client_s_envelope(still):
    shell = create(still)
    command_id = command(still, shell, "powershell -Command big 100000")
    whole, sizes, done = b"", [], False
    while not done:
        status, content = receive(still, shell, command_id, limit="8192")
        assert status == 200
        sizes.append(len(content))
        root = parsed(content)
        for stream in root.iterfind(".//rsp:Stream", NS):
            whole += base64.b64decode(stream.text or "")
        done = root.find(".//rsp:ExitCode", NS) is not None
    assert len(whole) == 100 * 1002
    assert max(sizes) <= 8192
    assert len(sizes) > 15


def test_done_is_told_only_when_all_is_fetched(still):
    shell = create(still)
    command_id = command(still, shell, "echo some text")
    content = receive(still, shell, command_id)[1]
    while b"CommandState/Done" not in content:
        assert b"CommandState/Running" in content
        content = receive(still, shell, command_id)[1]
    assert b"<rsp:ExitCode>0</rsp:ExitCode>" in content


def test_a_receive_that_is_sent_again_gets_the_same_answer(still):
    shell = create(still)
    command_id = command(still, shell, "echo once")
    first = receive(still, shell, command_id, message_id="uuid:1")
    assert receive(still, shell, command_id, message_id="uuid:1") == first


def test_a_shell_that_is_deleted_ends_its_commands_and_who_waits(still):
    shell = create(still)
    command_id = command(still, shell, "powershell -Command wait 1000")
    found = still.endpoint.shells._shells[shell].commands[command_id]
    assert still.post(envelope(DELETE, of=shell))[0] == 200
    assert found.run.stopped
    assert found.outlet.take(100, 5, lambda: False, frozenset()).broken


def test_signals_that_are_none_are_refused(still):
    shell = create(still)
    command_id = command(still, shell, "powershell -Command input")
    body = f'<rsp:Signal CommandId="{command_id}"><rsp:Code>x</rsp:Code></rsp:Signal>'
    status, content = still.post(envelope(SIGNAL, body=body, of=shell))
    assert (status, code(content)) == (500, 87)


def test_a_number_of_requests_may_be_let_in_before_all_are_denied(still):
    still.machine.troubles.deny_after = 2
    assert [still.post(IDENTIFY)[0] for _ in range(4)] == [200, 200, 401, 401]


def test_a_number_of_sends_may_fail_without_a_fault(still):
    shell = create(still)
    command_id = command(still, shell, "powershell -Command input")
    body = (
        f'<rsp:Send><rsp:Stream Name="stdin" CommandId="{command_id}">YQ==</rsp:Stream></rsp:Send>'
    )
    still.machine.troubles.failing_sends = 1
    with pytest.raises(HttpError) as caught:
        still.post(envelope(SEND, body=body, of=shell))
    assert caught.value.status == 500
    assert still.post(envelope(SEND, body=body, of=shell))[0] == 200


def test_shells_may_be_refused_as_if_the_quota_were_used_up(still):
    still.machine.troubles.failing_creates = 1
    assert code(still.post(envelope(CREATE, body=SHELL))[1]) == faults.TOO_MANY_SHELLS.code
    create(still)


def test_a_receive_may_break_off_and_its_output_is_not_lost(host, caplog):
    session = host.winrm("basic")
    protocol = session.protocol
    shell = protocol.open_shell()
    ended = protocol.run_command(shell, "echo text")
    host.machine.troubles.resets = 1
    body = (
        f'<rsp:Receive><rsp:DesiredStream CommandId="{ended}">stdout stderr'
        "</rsp:DesiredStream></rsp:Receive>"
    )
    sent = envelope(RECEIVE, body=body, of=shell)
    url = f"http://127.0.0.1:{host.port}/wsman"
    kind = {"Content-Type": "application/soap+xml;charset=UTF-8"}
    with pytest.raises(requests.exceptions.RequestException):
        requests.post(url, sent, auth=(USER, PASSWORD), headers=kind, timeout=10).text  # noqa: B018 - it must be read
    again = requests.post(url, sent, auth=(USER, PASSWORD), headers=kind, timeout=10)
    assert base64.b64encode(b"text\r\n").decode() in again.text
    caplog.clear()
