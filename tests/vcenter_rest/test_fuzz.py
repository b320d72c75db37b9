"""Random requests get the API's own answers, and the vCenter stays sound."""

import random
from urllib.parse import quote

import msgspec
import pytest

from hvsim_fakes.vcenter.rest import operations
from vcenter_rest.rest import READER, READER_PASSWORD, Rest, running
from vclabs import lab

REQUESTS = 600
ODD = (
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    1.5,
    "",
    "x",
    "%s%",
    "a/b",
    "\u2028é",
    "x" * 90,
    [],
    {},
    [[]],
)
WORDS = ("VirtualMachine", "HostSystem", "SINGLE", "POWERED_ON", "SCSI", "IDE", "DEBIAN_12_64")
TYPES = {
    "vm": "VirtualMachine",
    "source": "VirtualMachine",
    "id": "VirtualMachine",
    "host": "HostSystem",
    "folder": "Folder",
    "cluster": "ClusterComputeResource",
    "datacenter": "Datacenter",
    "datastore": "Datastore",
    "network": "Network",
    "resource_pool": "ResourcePool",
    "parent": "ResourcePool",
    "task": "Task",
}
KNOWN = {
    "guest_OS": ["DEBIAN_12_64", "WINDOWS_9_64"],
    "type": ["VirtualMachine"],
    "disk": ["2000", "2001"],
    "nic": ["4000", "4001"],
    "cdrom": ["3000"],
    "adapter": ["1000", "1001", "9000"],
    "name": list("abcdef"),
    "associable_types": ["VirtualMachine", "HostSystem"],
    "hostname": ["127.0.0.1", "192.0.2.1"],
}


class Maker:
    """Makes up input: what would do in most places, something odd in others."""

    def __init__(self, vcenter, stream):
        self.vcenter = vcenter
        self.stream = stream

    def leaf(self, name):
        """Return something for a string of a name."""
        stream, tagging = self.stream, self.vcenter.tagging
        if stream.random() < 0.15:
            return stream.choice(stream.choice([WORDS, ODD]))
        stem = name.removesuffix("s")
        pools = {
            stem: KNOWN.get(name) or KNOWN.get(stem) or [],
            "category_id": list(tagging.categories),
            "tag_id": list(tagging.tags),
        }
        if stem in TYPES:
            pools[stem] = [one.moid for one in self.vcenter.store.of_type(TYPES[stem])]
        return stream.choice(pools.get(stem) or ["x"])

    def value(self, kind, name, depth=0):
        """Return something for a field of a type and a name."""
        stream = self.stream
        if stream.random() < 0.03:
            return stream.choice(ODD)
        parts = getattr(kind, "types", (kind,))
        part = stream.choice([one for one in parts if type(one).__name__ != "NoneType"])
        made = {
            "StructType": lambda: self.structure(part.cls, depth + 1),
            "ListType": lambda: [
                self.value(part.item_type, name, depth + 1) for _ in range(stream.randint(0, 3))
            ],
            "LiteralType": lambda: stream.choice(part.values),
            "BoolType": lambda: stream.random() < 0.5,
            "IntType": lambda: stream.choice([0, 1, 2, 7, 64, 4096, 2**30]),
            "AnyType": lambda: None,
        }.get(type(part).__name__)
        return self.leaf(name) if made is None or depth > 5 else made()

    def structure(self, cls, depth=0):
        """Return something for a structure."""
        return {
            field.name: self.value(field.type, field.name, depth)
            for field in msgspec.inspect.type_info(cls).fields
            if field.required or self.stream.random() < 0.4
        }


def marked(item):
    """Return a value as JSON-RPC marks it, more or less."""
    if isinstance(item, dict):
        return {"STRUCTURE": {"any": {key: marked(part) for key, part in item.items()}}}
    return [marked(part) for part in item] if isinstance(item, list) else item


def by_http(rest, stream, operation, given):
    route = operation.route
    old = route.old_path is not None and stream.random() < 0.5
    path = "/rest" + route.old_path if old else "/api" + route.path
    for name in operation.takes.__struct_fields__:
        if f"{{{name}}}" in path:
            taken = given.pop(name, "x")
            path = path.replace(f"{{{name}}}", str(taken).replace("/", "") or "x")
    action = route.old_action if old else route.action
    query = f"{stream.choice(['action', '~action'])}={action}" if action else ""
    if route.method == "GET":
        for name, item in given.items():
            for key, part in (item if isinstance(item, dict) else {name: item}).items():
                query += f"&{quote(str(key))}={quote(str(part))}"
        return rest.send(route.method, path, query=query)
    body = given if old or not route.body else given.get(route.body)
    if stream.random() < 0.05:
        body = bytes(stream.randrange(256) for _ in range(20))
    return rest.send(route.method, path, body, query=query)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_requests(seed):
    stream = random.Random(seed)
    operations.load()
    quiet = ("com.vmware.cis.session", "com.vmware.appliance.shutdown")
    known = [one for one in operations.all_operations() if one.service not in quiet]
    with running(Rest.of(lab(seed=seed)).login()) as rest:
        for name in "uvw":
            rest.tag(rest.category(name))
        maker, done = Maker(rest.vcenter, stream), set()
        for _ in range(REQUESTS):
            operation = stream.choice(known)
            fields = maker.structure(operation.takes)
            if stream.random() < 0.4:
                result = rest.call(
                    operation.full_name, **{key: marked(item) for key, item in fields.items()}
                )
                told = next(iter(result.get("error", {}).get("ERROR", {"": 0})))
            else:
                answer = by_http(rest, stream, operation, fields)
                assert answer.status in (200, 201, 204, 400, 401, 403, 404, 405, 409, 500, 503, 504)
                told = "" if answer.status < 400 else answer.error[1]
            if not told:
                done.add(operation.full_name)
            assert not told.lower().endswith("internal_server_error"), operation.full_name
        events = rest.world.log.since(0)
        assert [one for one in events if one.kind == "crash"] == []
        assert len(done) > len(known) / 2
        rest.other().login().get("/vcenter/vm")


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_a_reader_sends_nothing_changes(seed):
    stream = random.Random(seed)
    operations.load()
    known = [one for one in operations.all_operations() if "session" not in one.service]
    with running(Rest().login()) as rest:
        for name in "uvw":
            rest.tag(rest.category(name))
        reader = rest.other().login(READER, READER_PASSWORD)
        maker, before, refused = Maker(rest.vcenter, stream), rest.world.log.generation, set()
        for operation in known * 12:
            fields = maker.structure(operation.takes)
            result = reader.call(
                operation.full_name, **{key: marked(item) for key, item in fields.items()}
            )
            if "unauthorized" in str(result.get("error", {}).get("ERROR", {}).keys()):
                refused.add(operation.full_name)
            assert not (operation.is_write and "output" in result), operation.full_name
        assert rest.world.log.generation == before
        writes = {one.full_name for one in known if one.is_write}
        assert len(refused & writes) > len(writes) * 0.8
