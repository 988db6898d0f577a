#!/usr/bin/env bash
# Create .venv and install the locked dependencies and Beholden itself. Idempotent.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}

fail() { echo "setup: $*" >&2; exit 1; }

command -v "$PYTHON" >/dev/null || fail "no $PYTHON here. Install Python 3.11 or newer (apt-get install python3 python3-venv)."
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$PYTHON is older than 3.11. Set PYTHON=python3.11 or newer."

# Debian splits venv off, and OpenCV's wheel needs nothing of the system; as root, what is missing is installed.
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
  else
    fail "Python has no venv. Run as root: apt-get install python3-venv"
  fi
fi

[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
[ -x "$VENV/bin/uv" ] || "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check uv
"$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" --compile-bytecode --require-hashes -r requirements.lock
"$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" --no-deps -e .
# Compiled once here, also where Python may not write what it compiles: otherwise each command compiles it all again.
"$VENV/bin/python" -m compileall -q src || true
echo "setup: $VENV is ready"
