"""The search for projects by words."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import selectinload

from ..data.database import Transaction
from ..data.models import Group, Package, Project, User
from . import limits, listing
from .errors import Invalid

SHORTEST_QUERY = 3  # characters


def search(tx: Transaction, words: str, page: listing.Page, *among: ColumnElement[bool]) -> Sequence[Project]:
    """Return one page of the projects that match a search.

    A project matches if each word is part of its name, owner, description, instructions or one of its
    packages. `OWNER/NAME` searches in owners and names only: there the owner is the project's `user`, even if
    the project belongs to a group, or with an @ the group.

    :param tx: transaction to read from.
    :param words: text to search for; empty for all projects. Stars in words are ignored.
    :param page: the rows to return, and their order.
    :param among: further conditions that the projects must meet.
    :returns: the projects, in the order of the page.
    :raises Invalid: the text has fewer than three characters, or is too long.
    :raises CannotOrder: projects cannot be sorted by this property.
    """
    limits.check("characters in a search", len(words))
    limits.check("words in a search", len(words.split()))
    query = select(Project).options(selectinload(Project.all_chroots)).where(*among)
    ownername, slash, name = words.partition("/")
    if slash:
        query = query.where(_owner_like(ownername), Project.name.icontains(name, autoescape=True))
    elif words:
        plain = words.strip().replace("*", "")
        if len(plain) < SHORTEST_QUERY:
            raise Invalid(f"Search string must have at least {SHORTEST_QUERY} characters")
        query = query.where(*(_mentions(word) for word in plain.split()))
    order = listing.order(page, Project, "copr")
    query = query.order_by(order, Project.id)
    return tx.session.scalars(listing.cut(query, page)).all()


def _owner_like(part: str) -> ColumnElement[bool]:
    """Return the condition that a project's group (with an @) or user has a name with this part."""
    if part.startswith("@"):
        groups = select(Group.id).where(Group.name.icontains(part[1:], autoescape=True))
        return Project.group_id.in_(groups)
    users_like = select(User.id).where(User.name.icontains(part, autoescape=True))
    return Project.user_id.in_(users_like)


def _mentions(word: str) -> ColumnElement[bool]:
    """Return the condition that a word is part of a project's texts or of the name of one of its packages."""
    columns = (Project.name, Project.ownername, Project.description, Project.instructions)
    packages = select(Package.project_id).where(Package.name.icontains(word, autoescape=True))
    return or_(*(column.icontains(word, autoescape=True) for column in columns), Project.id.in_(packages))
