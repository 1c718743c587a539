"""The base class of records: munch's Munch, with types.

munch has no types. mypy would take anything for an attribute of a subclass, so it sees a class of our own,
which it accepts as a Munch. Other type checkers read munch's source: they know that a record is a Munch, and
here that a misspelt attribute is an error. Only mypy takes the name `MYPY` for true.
"""

from __future__ import annotations

from ._typing import TYPE_CHECKING, Any

MYPY = False

if MYPY:

    class Munch(dict[str, Any]):
        def toDict(self) -> dict[str, Any]: ...  # noqa: N802 - munch's name
        def toJSON(self, **options: Any) -> str: ...  # noqa: N802 - munch's name
        def toYAML(self, **options: Any) -> str: ...  # noqa: N802 - munch's name
        def __setattr__(self, name: str, value: Any) -> None: ...
        def __delattr__(self, name: str) -> None: ...

elif TYPE_CHECKING:
    from typing import Never

    import munch

    class Munch(munch.Munch):
        def __getattr__(self, name: Never) -> Never: ...
        def __getitem__(self, name: str) -> Any: ...
        def toDict(self) -> dict[str, Any]: ...  # noqa: N802 - munch's name
        def toJSON(self, **options: Any) -> str: ...  # noqa: N802 - munch's name
        def toYAML(self, **options: Any) -> str: ...  # noqa: N802 - munch's name
        def __setattr__(self, name: str, value: Any) -> None: ...
        def __delattr__(self, name: str) -> None: ...

else:
    from ._munch_import import munch_module

    Munch = munch_module().Munch
