"""Marks that say what a test needs. `./run-tests --quick` runs the tests that have none of them.

- `released`: released programs. Every test with the fixture `environment` has this mark.
- `programs`: programs that do not come with Python, such as rpmbuild, git and openssl.
- `slow`: more time than most: a service for each test, or many processes.

The tables give marks to folders, files and fixtures; a single test can have a mark as a decorator. A test
without the first two marks fails if it starts another program than Python, also if that is installed.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from databases import Databases
    from distribution import Distribution
    from rabbitmq_server import RabbitMQServer
    from redis_server import RedisServer

HERE = Path(__file__).parent

# Test processes keep a million objects. Looking for cycles among them as often as by default takes a fifth of
# the time of the tests.
gc.set_threshold(50_000, 50, 1000)

#: Folders and files whose tests start programs.
PROGRAMS = (
    "conformance/",
    "legacy/test_v1_pair.py",
    "legacy/test_v2_errors.py",
    "legacy/v2_documentation/",
    "meta/test_benchmarks.py",
    "meta/test_docs.py",
    "meta/test_quickstart.py",
    "pair/test_crowd.py",
    "pair/test_many.py",
    "pair/test_nginx.py",
    "pair/test_packaging.py",
    "pair/test_pair.py",
    "pair/test_rebuilds.py",
    "server/builders/",
    "server/builder_api/",
    "server/test_builder_program.py",
    "server/test_broker.py",
    "server/test_browser.py",
    "server/test_browser_security.py",
    "server/test_cli.py",
    "server/test_commands.py",
    "server/test_data_folder.py",
    "server/test_dnf_copr.py",
    "server/test_files.py",
    "server/test_full_disk.py",
    "server/test_killed.py",
    "server/test_outages.py",
    "server/test_postgresql.py",
    "server/test_publishing.py",
    "server/test_real_builds.py",
    "server/test_recovery.py",
    "server/test_roots.py",
    "server/test_roots_killed.py",
    "server/test_script.py",
    "server/test_service_processes.py",
    "server/test_webhook_examples.py",
    "server/webhooks/",
)

#: Files whose tests take more than a tenth of a second of a processor each.
SLOW = (
    "flows/test_lost_options.py",
    "flows/test_submission.py",
    "legacy/test_v1_documentation.py",
    "legacy/test_v1_lost_answers.py",
    "legacy/test_v2_costs.py",
    "legacy/test_v2_differences.py",
    "legacy/test_v2_pair.py",
    "meta/test_docstrings.py",
    "meta/test_site.py",
    "meta/test_sphinx.py",
    "meta/test_types.py",
    "pair/test_events.py",
    "server/test_any_fields.py",
    "server/test_any_old_request.py",
    "server/test_bodies.py",
    "server/test_build_listing.py",
    "server/test_build_log.py",
    "server/test_build_repositories.py",
    "server/test_build_submission.py",
    "server/test_builds.py",
    "server/test_claims.py",
    "server/test_clients_that_wait.py",
    "server/test_clock_and_snapshots.py",
    "server/test_documentation.py",
    "server/test_expiry.py",
    "server/test_file_changes.py",
    "server/test_forks.py",
    "server/test_fuzzed_requests.py",
    "server/test_garbage.py",
    "server/test_generations.py",
    "server/test_limits.py",
    "server/test_local_copr.py",
    "server/test_login.py",
    "server/test_maintenance.py",
    "server/test_messages.py",
    "server/test_monitor.py",
    "server/test_observability.py",
    "server/test_old_roles.py",
    "server/test_overviews.py",
    "server/test_packages.py",
    "server/test_page_forms.py",
    "server/test_page_forms_of_builds.py",
    "server/test_pages.py",
    "server/test_permissions.py",
    "server/test_project_changes.py",
    "server/test_project_chroots.py",
    "server/test_projects.py",
    "server/test_public_url.py",
    "server/test_pytest_plugin.py",
    "server/test_queries.py",
    "server/test_queue.py",
    "server/test_queue_order.py",
    "server/test_readme.py",
    "server/test_response_cache.py",
    "server/test_roles.py",
    "server/test_security_headers.py",
    "server/test_setbacks.py",
    "server/test_sources.py",
    "server/test_upgrade.py",
    "server/test_uploads.py",
    "server/test_webhook_deliveries.py",
    "server/test_worker.py",
    "server/test_worker_results.py",
    "server/v1/test_v1_builds.py",
    "server/v1/test_v1_packages.py",
    "server/v1/test_v1_projects.py",
    "server/v2/test_v2_builds.py",
    "server/v2/test_v2_projects.py",
    "wire/test_limits.py",
    "wire/test_processes.py",
)

#: These come before `conformance/`, whose environments are still being made when the tests begin. The first
#: file waits for a minute of timeouts: a run would have to wait for it if it came late.
FIRST = ("pair/test_lost_answers.py", "flows/", "legacy/", "meta/")

#: Tests of this folder often wait for a timeout. They are spread among the others, which use the processors.
WAITING = "wire/"

#: Fixtures that start programs.
FIXTURES = {"broker", "build_rpm", "distribution", "git_repository", "make_srpm", "secure", "srpm"}

#: The programs that the current test has started although it has no mark; None while it may start any.
_started: list[str] | None = None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the kind of database that all services use."""
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="the kind of database that every service has; PostgreSQL is started for the tests",
    )


@pytest.fixture(scope="session", autouse=True)
def databases(request: pytest.FixtureRequest) -> Iterator[Databases | None]:
    """Start PostgreSQL if all services have their databases there."""
    if request.config.getoption("--database") == "sqlite":
        yield None
        return
    from databases import all_in_postgresql

    with all_in_postgresql() as databases:
        yield databases


@pytest.fixture(autouse=True)
def _databases_of_a_test(databases: Databases | None) -> Iterator[None]:
    """Remove the databases that a test has made."""
    with nullcontext() if databases is None else databases.removed():
        yield


@pytest.fixture(scope="session")
def broker() -> Iterator[RabbitMQServer]:
    """Start RabbitMQ for all tests that need a message broker. A test that stops it starts it again."""
    from rabbitmq_server import RabbitMQServer

    with RabbitMQServer() as broker:
        yield broker


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    """Start Redis for all tests that need it."""
    from redis_server import RedisServer

    with RedisServer() as redis:
        yield redis


@pytest.fixture(scope="session")
def distribution() -> Distribution:
    """A small RPM distribution that roots can be installed from; it is made once and kept."""
    from distribution import distribution as of_this_machine

    return of_this_machine()


def _place(path: Path) -> str:
    """Return the path of a file of tests in this folder, or nothing if it lies elsewhere."""
    return path.relative_to(HERE).as_posix() if path.is_relative_to(HERE) else ""


def _order(files: list[Path]) -> dict[Path, float]:
    """Return where in a run each file comes: those of `FIRST` below 0, the others between 0 and 1.

    Files of `WAITING` come before 0.8, so that none of them is among the last.
    """
    first, waiting, others = [], [], []
    for file in files:
        place = _place(file)
        (first if place.startswith(FIRST) else waiting if place.startswith(WAITING) else others).append(file)
    first.sort(key=lambda file: next(at for at, begin in enumerate(FIRST) if _place(file).startswith(begin)))
    return {
        file: begin + length * number / len(kind)
        for kind, begin, length in ((first, -1.0, 1.0), (waiting, 0.0, 0.8), (others, 0.0, 1.0))
        for number, file in enumerate(kind)
    }


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give marks to the tests of the tables, and order the files: see `_order`."""
    if config.getoption("--database") == "postgresql":
        for item in items:
            item.add_marker("programs")  # the server
            for mark in item.iter_markers("sqlite"):
                item.add_marker(pytest.mark.skip(reason=mark.args[0]))
    order = _order(list(dict.fromkeys(item.path for item in items)))
    items.sort(key=lambda item: order[item.path])
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        place = _place(item.path)
        if "environment" in fixtures:
            item.add_marker("released")
        if place.startswith(PROGRAMS) or fixtures & FIXTURES:
            item.add_marker("programs")
        if place.startswith(SLOW):
            item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> object:
    """Record the programs that a test without marks starts."""
    global _started  # noqa: PLW0603, an audit hook cannot be removed, so it reads this
    marked = any(item.iter_markers("programs")) or any(item.iter_markers("released"))
    _started = None if marked else []
    try:
        return (yield)
    finally:
        _started = None


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Fail a test that has started a program and has no mark."""
    if _started:
        pytest.fail(f"{item.name} starts {_started[0]}: mark it with `programs`, see tests/conftest.py")


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if event != "subprocess.Popen" or _started is None:
        return
    program = Path(os.fsdecode(arguments[0]))  # type: ignore[arg-type]
    if not (program.name.startswith("python") or program.is_relative_to(sys.prefix)):
        _started.append(str(program))
        raise PermissionError(f"a test without the mark `programs` may not start {program}")


sys.addaudithook(_guard)
