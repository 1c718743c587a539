"""The options of `copr-local serve` for builds; the command gets them as one value, the settings."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from ..builders.settings import DEFAULTS, Settings
from ..builders.tasks import Limits
from ..releases import LONGEST_TIMEOUT
from .addresses import address, named_addresses

GIB = 1024**3  # bytes

_AS_THEY_ARE = (
    "timeout",
    "source_chroot",
    "foreign_architecture",
    "build_requires",
    "sign",
    "pypi",
    "private_networks",
)

_OPTIONS = (
    click.option(
        "--foreign-architecture",
        type=click.Choice(["fail", "skip", "emulate"]),
        default=DEFAULTS.foreign_architecture,
        show_default=True,
        help="Fail or skip a package for an architecture that this machine cannot compile for;"
        " emulate: build it by qemu, slowly, if its chroot has repositories.",
    ),
    click.option(
        "--build-requires",
        type=click.Choice(["auto", "check", "ignore"]),
        default=DEFAULTS.build_requires,
        show_default=True,
        help="Check that the packages in BuildRequires are installed: a build fails if one is missing;"
        " auto: only if this machine has an RPM database.",
    ),
    click.option(
        "--source-chroot",
        metavar="NAME",
        default=DEFAULTS.source_chroot,
        show_default=True,
        help="Chroot that source RPMs are made in; newest: the newest Fedora that has repositories; none: use"
        " the programs of this machine.",
    ),
    click.option(
        "--sign/--no-sign",
        default=DEFAULTS.sign,
        show_default=True,
        help="Sign packages. Each owner has a key, which is stored in the data folder.",
    ),
    click.option(
        "--pypi",
        metavar="URL",
        callback=address("http", "https"),
        default=DEFAULTS.pypi,
        show_default=True,
        help="Python package index for builds from PyPI.",
    ),
    click.option(
        "--private-networks/--no-private-networks",
        default=False,
        show_default=True,
        help="Download sources that users name from this machine and from private networks, too, and let"
        " builds that use the network reach them.",
    ),
    click.option(
        "--lookaside",
        "lookasides",
        metavar="NAME=URL",
        callback=named_addresses("http", "https"),
        multiple=True,
        help="URL of the large files of a dist-git, with the placeholders {name}, {filename}, {hashtype} and"
        " {hash}; repeat the option for several dist-gits. Fedora's is built in.",
    ),
    click.option(
        "--timeout",
        type=click.IntRange(1, LONGEST_TIMEOUT),
        metavar="SECONDS",
        help="Time that a build may take if neither it nor its package sets a timeout."
        "  [default: that of a real Copr, five hours]",
    ),
    click.option(
        "--memory",
        type=click.FloatRange(0, min_open=True),
        metavar="GIB",
        default=DEFAULTS.limits.memory / GIB,
        show_default=True,
        help="Memory limit of one build.",
    ),
    click.option(
        "--disk",
        type=click.FloatRange(0, min_open=True),
        metavar="GIB",
        default=DEFAULTS.limits.disk / GIB,
        show_default=True,
        help="Disk limit of one build.",
    ),
)


def build_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for builds to a command.

    :param command: function of the command; it gets their values as the keyword `settings`.
    :returns: the function with the options.
    """

    @functools.wraps(command)
    def with_settings(*, lookasides: dict[str, str], memory: float, disk: float, **options: Any) -> Any:
        limits = replace(Limits(), memory=int(memory * GIB), disk=int(disk * GIB))
        caches = {**DEFAULTS.lookaside, **lookasides}
        chosen = {name: options.pop(name) for name in _AS_THEY_ARE}
        settings = Settings(**chosen, limits=limits, lookaside=caches)
        return command(settings=settings, **options)

    for option in reversed(_OPTIONS):
        option(with_settings)
    return with_settings
