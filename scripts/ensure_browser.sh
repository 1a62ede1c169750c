#!/usr/bin/env bash
# Makes sure that the browser tests find a Chromium, that Chinese text has a font, and, where it may
# install packages, that there are an nginx and a whole PostgreSQL.
# usage: scripts/ensure_browser.sh [VENV]     never asks for a password
set -euo pipefail
venv=${1:-.venv}

on_path() {
    local name
    for name in chromium chromium-browser google-chrome-stable google-chrome; do
        # --version weeds out stubs that only tell one to install a snap.
        if command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

of_playwright() {
    "$venv/bin/python" - <<'PY' >/dev/null 2>&1
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as tool:
    sys.exit(not pathlib.Path(tool.chromium.executable_path).exists())
PY
}

has_browser() { on_path || of_playwright; }
has_chinese_font() { command -v fc-list >/dev/null && fc-list :lang=zh family 2>/dev/null | grep -q .; }
may_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_install() {
    echo "installing $* with apt-get"
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if ! has_browser && may_apt; then apt_install chromium || true; fi
if ! has_browser; then
    echo "installing Chromium with playwright"
    if may_apt; then
        "$venv/bin/playwright" install --with-deps chromium || true
    else
        "$venv/bin/playwright" install chromium || true
    fi
fi
if ! has_browser; then
    echo "No Chromium: the browser tests need one. Install it with the system's packages" \
        "(Debian: chromium; Fedora: chromium) so that it is on PATH, or run" \
        "'$venv/bin/playwright install chromium' where the network allows it." >&2
    exit 1
fi

if ! has_chinese_font && may_apt; then apt_install fontconfig fonts-noto-cjk || true; fi
if ! has_chinese_font; then
    echo "No Chinese font found (fc-list :lang=zh): pages will show boxes in pictures." \
        "Install fonts-noto-cjk (Debian) or google-noto-sans-cjk-fonts (Fedora)." >&2
fi

# The test of several server processes stands behind Debian's nginx; without one it is skipped.
if ! PATH=$PATH:/usr/sbin command -v nginx >/dev/null && may_apt; then apt_install nginx-light || true; fi

# The tests of two servers and of a replica start clusters of their own; without the package they are
# skipped. No cluster is made for the machine itself.
if ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && may_apt; then
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    apt_install postgresql || true
fi
