#!/usr/bin/env bash
# rpmbuild --target drops `--define "optflags ..."` and `--undefine`, wherever it stands among them.
#
# Other definitions survive. rpmbuild reads its configuration again for each target: the `optflags` line of
# rpmrc then replaces the definition, and undefined macros come back. `rpm --eval` has no such loop, so there
# the order decides. A way around it: an `optflags:` line in ~/.rpmrc.
#
# Seen with rpm 4.18.0 (Debian 12, package rpm 4.18.0+dfsg-1+deb12u1).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
for program in rpm rpmbuild; do
    command -v "$program" >/dev/null || { echo "$program is missing: apt-get install rpm"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME=$folder
architecture=$(rpm --eval '%_arch')
cat >flags.spec <<'SPEC'
Name: flags
Version: 1
Release: 1
Summary: Prints macros
License: MIT
%description
Prints macros.
%build
echo "SEEN optflags=%{?optflags} other=%{?other} vendor=%{?_host_vendor}"
%files
SPEC

seen() { rpmbuild --define "_topdir $folder/top" -bc flags.spec "$@" 2>&1 | sed -n 's/^SEEN //p'; }
changes=(--define 'optflags -Omine' --define 'other mine' --undefine _host_vendor)
plain=$(seen "${changes[@]}")
before=$(seen "${changes[@]}" --target "$architecture")
after=$(seen --target "$architecture" "${changes[@]}")
first=$(rpm --target "$architecture" --define 'optflags -Omine' --eval '%optflags')
last=$(rpm --define 'optflags -Omine' --target "$architecture" --eval '%optflags')

rpm --version
echo "rpmbuild, no --target:           $plain"
echo "rpmbuild, --target at the end:   $before"
echo "rpmbuild, --target at the start: $after"
echo "rpm --eval, --target first:      $first"
echo "rpm --eval, --target last:       $last"

[ "$plain" = "optflags=-Omine other=mine vendor=" ] || exit 1
[ "$before" = "$after" ] || exit 1
case $before in optflags=-Omine*) exit 1 ;; *" other=mine vendor="?*) ;; *) exit 1 ;; esac
[ "$first" = "-Omine" ] && [ "$last" != "-Omine" ] || exit 1
