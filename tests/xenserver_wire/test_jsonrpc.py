"""JSON-RPC in both versions."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hvsim_fakes.xenserver import jsonrpc
from hvsim_fakes.xenserver.xmlparser import MalformedCallError


def parse(**fields):
    return jsonrpc.parse_call(orjson.dumps(fields))


def test_version_is_decided_by_the_body():
    assert parse(method="a.b", params=["x"], id=1).version == 1
    assert parse(method="a.b", params=["x"], id="one", jsonrpc="2.0").version == 2


def test_version_2_may_leave_parameters_out():
    assert parse(method="a.b", id=1, jsonrpc="2.0").call.params == []
    assert parse(method="a.b", id=1, jsonrpc="2.0", params={"k": 1}).call.params == [{"k": 1}]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"params": [], "id": 1}, "Required field method is missing"),
        ({"method": 5, "params": [], "id": 1}, "Invalid field 'method'"),
        ({"method": "m", "id": 1}, "Required field params is missing"),
        ({"method": "m", "params": {}, "id": 1}, "Invalid field 'params'"),
        ({"method": "m", "params": 5, "id": 1, "jsonrpc": "2.0"}, "Invalid field 'params'"),
        ({"method": "m", "params": [], "id": 1, "jsonrpc": "3.0"}, "Invalid field 'jsonrpc'"),
        ({"method": "m", "params": []}, "Invalid field 'id'"),
        ({"method": "m", "params": [], "id": None}, "Invalid field 'id'"),
        ({"method": "m", "params": [], "id": True}, "Invalid field 'id'"),
        ({"method": "m", "params": [], "id": 1.5}, "Invalid field 'id'"),
    ],
)
def test_malformed_requests(fields, complaint):
    with pytest.raises(MalformedCallError, match=complaint):
        parse(**fields)


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_request_object(body):
    with pytest.raises(MalformedCallError):
        jsonrpc.parse_call(body)


def test_answers():
    first, second = (
        jsonrpc.parse_call(b'{"method":"m","params":[],"id":"a"}'),
        jsonrpc.parse_call(b'{"jsonrpc":"2.0","method":"m","params":[],"id":7}'),
    )
    assert jsonrpc.success(first, 5) == b'{"result":5,"error":null,"id":"a"}'
    assert jsonrpc.success(second, 5) == b'{"jsonrpc":"2.0","result":5,"id":7}'
    assert jsonrpc.failure(first, ["C", "p"]) == b'{"result":null,"error":["C","p"],"id":"a"}'
    assert jsonrpc.failure(second, ["C", "p"]) == (
        b'{"jsonrpc":"2.0","error":{"code":1,"message":"C","data":["p"]},"id":7}'
    )


@given(st.binary(max_size=200))
def test_random_bytes_are_malformed_and_nothing_worse(body):
    with pytest.raises(MalformedCallError):
        jsonrpc.parse_call(body)
