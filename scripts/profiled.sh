#!/usr/bin/env bash
# profiled.sh BINARY: target/release/BINARY, built for what it does under a mixed load (ADR-0027). The first build makes the
# profile, and takes three times as long as the next ones. PROFILE=none does without, PROFILE=anew makes another.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

binary=$1
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target"
target=$(cd "$target" && pwd)
compiler=$(rustc --version --verbose)
host=$(sed -n 's/^host: //p' <<<"$compiler")

# Both packages, whichever binary: then features, and with them the names of symbols, are those of the profile. And for a
# target that is named, so that what runs while building is left as it is.
build() {
    scripts/optimised.sh build --release --locked --target "$host" \
        --package m365-connector --package m365-loadtest --bin "$1"
}

with_flag() {
    RUSTFLAGS="${RUSTFLAGS:+$RUSTFLAGS }$1" "${@:2}"
}

# Of the compiler's own LLVM; nothing where it is missing.
llvm_profdata() {
    local llvm found
    llvm=$(sed -n 's/^LLVM version: \([0-9]*\).*/\1/p' <<<"$compiler")
    for found in "$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata" "llvm-profdata-$llvm"; do
        command -v "$found" && return
    done
    printf 'built without a profile: llvm-profdata of LLVM %s is missing (rustup component add llvm-tools, or the package llvm-%s)\n' \
        "$llvm" "$llvm" >&2
}

# The file $1-CONTENT.profdata: its name says what is in it, for cargo looks at nothing else.
make_profile() {
    local merge counts=$target/instrumented/counts made=$target/profiles/new
    merge=$(llvm_profdata)
    [[ -n $merge ]] || return 0
    printf 'making a profile: a build that counts, and a mixed load\n' >&2
    CARGO_TARGET_DIR=$target/instrumented with_flag "-C profile-generate" build m365-loadtest >&2
    rm -rf "$counts"
    mkdir -p "$target/profiles"
    LLVM_PROFILE_FILE=$counts/%p-%m.profraw \
        "$target/instrumented/$host/release/m365-loadtest" load mixed 40 >"$target/profiles/load.txt"
    "$merge" merge --sparse --output "$made" "$counts"/*.profraw
    rm -f "$target"/profiles/*.profdata
    mv "$made" "$1-$(git hash-object "$made" | cut -c 1-12).profdata"
}

# Prints the profile for this compiler and these dependencies; nothing where there can be none.
profile() {
    local fits found
    fits=$target/profiles/$(cat - Cargo.toml Cargo.lock <<<"$compiler" | git hash-object --stdin | cut -c 1-12)
    found=("$fits"-*.profdata)
    if [[ ! -f ${found[0]} || ${PROFILE:-} == anew ]]; then
        make_profile "$fits"
        found=("$fits"-*.profdata)
    fi
    [[ ! -f ${found[0]} ]] || printf '%s' "${found[0]}"
}

found=
if [[ ${PROFILE:-} != none ]]; then
    [[ $target != *[[:space:]]* ]] || { printf 'a profile needs a target directory without blanks: %s\n' "$target" >&2; exit 1; }
    found=$(profile)
fi
if [[ -n $found ]]; then
    with_flag "-C profile-use=$found" build "$binary"
else
    build "$binary"
fi
mkdir -p "$target/release"
ln -f "$target/$host/release/$binary" "$target/release/$binary"
