#!/bin/sh
# Make the source RPM of the package in examples/tally:  make_srpm.sh FOLDER
# It prints the path of the file.
set -eu
sources=$(cd "$(dirname "$0")/tally" && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
tar --create --gzip --file "$folder/tally-1.0.tar.gz" --directory "$sources" --transform 's,^\.,tally-1.0,' \
    --exclude tally.spec .
rpmbuild -bs --quiet --define "_topdir $folder/rpmbuild" --define "_dbpath $folder/rpmdb" \
    --define "_sourcedir $folder" --define "_srcrpmdir $folder" "$sources/tally.spec"
echo "$folder"/tally-1.0-1*.src.rpm
