import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hvsim_conformance import schemas
from hvsim_conformance.adapters import codec, serve
from hvsim_conformance.adapters.errors import (
    AdapterError,
    AdapterNotFoundError,
    KnownIssueError,
    OperationUnsupportedError,
)
from hvsim_conformance.adapters.jsonlines import JsonLinesHost
from hvsim_conformance.adapters.model import (
    Capabilities,
    Credentials,
    Done,
    Failed,
    Feature,
    Guest,
    Host,
    Monitored,
    Monitoring,
    MoveMode,
    PowerAction,
    Product,
    Reason,
    Refused,
    Role,
    Session,
    Status,
    Switch,
    Terms,
)
from hvsim_conformance.adapters.process import STDERR_KEPT

SESSION = Session("TOY-1", "toy-old", 7)
LOGIN = Credentials("root", "s3cret", "/ca.pem")


@pytest.fixture
def opened(programs):
    """Open the JavaScript manager in a mode; every process has ended when the test has."""
    hosts = []

    def opener(mode="good", deadline=60.0):
        host = JsonLinesHost(["node", str(programs / "manager.mjs"), mode], deadline)
        hosts.append(host)
        return host, host.open(SESSION)

    yield opener
    for host in hosts:
        host.close()


def test_a_program_in_another_language_is_an_implementation(opened):
    _, manager = opened()
    claims = manager.capabilities()
    assert claims == Capabilities("manager.mjs", "1", (Product.XENSERVER,))
    registered = manager.register(Product.XENSERVER, "https://a", LOGIN, Role.VM_HOST)
    assert registered == Done("r-1")
    assert manager.refresh() == Done()
    assert manager.list_hosts() == (
        Host("h-1", "alpha", Product.XENSERVER, None, Status.NORMAL, in_maintenance=False),
    )
    assert manager.power("g-1", PowerAction.OFF) == Done()
    assert manager.list_guests() == (
        Guest("g-1", "vm", "h-1", Status.STOP, Product.XENSERVER, "vm-1"),
    )
    refused = manager.maintenance("h-1", Switch.ON)
    assert refused == Refused(Reason.HOST_IS_POOL_MASTER, "alpha")
    with pytest.raises(OperationUnsupportedError, match="one host only"):
        manager.migrate("g-1", "h-2", MoveMode.LIVE)
    with pytest.raises(OperationUnsupportedError, match="no backup_host"):
        manager.backup_host("h-1")
    assert manager.unregister("r-1") == Done()


def test_opening_again_makes_the_same_process_forget(opened):
    host, manager = opened()
    manager.register(Product.XENSERVER, "https://a", LOGIN, Role.VM_HOST)
    assert manager.list_guests()
    before = host.channel()
    again = host.open(SESSION)
    assert again.list_guests() == ()
    assert host.channel() is before


@pytest.mark.parametrize(
    ("mode", "complaint"),
    [
        ("crash", "exit status 7"),
        ("signal", "signal 9"),
        ("garbage", "not JSON: 'Segmentation fault"),
        ("binary", "not JSON"),
        ("endless", "without an end"),
        ("wrongseq", "instead of"),
        ("both", "outside the protocol"),
        ("neither", "outside the protocol"),
        ("scalar", "outside the protocol"),
        ("badresult", "no outcome"),
        ("badreason", "no outcome"),
        ("error", "null pointer"),
    ],
)
def test_breaking_the_protocol_is_an_error_with_the_programs_stderr(opened, mode, complaint):
    host, manager = opened(mode)
    with pytest.raises(AdapterError, match=complaint) as caught:
        manager.power("g-1", PowerAction.OFF)
    assert f"in mode {mode}" in caught.value.stderr
    assert host.channel() is not None, "the next channel is a new process"
    assert host.open(SESSION).refresh() == Done()


def test_silence_past_the_deadline_is_an_error_and_no_hang(opened):
    host, manager = opened("silent")
    host.channel().deadline = 0.05
    with pytest.raises(AdapterError, match=r"no answer within 0\.05 s") as caught:
        manager.power("g-1", PowerAction.OFF)
    assert "in mode silent" in caught.value.stderr


def test_an_answer_that_nobody_asked_for_is_an_error(opened):
    _, manager = opened("twice")
    manager.power("g-1", PowerAction.OFF)
    with pytest.raises(AdapterError, match=r"nobody asked for|instead of"):
        manager.refresh()


def test_a_program_that_never_starts_is_an_error(opened):
    with pytest.raises(AdapterError, match="exit status 3") as caught:
        opened("unborn")
    assert "in mode unborn" in caught.value.stderr


def test_unsupported_and_known_are_answers(opened):
    _, declining = opened("unsupported")
    with pytest.raises(OperationUnsupportedError, match="no power"):
        declining.power("g-1", PowerAction.ON)
    _, confessing = opened("known")
    with pytest.raises(KnownIssueError, match=r"issues\.example/9"):
        confessing.power("g-1", PowerAction.ON)
    assert confessing.refresh() == Done()


def test_stderr_is_no_failure_and_what_is_kept_of_it_is_bounded(opened):
    host, manager = opened("noisy")
    assert manager.refresh() == Done()
    assert host.channel().stop() == 0
    assert 0 < len(host.stderr()) <= STDERR_KEPT
    assert host.stderr().endswith("noise ")


def test_a_program_that_does_not_stop_is_ended(opened):
    host, manager = opened("deaf")
    manager.refresh()
    assert host.channel().process.stop(grace=0.05) is None


def test_a_command_that_does_not_exist():
    with pytest.raises(AdapterNotFoundError, match="no-such-program"):
        JsonLinesHost(["no-such-program-of-hvsim"], 1.0).open(SESSION)


def test_a_python_implementation_can_be_served_as_a_program(hvsim_env, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", hvsim_env["PYTHONPATH"])
    command = [sys.executable, "-m", "hvsim_conformance.adapters.serve", "toy:Raising"]
    host = JsonLinesHost(command, 60.0)
    try:
        manager = host.open(SESSION)
        assert manager.capabilities().name == "toy manager"
        answer = manager.register(Product.XENSERVER, "toy://none", LOGIN, Role.VM_HOST)
        assert answer == Failed(Reason.ENDPOINT_UNREACHABLE, "no route")
        with pytest.raises(OperationUnsupportedError, match="no operation backup_host"):
            manager.backup_host("h-1")
        with pytest.raises(AdapterError, match="RuntimeError: out of order") as caught:
            manager.power("g-1", PowerAction.ON)
        assert "about to raise" in caught.value.stderr
    finally:
        host.close()


@pytest.mark.parametrize("arguments", [[], ["no_such_module:x"], ["a", "b"]])
def test_serving_what_does_not_exist_is_a_usage_error(arguments, capfd, monkeypatch):
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    assert serve.main(arguments) == 4
    assert len(capfd.readouterr().err.splitlines()) == 1


texts = st.text(max_size=20)
names = st.text(min_size=1, max_size=20)
maybe = st.none() | texts
products = st.sampled_from(Product)
statuses = st.sampled_from(Status)
reasons = st.sampled_from(Reason)
results = {
    "outcome": st.builds(Done, maybe)
    | st.builds(Refused, reasons, texts)
    | st.builds(Failed, reasons, texts),
    "capabilities": st.builds(
        Capabilities,
        names,
        texts,
        st.lists(products).map(tuple),
        st.lists(st.sampled_from(Feature)).map(tuple),
        st.lists(texts).map(tuple),
    ),
    "hosts": st.lists(st.builds(Host, names, texts, products, maybe, statuses, st.booleans())),
    "guests": st.lists(st.builds(Guest, names, texts, maybe, statuses, products, texts)),
    "terms": st.lists(st.builds(Terms, products, maybe, maybe, maybe, maybe)),
    "monitoring": st.lists(
        st.builds(Monitoring, st.sampled_from(Monitored), st.booleans(), st.booleans())
    ),
}


@given(st.data(), st.sampled_from(list(codec.OPERATIONS.values())))
def test_every_result_survives_the_wire_and_is_valid_for_the_schema(data, operation):
    value = data.draw(results[operation.result])
    value = tuple(value) if isinstance(value, list) else value
    wire = json.loads(json.dumps(codec.encode_result(value)))
    assert schemas.complaint(wire, "adapter", operation.result) is None
    assert schemas.complaint({"seq": 1, "result": wire}, "adapter") is None
    assert codec.decode_result(operation, wire) == value


@pytest.mark.parametrize("role", Role)
def test_arguments_survive_the_wire(role):
    given_ = {"kind": Product.XENSERVER, "address": "a", "credentials": LOGIN, "role": role}
    wire = json.loads(json.dumps(codec.encode_arguments(given_)))
    assert codec.decode_arguments(codec.OPERATIONS["register"], wire) == given_


def test_every_message_that_is_sent_is_valid_for_the_schema(opened, monkeypatch):
    host, manager = opened()
    process = host.channel().process
    sent = []
    send = process.send

    def spy(line):
        sent.append(json.loads(line))
        send(line)

    monkeypatch.setattr(process, "send", spy)
    host.open(SESSION)
    manager.register(Product.XENSERVER, "https://a", LOGIN, Role.VM_HOST)
    host.channel().stop()
    assert [message["type"] for message in sent] == ["open", "call", "stop"]
    assert [schemas.complaint(m, "adapter", "request") for m in sent] == [None] * 3
    assert sent[0] | {"seq": 0, "deadline": 0} == {
        "type": "open", "seq": 0, "check": "TOY-1", "profile": "toy-old", "seed": 7, "deadline": 0,
    }  # fmt: skip


def test_the_vocabularies_of_code_and_schema_agree():
    defs = schemas.document("adapter")["$defs"]
    for name, words in {
        "product": Product, "status": Status, "feature": Feature, "reason": Reason,
        "role": Role,
    }.items():  # fmt: skip
        assert defs[name]["enum"] == [word.value for word in words]
    product = schemas.document("catalogue")["$defs"]["product"]["enum"]
    assert product == [word.value for word in Product]


@pytest.mark.parametrize("name", ["adapter", "catalogue", "expectations", "results"])
def test_the_schemas_are_valid_drafts(name):
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schemas.document(name))
