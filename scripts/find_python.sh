#!/bin/sh
# Print the first interpreter that is CPython 3.11 or newer, or say why there is none.
# The one argument, where it is not empty, is the only one to look at.

set -eu

candidates=${1:-python3 python3.11 python3.12 python3.13 python3.14 python}

# runs on any Python, however old
report='import platform, sys
print(platform.python_implementation() + " " + platform.python_version())
sys.exit(platform.python_implementation() != "CPython" or sys.version_info < (3, 11))'

seen=''
for candidate in $candidates; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if version=$("$candidate" -c "$report" 2>/dev/null); then
        echo "$candidate"
        exit 0
    fi
    seen="$seen
  $candidate: ${version:-does not run}"
done

{
    echo "CPython 3.11 or newer is needed, and there is none among: $candidates$seen"
    echo 'Install one, or name one:  make PYTHON=/path/to/python3.11 ...'
} >&2
exit 1
