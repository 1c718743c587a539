#!/usr/bin/env bash
# rpmbuild -br writes NAME.buildreqs.nosrc.rpm, whose header does not say that it is a nosrc package.
#
# rpm names a package `nosrc` if it has the tag NOSOURCE or NOPATCH. This one has neither, and it lacks the
# sources all the same. For `rpm -qp` it is NAME.src, the same as the complete source RPM. It lands in the
# SRPMS folder, and rpmbuild ends with status 11 as if the build had failed.
#
# Seen with rpm 4.18.0 (Debian 12, package rpm 4.18.0+dfsg-1+deb12u1).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
command -v rpmbuild >/dev/null || { echo "rpmbuild is missing: apt-get install rpm"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME=$folder
mkdir SOURCES
echo hello >SOURCES/hello.txt
cat >hello.spec <<'SPEC'
Name: hello
Version: 1
Release: 1
Summary: A package with generated requirements
License: MIT
BuildArch: noarch
Source0: hello.txt
%description
Hello.
%generate_buildrequires
echo hello-build-tool
%files
SPEC
status=0
rpmbuild --define "_topdir $folder" -br hello.spec >build.log 2>&1 || status=$?
file=$(cd SRPMS && ls)
nevra=$(rpm -qp "SRPMS/$file")
nosource=$(rpm -qp --qf '%{nosource} %{nopatch}' "SRPMS/$file")
contents=$(rpm -qpl "SRPMS/$file" | tr '\n' ' ')
sed '/^%generate/,/^echo/d' hello.spec >plain.spec
rpmbuild --define "_topdir $folder" --define "_srcrpmdir $folder" -bs plain.spec >plain.log 2>&1
complete=$(rpm -qp hello-1-1.src.rpm)

rpm --version
echo "status of rpmbuild -br:          $status"
echo "file in SRPMS:                   $file"
echo "rpm -qp says:                    $nevra"
echo "rpm -qp of a complete SRPM says: $complete"
echo "tags NOSOURCE and NOPATCH:       $nosource"
echo "files in it:                     $contents"

[ "$status" = 11 ] || exit 1
[ "$file" = "hello-1-1.buildreqs.nosrc.rpm" ] || exit 1
[ "$nevra" = "hello-1-1.src" ] && [ "$complete" = "$nevra" ] || exit 1
[ "$nosource" = "(none) (none)" ] || exit 1
