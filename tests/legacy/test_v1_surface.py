"""The legacy client has the names of the released one: methods, and parameters in their order."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

from copr.client import CoprClient, responses

#: Methods of the released client 1.101 and their parameters; those with a default have a "=".
METHODS = {
    "__init__": "username= login= token= copr_url= no_config=",
    "add_package_custom": (
        "package_name projectname script script_chroot= script_builddeps= script_resultdir= "
        "ownername= webhook_rebuild="
    ),
    "add_package_mockscm": (
        "package_name projectname scm_type scm_url scm_branch spec ownername= webhook_rebuild="
    ),
    "add_package_pypi": (
        "package_name projectname pypi_package_name pypi_package_version spec_template= "
        "python_versions= ownername= webhook_rebuild="
    ),
    "add_package_rubygems": "package_name projectname gem_name ownername= webhook_rebuild=",
    "add_package_scm": (
        "package_name projectname clone_url committish= subdirectory= spec= scm_type= "
        "srpm_build_method= ownername= webhook_rebuild="
    ),
    "add_package_tito": (
        "package_name projectname git_url git_dir= git_branch= tito_test= ownername= webhook_rebuild="
    ),
    "authentication_check": "",
    "build_module": "modulemd ownername= projectname=",
    "build_package": "projectname pkg_name ownername= chroots= timeout=",
    "cancel_build": "build_id projectname= username=",
    "create_from_file_config": "filepath= ignore_error=",
    "create_new_build": (
        "projectname pkgs username= timeout= memory= chroots= background= progress_callback="
    ),
    "create_new_build_custom": (
        "projectname script script_chroot= script_builddeps= script_resultdir= username= timeout= "
        "memory= chroots= background= progress_callback="
    ),
    "create_new_build_distgit": (
        "projectname clone_url branch= username= timeout= memory= chroots= background= progress_callback="
    ),
    "create_new_build_mock": (
        "projectname scm_url spec scm_type= scm_branch= username= timeout= memory= chroots= "
        "background= progress_callback="
    ),
    "create_new_build_pypi": (
        "projectname pypi_package_name pypi_package_version= spec_template= python_versions= "
        "username= timeout= memory= chroots= background= progress_callback="
    ),
    "create_new_build_rubygems": (
        "projectname gem_name username= timeout= memory= chroots= background= progress_callback="
    ),
    "create_new_build_scm": (
        "projectname clone_url committish= subdirectory= spec= scm_type= srpm_build_method= "
        "username= timeout= memory= chroots= background= progress_callback="
    ),
    "create_new_build_tito": (
        "projectname git_url git_dir= git_branch= tito_test= username= timeout= memory= chroots= "
        "background= progress_callback="
    ),
    "create_project": (
        "username projectname chroots description= instructions= repos= initial_pkgs= "
        "disable_createrepo= unlisted_on_hp= enable_net= persistent= auto_prune= "
        "use_bootstrap_container="
    ),
    "delete_build": "build_id",
    "delete_package": "projectname pkg_name ownername=",
    "delete_project": "projectname username=",
    "edit_chroot": "projectname chrootname ownername= upload_comps= delete_comps= packages= repos=",
    "edit_package_custom": (
        "package_name projectname script script_chroot= script_builddeps= script_resultdir= "
        "ownername= webhook_rebuild="
    ),
    "edit_package_mockscm": (
        "package_name projectname scm_type scm_url scm_branch spec ownername= webhook_rebuild="
    ),
    "edit_package_pypi": (
        "package_name projectname pypi_package_name pypi_package_version spec_template= "
        "python_versions= ownername= webhook_rebuild="
    ),
    "edit_package_rubygems": "package_name projectname gem_name ownername= webhook_rebuild=",
    "edit_package_scm": (
        "package_name projectname clone_url committish= subdirectory= spec= scm_type= "
        "srpm_build_method= ownername= webhook_rebuild="
    ),
    "edit_package_tito": (
        "package_name projectname git_url git_dir= git_branch= tito_test= ownername= webhook_rebuild="
    ),
    "fork_project": "source projectname username= confirm=",
    "get_build_config": "project chroot",
    "get_build_details": "build_id projectname= username=",
    "get_chroot": "projectname ownername chrootname=",
    "get_module_repo": "owner copr name stream version arch",
    "get_package": (
        "projectname pkg_name with_latest_build= with_latest_succeeded_build= with_all_builds= ownername="
    ),
    "get_package_add_url": "ownername projectname source_type",
    "get_package_delete_url": "ownername projectname package_name",
    "get_package_edit_url": "ownername projectname package_name source_type",
    "get_packages_list": (
        "projectname with_latest_build= with_latest_succeeded_build= with_all_builds= ownername="
    ),
    "get_project_chroot_details": "projectname chrootname username=",
    "get_project_details": "projectname username=",
    "get_projects_list": "username=",
    "modify_project": (
        "projectname username= description= instructions= repos= disable_createrepo= "
        "unlisted_on_hp= enable_net= auto_prune= use_bootstrap_container= chroots="
    ),
    "modify_project_chroot_details": "projectname chrootname pkgs= username=",
    "new_webhook_secret": "coprname ownername=",
    "process_creating_new_build": (
        "projectname data api_endpoint username= chroots= background= progress_callback= multipart="
    ),
    "process_package_action": "request_url ownername projectname data fetch_functor=",
    "reset_package": "projectname pkg_name ownername=",
    "search_projects": "query",
}

#: The classes of its results, and the parameters of their constructors.
CLASSES = {
    "CoprResponse": "client method data request_kwargs= parsers=",
    "BaseHandle": "client username= response= **kwargs",
    "ProjectHandle": "client projectname *args **kwargs",
    "BuildHandle": "client build_id *args **kwargs",
    "ProjectChrootHandle": "client chrootname *args **kwargs",
    "PackageHandle": "client ownername projectname name *args **kwargs",
    "ProjectWrapper": "client username projectname description= instructions= yum_repos= additional_repos=",
    "BuildWrapper": "client username projectname build_id status=",
    "ProjectChrootWrapper": "client username projectname chrootname repo_url=",
    "PackageWrapper": "client ownername projectname **data",
    "CoprChrootWrapper": "client ownername projectname **data",
}

#: Parameters that are now optional, because the documentation leaves them out.
OPTIONAL_NOW = {
    "create_project": {"username", "projectname", "chroots"},
    "add_package_pypi": {"pypi_package_version"},
    "edit_package_pypi": {"pypi_package_version"},
}


def parameters(function):
    kinds = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return [
        f"{kinds.get(each.kind, '')}{each.name}{'' if each.default is each.empty else '='}"
        for each in inspect.signature(function).parameters.values()
        if each.name != "self" and each.kind is not inspect.Parameter.KEYWORD_ONLY
    ]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_takes_what_it_took(name):
    optional = OPTIONAL_NOW.get(name, set())
    expected = [f"{each}=" if each in optional else each for each in METHODS[name].split()]
    assert parameters(getattr(CoprClient, name)) == expected


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_takes_what_it_took(name):
    assert parameters(getattr(responses, name).__init__) == CLASSES[name].split()


def test_every_public_method_says_what_it_does_and_where_it_asks():
    for name in METHODS.keys() - {"__init__"}:
        text = getattr(CoprClient, name).__doc__
        assert text, name
        if not name.endswith(("_url", "_file_config")):
            assert re.search(r":source: ``(GET|POST) |:source:.*\s`request_url`", text), name


@pytest.mark.parametrize("module", ["copr.client.exceptions", "copr.exceptions"])
def test_exceptions_are_the_same_by_either_address(module):
    names = ("CoprException", "CoprNoConfException", "CoprConfigException", "CoprRequestException")
    names += ("CoprBuildException", "CoprUnknownResponseException")
    core = importlib.import_module("copr._errors")
    assert all(getattr(importlib.import_module(module), name) is getattr(core, name) for name in names)


def test_responses_can_be_made_by_hand():
    from copr.client.parsers import CommonMsgErrorOutParser, ProjectListParser

    data = {"output": "ok", "repos": [{"name": "hello", "description": "D"}]}
    response = responses.CoprResponse(
        client=None, method="a test", data=data, parsers=[ProjectListParser, CommonMsgErrorOutParser]
    )
    assert response.output == "ok"
    assert [str(project) for project in response.projects_list] == ["Name: hello\n  Description: D\n"]
