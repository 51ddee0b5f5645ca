#!/usr/bin/env bash
# Installs the clients that `make interop` tries, as their lock files have them, below target/. What is there already
# stays, and then no network is asked. Prints the folder.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=tests/interop/tools
mkdir -p "${CARGO_TARGET_DIR:-target}/interop"
workshop=$(cd "${CARGO_TARGET_DIR:-target}/interop" && pwd)

# Is the part of this name installed as its lock files say?
installed() {
    local part=$1
    shift
    [ -f "$workshop/$part.stamp" ] && [ "$(cat "$workshop/$part.stamp")" = "$(sha256sum "$@")" ]
}

stamp() {
    local part=$1
    shift
    sha256sum "$@" >"$workshop/$part.stamp"
}

install_node() {
    local files=("$tools/node/package.json" "$tools/node/package-lock.json")
    if ! installed node "${files[@]}"; then
        rm -rf "$workshop/node" "$workshop/bin"
        mkdir -p "$workshop/node" "$workshop/bin"
        cp "${files[@]}" "$workshop/node/"
        # Nothing runs at installation: Node.js itself comes in packages by platform, as a file.
        npm --prefix "$workshop/node" ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
        ln -s "$(newest_node)" "$workshop/bin/node"
        stamp node "${files[@]}"
    fi
    mkdir -p "$workshop/node/clients"
    cp tests/interop/clients/typescript/*.mjs "$workshop/node/clients/"
}

# The one that the lock file names where there is one for this platform, else the machine's own.
newest_node() {
    local packaged
    for packaged in "$workshop"/node/node_modules/node-*/bin/node; do
        if [ -x "$packaged" ]; then
            printf '%s\n' "$packaged"
            return
        fi
    done
    if ! node -e 'process.exit(process.versions.node.split(".")[0] >= 22 ? 0 : 1)'; then
        echo "interop: Node.js 22 or newer is needed" >&2
        exit 1
    fi
    command -v node
}

install_python() {
    local files=("$tools/python/requirements.txt")
    if installed python "${files[@]}"; then
        return
    fi
    if ! python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))'; then
        echo "interop: Python 3.10 or newer with venv is needed" >&2
        exit 1
    fi
    rm -rf "$workshop/python"
    python3 -m venv "$workshop/python"
    "$workshop/python/bin/pip" install --quiet --disable-pip-version-check --requirement "${files[0]}" >&2
    stamp python "${files[@]}"
}

# A workspace of its own, with its own lock file. What is built already is not built again.
install_rust() {
    CARGO_TARGET_DIR="$workshop/rust" cargo build --quiet --locked \
        --manifest-path tests/interop/clients/rust/Cargo.toml >&2
}

install_node
install_python
install_rust
printf '%s\n' "$workshop"
