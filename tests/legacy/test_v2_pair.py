"""Client v2 returns the same over API v3 as over API v2: each call, on the same state, field by field.

The only differences are those that the documentation's table lists.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

import pytest
from srpm import make_srpm
from v2_service import CHROOTS, USED, address, build, changed, chroot_of, client, new, populated, uploaded

from copr.client_v2 import resources
from copr.client_v2.net_client import AuthError, RequestError


@pytest.fixture(scope="module")
def service():
    with populated() as copr:
        yield copr


@pytest.fixture(scope="module")
def srpm(tmp_path_factory):
    return make_srpm(tmp_path_factory.mktemp("srpm"))


@pytest.fixture(scope="module")
def both(service):
    return client(service, False), client(service, True)


def seen(ask, of):
    """Return all that a caller gets from a call: its result or its error."""
    try:
        return shown(ask(of))
    except RequestError as error:
        return type(error), str(error), error.url, error.status, error.response_json


def shown(result):
    if isinstance(result, resources.CollectionResource):
        links = {role: link.href for role, link in result._links.items()}
        return type(result), str(result), links, result._options, [shown(each) for each in result]
    if isinstance(result, resources.OperationResult):
        return type(result), str(result), result.is_successful(), result.new_location
    assert isinstance(result, resources.IndividualResource)
    links = {role: link.href for role, link in result._links.items()}
    entity = dict(vars(result._entity)) if result._entity else None
    if isinstance(result, resources.BuildTask):
        told(entity.pop("git_hash"), result)
    types = {name: type(value).__name__ for name, value in (entity or {}).items()}
    return type(result), str(result), links, entity, types


def told(git_hash, task):
    """Check the commit of a build task, which API v3 does not return."""
    assert git_hash is None or (task.started_on and len(git_hash) == 40)


#: Every call that only reads, also of things that do not exist.
LOOKS = {
    "root": lambda cl: cl.root,
    "projects": lambda cl: cl.projects.get_list(),
    "projects by owner": lambda cl: cl.projects.get_list(owner="alice"),
    "projects by group": lambda cl: cl.projects.get_list(owner="@devs"),
    "projects by group and name": lambda cl: cl.projects.get_list(owner="@devs", name="shared"),
    "projects by unknown group": lambda cl: cl.projects.get_list(owner="@nosuch"),
    "projects by group, the next page": lambda cl: cl.projects.get_list(owner="@devs", limit=1).next_page(),
    "group's project": lambda cl: cl.projects.get_one(4),
    "projects by unknown owner": lambda cl: cl.projects.get_list(owner="nobody"),
    "projects by name": lambda cl: cl.projects.get_list(name="tools"),
    "projects by owner and name": lambda cl: cl.projects.get_list(owner="bob", name="bobs"),
    "projects by owner and other name": lambda cl: cl.projects.get_list(owner="bob", name="tools"),
    "projects by words": lambda cl: cl.projects.get_list(search_query="tools"),
    "projects by words, of an owner": lambda cl: cl.projects.get_list(search_query="tools", owner="LIC"),
    "projects by words, of another": lambda cl: cl.projects.get_list(search_query="tools", owner="bob"),
    "projects by words, of a group": lambda cl: cl.projects.get_list(search_query="shared", owner="@dev"),
    "projects by words, with a name": lambda cl: cl.projects.get_list(search_query="alice", name="OOL"),
    "projects by words, a page": lambda cl: cl.projects.get_list(search_query="alice", limit=1, offset=1),
    "projects by owner and name in one": lambda cl: cl.projects.get_list(
        search_query="alice/tools", owner="bob"
    ),
    "projects, more than a hundred": lambda cl: cl.projects.get_list(limit=1000),
    "projects, a page": lambda cl: cl.projects.get_list(limit=1, offset=1),
    "projects, the next page": lambda cl: cl.projects.get_list(limit=2).next_page(),
    "projects, the page after the last": lambda cl: cl.projects.get_list(offset=9),
    "projects, limit 0": lambda cl: cl.projects.get_list(limit=0),
    "projects, no limit": lambda cl: cl.projects.get_list(limit="abc"),
    "project": lambda cl: cl.projects.get_one(1),
    "project, fresh": lambda cl: cl.projects.get_one(2).get_self(),
    "project unknown": lambda cl: cl.projects.get_one(99),
    "project's chroots": lambda cl: cl.projects.get_one(1).get_project_chroot_list(),
    "project's chroots' next page": lambda cl: cl.projects.get_one(1).get_project_chroot_list().next_page(),
    "project's chroot": lambda cl: cl.projects.get_one(1).get_project_chroot(USED[0]),
    "project's chroot, not enabled": lambda cl: cl.projects.get_one(1).get_project_chroot(CHROOTS[2]),
    "project's chroot, unknown": lambda cl: cl.projects.get_one(1).get_project_chroot("fedora-1-x86_64"),
    "project's chroot, no chroot": lambda cl: cl.projects.get_one(1).get_project_chroot("nonsense"),
    "builds": lambda cl: cl.builds.get_list(),
    "builds, a page": lambda cl: cl.builds.get_list(limit=2, offset=1),
    "builds, the next page": lambda cl: cl.builds.get_list(limit=3).next_page(),
    "builds by owner": lambda cl: cl.builds.get_list(owner="alice"),
    "builds by unknown owner": lambda cl: cl.builds.get_list(owner="nobody"),
    "builds by project": lambda cl: cl.builds.get_list(project_id=1),
    "builds by project, whatever the owner": lambda cl: cl.builds.get_list(
        project_id=1, owner="bob", limit=2
    ),
    "builds by unknown project": lambda cl: cl.builds.get_list(project_id=99),
    "builds of a project": lambda cl: cl.projects.get_one(1).get_builds(limit=2),
    "builds of a project, the next page": lambda cl: cl.projects.get_one(1).get_builds(limit=2).next_page(),
    "builds of an empty project": lambda cl: cl.projects.get_one(3).get_builds(),
    **{f"build {number}": lambda cl, number=number: cl.builds.get_one(number) for number in range(1, 9)},
    "build, fresh": lambda cl: cl.builds.get_one(1).get_self(),
    "build unknown": lambda cl: cl.builds.get_one(99),
    "tasks": lambda cl: cl.build_tasks.get_list(),
    "tasks, a page": lambda cl: cl.build_tasks.get_list(limit=3, offset=2),
    "tasks, the next page": lambda cl: cl.build_tasks.get_list(limit=3).next_page(),
    "tasks by owner": lambda cl: cl.build_tasks.get_list(owner="bob"),
    "tasks by unknown owner": lambda cl: cl.build_tasks.get_list(owner="nobody"),
    "tasks by state": lambda cl: cl.build_tasks.get_list(state="failed"),
    "tasks by another state": lambda cl: cl.build_tasks.get_list(state="succeeded", limit=3),
    "tasks by no state": lambda cl: cl.build_tasks.get_list(state="nonsense"),
    "tasks by project, whatever the owner": lambda cl: cl.build_tasks.get_list(project_id=2, owner="alice"),
    "tasks by build, whatever the rest": lambda cl: cl.build_tasks.get_list(
        build_id=3, project_id=2, owner="bob"
    ),
    "tasks by unknown project": lambda cl: cl.build_tasks.get_list(project_id=99),
    "tasks by unknown build": lambda cl: cl.build_tasks.get_list(build_id=99),
    "tasks of a project": lambda cl: cl.projects.get_one(1).get_build_tasks(),
    "tasks of a build": lambda cl: cl.builds.get_one(1).get_build_tasks(limit=1),
    "task": lambda cl: cl.build_tasks.get_one(1, USED[0]),
    "task, fresh": lambda cl: cl.build_tasks.get_one(3, USED[0]).get_self(),
    "task unknown": lambda cl: cl.build_tasks.get_one(1, CHROOTS[2]),
    "task of a chroot that the service has not": lambda cl: cl.build_tasks.get_one(1, "x-y-z"),
    "task of no chroot": lambda cl: cl.build_tasks.get_one(1, "nonsense"),
    "chroots": lambda cl: cl.mock_chroots.get_list(),
    "chroots, the active ones": lambda cl: cl.mock_chroots.get_list(active_only=True),
    "chroot": lambda cl: cl.mock_chroots.get_one(CHROOTS[3]),
    "chroot unknown": lambda cl: cl.mock_chroots.get_one("fedora-1-x86_64"),
    "chroots' next page": lambda cl: cl.mock_chroots.get_list().next_page(),
}


@pytest.mark.parametrize("look", LOOKS)
def test_what_is_looked_at_looks_the_same_over_both(look, both):
    native, bridged = (seen(LOOKS[look], of) for of in both)
    assert bridged == native


#: Every call that changes something.
CHANGES = {
    "create a project": lambda cl: new(
        cl,
        description="d",
        instructions="i",
        homepage="https://example.com/",
        contact="alice@example.com",
        disable_createrepo=True,
        build_enable_net=False,
        repos=["https://example.com/repo/", "copr://alice/tools"],
    ),
    "create a project with defaults": new,
    "create a project of whoever asks": lambda cl: cl.projects.create("new", None, USED),
    "create a group's project": lambda cl: cl.projects.create("new", "@devs", USED),
    "create a project twice": lambda cl: (new(cl), new(cl)),
    "change a project": lambda cl: changed(
        cl,
        cl.projects.get_one(1),
        description="new",
        instructions="",
        homepage="https://example.com/new",
        contact="https://example.com/contact",
        disable_createrepo=True,
        build_enable_net=False,
        repos=[],
    ),
    "change nothing of a project": lambda cl: cl.projects.update(cl.projects.get_one(1)._entity),
    "delete a project": lambda cl: cl.projects.get_one(3).delete(),
    "delete an unknown project": lambda cl: cl.projects.delete(99),
    "enable a chroot": lambda cl: cl.projects.get_one(1).enable_project_chroot(CHROOTS[2]),
    "enable a chroot with packages": lambda cl: cl.project_chroots.enable(
        cl.projects.get_one(1), CHROOTS[3], buildroot_pkgs=["gcc", "make"]
    ),
    "enable a chroot of a list": lambda cl: (
        cl.projects.get_one(3).get_project_chroot_list().enable(CHROOTS[1])
    ),
    "enable a chroot twice": lambda cl: cl.projects.get_one(1).enable_project_chroot(USED[0]),
    "enable no chroot": lambda cl: cl.projects.get_one(1).enable_project_chroot("nonsense"),
    "change a chroot": lambda cl: changed(cl, chroot_of(cl, USED[0]), buildroot_pkgs=["scl-utils"]),
    "empty a chroot's packages": lambda cl: changed(cl, chroot_of(cl, USED[0]), buildroot_pkgs=[]),
    "give a chroot groups": lambda cl: changed(
        cl, chroot_of(cl, USED[1]), comps="<comps/>", comps_name="groups.xml"
    ),
    "change a chroot that is not enabled": lambda cl: cl.project_chroots.update(
        cl.projects.get_one(2), chroot_of(cl, USED[1])._entity
    ),
    "disable a chroot": lambda cl: new(cl).get_project_chroot(USED[1]).disable(),
    "disable a chroot that is not enabled": lambda cl: cl.project_chroots.disable(
        cl.projects.get_one(1), CHROOTS[2]
    ),
    "submit an address": build,
    "submit an address for some chroots": lambda cl: build(cl, chroots=USED[:1], enable_net=False),
    "submit an address for one chroot": lambda cl: build(cl, chroots=USED[0]),
    "submit to an unknown project": lambda cl: cl.builds.create_from_url(99, address("slow")),
    "cancel a build": lambda cl: cl.builds.get_one(6).cancel(),
    "cancel a build twice": lambda cl: cl.builds.get_one(7).cancel(),
    "cancel a build that is over": lambda cl: cl.builds.get_one(1).cancel(),
    "cancel an unknown build": lambda cl: cl.builds.cancel(resources.BuildEntity(id=99)),
    "delete a build": lambda cl: cl.builds.get_one(1).delete(),
    "delete a build that is not over": lambda cl: cl.builds.delete(6),
    "delete an unknown build": lambda cl: cl.builds.delete(99),
}


@pytest.fixture(scope="module")
def began(service):
    service.script("slow", takes=math.inf)
    return service.snapshot()


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_is_the_same_over_both(change, service, began):
    native, bridged = (outcome(service, began, CHANGES[change], bridge) for bridge in (False, True))
    assert bridged == native


def outcome(service, began, change, bridge):
    """Return the result of a change on a service in its first state, and the state afterwards."""
    service.restore(began)
    service.clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    cl = client(service, bridge)
    of = client(service, False)
    result = seen(lambda cl: last(change(cl)), cl)
    after = [seen(look, of) for look in (LOOKS["projects"], LOOKS["builds"])]
    projects = of.projects.get_list()
    after += [seen(lambda _, each=each: each.get_project_chroot_list(), of) for each in projects]
    return steady([result, *after])


def last(results):
    return results[-1] if isinstance(results, tuple) else results


def steady(found):
    """Return the result without the progress of builds."""
    return re.sub(r"(state'?: '?)(pending|starting|running|importing)", r"\1going", repr(found))


#: Calls that are refused: bob has no permission, or alice's values are invalid. The texts are the service's.
REFUSED = {
    "change another's project": ("bob", lambda cl: cl.projects.get_one(1).update()),
    "delete another's project": ("bob", lambda cl: cl.projects.delete(1)),
    "enable a chroot of another's": (
        "bob",
        lambda cl: cl.projects.get_one(1).enable_project_chroot(CHROOTS[2]),
    ),
    "change a chroot of another's": ("bob", lambda cl: chroot_of(cl, USED[0]).update()),
    "disable a chroot of another's": ("bob", lambda cl: chroot_of(cl, USED[0]).disable()),
    "build in another's project": ("bob", build),
    "upload into another's project": ("bob", lambda cl: uploaded(cl, __file__)),
    "cancel another's build": ("bob", lambda cl: cl.builds.get_one(6).cancel()),
    "delete another's build": ("bob", lambda cl: cl.builds.delete(1)),
    "create for an unknown group": ("alice", lambda cl: cl.projects.create("new", "@nosuch", USED)),
    "a contact that is none": ("alice", lambda cl: new(cl, contact="not an address")),
    "repositories that are none": ("alice", lambda cl: new(cl, repos=["nonsense"])),
    "a contact that is none, later": ("alice", lambda cl: changed(cl, cl.projects.get_one(1), contact="no")),
    "a name that is none": ("alice", lambda cl: cl.projects.create("a b!", "alice", USED)),
    "two addresses for one": (
        "alice",
        lambda cl: cl.builds.create_from_url(1, f"{address('slow')} {address('slower')}"),
    ),
    "an address that is none": ("alice", lambda cl: cl.builds.create_from_url(1, "nonsense")),
    "a chroot that is none": (
        "alice",
        lambda cl: cl.projects.get_one(1).enable_project_chroot("fedora-1-x86_64"),
    ),
    "a wrong token": ("nobody", lambda cl: cl.builds.delete(1)),
    "a wrong token for something new": ("nobody", new),
}


@pytest.mark.parametrize("refused", REFUSED)
def test_what_is_refused_is_the_same_error_over_both(refused, service, began):
    who, change = REFUSED[refused]
    service.restore(began)
    config = {"alice": service.config, "bob": service.bob, "nobody": {"login": "no", "token": "no"}}[who]
    errors = []
    for bridge in (False, True):
        with pytest.raises(RequestError) as raised:
            change(client(service, bridge, config))
        errors.append(raised.value)
    native, bridged = errors
    assert (type(bridged), bridged.status, bridged.url) == (type(native), native.status, native.url)
    assert isinstance(bridged, AuthError) == (who != "alice")
    assert re.search(rf"code {bridged.status}: \w", str(bridged))


def test_an_uploaded_file_is_built_over_both(service, began, srpm):
    for bridge in (False, True):
        service.restore(began)
        cl = client(service, bridge)
        of_path = cl.builds.create_from_file(1, file_path=srpm)
        of_file = uploaded(cl, srpm)
        assert (of_path.source_type, of_path.source_metadata["pkg"]) == ("upload", srpm.name)
        assert of_file.source_metadata["pkg"] == "other-1-1.src.rpm"
        assert of_path.enable_net
        assert of_path.submitter == "alice"
