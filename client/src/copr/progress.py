"""Shows on a terminal how far uploads, downloads and builds are, and their logs.

Rules: rich draws if it is installed, else tqdm. Without one of them, or where the output is not a terminal,
nothing is shown; the methods can be called all the same. Nothing else in this package imports this module.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence

from ._typing import TYPE_CHECKING, Any, Protocol, Self, evaluable
from .v3.calls._states import FINAL_STATES

if TYPE_CHECKING:
    from typing import TextIO

    from .results import Build

__all__ = ["Progress"]


class Progress:
    """What a program shows while it waits for the service.

    Its methods make or are the callbacks that other methods take. Use it in a `with` block; at its end the
    bars stay as they are.

    :param file: where to draw. Default: the standard error stream.
    """

    def __init__(self, file: TextIO | None = None) -> None:
        self._display = _display(sys.stderr if file is None else file)
        self._builds: _Bar | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Draw the bars for the last time."""
        self._display.close()

    def upload(self, name: str = "upload") -> Callable[[Any], None]:
        """Return a function that shows an upload: the build option `progress_callback`.

        :param name: what to call the upload, such as the name of the file.
        :returns: the function. It takes an object with `bytes_read` and `len`.
        """
        bar = self._display.bar(name, is_bytes=True)
        return lambda monitor: bar.show(monitor.bytes_read, monitor.len)

    def download(self, name: str = "download") -> Callable[[int, int | None], None]:
        """Return a function that shows a download: the parameter `progress` of `download`.

        :param name: what to call the download, such as the name of the file.
        :returns: the function. It takes the bytes received so far, and the size of the file or None.
        """
        return self._display.bar(name, is_bytes=True).show

    def builds(self, builds: Sequence[Build]) -> None:
        """Show how many builds have finished, and the states of all: the parameter `callback` of `wait`.

        :param builds: the builds, as they are now.
        """
        if self._builds is None:
            self._builds = self._display.bar("builds", is_bytes=False)
        states = Counter(build.state for build in builds)
        text = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
        finished = sum(number for state, number in states.items() if state in FINAL_STATES)
        self._builds.show(finished, len(builds), text)

    def log(self, text: str) -> None:
        """Show a piece of a log above the bars: the callback of `follow_log`.

        :param text: the piece.
        """
        self._display.write(text)


class _Bar(Protocol):
    """A bar on the display."""

    def show(self, done: int, total: int | None, text: str | None = None) -> None:
        """Draw the bar; `text`: what to call it from now on."""


class _Display(Protocol):
    """What draws."""

    def bar(self, name: str, *, is_bytes: bool) -> _Bar:
        """Return a new bar, which is drawn when it is first shown."""

    def write(self, text: str) -> None:
        """Write text above the bars."""

    def close(self) -> None:
        """Stop drawing."""


def _display(file: TextIO) -> _Display:
    if file.isatty():
        for kind in (_Rich, _Tqdm):
            try:
                return kind(file)
            except ImportError:
                continue
    return _Nothing()


class _Nothing:
    """A display that nobody sees, and its bars."""

    def bar(self, name: str, *, is_bytes: bool) -> _Nothing:
        return self

    def show(self, done: int, total: int | None, text: str | None = None) -> None:
        pass

    def write(self, text: str) -> None:
        pass

    def close(self) -> None:
        pass


class _Rich:
    """Bars drawn by rich."""

    def __init__(self, file: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[amount]}")
        self.progress = Progress(*columns, TimeElapsedColumn(), console=Console(file=file))
        self.progress.start()

    def bar(self, name: str, *, is_bytes: bool) -> _RichBar:
        return _RichBar(self.progress, name, is_bytes)

    def write(self, text: str) -> None:
        self.progress.console.print(text, end="", markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        self.progress.stop()


class _RichBar:
    def __init__(self, progress: Any, name: str, is_bytes: bool) -> None:
        self.progress, self.name, self.is_bytes = progress, name, is_bytes
        self.task: Any = None

    def show(self, done: int, total: int | None, text: str | None = None) -> None:
        from rich.filesize import decimal

        amounts = [
            decimal(each) if self.is_bytes else str(each) for each in (done, total) if each is not None
        ]
        fields = {"total": total, "completed": done, "amount": "/".join(amounts)}
        if self.task is None:
            self.task = self.progress.add_task(text or self.name, **fields)
        else:
            self.progress.update(self.task, description=text or self.name, **fields)


class _Tqdm:
    """Bars drawn by tqdm."""

    def __init__(self, file: TextIO) -> None:
        from tqdm import tqdm

        self.make, self.file = tqdm, file
        self.bars: list[_TqdmBar] = []

    def bar(self, name: str, *, is_bytes: bool) -> _TqdmBar:
        self.bars.append(_TqdmBar(self, name, is_bytes))
        return self.bars[-1]

    def write(self, text: str) -> None:
        self.make.write(text, file=self.file, end="")

    def close(self) -> None:
        for bar in self.bars:
            if bar.drawn is not None:
                bar.drawn.close()


class _TqdmBar:
    def __init__(self, display: _Tqdm, name: str, is_bytes: bool) -> None:
        self.display, self.name = display, name
        self.options: dict[str, Any] = {"unit": "B", "unit_scale": True} if is_bytes else {"unit": ""}
        self.drawn: Any = None

    def show(self, done: int, total: int | None, text: str | None = None) -> None:
        if self.drawn is None:
            self.drawn = self.display.make(file=self.display.file, **self.options)
        self.drawn.total, self.drawn.n = total, done
        self.drawn.set_description(text or self.name, refresh=False)
        self.drawn.refresh()


evaluable(__name__)
