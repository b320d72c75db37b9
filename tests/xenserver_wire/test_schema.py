"""Every message of the schema can be called, and nothing a client sends breaks the endpoint."""

import xmlrpc.client

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hvsim_fakes.server import Connection, Request
from xenserver_wire.wire import Wire, failure

PROFILES = ("xenserver-5.5", "xenserver-8")


class _Gone:
    """A client that never waits: calls that would park return at once."""

    def gone(self):
        return True


class Client:
    def __init__(self, profile):
        self.wire = Wire(profile)
        self.session = self.wire.login()

    def answer(self, method, *args, path="/"):
        return self.post(xmlrpc.client.dumps(args, method, allow_none=True).encode(), path)

    def post(self, body, path="/"):
        request = Request("POST", path, body=body, connection=Connection(_Gone()))
        return self.wire.master(request)

    def description(self, method, *args):
        """Return the error description of a call, or ``["Success"]``."""
        response = self.answer(method, *args)
        assert response.status == 200
        try:
            ((answer,), _) = xmlrpc.client.loads(response.body)
        except xmlrpc.client.Fault as fault:
            return ["Fault", fault.faultString]
        return answer.get("ErrorDescription", ["Success"])


@pytest.fixture(scope="module", params=PROFILES)
def client(request):
    return Client(request.param)


@pytest.fixture(scope="module")
def messages(client):
    return list(client.wire.pool.model.messages.values())


_FITTING = {
    "string": "OpaqueRef:nowhere",
    "ref": "OpaqueRef:nowhere",
    "int": "0",
    "float": 0.0,
    "bool": False,
    "datetime": xmlrpc.client.DateTime("20260105T08:00:00Z"),
    "set": [],
    "option": [],
    "map": {},
}


def fitting(model, kind):
    """Return some value of a type; references lead nowhere."""
    if kind.kind == "enum":
        return model.enums[kind.enum][0]
    if kind.kind == "record":
        fields = model.classes[kind.cls].fields
        return {name: fitting(model, field.type) for name, field in fields.items()}
    return _FITTING[kind.kind]


def arguments(model, message):
    params = [fitting(model, param.type) for param in message.params]
    return (["no session"] if message.session else []) + params


def test_no_message_takes_any_number_of_parameters(client, messages):
    for message in messages:
        session = 1 if message.session else 0
        if message.required + session == 0:
            continue
        assert client.description(message.name) == [
            "MESSAGE_PARAMETER_COUNT_MISMATCH",
            message.name,
            str(message.required),
            str(-session),
        ], message.name


def test_every_message_is_found_and_wants_a_session(client, messages):
    model = client.wire.pool.model
    for message in messages:
        if message.session:
            description = client.description(message.name, *arguments(model, message))
            assert description == ["SESSION_INVALID", "no session"], message.name


def test_every_typed_parameter_is_judged(client, messages):
    model, legacy = client.wire.pool.model, client.wire.pool.legacy
    wrong = [xmlrpc.client.Binary(b"x")]
    for message in messages:
        if message.removed or (message.pool_internal and legacy):
            continue
        first = 1 if message.session else 0
        # XenServer 5.5 looks at the session first, today's at the types.
        args = [client.session if legacy else "none"][:first]
        args += arguments(model, message)[first:]
        for at in range(first, len(args)):
            spoiled = [*args[:at], wrong, *args[at + 1 :]]
            code, text = client.description(message.name, *spoiled)
            if message.kind == "create" or not legacy:
                assert code == "INTERNAL_ERROR", (message.name, at)
                assert text.startswith(("Failure(", "Server_helpers.", "XMLRPC."))
            else:
                assert (code, text) == ("FIELD_TYPE_ERROR", message.params[at - first].name)


def test_generic_messages_name_the_unknown_handle(client, messages):
    model = client.wire.pool.model
    kinds = ("field_get", "field_set", "field_add", "field_remove", "get_record")
    for message in messages:
        known = model.classes[message.cls].in_database and not message.removed
        if known and message.kind in kinds:
            args = [client.session, *arguments(model, message)[1:]]
            description = client.description(message.name, *args)
            assert description == ["HANDLE_INVALID", message.cls, "OpaqueRef:nowhere"], message.name


def test_generic_lists_of_every_class(client, messages):
    tables = client.wire.pool.db.tables
    for message in messages:
        if message.removed or message.cls not in tables:
            continue
        # Roles are the release's own, not the pool's: they have no table.
        if message.verb == "get_all_records" and message.cls != "role":
            value = client.wire.xml(message.name, client.session)
            assert set(value) == set(tables[message.cls]), message.name
        elif message.verb == "get_by_uuid":
            description = failure(client.wire.xml, message.name, client.session, "no uuid")
            assert description == ["UUID_INVALID", message.cls, "no uuid"]


def test_asynchronous_forms_are_those_the_model_names(client, messages):
    model = client.wire.pool.model
    for message in messages:
        if message.session and not message.is_async and not message.removed:
            args = [client.session, *arguments(model, message)[1:]]
            description = client.description(f"Async.{message.name}", *args)
            internal = description[0] == "INTERNAL_ERROR" and message.pool_internal
            assert internal or description == [
                "Fault",
                f"No async mode for this operation (rpc: {message.name})",
            ], message.name


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=5,
)
_SETTINGS = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@_SETTINGS
@given(data=st.data())
def test_any_parameters_get_an_answer_in_the_products_words(client, messages, data):
    message = data.draw(st.sampled_from(messages))
    params = data.draw(st.lists(_VALUES, max_size=6))
    session = ["no session"] if message.session else []
    (code, *_rest) = client.description(message.name, *session, *params)
    assert (
        code
        in {
            "Fault",
            "HANDLE_INVALID",
            "INTERNAL_ERROR",
            "MESSAGE_PARAMETER_COUNT_MISMATCH",
            "MESSAGE_REMOVED",
            "NOT_IMPLEMENTED",
            "SESSION_AUTHENTICATION_FAILED",
            "SESSION_INVALID",
            "Success",
        }
        or code in client.wire.pool.model.error_codes
    )


@_SETTINGS
@given(body=st.binary(max_size=300), path=st.sampled_from(["/", "/RPC2", "/jsonrpc"]))
def test_random_bodies_never_show_a_traceback(client, body, path):
    response = client.post(body, path)
    assert response.status in (200, 500)
    assert b"Traceback" not in response.body
    assert b".py" not in response.body


@_SETTINGS
@given(
    method=st.text(max_size=20),
    query=st.text(max_size=30),
    path=st.text(max_size=20).map(lambda tail: f"/{tail}"),
)
def test_random_requests_get_a_page(client, method, query, path):
    response = client.wire.master(Request(method, path, query=query))
    assert 200 <= response.status < 600
    assert b"Traceback" not in response.body
