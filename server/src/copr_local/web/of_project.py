"""The pages of a project: their URLs, for users and for groups, and what all of them show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, render_template

from ..data.database import Transaction
from ..data.models import Project
from .viewer import allowed

pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static")

View = TypeVar("View", bound=Callable[..., Any])


def of_project(path: str, **options: Any) -> Callable[[View], View]:
    """Register a page of a project at two URLs, one for users and one for groups.

    :param path: end of the URL, after the project's name; it may have URL variables, such as
        `package/<package>/`.
    :param options: more arguments of the rules, such as `methods`.
    :returns: a decorator for the view. The view gets `ownername` (for a group with its @), `name`, and the
        variables of `path`.
    """

    def decorate(view: View) -> View:
        def of_group(group: str, name: str, **rest: Any) -> Any:
            return view(ownername=f"@{group}", name=name, **rest)

        endpoint = f"{view.__name__} {path}".replace(".", " ")
        pages.add_url_rule(f"/coprs/<ownername>/<name>/{path}", endpoint, view, **options)
        pages.add_url_rule(f"/coprs/g/<group>/<name>/{path}", f"group {endpoint}", of_group, **options)
        return view

    return decorate


def show(tx: Transaction, template: str, project: Project, tab: str, **shown: Any) -> str:
    """Return a page of a project.

    :param tx: the open transaction.
    :param template: name of the template, which extends `of_project.html`.
    :param project: the project.
    :param tab: path of the tab that the page belongs to, such as `builds/`.
    :param shown: what the template shows.
    :returns: the HTML page.
    """
    may = allowed(tx, project)
    return render_template(template, project=project, current_tab=tab, may=may, **shown)
