"""Pages for people: what is there, how builds went, how to use a repository. Nothing can be changed here.

Addresses are those of the original, since clients print them. Pages are plain HTML without scripts; whatever
comes from users is escaped by the templates, and no page may load anything from elsewhere.
"""

from .views import error_page, pages

__all__ = ["error_page", "pages"]
