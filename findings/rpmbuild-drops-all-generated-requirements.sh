#!/usr/bin/env bash
# One bad line of %generate_buildrequires, and rpmbuild drops all of them, says "error:", and builds the package.
#
# A generator prints `bash >= ` because a version is empty. The same line as a tag of the spec file ends the
# build with status 1. In generated requirements, rpmbuild prints one line with "error:", forgets the good lines
# before and after it, does not check any, and ends with status 0. So a package is built without what it needs,
# and mock and Copr say that it succeeded. Look for "error:" in the log of such a build.
#
# Seen with rpm 4.18.0 (Debian 12, package rpm 4.18.0+dfsg-1+deb12u1), and with 4.20.1 (Debian 13).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
command -v rpmbuild >/dev/null || { echo "rpmbuild is missing: apt-get install rpm"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME=$folder

# build NAME TAG LINE...: build a package with a tag and generated requirements, and print the exit status
build() {
    local name=$1 tag=$2 status=0
    {
        printf 'Name: %s\nVersion: 1\nRelease: 1\nSummary: A package\nLicense: MIT\nBuildArch: noarch\n' "$name"
        printf '%s\n%%description\nA package.\n%%generate_buildrequires\n' "$tag"
        printf 'echo "%s"\n' "${@:3}"
        echo '%files'
    } >"$name.spec"
    rpmbuild --define "_topdir $folder" -bb "$name.spec" >"$name.log" 2>&1 || status=$?
    echo "$status"
}

missing=$(build missing '' no-such-tool)
bad=$(build bad '' no-such-tool 'bash >= ' no-such-library)
in_spec=$(build in-spec 'BuildRequires: bash >= ' bash)
error=$(grep '^error:' bad.log)
named=$(grep -c 'no-such-.* is needed' bad.log || true)
package=$(cd RPMS/noarch && ls bad-*)

rpm --version
echo "status with a missing requirement:       $missing"
echo "status with that and a bad line:         $bad"
echo "what rpmbuild says:                      $error"
echo "missing requirements that it names:      $named"
echo "package:                                 $package"
echo "status with the bad line in a tag:       $in_spec"

[ "$missing" = 11 ] && [ "$bad" = 0 ] && [ "$in_spec" = 1 ] || exit 1
[ "$named" = 0 ] && [ "$package" = bad-1-1.noarch.rpm ] || exit 1
