"""The payloads of pushes, as forges send them. Where each form comes from is said at the webhooks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..rules.webhooks import Push, changed_paths

_COMMIT = re.compile("[0-9a-f]*", re.ASCII)  # only zeros if the push deletes a branch or a tag
_MOST_CHANGES = 20  # in one push to Bitbucket, which sends up to 5


def from_github(sent: Mapping[str, Any]) -> Sequence[Push]:
    """Return the pushes of a payload.

    :param sent: the payload.
    :returns: the pushes; one without a commit builds nothing.
    :raises LookupError: a field is missing.
    :raises TypeError: a field has another type.
    :raises ValueError: a field has another form.
    """
    is_tag = sent.get("ref_type") == "tag"
    ref = _text(sent["ref"])
    push = Push(
        clone_url=_text(sent["repository"]["clone_url"]),
        ref=ref,
        committish=ref if is_tag else _pushed_commit(sent),
        is_tag=is_tag,
        changed=_changed(sent),
    )
    return [push]


def from_gitlab(sent: Mapping[str, Any]) -> Sequence[Push]:
    """Return the pushes of a payload.

    :param sent: the payload.
    :returns: the pushes; one without a commit builds nothing.
    :raises LookupError: a field is missing.
    :raises TypeError: a field has another type.
    :raises ValueError: a field has another form.
    """
    if sent.get("object_kind", "push") not in ("push", "tag_push"):
        return []
    is_tag = sent.get("object_kind") == "tag_push"
    ref = _text(sent["ref"])
    if is_tag:
        ref = ref.removeprefix("refs/tags/")
    push = Push(
        clone_url=_text(sent["project"]["git_http_url"]),
        ref=ref,
        committish=ref if is_tag and _commit(sent["after"]) else _pushed_commit(sent),
        is_tag=is_tag,
        changed=_changed(sent),
    )
    return [push]


def from_bitbucket(sent: Mapping[str, Any]) -> Sequence[Push]:
    """Return the pushes of a payload.

    :param sent: the payload.
    :returns: the pushes; one without a commit builds nothing.
    :raises LookupError: a field is missing.
    :raises TypeError: a field has another type.
    :raises ValueError: a field has another form.
    """
    changes = sent["push"]["changes"]
    if not 0 < len(changes) <= _MOST_CHANGES:
        raise ValueError
    url = _text(sent["repository"]["links"]["html"]["href"])
    return [_from_change(url, change["new"]) for change in changes if change["new"] is not None]


def _from_change(url: str, new: Mapping[str, Any]) -> Push:
    """Return the push of one branch or tag to Bitbucket."""
    is_tag = new["type"] == "tag"
    name = _text(new["name"])
    return Push(
        clone_url=url,
        ref=name,
        committish=name if is_tag else _commit(new["target"]["hash"]),
        is_tag=is_tag,
        changed=None,
    )


def _text(value: Any) -> str:
    """Return a value that has to be a text. JSON texts can have lone surrogates, which no page can show."""
    if not isinstance(value, str):
        raise TypeError
    value.encode()
    return value


def _commit(value: Any) -> str:
    """Return the id of a commit; the empty text if it stands for none, since something was deleted."""
    if not _COMMIT.fullmatch(_text(value)):
        raise ValueError
    return value if value.strip("0") else ""


def _pushed_commit(sent: Mapping[str, Any]) -> str:
    """Return the commit of a push; the empty text if there is nothing to build.

    A new branch or tag without commits of its own is pushed with an empty list of commits. For a tag, GitHub
    and GitLab send another event. Other references, such as notes and those of pull requests, are not built.
    """
    is_empty = sent.get("commits") == [] and not sent.get("total_commits_count")
    is_other = sent["ref"].startswith("refs/") and not sent["ref"].startswith("refs/heads/")
    if is_empty or is_other or sent.get("deleted"):
        return ""
    return _commit(sent.get("after", ""))


def _changed(sent: Mapping[str, Any]) -> Sequence[str] | None:
    """Return the paths of all files that the commits of a push changed; None if it does not list them all."""
    commits = sent.get("commits")
    total = sent.get("total_commits_count") or sent.get("total_commits")  # of GitLab, and of Gitea
    if not commits or int(total or 0) > len(commits):
        return None
    lists = [[commit.get(kind) for kind in ("added", "modified", "removed")] for commit in commits]
    if not all(any(isinstance(files, list) for files in of_commit) for of_commit in lists):
        return None
    return changed_paths(str(path) for of_commit in lists for files in of_commit for path in files or ())
