"""Simulated hardware through the control plane: state, backups, spare servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hvsim.hardware import Power

if TYPE_CHECKING:
    from control_api import Api


def contents(api: Api, server: str = "host1") -> dict[str, str]:
    disks = api.get(f"/v1/servers/{server}").data["disks"]
    return {
        f"{disk['name']}/{part['name']}": part["content"]
        for disk in disks
        for part in disk["partitions"]
    }


def write_everywhere(api: Api, data: str) -> None:
    places = list(contents(api))
    with api.lab.world.access() as world:
        for place in places:
            disk, _, partition = place.partition("/")
            world.hardware.write("host1", disk, partition, data)


def test_a_server_shows_its_parts(api: Api) -> None:
    names = [server["name"] for server in api.get("/v1/servers").data]
    assert names == ["host1", "host2", "host3"]
    server = api.get("/v1/servers/host1").data
    assert (server["power"], server["reachable"], server["link"]) == ("on", True, None)
    assert server["address"] == "127.0.0.11"
    assert server["disks"][0]["partitions"][0]["role"] == "host"


def test_an_unknown_server_is_404_and_names_those_there_are(api: Api) -> None:
    for answer in (
        api.get("/v1/servers/nobody"),
        api.post("/v1/servers/nobody/backup"),
        api.post("/v1/servers/nobody/restore", {"image": "x"}),
    ):
        assert answer.status == 404
        assert "host1, host2, host3" in answer.data["detail"]


def test_a_restore_brings_back_what_was_backed_up_and_nothing_else(api: Api) -> None:
    write_everywhere(api, "old")
    before = contents(api)
    api.post("/v1/servers/host1/backup", {"image": "i", "partitions": ["disk1/host", "disk1/data"]})
    write_everywhere(api, "new")
    changed = contents(api)
    assert all(changed[place] != before[place] for place in before)
    done = api.post("/v1/servers/host1/restore", {"image": "i"}).data
    assert done["result"]["partitions"] == 2
    after = contents(api)
    restored = {"disk1/host", "disk1/data"}
    assert {place for place in after if after[place] == before[place]} == restored
    assert {place for place in after if after[place] == changed[place]} == after.keys() - restored


def test_a_partition_kept_as_definition_comes_back_empty(api: Api) -> None:
    write_everywhere(api, "old")
    body = {"image": "i", "partitions": ["disk1/host"], "definitions": ["disk1/swap"]}
    api.post("/v1/servers/host1/backup", body)
    api.post("/v1/servers/host1/restore", {"image": "i"})
    assert contents(api)["disk1/swap"] == ""


def test_images_are_named_listed_and_deleted(api: Api) -> None:
    first = api.post("/v1/servers/host1/backup").data["result"]["image"]
    second = api.post("/v1/servers/host1/backup").data["result"]["image"]
    assert first != second
    images = api.get("/v1/images").data
    assert [image["name"] for image in images] == [first, second]
    assert len(images[0]["pieces"]) == len(contents(api))
    assert api.ask("DELETE", f"/v1/images/{first}").status == 200
    assert api.ask("DELETE", f"/v1/images/{first}").status == 404
    assert [image["name"] for image in api.get("/v1/images").data] == [second]
    assert api.post("/v1/servers/host1/backup", {"image": second}).status == 422


def test_a_partition_that_is_not_there_is_refused(api: Api) -> None:
    answer = api.post("/v1/servers/host1/backup", {"partitions": ["disk9/x"]})
    assert answer.status == 422
    assert "disk1/host" in answer.data["detail"]
    assert api.get("/v1/images").data == []


def test_a_spare_takes_over_disks_and_identity_and_gives_them_back(api: Api) -> None:
    with api.lab.world.access() as world:
        for name in ("host1", "host2"):
            server = world.hardware.server(name)
            server.san_boot = server.io_virtualisation = True
            server.power = Power.OFF
    write_everywhere(api, "primary")
    mine, theirs = contents(api), contents(api, "host2")
    macs = [nic["mac"] for nic in api.get("/v1/servers/host1").data["nics"]]
    assert api.post("/v1/servers/host2/take-over", {"primary": "host1"}).status == 200
    assert contents(api, "host2") == mine
    assert contents(api) == theirs
    assert [nic["mac"] for nic in api.get("/v1/servers/host2").data["nics"]] == macs
    api.post("/v1/servers/host2/take-over", {"primary": "host1"})
    assert contents(api) == mine


@pytest.mark.parametrize(
    ("power", "san", "words"),
    [(Power.ON, True, "is on"), (Power.OFF, False, "does not boot from SAN")],
)
def test_only_servers_that_are_off_and_boot_from_san_exchange(
    api: Api, power: Power, san: bool, words: str
) -> None:
    with api.lab.world.access() as world:
        for name in ("host1", "host2"):
            server = world.hardware.server(name)
            server.san_boot = server.io_virtualisation = san
            server.power = power
    answer = api.post("/v1/servers/host2/take-over", {"primary": "host1"})
    assert answer.status == 422
    assert words in answer.data["detail"]


def test_storage_and_segments_are_listed(api: Api) -> None:
    assert api.get("/v1/storages").data[0]["lost"] == []
    with api.lab.world.access() as world:
        name = next(iter(world.hardware.storages))
        world.hardware.set_storage_path(name, "host2", up=False)
    assert api.get("/v1/storages").data[0]["lost"] == ["host2"]
    assert all(segment["up"] for segment in api.get("/v1/segments").data)


def test_a_restore_defines_partitions_again_on_a_new_disk(api: Api) -> None:
    write_everywhere(api, "old")
    before = contents(api)
    body = {"image": "i", "partitions": ["disk1/host"], "definitions": ["disk1/swap"]}
    api.post("/v1/servers/host1/backup", body)
    assert api.command("disk.replace", server="host1", disk="disk1").status == 200
    assert {place.partition("/")[0] for place in contents(api)} == {"disk2"}
    api.post("/v1/servers/host1/restore", {"image": "i"})
    after = contents(api)
    assert after["disk1/host"] == before["disk1/host"]
    assert after["disk1/swap"] == ""
    assert "disk1/data" not in after


def test_an_image_that_does_not_fit_is_refused_whole(api: Api) -> None:
    api.post("/v1/servers/host1/backup", {"image": "i"})
    with api.lab.world.access() as world:
        disks = world.hardware.server("host2").disks
        del disks[1]
        lost = disks[0].partitions.pop()
    answer = api.post("/v1/servers/host2/restore", {"image": "i"})
    assert answer.status == 422
    assert "no disk 'disk2'" in answer.data["detail"]
    with api.lab.world.access():
        disks[0].size -= lost.size + 1
    body = {"image": "j", "partitions": [f"disk1/{lost.name}"]}
    api.post("/v1/servers/host1/backup", body)
    answer = api.post("/v1/servers/host2/restore", {"image": "j"})
    assert "no room" in answer.data["detail"]


def test_a_machine_with_anothers_system_serves_no_pool(api: Api) -> None:
    with api.lab.world.access() as world:
        for name in ("host2", "host3"):
            server = world.hardware.server(name)
            server.san_boot = server.io_virtualisation = True
            world.hardware.shut_down(name)
    api.post("/v1/servers/host3/take-over", {"primary": "host2"})
    api.command("server.boot", server="host3")
    api.post("/v1/clock/advance", {"seconds": 600})
    assert api.get("/v1/servers/host3").data["system"] == "host2"
    hosts = {host["name"]: host for host in api.get("/v1/truth").data["managers"][0]["hosts"]}
    assert (hosts["host3"]["alive"], hosts["host3"]["answers"]) == (False, "refused")
    api.command("server.shutdown", server="host3")
    api.post("/v1/servers/host3/take-over", {"primary": "host2"})
    api.command("server.boot", server="host3")
    api.post("/v1/clock/advance", {"seconds": 600})
    hosts = {host["name"]: host for host in api.get("/v1/truth").data["managers"][0]["hosts"]}
    assert (hosts["host3"]["alive"], hosts["host3"]["answers"]) == (True, None)
