//! Has the linker pack what the loader has to set right: a library of ours has some 75,000 pointers in tables, each with
//! an entry of 24 bytes unless it is packed.
//!
//! For Android always, in the form that its loader reads since API 23; we begin at 26. For Linux only where
//! `STOREWALK_PACKED` is set, in the form that loaders read since glibc 2.36: for measuring, since a wheel is for older
//! systems too.

const PACKED: &str = "STOREWALK_PACKED";

fn main() {
    println!("cargo::rerun-if-env-changed={PACKED}");
    let option = match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("android") => "--pack-dyn-relocs=android",
        Ok("linux") if std::env::var_os(PACKED).is_some() => "-z,pack-relative-relocs",
        _ => return,
    };
    println!("cargo::rustc-link-arg=-Wl,{option}");
}
