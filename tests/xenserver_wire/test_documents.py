"""Tables kept as JSON are always those of the database, whatever happened in between."""

from __future__ import annotations

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

import labs
from hvsim_fakes.xenserver.documents import Documents

STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "change", "remove", "other", "read"]), st.integers(0, 99)),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_document_is_the_table(steps: list[tuple[str, int]]) -> None:
    pool = labs.small_pool()
    db, documents = pool.db, Documents()
    for step, number in steps:
        refs = list(db.tables["VIF"])
        if step == "add":
            db.add("VIF", {"MAC": f"{number}"})
        elif step == "change" and refs:
            db.change("VIF", refs[number % len(refs)], MAC=f"changed {number}")
        elif step == "remove" and refs:
            db.remove("VIF", refs[number % len(refs)])
        elif step == "other":
            db.change("pool", pool.ref, name_label=f"{number}")
        else:
            documents.table(db, "VIF")
    written = documents.table(db, "VIF")
    assert orjson.loads(written) == db.tables["VIF"]
    assert list(orjson.loads(written)) == list(db.tables["VIF"])


def test_unchanged_table_is_not_written_again() -> None:
    db, documents = labs.small_pool().db, Documents()
    assert documents.table(db, "VM") is documents.table(db, "VM")
