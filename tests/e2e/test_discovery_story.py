"""An engineer looks for devices and at what is plugged into what; the running installation has found it out."""

from collections.abc import Callable
from typing import Any

import httpx

LogIn = Callable[..., httpx.Client]
Eventually = Callable[..., Any]


def test_a_sweep_of_the_running_city_knows_everybody(log_in: LogIn, eventually: Eventually) -> None:
    client = log_in()
    refused = client.post("/api/v1/discovery/searches", json={"way": "sweep", "target": "192.0.2.0/28"})
    assert (refused.status_code, "outside the networks" in refused.json()["detail"]) == (422, True)
    asked = client.post("/api/v1/discovery/searches", json={"way": "sweep", "target": "127.16.0.0/28"})
    assert asked.status_code == 202, asked.text
    at = f"/api/v1/discovery/searches/{asked.json()['id']}"

    def ended() -> Any:
        found = client.get(at).json()
        return found if found["state"] in ("done", "failed") else None

    found = eventually(ended, "the collector does the search")
    assert (found["state"], found["asked"], found["found"]) == ("done", 14, 0), found["note"]
    assert found["known"] == found["answered"] > 0


def test_the_map_shows_that_devices_confirm_the_inventory(log_in: LogIn, eventually: Eventually) -> None:
    client = log_in()

    def confirmed() -> Any:
        shown = client.get("/api/v1/topology").json()["links"]
        link = next((each for each in shown if "core" in each["id"]), None)
        if link is None:
            return None
        detail = client.get(f"/api/v1/topology/links/{link['id']}").json()
        proofs = {each["proof"] for each in detail["evidence"]}
        return detail if {"inventory", "lldp"} <= proofs and detail["load"] else None

    link = eventually(confirmed, "both ends of a link are heard, and what it carries", 120.0)
    assert (link["source"], link["confidence"], link["conflict"]) == ("inventory", 1.0, "")

    def somebody() -> Any:
        return client.get("/api/v1/topology/hosts").json()["items"]

    host = eventually(somebody, "somebody is on a port", 120.0)[0]
    (again,) = client.get("/api/v1/topology/hosts", params={"mac": host["mac"], "port": host["port"]}).json()["items"]
    assert again["device"] == host["device"]
