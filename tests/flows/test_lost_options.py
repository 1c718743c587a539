"""The build of a lost response is found by its options, in any form that the service takes."""

from __future__ import annotations

import losses
import pytest
from losses import CHROOTS, PROJECT, URL, Sender, builds

from copr.v3.calls import submit

began, service = losses.began, losses.service

#: Options that select chroots, and the chroots of the build. Newer services take patterns.
SELECTIONS = [
    ({"chroots": ["fedora-*"]}, CHROOTS[1:]),
    ({"chroots": ["fedora-44-aarch64", "centos-*"]}, CHROOTS[:2]),
    ({"chroots": ["*-x86_64"], "exclude_chroots": ["fedora-[0-9]*"]}, CHROOTS[:1]),
    ({"chroots": CHROOTS[1:], "exclude_chroots": CHROOTS[2:]}, CHROOTS[1:2]),
    ({"exclude_chroots": CHROOTS[2:]}, CHROOTS[:2]),
    ({"chroots": "fedora-44-x86_64 fedora-44-aarch64"}, CHROOTS[1:]),
]


class TakesPatterns(Sender):
    """Sends submissions with the names of chroots in place of patterns, as a newer service reads them."""

    chroots = ()

    def __call__(self, call):
        if call.method == "POST":
            options = {name: value for name, value in call.json.items() if name != "exclude_chroots"}
            call = call._with("json", {**options, "chroots": self.chroots})
        return super().__call__(call)


@pytest.mark.parametrize(("options", "chroots"), SELECTIONS)
def test_ours_is_found_by_the_chroots_that_its_options_select(options, chroots, service):
    send = TakesPatterns(service)
    first = Sender(service).run(submit.create_from_url(*PROJECT, URL, {"chroots": CHROOTS}))
    send.chroots = chroots
    service.faults.reset("after", method="POST", count=1)
    ours = send.run(submit.create_from_url(*PROJECT, URL, options))
    assert [first.id, ours.id] == builds(service)


@pytest.mark.parametrize("timeout", [61, "61", 0, None])
def test_ours_is_found_by_its_timeout_as_a_number_or_text(timeout, service):
    service.faults.reset("after", method="POST", count=1)
    ours = Sender(service).run(submit.create_from_url(*PROJECT, URL, {"timeout": timeout}))
    assert builds(service) == [ours.id]
