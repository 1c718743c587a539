#!/usr/bin/env bash
# rpm unpacks a source RPM only if it may list each parent of the target, not only enter it.
#
# rpm opens all folders on the way, one after the other, for reading. So a user who works in a folder below one
# with the mode 0711 (which is usual for home folders) can write files there, but rpm says "Permission denied"
# for a folder that belongs to him.
#
# Seen with rpm 4.18.0 (Debian 12, package rpm 4.18.0+dfsg-1+deb12u1). Needs root, to become another user.
# Exit status: 0 as described, 1 it has changed, 2 a program or root is missing.
set -euo pipefail
command -v rpmbuild >/dev/null || { echo "rpmbuild is missing: apt-get install rpm"; exit 2; }
[ "$(id -u)" = 0 ] || { echo "this script becomes another user, which needs root"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p parent/own
cat >parent/own/hello.spec <<'SPEC'
Name: hello
Version: 1
Release: 1
Summary: A package
License: MIT
%description
Hello.
SPEC
chown -R 60706:60706 parent/own
chmod 755 . parent

as_user() { # prints the status and the last line of a command that another user runs
    local status=0 output
    output=$(cd "$folder/parent/own" && setpriv --reuid 60706 --regid 60706 --clear-groups \
        env HOME="$folder/parent/own" "$@" 2>&1) || status=$?
    echo "status $status, $(tail -n 1 <<<"$output")"
}
install=(rpm --install --define "_topdir $folder/parent/own/top" SRPMS/hello-1-1.src.rpm)
as_user rpmbuild --quiet --define "_topdir $folder/parent/own" -bs hello.spec >/dev/null
listed=$(as_user "${install[@]}")
chmod 711 parent
entered=$(as_user "${install[@]}")
written=$(as_user touch "$folder/parent/own/file")

rpm --version
echo "rpm --install below a folder with the mode 0755: $listed"
echo "rpm --install below a folder with the mode 0711: $entered"
echo "touch below a folder with the mode 0711:         $written"

[[ $listed == "status 0, "* && $written == "status 0, " ]] || exit 1
[[ $entered == "status 1, error: "*"cannot be installed" ]] || exit 1
