#!/bin/sh
# Print the first interpreter that is CPython 3.11 or newer, or say why there is none.
# The one argument, where it is not empty, is the only one to look at.

set -eu

if [ -n "${1:-}" ]; then
    candidates=$1
else
    candidates='python3 python3.11 python3.12 python3.13 python3.14 python'
fi

found=''
for candidate in $candidates; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    version=$("$candidate" -c 'import sys; print(sys.implementation.name, "%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
    if "$candidate" -c 'import sys; sys.exit(sys.implementation.name != "cpython" or sys.version_info < (3, 11))'; then
        echo "$candidate"
        exit 0
    fi
    found="$found
  $candidate is $version"
done

{
    echo "CPython 3.11 or newer is needed, and none was found among: $candidates${found:+$found}"
    echo 'Install one, or name one:  make PYTHON=/path/to/python3.11 ...'
} >&2
exit 1
