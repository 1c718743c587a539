"""Macros that rpm left in the texts and scriptlets of packages, because they are not defined on this machine.

rpm says nothing about them: the package is built, and its scriptlet fails when somebody installs it.
"""

from __future__ import annotations

import re

_SECTION = re.compile(
    r"%(description|files|package|pre|post|preun|postun|pretrans|posttrans|preuntrans|postuntrans|verifyscript"
    r"|trigger\w*|filetrigger\w*|transfiletrigger\w*|changelog|prep|generate_buildrequires|conf|build|install"
    r"|check|clean|sourcelist|patchlist)\b.*"
)
# In these, the shell or rpm itself stops at the macro, or it is the text of somebody's change.
_OTHER = {
    *("prep", "generate_buildrequires", "conf", "build", "install", "check", "clean"),
    *("package", "changelog", "sourcelist", "patchlist"),
}
# Two letters at least: %s and %Y are of printf and date. What follows a letter or another % is no macro.
_MACRO = re.compile(r"(?<![\w%])%(?:\{[!?]*([A-Za-z_]\w+)|([A-Za-z_]\w{2,})\b)")


def leftover_macros(parsed: str) -> list[tuple[str, str]]:
    """Return the macros that are left in descriptions, lists of files and scriptlets of a spec.

    :param parsed: the spec, in which rpm has replaced all macros that are defined.
    :returns: for each the name of the macro, without `%`, and the line that begins its section; each pair
        once, in their order.
    """
    section = kind = "package"
    found: dict[tuple[str, str], None] = {}
    for line in parsed.splitlines():
        if begin := _SECTION.fullmatch(line):
            section, kind = line.strip(), begin[1]
        elif kind not in _OTHER:
            for braced, bare in _MACRO.findall(line):
                if (braced or bare) not in _DIRECTIVES:
                    found[braced or bare, section] = None
    return list(found)


# Directives of lists of files, which are no macros.
_DIRECTIVES = {
    *("attr", "caps", "config", "defattr", "dev", "dir", "doc", "docdir", "exclude", "ghost", "lang"),
    *("license", "missingok", "pubkey", "readme", "verify", "artifact"),
}
