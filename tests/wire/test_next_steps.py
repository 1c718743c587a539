"""The advice in an error depends on the service's response, and on whether it is a local Copr."""

import json

import pytest

from copr._calls import record
from copr._errors import failure
from copr._wire import Call, Reply

LOGIN = "Login invalid/expired."
CHROOT = "chroots: 'fedora-1-x86_64' is not a valid choice for this field."


@pytest.mark.parametrize(
    ("status", "server", "said", "step"),
    [
        (401, "nginx", LOGIN, "the service's page /api"),
        (401, "copr-local", LOGIN, "`copr-local user token NAME`"),
        (400, "nginx", CHROOT, "mock_chroot_proxy.get_list()"),
        (400, "copr-local", CHROOT, "`copr-local chroot add NAME`"),
        (500, "copr-local", {"chroots": ["Such chroot is not available: x"]}, "`copr-local chroot add NAME`"),
        (400, "copr-local", "source_type: 'x' is not a valid choice for this field.", "API documentation"),
        (404, "copr-local", "Build 5 has no chroot x.", "Check the names"),
        (404, "nginx", "Chroot name fedora-1-x86_64 does not exist.", "chroot_repos"),
        (404, "copr-local", "Build 5 was not submitted to x chroot.", "get_log(build_id, None)"),
        (404, "copr-local", "Such API endpoint doesn't exist", "an id is a number"),
        (400, "copr-local", "Unexpected chroot: -, 4, 5, _", "as a list of names"),
        (400, "nginx", "name: You already have a project named 'hello'.", "exist_ok=True"),
        (500, "nginx", "Validation error\n- name: You already have project named 'hello'.", "exist_ok=True"),
        (500, "nginx", "Validation error\n- name: This field is required.", "change it"),
        (409, "nginx", "Package x already exists in copr local/p.", "package_proxy.edit"),
        (
            400,
            "nginx",
            "You are about to fork into existing project: p\nPlease use --confirm",
            "confirm=True",
        ),
        (500, "nginx", "Internal error", "in their logs"),
    ],
)
def test_the_next_step_fits_the_answer_and_the_service(status, server, said, step):
    reply = Reply(status, "", "http://copr/x", {"Server": server}, json.dumps({"error": said}).encode())
    notes = failure(Call("GET", "/x", decode=record), reply).__notes__
    assert notes[-1].startswith("next: ")
    assert step in notes[-1]
    assert ("copr-local" in notes[-1]) == ("copr-local" in step)
