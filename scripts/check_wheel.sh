#!/bin/sh
# Build the distribution, install the wheel beside its dependencies alone, and try it there, outside the source tree.
# The one argument is the interpreter that builds.

set -eu

cd "$(dirname "$0")/.."
root=$(pwd)
builder=$1

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# the wheel is built from the source distribution, so a file that it lacks is missed here
"$builder" -m build --no-isolation --outdir "$folder/dist" . >"$folder/build.log" 2>&1 || {
    cat "$folder/build.log" >&2
    exit 1
}

"$builder" -m venv "$folder/empty"
python="$folder/empty/bin/python"
"$python" -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes \
    --requirement requirements/run.txt
"$python" -m pip --disable-pip-version-check install --quiet --no-deps --no-index "$folder"/dist/ja_reset-*.whl
"$python" -m pip --disable-pip-version-check check

version=$("$builder" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
cd "$folder"
# isolated: neither the source tree nor the user's own packages are in sight
"$python" -I "$root/scripts/try_wheel.py" "$version"
