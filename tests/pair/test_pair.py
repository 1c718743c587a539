"""A package from source to repository, with our client and our service."""

from __future__ import annotations

import json
import subprocess
from itertools import count

import pytest
import requests
from srpm import make_srpm

from copr.v3 import (
    Client,
    CoprAuthException,
    CoprNoResultException,
    CoprRequestException,
    CoprUnknownResponseException,
    succeeded,
    wait,
)

numbers = count(1)
CHROOTS = ["fedora-44-x86_64", "epel-9-x86_64"]


@pytest.fixture
def project(client):
    return client.project_proxy.add("alice", f"project{next(numbers)}", CHROOTS, description="A project")


def test_the_service_knows_who_asks(client):
    assert client.base_proxy.auth_check().name == "alice"
    assert client.base_proxy.auth_username() == "alice"
    assert client.base_proxy.home().version == 3


def test_chroots_are_a_mapping(client):
    assert set(CHROOTS) <= set(client.mock_chroot_proxy.get_list().keys())


def test_a_project_is_created_listed_and_deleted(client, project):
    assert project.full_name == f"alice/{project.name}"
    assert set(project.chroot_repos) == set(CHROOTS)
    assert client.project_proxy.get("alice", project.name) == project
    assert project.name in [each.name for each in client.project_proxy.get_list("alice")]
    assert client.project_proxy.delete("alice", project.name).name == project.name
    with pytest.raises(CoprNoResultException, match="does not exist"):
        client.project_proxy.get("alice", project.name)


def test_a_project_that_exists_is_an_error_or_what_was_asked_for(client, project):
    with pytest.raises(CoprRequestException, match="You already have a project named"):
        client.project_proxy.add("alice", project.name, CHROOTS)
    assert client.project_proxy.add("alice", project.name, CHROOTS, exist_ok=True).id == project.id


def test_names_stay_in_their_place_in_the_path(client, project):
    for name in (f"x/../{project.name}", f"{project.name}?", f"{project.name}#", "ünïcode", "a b"):
        with pytest.raises(CoprNoResultException):
            client.project_proxy.delete("alice", name)
    assert client.project_proxy.get("alice", project.name).id == project.id


def test_a_wrong_token_is_an_auth_error_that_says_where_a_new_one_is_had(service):
    client = Client({**service.config, "token": "wrong"})
    with pytest.raises(CoprAuthException, match=f"{service.url}/api"):
        client.base_proxy.auth_check()


def test_errors_of_a_local_copr_name_the_command_that_helps(service):
    wrong = Client({**service.config, "token": "wrong"})
    with pytest.raises(CoprAuthException) as refused:
        wrong.base_proxy.auth_check()
    assert "`copr-local user token NAME`" in refused.value.__notes__[-1]
    client = Client(service.config)
    with pytest.raises(CoprRequestException) as refused:
        client.project_proxy.add("alice", "none", ["fedora-1-x86_64"])
    assert str(refused.value) == "chroots: 'fedora-1-x86_64' is not a valid choice for this field."
    assert "`copr-local chroot add NAME`" in refused.value.__notes__[-1]


def test_an_address_without_an_api_is_not_mistaken_for_a_missing_project(service):
    client = Client({**service.config, "copr_url": f"{service.url}/elsewhere"})
    with pytest.raises(CoprUnknownResponseException, match="not by the API"):
        client.project_proxy.get("alice", "p")


def test_listings_come_in_pages(client):
    for _ in range(3):
        client.project_proxy.add("alice", f"project{next(numbers)}", CHROOTS)
    page = client.project_proxy.get_list("alice", pagination={"limit": 2, "order": "id"})
    assert (len(page), page.meta.limit, page.meta.offset) == (2, 2, 0)


def test_a_package_is_built_and_dnf_finds_it(client, project, srpm, tmp_path):
    seen = []
    options = {"progress_callback": lambda monitor: seen.append(monitor.bytes_read)}
    build = client.build_proxy.create_from_file("alice", project.name, srpm, buildopts=options)
    assert seen[-1] > srpm.stat().st_size
    [build] = wait(build, interval=0.1, timeout=60)
    assert succeeded([build]), _log(client, build)
    assert build.source_package.name == "hello"
    assert client.build_proxy.get_list("alice", project.name) == [build]

    for chroot in client.build_chroot_proxy.get_list(build.id):
        assert chroot == client.build_chroot_proxy.get(build.id, chroot.name)
        assert chroot.state == "succeeded"
        assert chroot.started_on <= chroot.ended_on
        results = requests.get(chroot.result_url + "results.json", timeout=10).json()
        built = client.build_chroot_proxy.get_built_packages(build.id, chroot.name)
        assert sorted(map(_name, built.packages)) == sorted(map(_name, results["packages"]))
        assert _dnf(tmp_path / chroot.name, project.chroot_repos[chroot.name]) == [
            f"hello 1.0-1.{_dist(chroot)}"
        ]


def test_a_built_package_is_installed_by_dnf(client, project, srpm, tmp_path):
    build = client.build_proxy.create_from_file("alice", project.name, srpm, {"chroots": CHROOTS[:1]})
    [build] = wait(build, interval=0.1, timeout=60)
    _run_dnf(tmp_path, project.chroot_repos[CHROOTS[0]], "install", "hello")
    assert (tmp_path / "root/usr/share/hello/name").read_text() == "hello\n"


def test_packages_are_downloaded_as_they_were_built(client, project, srpm, tmp_path):
    build = client.build_proxy.create_from_file("alice", project.name, srpm, {"chroots": CHROOTS[:1]})
    wait(build, interval=0.1, timeout=60)
    paths = client.build_chroot_proxy.download_packages(build.id, CHROOTS[0], tmp_path / "rpms")
    for path in paths:
        subprocess.run(["rpm", "--checksig", "--nosignature", path], check=True, capture_output=True)
    assert sorted(path.rsplit("/", 1)[1] for path in paths) == [
        "hello-1.0-1.fc44.noarch.rpm",
        "hello-1.0-1.fc44.src.rpm",
    ]


def test_a_project_can_be_read_by_dnf_before_its_first_build(project, tmp_path):
    assert _dnf(tmp_path, project.chroot_repos[CHROOTS[0]]) == []


def test_a_failing_check_fails_the_build_and_the_log_ends_with_the_reason(client, project, tmp_path):
    srpm = make_srpm(tmp_path, "broken", check="echo out of luck; false")
    [build] = wait(client.build_proxy.create_from_file("alice", project.name, srpm), interval=0.1, timeout=60)
    assert build.state == "failed"
    log = _log(client, build)
    assert "out of luck" in log
    assert "%check" in log.strip().splitlines()[-1]


@pytest.mark.parametrize("content", ["empty", "text", "cut"])
def test_what_is_no_source_rpm_fails_with_one_clear_line_and_the_service_lives_on(
    client, project, srpm, tmp_path, content
):
    file = tmp_path / "bad.src.rpm"
    file.write_bytes({"empty": b"", "text": b"hello\n", "cut": srpm.read_bytes()[:-200]}[content])
    try:
        [build] = wait(
            client.build_proxy.create_from_file("alice", project.name, file), interval=0.1, timeout=60
        )
    except CoprRequestException as refused:
        assert "\n" not in str(refused)
    else:
        assert build.state == "failed"
        source = client.build_proxy.get_source_chroot(build.id)
        log = requests.get(f"{source.result_url}/builder-live.log", timeout=10).text
        assert "bad.src.rpm" in log.strip().splitlines()[-1]
    assert client.base_proxy.home().version == 3


def test_a_build_that_never_ends_is_ended_by_its_timeout(client, project, tmp_path):
    srpm = make_srpm(tmp_path, "endless", build="sleep 600")
    build = client.build_proxy.create_from_file(
        "alice", project.name, srpm, {"timeout": 2, "chroots": CHROOTS[:1]}
    )
    [build] = wait(build, interval=0.1, timeout=30)
    assert build.state == "failed"
    assert "2 s" in _log(client, build).strip().splitlines()[-1]


def test_records_survive_json(client, project):
    assert json.loads(json.dumps(project)) == project


def _name(package):
    return package["name"], package["arch"]


def _dist(chroot):
    system, version = chroot.name.split("-")[:2]
    return {"fedora": "fc", "epel": "el"}[system] + version


def _log(client, build):
    chroot = client.build_chroot_proxy.get_list(build.id)[0]
    return requests.get(chroot.result_url + "builder-live.log", timeout=10).text


def _dnf(folder, url):
    """Return the packages that dnf finds in a repository, without source packages."""
    found = _run_dnf(folder, url, "repoquery", "--arch=noarch", "--qf=%{name} %{version}-%{release}")
    return found.split("\n")[:-1]


def _run_dnf(folder, url, *command):
    options = [
        "--quiet",
        "--assumeyes",
        f"--installroot={folder / 'root'}",
        "--releasever=1",
        f"--setopt=cachedir={folder / 'cache'}",
        "--setopt=reposdir=/dev/null",
        f"--repofrompath=copr,{url}",
        "--repo=copr",
        "--nogpgcheck",
    ]
    run = subprocess.run(["dnf", *options, *command], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout
