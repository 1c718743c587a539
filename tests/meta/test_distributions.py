"""What files say about the distributions is the same everywhere, and the files that they name exist."""

from __future__ import annotations

import importlib.metadata
import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import copr
from copr_local import cli as commands

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = ("client", "server")
SPECS = ("python-copr", "copr-local")
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
PAGES = [
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "CHANGELOG.md",
    ROOT / "packaging" / "README.md",
    ROOT / "tests" / "README.md",
    ROOT / "docs" / "releasing.md",
    ROOT / "docs" / "versioning.md",
]


def project(distribution):
    return tomllib.loads((ROOT / distribution / "pyproject.toml").read_text())["project"]


def values(spec, tag):
    """The values of a tag, or of a macro that the spec defines."""
    text = (ROOT / "packaging" / f"{spec}.spec").read_text()
    return re.findall(rf"^(?:%global {tag} |{tag}: *)(.*)$", text, re.MULTILINE)


def pythons(distribution):
    prefix = "Programming Language :: Python :: 3."
    return [
        f"3.{text.removeprefix(prefix)}"
        for text in project(distribution)["classifiers"]
        if text.startswith(prefix)
    ]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_pythons_of_a_distribution_are_those_that_are_tested(distribution):
    assert pythons(distribution) == WORKFLOW["jobs"]["quick"]["strategy"]["matrix"]["python"]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_oldest_python_is_the_same_everywhere(distribution):
    oldest = pythons(distribution)[0]
    assert project(distribution)["requires-python"] == f">={oldest}"
    assert TOOLS["ruff"]["target-version"] == "py" + oldest.replace(".", "")
    assert TOOLS["mypy"]["python_version"] == oldest
    for page in ("README.md", "CONTRIBUTING.md", "client/README.md"):
        assert f"Python {oldest} or later" in (ROOT / page).read_text(), page
    versioning = (ROOT / "docs" / "versioning.md").read_text()
    assert f"Python is supported from {oldest} until {pythons(distribution)[-1]}." in versioning


def test_both_distributions_and_their_specs_have_one_version():
    version = copr.__version__
    assert project("server")["version"] == version
    for name in ("copr", "copr-local"):
        assert importlib.metadata.version(name) == version, "make .venv again: rm -r .venv"
    for spec in SPECS:
        assert values(spec, "upstream_version") == [version]
        sorted_by_rpm = version.replace(".dev", "~dev")
        assert values(spec, "Version") == [sorted_by_rpm]
        entries = re.findall(r"^\* .* - (\S+)$", (ROOT / f"packaging/{spec}.spec").read_text(), re.MULTILINE)
        assert entries[0] == f"{sorted_by_rpm}-{values(spec, 'Release')[0].removesuffix('%{?dist}')}"


def test_the_changelog_begins_with_this_version():
    heading = re.search(r"^## (\S+) \((.*)\)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    release, _, is_in_development = copr.__version__.partition(".dev")
    assert heading is not None
    assert heading[1] == release
    assert bool(is_in_development) == (heading[2] == "not released")
    assert is_in_development or re.fullmatch(r"20\d\d-\d\d-\d\d", heading[2])


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_version_in_development_is_said_to_be_one(distribution):
    status = "3 - Alpha" if ".dev" in copr.__version__ else "5 - Production/Stable"
    assert f"Development Status :: {status}" in project(distribution)["classifiers"]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_distribution_says_where_to_read_on(distribution):
    assert all(url.startswith("https://") for url in project(distribution)["urls"].values())


@pytest.mark.parametrize(("distribution", "spec"), list(zip(DISTRIBUTIONS, SPECS, strict=True)))
def test_a_spec_has_the_licence_and_extras_of_its_distribution(distribution, spec):
    assert values(spec, "License") == [project(distribution)["license"]]
    text = (ROOT / "packaging" / f"{spec}.spec").read_text()
    extras = re.search(r"%pyproject_extras_subpkg -n \S+ (.*)}", text)
    assert extras is not None
    assert sorted(extras[1].split()) == sorted(project(distribution)["optional-dependencies"])
    for source in values(spec, r"Source\d*")[1:]:
        assert (ROOT / "packaging" / source).is_file()


def test_the_workflow_calls_scripts_that_exist():
    runs = [
        step["run"].split()[0]
        for job in WORKFLOW["jobs"].values()
        for step in job["steps"]
        if "run" in step and not step.get("name", "").startswith("Install git")
    ]
    assert sorted(set(runs)) == ["./run-tests", ".ci/lint", ".ci/wheels"]
    assert all(os.access(ROOT / script, os.X_OK) for script in runs)


def test_the_containerfile_copies_what_exists_and_starts_a_command_that_exists():
    text = (ROOT / "packaging" / "Containerfile").read_text()
    copied = re.findall(r"^COPY (\S+) ", text, re.MULTILINE)
    assert copied == ["server"]
    assert (ROOT / copied[0] / "pyproject.toml").is_file()
    extras = re.search(r"'/usr/src/copr-local\[([\w,]+)\]'", text)
    assert extras is not None
    assert set(extras[1].split(",")) == set(project("server")["optional-dependencies"])
    assert 'ENTRYPOINT ["copr-local"]' in text
    assert "copr-local" in project("server")["scripts"]


def test_the_compose_file_and_the_units_start_commands_with_options_that_exist():
    services = yaml.safe_load((ROOT / "packaging" / "compose.yaml").read_text())["services"]
    started = [service["command"] for service in services.values() if service.get("image") == "copr-local"]
    assert len(started) == 3
    units = list((ROOT / "packaging").glob("*.service"))
    started += [re.findall(r"^ExecStart=\S+ (.*)$", unit.read_text(), re.M)[0].split() for unit in units]
    assert len(started) == 6
    for command, *words in started:
        known = {name for option in commands.main.commands[command].params for name in option.opts}
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= known


MADE_BY_SCRIPTS = (".venv", ".run")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_files_and_links_of_a_page_exist(page):
    text = re.sub(r"^    .*$", "", page.read_text(), flags=re.MULTILINE)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()} | {"."}
    for code in re.findall(r"`([^`\n]+)`", text):
        for word in code.split():
            if word.partition("/")[0] in folders and "/" in word and not word.startswith(MADE_BY_SCRIPTS):
                path = word.partition("::")[0]
                assert (ROOT / path).exists() or (page.parent / path).exists(), word


def test_there_are_ten_pairs_of_plain_english():
    """What they call old stands nowhere else."""
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("| before | after |")[2]
    pairs = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    pairs = [pair for pair in pairs if not pair[0].startswith("---")]
    assert len(pairs) == 10
    texts = [
        path.read_text()
        for folder in ("client/src", "server/src", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".md")
    ]
    for before, _after in pairs:
        assert not any(before.strip("`") in text for text in texts), before


def test_the_readme_of_the_tests_names_all_folders():
    named = re.findall(r"^\| `(\w+)/` \|", (ROOT / "tests" / "README.md").read_text(), re.MULTILINE)
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name[0] not in "_."}
    assert set(named) == folders
