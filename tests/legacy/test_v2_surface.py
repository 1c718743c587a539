"""The public names of client v2: modules, classes, parameters in their order, and small helpers."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

import copr
from copr.client_v2.client import CoprClient, HandlersProvider
from copr.client_v2.common import BuildStateValues
from copr.client_v2.entities import BuildEntity, Entity, Link, MockChrootEntity, ProjectCreateEntity
from copr.client_v2.handlers import AbstractHandle, BuildHandle
from copr.client_v2.net_client import NetClient, RequestError, ResponseWrapper
from copr.client_v2.resources import (
    BuildList,
    BuildTaskList,
    MockChrootList,
    OperationResult,
    Project,
    ProjectChrootList,
    ProjectList,
    Root,
)
from copr.client_v2.schemas import ProjectSchema
from copr.v3 import CoprValidationException

#: Parameters that callers may pass by position. Those with a default have a `=` before them.
PARAMETERS = {
    "client.CoprClient": "net_client =root_url =no_config",
    "client.CoprClient.create_from_params": "=root_url =login =token",
    "client.CoprClient.create_from_file_config": "=filepath =ignore_error",
    "client.CoprClient.post_init": "",
    "handlers.AbstractHandle": "client nc root_url",
    "handlers.BuildHandle": "client nc root_url builds_href",
    "handlers.BuildHandle.get_one": "build_id",
    "handlers.BuildHandle.get_list": "=project_id =owner =limit =offset",
    "handlers.BuildHandle.cancel": "build_entity",
    "handlers.BuildHandle.delete": "build_id",
    "handlers.BuildHandle.create_from_url": "project_id srpm_url =chroots =enable_net",
    "handlers.BuildHandle.create_from_file": "project_id =file_path =file_obj =file_name "
    "=chroots =enable_net",
    "handlers.BuildTaskHandle": "client nc root_url build_tasks_href",
    "handlers.BuildTaskHandle.get_list": "=owner =project_id =build_id =state =offset =limit",
    "handlers.BuildTaskHandle.get_one": "build_id chroot_name",
    "handlers.ProjectHandle": "client nc root_url projects_href",
    "handlers.ProjectHandle.get_list": "=search_query =owner =name =limit =offset",
    "handlers.ProjectHandle.get_one": "project_id",
    "handlers.ProjectHandle.create": "name owner chroots =description =instructions =homepage =contact "
    "=disable_createrepo =build_enable_net =repos",
    "handlers.ProjectHandle.update": "project_entity",
    "handlers.ProjectHandle.delete": "project_id",
    "handlers.ProjectChrootHandle": "client nc root_url",
    "handlers.ProjectChrootHandle.get_one": "project name",
    "handlers.ProjectChrootHandle.get_list": "project",
    "handlers.ProjectChrootHandle.disable": "project name",
    "handlers.ProjectChrootHandle.enable": "project name =buildroot_pkgs",
    "handlers.ProjectChrootHandle.update": "project chroot_entity",
    "handlers.MockChrootHandle": "client nc root_url href",
    "handlers.MockChrootHandle.get_one": "name",
    "handlers.MockChrootHandle.get_list": "=active_only",
    "resources.IndividualResource": "entity =handle =response =links =embedded =options",
    "resources.Root": "response links root_url",
    "resources.Root.from_response": "response root_url",
    "resources.Project.from_response": "handle data_dict =response =options",
    "resources.ProjectChroot.from_response": "handle data_dict project =response =options",
    "resources.OperationResult": "handle =response =entity =options =expected_status",
    "resources.CollectionResource": "=handle =response =links =individuals =options",
    "resources.BuildList.from_response": "handle response options",
    "resources.ProjectChrootList.from_response": "handle response project",
    "entities.Link": "role href",
    "net_client.RequestError": "msg url =request_kwargs =response =request_body",
    "net_client.NetworkError": "url request_kwargs requests_error",
    "net_client.AuthError": "url request_kwargs response",
    "net_client.NetClient": "=login =password",
    "net_client.NetClient.get": "url =query_params",
    "net_client.NetClient.request": "url =method =query_params =data =do_auth =headers",
    "net_client.NetClient.request_multipart": "url =method =query_params =data_parts =do_auth",
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_have_their_names_and_places(name):
    module, *names = name.split(".")
    found = import_module(f"copr.client_v2.{module}")
    for each in names:
        found = getattr(found, each)
    parameters = [
        parameter
        for parameter in inspect.signature(found).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and parameter.name != "self"
    ]
    shown = ["=" * (each.default is not each.empty) + each.name for each in parameters]
    assert shown == PARAMETERS[name].split()


def test_the_package_has_the_documented_ways_in():
    assert copr.create_client2_from_params == CoprClient.create_from_params
    assert copr.create_client2_from_file_config == CoprClient.create_from_file_config
    assert BuildStateValues.FAILED == "failed"


@pytest.mark.parametrize(
    "handle", ["projects", "project", "project_chroots", "builds", "build_tasks", "mock_chroots"]
)
def test_a_provider_of_handles_has_to_be_made(handle):
    with pytest.raises(NotImplementedError):
        getattr(HandlersProvider(), handle)


def test_handles_know_their_addresses():
    client = CoprClient(NetClient(), "https://example.com/")
    assert client.api_root == "https://example.com/api_2"
    for name in ("projects", "builds", "build_tasks", "mock_chroots"):
        assert getattr(client, name).get_base_url() == f"https://example.com/api_2/{name}"
    project = Project(
        Entity(id=5), client.projects, links={"chroots": Link("chroots", "/api_2/projects/5/chroots")}
    )
    assert client.project_chroots.get_base_url(project) == "https://example.com/api_2/projects/5/chroots"
    root = Root(None, {"builds": Link("builds", "/api_2/builds")}, "https://example.com")
    assert root.get_resource_base_url("builds") == "https://example.com/api_2/builds"
    with pytest.raises(NotImplementedError):
        AbstractHandle(client, client.nc, client.root_url).get_base_url()
    assert isinstance(client.projects.get_builds_handle(), BuildHandle)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (ProjectList, "projects"),
        (BuildList, "builds"),
        (BuildTaskList, "build_tasks"),
        (MockChrootList, "chroots"),
    ],
)
def test_collections_are_lists_of_their_items(kind, name):
    handle = object()
    items = [kind._item_class(kind._item_class._entity_class(id=number), handle) for number in range(3)]
    collection = kind(handle, individuals=items, links={"self": Link("self", "/here")})
    assert list(collection) == getattr(collection, name) == items
    assert (len(collection), collection[1], collection[1:]) == (3, items[1], items[1:])
    assert collection.get_href_by_name("self") == "/here"
    assert list(ProjectChrootList(handle, None).chroots) == []


def test_entities_are_values_with_texts():
    entity = BuildEntity(id=5, state="running")
    assert (entity.submitter, entity.is_finished(), entity.to_json()) == (None, False, '{"state": "running"}')
    assert all(
        BuildEntity(state=state).is_finished() for state in ("succeeded", "failed", "canceled", "skipped")
    )
    assert str(ProjectCreateEntity(owner="alice", name="new", chroots=["a"])) == "<New project: alice/new>"
    assert str(Link("self", "/here")) == "<Link: role: self, target: /here>"
    assert [*Link.from_dict({"self": {"href": "/here"}, "builds": "/there", "chroots": {}})] == ["self"]
    assert "anything" in str(Entity(anything=1))
    assert MockChrootEntity.from_dict({"name": "a", "unknown": 1}).to_dict() == {}


def test_a_homepage_that_cannot_be_read_is_refused():
    with pytest.raises(CoprValidationException):
        ProjectSchema.check(Entity(homepage="http://[broken"))


def test_a_result_without_an_answer_is_no_success():
    result = OperationResult(None)
    assert (result.is_successful(), result.new_location) == (False, None)


def test_a_creation_that_leads_nowhere_is_an_error(stub):
    stub.answers = [(200, {}, b'{"_links": {}}'), (201, {}, b"")]
    client = CoprClient.create_from_params(stub.url, "lo", "token")
    with pytest.raises(RequestError, match="the URL of the new resource") as raised:
        client.projects.create("new", "alice", [])
    assert isinstance(raised.value.response, ResponseWrapper)
