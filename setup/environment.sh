#!/usr/bin/env bash
# Makes .venv from requirements/dev.txt and installs the project into it, editable.
# Run again it changes nothing, and needs no network while the locks are as they were.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }

# A pyenv shim answers to a name whose version is not chosen, so each candidate is run and not only looked up.
suits() {
    "$1" - >/dev/null 2>&1 <<'PY'
import sys
import ensurepip, sqlite3, ssl, venv
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PY
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 /usr/bin/python3; do
        if suits "$candidate"; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    say "no Python 3.11 to 3.13 that can make a virtual environment was found; on Debian: apt-get install python3-venv" >&2
    return 1
}

export UV_PYTHON_DOWNLOADS=never
uv=.build/uv/bin/uv
python=$(find_python)

if ! cmp -s requirements/bootstrap.txt .build/uv/bootstrap.txt; then
    say "uv, from requirements/bootstrap.txt, into .build/uv"
    rm -rf .build/uv
    "$python" -m venv .build/uv
    .build/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
    cp requirements/bootstrap.txt .build/uv/bootstrap.txt
fi
[ "${1:-}" != uv ] || exit 0

if ! .venv/bin/python -c '' 2>/dev/null; then
    say ".venv with $("$python" -V 2>&1)"
    "$uv" venv --quiet --allow-existing --python "$python" .venv
fi
if ! cmp -s requirements/dev.txt .venv/installed-requirements.txt; then
    say "the libraries of requirements/dev.txt into .venv"
    rm -f .venv/installed-requirements.txt
    "$uv" pip sync --quiet --python .venv/bin/python --require-hashes requirements/dev.txt
    cp requirements/dev.txt .venv/installed-requirements.txt
fi
say "the project itself, editable"
"$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
