"""Which packages and files the distribution for tests has: `distribution.py` makes it."""

from __future__ import annotations

import re

#: Debian packages that a root for builds begins with. Of awks, the one that is installed.
BASE = (
    *("bash", "coreutils", "util-linux", "debianutils", "libc-bin", "findutils", "diffutils", "patch", "sed"),
    *("grep", "gawk", "mawk", "cpio", "tar", "gzip", "xz-utils", "bzip2", "zstd", "unzip", "make", "file"),
    *("rpm", "rpm2cpio"),
)
#: Debian packages that are installed into a root when a build requires them: for C, and for all else.
SMALL = ("gcc", "libc6-dev")
OPTIONAL = (
    *("cmake", "meson", "perl", "dnf", "git", "python3"),
    *("python3-setuptools", "python3-wheel", "python3-pip", "python3-packaging"),
)
#: Packages of which a machine has only some.
EITHER = {"gawk", "mawk"}

#: What Fedora calls a package, where specs require it by name.
NAMES = {
    "libc6": "glibc",
    "libc6-dev": "glibc-devel",
    "libc-bin": "glibc-common",
    "linux-libc-dev": "kernel-headers",
    "rpm": "rpm-build",
    "rpm-common": "rpm",
    "xz-utils": "xz",
}

#: Packages of a root for builds that have no files of a Debian package.
OURS_IN_BASE = ("filesystem", "setup", "mini-release", "redhat-rpm-config", "alternatives")

#: Debian's own tools, and what is of no use to a build, though other packages depend on it.
WITHOUT = (
    *("adduser", "base-files", "ca-certificates", "debconf*", "debugedit", "dirmngr", "dpkg", "gnupg*"),
    *("gpg*", "init-system-helpers", "libasan*", "liblsan*", "libtsan*", "libubsan*", "libnsl-dev"),
    *("libtirpc-dev", "libpam-modules*", "libsemanage*", "media-types", "openssl", "passwd", "pinentry*"),
    *("python3-lib2to3", "rpcsvc-proto", "sqlite3", "sysvinit-utils", "usr-is-merged"),
)
#: Dependencies that are not followed: what they are for is left out.
NOT_FOLLOWED = {("rpm", "perl"), ("rpm2cpio", "libarchive*")}

#: Requirements that Debian does not have, by the names of the RPMs.
REQUIRES = {
    "bash": ["alternatives"],
    "cmake": ["make", "redhat-rpm-config"],
    "gcc": ["glibc-devel"],
    "perl": ["perl-macros"],
    "perl-macros": ["perl"],
    "pyproject-rpm-macros": ["python3-devel", "python3-pip", "python3-packaging"],
    "python3-devel": ["python3", "python3-packaging"],
}
PROVIDES = {
    "alternatives": ["/usr/bin/sh", "/usr/bin/awk", "/usr/bin/cc"],
    "bash": ["/bin/sh", "/bin/bash"],
    "debianutils": ["which"],
    "glibc": ["rtld(GNU_HASH)"],
    "glibc-common": ["/sbin/ldconfig"],
    "mini-release": ["system-release = 44", "fedora-release = 44"],
    "perl": ["perl-interpreter", "perl-generators"],
    "redhat-rpm-config": ["system-rpm-config"],
}

#: Files that Debian makes when a package is installed, by the packages that they are put into.
GENERATED = {"python3-pip": ["/etc/ssl/certs/ca-certificates.crt"]}

#: Links that Debian's alternatives system makes, and what they point to where that is not the same here.
LINKS = {"/usr/bin/awk": "", "/usr/bin/cc": "", "/usr/bin/sh": "bash", "/usr/bin/which": ""}

#: Files that are left out, unless they are in `KEPT`.
LEFT_OUT = re.compile(
    r"^/usr/share/(man|doc|info|locale|bug|lintian|doc-base|bash-completion|i18n|gdb)/|^/usr/lib/(systemd|python3/debpython)/"
    r"|^/etc/(init|cron|pam)|/(lto1|lto-dump|rpm2archive|su|mount|umount|newgrp)$|/cmake-[\d.]+/Help/"
    r"|\.a$|/lib\w*san[.\w]*$|/gconv/(?!gconv-modules|UTF|UNICODE|ISO8859-1)|-dwp$|gold$"
)
KEPT = re.compile(r"/lib(c_nonshared|gcc|gcc_eh|pthread|dl|rt|util|m|m-[\d.]+)\.a$")

#: Files of ours with owners and modes of their own.
ATTRIBUTES = {"/usr/share/mini/grouped": "%attr(2755,bin,tty)"}

FILESYSTEM = {
    **dict.fromkeys(
        ("/builddir", "/dev", "/etc", "/run", "/usr", "/usr/bin", "/usr/lib", "/usr/lib64"), "0755"
    ),
    **dict.fromkeys(("/usr/sbin", "/var", "/var/cache", "/var/lib", "/var/log"), "0755"),
    **dict.fromkeys(("/proc", "/sys"), "0555"),
    **dict.fromkeys(("/tmp", "/var/tmp"), "1777"),
    "/root": "0700",
}
MERGED = ("bin", "lib", "lib64", "sbin")
