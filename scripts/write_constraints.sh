#!/usr/bin/env bash
# Pins everything that the environment holds, so that every install gets the same versions.
# usage: scripts/write_constraints.sh [VENV]
set -euo pipefail
venv=${1:-.venv}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
{
    echo "# Exact versions of all packages, those that requirements bring with them included."
    echo "# Written by: make constraints"
    "$venv/bin/python" -m pip --disable-pip-version-check freeze --exclude-editable
} >constraints.tmp
mv constraints.tmp constraints.txt
"$venv/bin/python" scripts/audit.py --write
