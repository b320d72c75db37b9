"""Hypothesis strategies of calls: whatever a document can hold, and whatever a document is not."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzz.documents import ODD_JSON, ODD_XML, Stamp, json_call, xml_call

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | _TEXTS
    | st.binary(max_size=20)
    | st.builds(Stamp, st.sampled_from(("20090101T00:00:00Z", "20090101T00:00:00", "x", "")))
)
values = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


def calls(names: list[str], session: str, refs: list[str]) -> st.SearchStrategy[tuple[str, bytes]]:
    """Paths and bodies: calls of those messages with those references, and no calls at all."""
    name = st.sampled_from(names) | _TEXTS
    first = st.sampled_from((session, "OpaqueRef:NULL", "")) | values
    params = st.builds(
        lambda head, rest: [head, *rest],
        first,
        st.lists(values | st.sampled_from(refs), max_size=5),
    )
    identifier = st.integers(-5, 2**40) | _TEXTS
    in_xml = st.builds(lambda n, p: ("/", xml_call(n, p)), name, params)
    in_json = st.builds(
        lambda n, p, version, i: ("/jsonrpc", json_call(n, p, version, i)),
        name,
        params,
        st.sampled_from((1, 2)),
        identifier,
    )
    path = st.sampled_from(("/", "/jsonrpc", "/RPC2", ""))
    odd = st.sampled_from((*ODD_XML, *ODD_JSON)) | st.binary(max_size=200)
    return st.one_of(in_xml, in_json, st.tuples(path, odd))
