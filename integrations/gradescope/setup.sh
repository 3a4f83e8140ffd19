#!/usr/bin/env bash
# Builds the autograder's image: Python, bubblewrap and gradproof in an environment of its own.
# A wheel beside this script is installed; without one, the package named in GRADPROOF_PACKAGE (default: gradproof).
set -euo pipefail

base="${AUTOGRADER:-/autograder}"
environment="${GRADPROOF_ENVIRONMENT:-/opt/gradproof}"
export DEBIAN_FRONTEND=noninteractive

apt-get update
apt-get install -y --no-install-recommends python3 python3-venv bubblewrap

python3 -c 'import sys; sys.exit(sys.version_info < (3, 10) and "gradproof needs Python 3.10 or later; choose a newer image")'
python3 -m venv "$environment"

shopt -s nullglob
wheels=("$base"/source/*.whl)
if [ ${#wheels[@]} -gt 0 ]; then
    "$environment/bin/pip" install --no-cache-dir "${wheels[@]}"
else
    "$environment/bin/pip" install --no-cache-dir "${GRADPROOF_PACKAGE:-gradproof}"
fi

# Said in the image's log: which isolation there will be. The image is built elsewhere than it runs, so this is no test.
"$environment/bin/python" -m gradproof doctor || true
