"""Client v2 over API v3 sends as many calls as the documentation's table says, and finds projects by id."""

from __future__ import annotations

import math
import re
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migration_v2 import COSTS, DIFFERENCES, METHODS
from scripted import reply, run

from copr._bridge.ids import PAGE, ProjectIds
from copr._bridge.v2.table import ROUTES
from copr.client_v2 import CoprClient, handlers
from copr.v3 import Client, Policy, wait
from copr_local import LocalCopr

CHROOTS = ["fedora-45-x86_64", "fedora-45-aarch64", "epel-10-x86_64"]

#: A call of each method of the table. The table has the costs.
USES = {
    "cl.projects.get_list(owner=owner)": lambda cl: cl.projects.get_list(owner="alice"),
    "cl.projects.get_list(owner=owner, name=name)": lambda cl: cl.projects.get_list(
        owner="alice", name="tools"
    ),
    "cl.projects.get_list(name=name)": lambda cl: cl.projects.get_list(name="tools"),
    "cl.projects.get_list(search_query=words)": lambda cl: cl.projects.get_list(search_query="tools"),
    "cl.projects.get_one(project_id)": lambda cl: cl.projects.get_one(1),
    "cl.projects.create(name, owner, chroots)": lambda cl: cl.projects.create("new", "alice", CHROOTS),
    "cl.projects.update(project_entity)": lambda cl: cl.projects.update(cl.project_1._entity),
    "cl.projects.delete(project_id)": lambda cl: cl.projects.delete(2),
    "cl.project_chroots.get_one(project, name)": lambda cl: cl.project_1.get_project_chroot(CHROOTS[0]),
    "cl.project_chroots.enable(project, name)": lambda cl: cl.project_chroots.enable(
        cl.project_1, CHROOTS[2]
    ),
    "cl.project_chroots.enable(project, name, buildroot_pkgs)": lambda cl: cl.project_chroots.enable(
        cl.project_1, CHROOTS[2], ["gcc"]
    ),
    "cl.project_chroots.update(project, chroot_entity)": lambda cl: cl.chroot_1.update(),
    "cl.project_chroots.disable(project, name)": lambda cl: cl.chroot_1.disable(),
    "cl.builds.get_one(build_id)": lambda cl: cl.builds.get_one(1),
    "cl.builds.create_from_url(project_id, srpm_url)": lambda cl: cl.builds.create_from_url(
        1, "https://example.com/hello-1-1.src.rpm"
    ),
    "cl.builds.create_from_file(project_id, file_path)": lambda cl: cl.builds.create_from_file(
        1, file_obj=BytesIO(b"content"), file_name="hello-1-1.src.rpm"
    ),
    "cl.builds.cancel(build_entity)": lambda cl: cl.builds.cancel(cl.running._entity),
    "cl.builds.delete(build_id)": lambda cl: cl.builds.delete(1),
    "cl.build_tasks.get_list(build_id=build_id)": lambda cl: cl.build_tasks.get_list(build_id=1),
    "cl.build_tasks.get_one(build_id, chroot_name)": lambda cl: cl.build_tasks.get_one(1, CHROOTS[0]),
    "cl.mock_chroots.get_list()": lambda cl: cl.mock_chroots.get_list(),
    "cl.mock_chroots.get_one(name)": lambda cl: cl.mock_chroots.get_one(CHROOTS[0]),
    "build.is_finished()": lambda cl: cl.running.is_finished(),
}


@pytest.fixture(scope="module")
def service():
    with LocalCopr(builds="scripted", username="alice", chroots=CHROOTS, apis=["v3"]) as copr:
        client = Client(copr.config)
        client.project_proxy.add("alice", "tools", CHROOTS[:2])
        client.project_proxy.add("alice", "empty", CHROOTS[:1])
        wait(
            client.build_proxy.create_from_url("alice", "tools", "https://example.com/hello-1-1.src.rpm"),
            0.05,
        )
        copr.script("hello", takes=math.inf)
        client.build_proxy.create_from_url("alice", "tools", "https://example.com/hello-1-1.src.rpm")
        yield copr, copr.snapshot()


@pytest.fixture
def cl(service):
    """A client that has already seen all projects, builds and chroots."""
    copr, state = service
    copr.restore(state)
    login = copr.config["login"], copr.config["token"]
    client = CoprClient.create_from_params(copr.url, *login, policy=Policy(attempts=1))
    assert len(client.projects.get_list()) == 2
    client.project_1 = client.projects.get_one(1)
    client.chroot_1 = client.project_1.get_project_chroot(CHROOTS[0])
    client.running = client.builds.get_one(2)
    client.build_tasks.get_one(1, CHROOTS[0])
    return client


def counted(cl, monkeypatch):
    sent = []
    send = cl._connection.transport()
    monkeypatch.setattr(cl._connection, "_transport", lambda call: (sent.append(call), send(call))[1])
    return sent


@pytest.mark.parametrize("method", USES)
def test_a_method_costs_what_the_documentation_says(method, cl, monkeypatch):
    (cost,) = [cost for name, _, cost in METHODS if name.split(", task")[0] == method]
    sent = counted(cl, monkeypatch)
    USES[method](cl)
    assert len(sent) in possible(cost), sent


def possible(cost):
    """Return the numbers of calls that a cost allows for things that were seen before."""
    if " to " in cost:
        least, most = map(int, cost.split(" to "))
        return set(range(least, most + 1))
    terms = [term.strip() for term in cost.split("+")]
    least = sum(int(term) for term in terms if term.isdecimal())
    return {least + extra for extra in ((2, 3) if "b" in terms else (0,))}


def test_every_cost_and_every_method_is_in_the_documentation():
    text = " ".join(method for method, _, _ in METHODS)
    for handle, name in (
        ("projects", "ProjectHandle"),
        ("project_chroots", "ProjectChrootHandle"),
        ("builds", "BuildHandle"),
        ("build_tasks", "BuildTaskHandle"),
        ("mock_chroots", "MockChrootHandle"),
    ):
        for method in vars(getattr(handlers, name)):
            if not method.startswith("_") and not method.endswith("_handle") and method != "get_base_url":
                assert f"cl.{handle}.{method}(" in text
    letters = set(re.findall(r"(?<!['\w])[a-z]\b", " ".join(cost for _, _, cost in METHODS)))
    assert letters == {letter for letter, _ in COSTS}
    assert all(len(row) == 3 for row in DIFFERENCES)


def test_every_call_of_the_client_has_a_row_in_the_bridge():
    rows = [(route.method, route.path) for route in ROUTES]
    assert len(rows) == len(set(rows)) == 20


class Listing:
    """A service's listing of projects, in the order of their ids. It counts the requests."""

    def __init__(self, numbers):
        self.numbers = sorted(numbers)
        self.asked = 0

    def __call__(self, call):
        self.asked += 1
        offset, limit = call.query["offset"], call.query["limit"]
        items = [
            {"id": number, "ownername": "alice", "name": f"p{number}"}
            for number in self.numbers[offset : offset + limit]
        ]
        return reply(body={"items": items, "meta": {}})


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, 30_000), max_size=900), st.integers(1, 30_000))
def test_a_project_is_found_by_its_number_or_is_not_there(numbers, wanted):
    service, ids = Listing(numbers), ProjectIds()
    name = ("alice", f"p{wanted}") if wanted in numbers else None
    assert run(ids.name_of(wanted), service) == name
    assert service.asked <= math.log2(30_000 / PAGE) + 2


@settings(deadline=None)
@given(st.sets(st.integers(1, 3_000), min_size=1, max_size=900), st.data())
def test_a_project_that_was_met_is_not_looked_for_again(numbers, data):
    service, ids = Listing(numbers), ProjectIds()
    wanted = data.draw(st.sampled_from(service.numbers))
    run(ids.name_of(wanted), service)
    asked = service.asked
    assert run(ids.name_of(wanted), service) == ("alice", f"p{wanted}")
    assert run(ids.id_of("alice", f"p{wanted}"), service) == wanted
    assert service.asked == asked
