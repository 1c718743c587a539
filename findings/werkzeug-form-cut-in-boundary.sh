#!/usr/bin/env bash
# werkzeug adds a CR to an uploaded file if a read ends one byte after the delimiter that follows the file.
#
# A parser of forms must not care where its input is cut. `MultipartDecoder` does: if the input so far ends
# with half of the final `--`, or with the CR of the line break after a delimiter, then the CR before the
# delimiter is taken for content. werkzeug's form parser reads 64 KiB at a time, so about one upload in 65,536
# gets a byte more, with a correct status and without any message.
#
# Seen with werkzeug 3.1.9 (PyPI).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
command -v python3 >/dev/null || { echo "python3 is missing: apt-get install python3-venv"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check werkzeug==3.1.9 2>"$folder/pip.log" ||
    { cat "$folder/pip.log"; exit 2; }

"$folder/venv/bin/python" - <<'EOP'
import io
import sys

from werkzeug.formparser import FormDataParser


def sizes(padding: int) -> tuple[int, int]:
    """Return the size of the file that is sent, and of the file that werkzeug finds."""
    content = b"x" * padding
    head = b'--boundary\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    body = head + content + b"\r\n--boundary--\r\n"
    parser = FormDataParser()
    _, _, files = parser.parse(io.BytesIO(body), "multipart/form-data", len(body), {"boundary": "boundary"})
    return len(content), len(files["file"].read())


changed = [pair for pair in map(sizes, range(65_350, 65_550)) if pair[0] != pair[1]]
print("sizes (sent, received) that differ, of 200 uploads of 65,350 to 65,549 bytes:", changed)
sys.exit(0 if len(changed) == 1 and changed[0][1] == changed[0][0] + 1 else 1)
EOP
