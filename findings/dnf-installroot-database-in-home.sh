#!/usr/bin/env bash
# On Debian, dnf --installroot puts the RPM database of the new root into ROOT/$HOME/.rpmdb.
#
# Debian's rpm has its database in the home of the user, since dpkg manages the system.
# With another root, rpm appends this path to the root. The packages are installed, but no rpm inside the
# root finds them, nor does rpm --root of a user (or a sudo) with another home: it lists no package at all
# and exits with 0. A way around it: set %_dbpath in ~/.rpmmacros.
#
# Seen with dnf 4.14.0 and rpm 4.18.0 (Debian 12, packages dnf and rpm). Needs root.
# Exit status: 0 as described, 1 it has changed, 2 a program or root is missing.
set -euo pipefail
for program in rpmbuild dnf; do
    command -v "$program" >/dev/null || { echo "$program is missing: apt-get install rpm dnf"; exit 2; }
done
[ "$(id -u)" = 0 ] || { echo "dnf --installroot needs root"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check createrepo-c==1.2.5 2>pip.log || { cat pip.log; exit 2; }
export HOME=$folder/home
mkdir home other repository
cat >hello.spec <<'SPEC'
Name: hello
Version: 1
Release: 1
Summary: A package
License: MIT
BuildArch: noarch
%description
A package.
%files
SPEC
rpmbuild --define "_topdir $folder/top" -bb hello.spec >build.log 2>&1
mv top/RPMS/noarch/*.rpm repository
venv/bin/createrepo_c -q repository >create.log 2>&1
dnf -q -y --releasever=1 --nogpgcheck --setopt=reposdir=/nowhere --setopt="cachedir=$folder/cache" \
    --repofrompath="builds,file://$folder/repository" --repo=builds \
    --installroot="$folder/root" install hello >dnf.log 2>&1

database=$(cd root && find . -name rpmdb.sqlite)
same=$(rpm --root "$folder/root" -qa)
status=0
other=$(HOME=$folder/other rpm --root "$folder/root" -qa) || status=$?
usual=$(rpm --root "$folder/root" --dbpath /var/lib/rpm -qa;
    rpm --root "$folder/root" --dbpath /usr/lib/sysimage/rpm -qa)

echo "dnf $(dnf --version | head -n 1), $(rpm --version)"
echo "database:                        ${database/"$folder"/FOLDER}"
echo "rpm --root, the same home:       $same"
echo "rpm --root, another home:        '$other', status $status"
echo "the usual places of a database:  '$usual'"

[ "$database" = ".$folder/home/.rpmdb/rpmdb.sqlite" ] || exit 1
[ "$same" = "hello-1-1.noarch" ] && [ -z "$other$usual" ] && [ "$status" = 0 ] || exit 1
