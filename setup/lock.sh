#!/usr/bin/env bash
# Makes the hash-pinned requirements anew from pyproject.toml: one resolution for Python 3.11 to 3.13.
# No registry host is written into them: the files say what and with which hash, the machine says from where.
set -euo pipefail
cd "$(dirname "$0")/.."
setup/environment.sh uv

compile() {
    printf 'lock: %s\n' "${*: -1}"
    UV_PYTHON_DOWNLOADS=never .build/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" ${UPGRADE:+--upgrade} \
        "${@:1:$#-1}" --output-file "${*: -1}"
}

compile pyproject.toml requirements/runtime.txt
compile pyproject.toml --group dev --constraints requirements/runtime.txt requirements/dev.txt
compile --group ui --constraints requirements/dev.txt requirements/ui.txt
compile --group bootstrap requirements/bootstrap.txt
