#!/usr/bin/env bash
# Of two builds of one version in a repository, dnf installs that with the first path, not the newer build.
#
# A packager corrects a spec, builds it again without a new release, and gets the old package. The metadata
# has the build time of each package; dnf does not compare it. The path in the repository decides, and
# folders that begin with a build id sort from old to new.
#
# Seen with dnf 4.14.0 and libsolv 0.7.23 (Debian 12, packages dnf and rpm), createrepo_c 1.2.5 (PyPI:
# createrepo-c). Needs root, because dnf installs into a folder.
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
export HOME=$folder
for build in older newer; do
    cat >hello.spec <<SPEC
Name: hello
Version: 1
Release: 1
Summary: A package
License: MIT
BuildArch: noarch
%description
A package.
%install
mkdir -p %{buildroot}/opt
echo $build >%{buildroot}/opt/build
%files
/opt/build
SPEC
    rpmbuild --define "_topdir $folder/top" -bb hello.spec >build.log 2>&1
    mv top/RPMS/noarch/*.rpm $build.rpm
    sleep 1.1 # the build time is in seconds
done

installed() { # which build dnf installs if the older one is in folder $1 and the newer one in folder $2
    rm -rf repository root
    mkdir -p repository/"$1" repository/"$2"
    cp older.rpm repository/"$1"/hello-1-1.noarch.rpm
    cp newer.rpm repository/"$2"/hello-1-1.noarch.rpm
    venv/bin/createrepo_c -q repository >create.log 2>&1
    dnf -q -y --releasever=1 --nogpgcheck --setopt=reposdir=/nowhere --setopt="cachedir=$folder/cache-$1" \
        --repofrompath="builds,file://$folder/repository" --repo=builds \
        --installroot="$folder/root" install hello >dnf.log 2>&1
    cat root/opt/build
}
older_first=$(installed 00000001-hello 00000002-hello)
newer_first=$(installed 00000004-hello 00000003-hello)

echo "dnf $(dnf --version | head -n 1)"
echo "build times:                        $(rpm -qp --qf '%{buildtime} ' older.rpm newer.rpm)"
echo "older in 00000001, newer in 00000002: $older_first"
echo "newer in 00000003, older in 00000004: $newer_first"

[ "$older_first" = older ] && [ "$newer_first" = newer ] || exit 1
