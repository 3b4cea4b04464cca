#!/usr/bin/env bash
# Builds the phone's library for Android, checks that each fits memory pages of 16 KB, and prints its size.
#
#   build-android.sh [folder]          build into this folder, by default kotlin/jniLibs beside this script
#   build-android.sh --check FILE…     only check these libraries
#
# Needs rustup, cargo-ndk and an NDK (ANDROID_NDK_HOME). The building is not proven where this was written, for there was
# no NDK; the check is, on any ELF file.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/.." && pwd)
# The oldest Android, as in kotlin/build.gradle.kts: API 26.
api=26
# Phones, old phones, emulators.
abis=(arm64-v8a armeabi-v7a x86_64)
rust_targets=(aarch64-linux-android armv7-linux-androideabi x86_64-linux-android)

# Every part that is loaded lies on a border of 16 KB or more; 32-bit systems keep to pages of 4 KB.
check() {
    local file=$1 class least=$((0x4000)) found=0 align
    class=$(LC_ALL=C readelf -h "$file" | sed -n 's/^ *Class: *//p')
    [[ $class == ELF32 ]] && least=$((0x1000))
    while read -r align; do
        found=$((found + 1))
        if ((align < least)); then
            printf '%s: a part lies on a border of %d bytes, it needs %d\n' "$file" "$align" "$least" >&2
            return 1
        fi
    done < <(LC_ALL=C readelf -lW "$file" | awk '$1 == "LOAD" { print $NF }')
    if ((found == 0)); then
        echo "$file: nothing in it is loaded; is it a library?" >&2
        return 1
    fi
    printf '%-60s %10d bytes, %d parts on borders of %d bytes or more\n' "$file" "$(wc -c <"$file")" "$found" "$least"
}

if [[ ${1:-} == --check ]]; then
    shift
    (($#)) || { echo "name the libraries to check" >&2; exit 2; }
    failed=0
    for file in "$@"; do check "$file" || failed=1; done
    exit "$failed"
fi

out=${1:-$here/kotlin/jniLibs}
for program in cargo rustup readelf; do
    command -v "$program" >/dev/null || { echo "$program is missing" >&2; exit 1; }
done
cargo ndk --version >/dev/null 2>&1 || { echo "cargo-ndk is missing: cargo install cargo-ndk --version 4.1.2" >&2; exit 1; }
[[ -d ${ANDROID_NDK_HOME:-} ]] || { echo "ANDROID_NDK_HOME does not name an NDK" >&2; exit 1; }

rustup target add "${rust_targets[@]}"
cd "$repository"
# A setting of the environment would replace flags from a file, so the border is said here; the check catches the rest.
export RUSTFLAGS="${RUSTFLAGS:-} -C link-arg=-Wl,-z,max-page-size=16384"
# The SQLite without the parts that Storewalk does not use. Relocations are packed by bindings/ffi/build.rs.
LIBSQLITE3_FLAGS=$(tr '\n' ' ' <bindings/ffi/sqlite.flags)
export LIBSQLITE3_FLAGS
cargo ndk "${abis[@]/#/--target=}" --platform "$api" --output-dir "$out" build --profile phone --package storewalk-ffi

failed=0
for abi in "${abis[@]}"; do check "$out/$abi/libstorewalk_ffi.so" || failed=1; done
exit "$failed"
