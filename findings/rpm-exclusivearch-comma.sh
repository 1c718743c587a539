#!/usr/bin/env bash
# In ExclusiveArch, rpm keeps a comma as part of the architecture; in Requires, a comma separates.
#
# So `ExclusiveArch: x86_64, aarch64` has the architectures "x86_64," and "aarch64". The spec does not build
# for x86_64, and no warning says why. Only the last architecture of such a list works.
#
# Seen with rpm 4.18.0 (Debian 12, package rpm 4.18.0+dfsg-1+deb12u1).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
for program in rpmbuild rpmspec; do
    command -v "$program" >/dev/null || { echo "$program is missing: apt-get install rpm"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME=$folder
cat >commas.spec <<'SPEC'
Name: commas
Version: 1
Release: 1
Summary: Lists with commas
License: MIT
Requires: one, two
ExclusiveArch: x86_64, aarch64
%description
Lists with commas.
%files
SPEC

build() {
    local status=0
    rpmbuild --define "_topdir $folder/top" --target "$1" -bb commas.spec >build.log 2>&1 || status=$?
    echo "status $status $(grep '^error: ' build.log || true)"
}
exclusive=$(rpmspec -q --srpm --qf '[<%{exclusivearch}>]' commas.spec)
requires=$(rpmspec -q --target aarch64 --qf '[<%{requirename}>]' commas.spec)
first=$(build x86_64)
last=$(build aarch64)

rpm --version
echo "Requires: one, two               $requires"
echo "ExclusiveArch: x86_64, aarch64   $exclusive"
echo "build for x86_64:                $first"
echo "build for aarch64:               $last"

[ "$exclusive" = "<x86_64,><aarch64>" ] || exit 1
case $requires in *"<one><two>"*) ;; *) exit 1 ;; esac
[ "$first" = "status 1 error: Architecture is not included: x86_64" ] || exit 1
[ "$last" = "status 0 " ] || exit 1
