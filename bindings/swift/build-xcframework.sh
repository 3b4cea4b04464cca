#!/usr/bin/env bash
# Makes build/StorewalkFFI.xcframework, which Package.swift takes on Apple's systems. For a Mac with Xcode and rustup.
#
# Not proven where this was written: there was no Mac. The parts that can be tried elsewhere are (see bindings/README.md).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$repository/target}
build=$here/build
# Keep these the same as `platforms` in Package.swift.
export IPHONEOS_DEPLOYMENT_TARGET=17.0 MACOSX_DEPLOYMENT_TARGET=14.0

if [[ $(uname) != Darwin ]]; then
    echo "an xcframework is made on a Mac" >&2
    exit 1
fi
for program in cargo rustup xcodebuild lipo; do
    command -v "$program" >/dev/null || { echo "$program is missing" >&2; exit 1; }
done

targets=(aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin)
rustup target add "${targets[@]}"
cd "$repository"
LIBSQLITE3_FLAGS=$(tr '\n' ' ' <bindings/ffi/sqlite.flags)
export LIBSQLITE3_FLAGS
for one in "${targets[@]}"; do
    # Without link-time optimisation: Apple's linker is older than Rust's LLVM and does not read its bitcode.
    CARGO_PROFILE_PHONE_LTO=off cargo build --profile phone --package storewalk-ffi --target "$one"
done

rm -rf "$build"
mkdir -p "$build"/{headers,simulator,mac}
cp "$here"/generated/*.h "$build/headers/"
# The map beside the headers, as it stands in an xcframework: without a library, which the framework itself names.
sed -e 's|"../generated/|"|' -e '/link "/d' "$here/ffi/module.modulemap" >"$build/headers/module.modulemap"
lipo -create -output "$build/simulator/libstorewalk_ffi.a" \
    "$target"/{aarch64-apple-ios-sim,x86_64-apple-ios}/phone/libstorewalk_ffi.a
lipo -create -output "$build/mac/libstorewalk_ffi.a" \
    "$target"/{aarch64,x86_64}-apple-darwin/phone/libstorewalk_ffi.a
xcodebuild -create-xcframework -output "$build/StorewalkFFI.xcframework" \
    -library "$target/aarch64-apple-ios/phone/libstorewalk_ffi.a" -headers "$build/headers" \
    -library "$build/simulator/libstorewalk_ffi.a" -headers "$build/headers" \
    -library "$build/mac/libstorewalk_ffi.a" -headers "$build/headers"

echo
echo "before an app is linked and stripped:"
du -sh "$target/aarch64-apple-ios/phone/libstorewalk_ffi.a" "$build"/*/libstorewalk_ffi.a
echo "next: swift test, or open Package.swift in Xcode"
