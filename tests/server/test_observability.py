"""What monitors ask: metrics that Prometheus can read, health, readiness, and logs for programs."""

from __future__ import annotations

import io
import json
import logging
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from copr_local import LocalCopr
from copr_local.cli.json_log import JsonFormatter
from copr_local.rules import builders
from copr_local.web import observability


def metrics(copr: LocalCopr) -> dict[str, Any]:
    """Return the values of all metrics, by name and labels."""
    response = copr.app.test_client().get("/metrics")
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


@pytest.fixture(params=["copr_local.requests"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Return what a logger writes, as JSON."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger(request.param)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield written
    logger.setLevel(logging.NOTSET)
    logger.removeHandler(handler)


def test_the_metrics_have_the_queue_what_became_of_steps_and_requests(
    api: Any, copr: LocalCopr, script: Any
) -> None:
    api.project()
    script.fail.add("fedora-45-aarch64")
    api.wait(api.upload()["id"])
    script.hold("source")
    for _ in range(3):
        held = api.upload(chroots=["fedora-45-x86_64", "fedora-45-aarch64"])["id"]
    api.until(lambda: metrics(copr).get(("copr_steps", "running", "source")) == 2)
    found = metrics(copr)
    assert found["copr_steps", "pending", "source"] == 1
    assert found["copr_messages_waiting",] == 0
    assert found["copr_info", version("copr-local")] == found["copr_is_leading",] == 1
    assert 0 < found["copr_data_free_bytes",] <= shutil.disk_usage(copr._data_folder.path).total
    newest = api.get(f"/build/{held}")["submitted_on"]
    assert found["copr_oldest_pending_timestamp_seconds", "source"] == newest
    assert found["copr_steps", "waiting", "x86_64"] == found["copr_steps", "aarch64", "waiting"] == 3
    assert found["copr_step_duration_seconds_count", "source", "succeeded"] == 1
    assert found["copr_step_duration_seconds_count", "succeeded", "x86_64"] == 1
    assert found["copr_step_duration_seconds_count", "aarch64", "failed"] == 1
    assert found["copr_step_duration_seconds_bucket", "+Inf", "aarch64", "failed"] == 1
    assert found["copr_http_request_duration_seconds_count", "200", "POST", "api_3"] == 5
    api.call("PUT", f"/build/cancel/{held}")
    assert ("copr_steps", "pending", "source") not in metrics(copr)


def test_what_clients_send_as_a_method_is_no_label(copr: LocalCopr) -> None:
    for method in ("BREW", 'A"B', "X1"):
        copr.app.test_client().open("/", method=method)
    names = {
        labels[2]
        for labels in metrics(copr)
        if labels[0].startswith("copr_http_request") and len(labels) == 4
    }
    assert names <= {"other", "GET"}


def test_the_service_is_healthy_and_ready_and_leaves_nothing_in_the_database(copr: LocalCopr) -> None:
    client = copr.app.test_client()
    for path in ("/healthz", "/readyz"):
        response = client.get(path)
        assert (response.status_code, response.text) == (200, "ok\n")


def test_readiness_writes_only_if_the_last_write_is_long_ago(copr: LocalCopr) -> None:
    client, database = copr.app.test_client(), copr.database
    assert client.get("/readyz").status_code == 200
    before = database.version()
    assert client.get("/readyz").status_code == 200
    assert database.version() == before
    database._written -= observability.PROOF
    assert client.get("/readyz").status_code == 200
    assert database.version() != before


def test_a_service_whose_builds_are_not_started_is_not_ready(copr: LocalCopr) -> None:
    copr._worker.stop()
    response = copr.app.test_client().get("/readyz")
    assert (response.status_code, response.text) == (503, "builds are not started any more\n")


def test_a_request_is_one_object_in_the_log(api: Any, log: io.StringIO) -> None:
    api.get("/auth-check")
    api.raw("GET", "/build/999")
    first, second = map(json.loads, log.getvalue().splitlines())
    assert first.keys() == {"time", "level", "logger", "message", "request"}
    assert (first["level"], first["logger"]) == ("info", "copr_local.requests")
    assert first["message"] == "GET /api_3/auth-check 200"
    assert first["request"].pop("duration") >= 0
    assert first["request"] == {"method": "GET", "path": "/api_3/auth-check", "status": 200, "user": "local"}
    assert (second["request"]["status"], second["request"]["user"]) == (404, None)


@pytest.mark.parametrize("log", ["copr_local.steps"], indirect=True)
def test_begin_and_end_of_a_step_are_objects_in_the_log(api: Any, script: Any, log: io.StringIO) -> None:
    api.project()
    script.fail.add("fedora-45-aarch64")
    build_id = api.wait(api.upload()["id"])["id"]
    begin, end, *chroots = map(json.loads, log.getvalue().splitlines())
    about = {"build": build_id, "chroot": "source", "builder": None}
    assert begin["step"] == {**about, "state": "running"}
    assert end["step"].pop("duration") >= 0
    assert end["step"] == {**about, "state": "succeeded"}
    assert {each["message"] for each in chroots} == {
        f"build {build_id}, fedora-45-aarch64: running",
        f"build {build_id}, fedora-45-aarch64: failed",
        f"build {build_id}, fedora-45-x86_64: running",
        f"build {build_id}, fedora-45-x86_64: succeeded",
    }


def test_an_error_is_one_line_with_its_traceback() -> None:
    try:
        int("two\nlines")
    except ValueError:
        record = logging.LogRecord("copr_local", logging.ERROR, "", 0, "it %s", ("failed",), sys.exc_info())
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "it failed"
    assert "ValueError: invalid literal" in json.loads(line)["error"]


def test_builders_elsewhere_are_in_the_metrics(copr: LocalCopr) -> None:
    with copr.database.writing() as tx:
        builders.add(tx, "far", ["x86_64"], [])
    assert metrics(copr)["copr_builder_heard_timestamp_seconds", "far"] == 0
