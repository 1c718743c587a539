#!/usr/bin/env bash
# rpm -qp takes a file name for a pattern. If the pattern matches nothing: no output, no error, status 0.
#
# rpmbuild itself makes such names: a macro that is not defined stays in the Release, with its braces.
# A file that does not exist, without such characters, is an error with status 1. A backslash before the
# braces does not help, and rpm -K has no such rule. A link with a plain name does help.
#
# Seen with rpm 4.18.0 (Debian 12, package rpm 4.18.0+dfsg-1+deb12u1).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
command -v rpmbuild >/dev/null || { echo "rpmbuild is missing: apt-get install rpm"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME=$folder
cat >hello.spec <<'SPEC'
Name: hello
Version: 1
Release: 1%{compiler_version}
Summary: A package whose release has a macro that is not defined
License: MIT
%description
Hello.
SPEC
rpmbuild --quiet --define "_topdir $folder" -bs hello.spec >build.log 2>&1
cd SRPMS
name=$(ls)

seen() { # prints the status and all output of a command
    local status=0 output
    output=$("$@" 2>&1) || status=$?
    echo "status $status, output '$output'"
}
as_written=$(seen rpm -qp "$name")
escaped=$(seen rpm -qp "$(printf %s "$name" | sed 's/[{}]/\\&/g')")
missing=$(seen rpm -qp missing.src.rpm)
checked=$(seen rpm -K "$name")
ln -s "$name" link.src.rpm
linked=$(seen rpm -qp link.src.rpm)

rpm --version
echo "rpmbuild wrote the file $name"
echo "rpm -qp with its name:       $as_written"
echo "rpm -qp with braces escaped: $escaped"
echo "rpm -qp with a missing file: $missing"
echo "rpm -K with its name:        $checked"
echo "rpm -qp with a link to it:   $linked"

[ "$name" = "hello-1-1%{compiler_version}.src.rpm" ] || exit 1
[ "$as_written" = "status 0, output ''" ] && [ "$escaped" = "$as_written" ] || exit 1
case $missing in "status 1, "*) ;; *) exit 1 ;; esac
[ "$checked" = "status 0, output '$name: digests OK'" ] || exit 1
[ "$linked" = "status 0, output 'hello-1-1%{compiler_version}.src'" ] || exit 1
