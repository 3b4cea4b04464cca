//! Who may know whom. Read from the manifests, so that a forbidden line fails before anybody relies on it.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand, Package};

use crate::repository::{none_of, read, root};

/// Crates that only compute. A new one must not read a clock, a file, a socket or a random source.
const PURE: [&str; 8] = ["chrono", "chrono-tz", "rrule", "rust_decimal", "serde", "serde_json", "thiserror", "uuid"];

const DOMAIN: &str = "storewalk-domain";
const WIRE: &str = "storewalk-wire";
const SQLITE: &str = "storewalk-sqlite";
const PHOTO: &str = "storewalk-photo";
const CLIENT: &str = "storewalk-client";
const SERVER: &str = "storewalk-server";
const FFI: &str = "storewalk-ffi";
const BINDGEN: &str = "storewalk-bindgen";

fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo can read the workspace it was started from")
}

fn package<'a>(workspace: &'a Metadata, name: &str) -> &'a Package {
    workspace
        .packages
        .iter()
        .find(|package| package.name.as_str() == name)
        .unwrap_or_else(|| panic!("the workspace has a member {name}"))
}

/// What a crate is built with, tests aside.
fn needs(package: &Package) -> BTreeSet<&str> {
    let is_needed = |kind: DependencyKind| matches!(kind, DependencyKind::Normal | DependencyKind::Build);
    package.dependencies.iter().filter(|needed| is_needed(needed.kind)).map(|needed| needed.name.as_str()).collect()
}

/// What a crate of ours is built with among our own.
fn ours<'a>(workspace: &'a Metadata, name: &str) -> BTreeSet<&'a str> {
    let members: BTreeSet<&str> = workspace.packages.iter().map(|package| package.name.as_str()).collect();
    needs(package(workspace, name)).into_iter().filter(|needed| members.contains(needed)).collect()
}

/// What a crate reaches among our own, through any number of steps.
fn reaches<'a>(workspace: &'a Metadata, name: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = ours(workspace, name).into_iter().collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(ours(workspace, next));
        }
    }
    reached
}

#[test]
fn the_domain_depends_on_pure_crates_alone() {
    let workspace = workspace();
    let domain = package(&workspace, DOMAIN);
    let is_stranger = |needed: &&Dependency| {
        needed.kind == DependencyKind::Normal && !needed.optional && !PURE.contains(&needed.name.as_str())
    };
    let strangers: Vec<_> = domain.dependencies.iter().filter(is_stranger).map(|needed| needed.name.clone()).collect();
    none_of(&strangers, "core/domain computes and nothing else; put what touches the world in client or server:");
    let chrono = domain.dependencies.iter().find(|needed| needed.name == "chrono").expect("the domain counts days");
    assert!(
        !chrono.uses_default_features && !chrono.features.iter().any(|feature| feature == "clock" || feature == "now"),
        "core/domain takes chrono without its clock; time comes through `Clock`"
    );
}

#[test]
fn nothing_the_domain_is_built_from_brings_a_socket_a_database_or_a_runtime() {
    let lock = locked();
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = PURE.to_vec();
    while let Some(next) = open.pop() {
        if seen.insert(next) {
            open.extend(lock.get(next).into_iter().flatten().map(String::as_str));
        }
    }
    let forbidden =
        ["tokio", "reqwest", "hyper", "rusqlite", "libsqlite3-sys", "axum", "object_store", "mio", "socket2"];
    let found: Vec<_> = forbidden.iter().filter(|name| seen.contains(*name)).map(|name| (*name).to_owned()).collect();
    none_of(&found, "a crate that core/domain uses pulls these in; take it out or replace it:");
}

#[test]
fn what_reads_photos_depends_on_crates_that_only_compute() {
    let allowed = [DOMAIN, "ab_glyph", "memchr", "png", "quick-xml", "serde", "serde_json", "sha2", "thiserror"];
    let workspace = workspace();
    let strangers: Vec<_> = needs(package(&workspace, PHOTO))
        .into_iter()
        .filter(|needed| !allowed.contains(needed))
        .map(str::to_owned)
        .collect();
    none_of(&strangers, "core/photo takes bytes and answers values; what touches the world stays with its caller:");
}

/// Cargo.lock as crate → crates it may be built with.
fn locked() -> BTreeMap<String, Vec<String>> {
    let text = read("Cargo.lock");
    let mut lock: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for block in text.split("[[package]]") {
        let Some(name) = block.lines().find_map(|line| line.strip_prefix("name = ")) else { continue };
        let listed = block.split_once("dependencies = [").map_or("", |(_, rest)| rest.split(']').next().unwrap_or(""));
        let names = listed.split('"').skip(1).step_by(2).filter_map(|entry| entry.split(' ').next());
        lock.entry(name.trim_matches('"').to_owned()).or_default().extend(names.map(str::to_owned));
    }
    lock
}

#[test]
fn each_crate_knows_only_the_crates_below_it() {
    let allowed: [(&str, &[&str]); 7] = [
        (DOMAIN, &[]),
        (WIRE, &[DOMAIN]),
        (SQLITE, &[DOMAIN]),
        (PHOTO, &[DOMAIN]),
        (CLIENT, &[DOMAIN, WIRE, SQLITE, PHOTO]),
        (SERVER, &[DOMAIN, WIRE, SQLITE, PHOTO]),
        (FFI, &[DOMAIN, CLIENT]),
    ];
    let workspace = workspace();
    let mut findings = Vec::new();
    for (name, may_know) in allowed {
        for known in ours(&workspace, name) {
            if !may_know.contains(&known) {
                findings.push(format!("{name} knows {known}, but may know only {may_know:?}"));
            }
        }
    }
    none_of(&findings, "a crate reaches sideways or upwards; move the shared part down instead:");
}

#[test]
fn the_server_never_contains_the_phone_and_the_bindings_never_contain_the_server() {
    let workspace = workspace();
    assert!(!reaches(&workspace, SERVER).contains(CLIENT), "server reaches core/client");
    assert!(!reaches(&workspace, FFI).contains(SERVER), "bindings/ffi reaches server");
    assert!(!reaches(&workspace, CLIENT).contains(SERVER), "core/client reaches server");
}

#[test]
fn only_the_bindings_know_uniffi_and_the_domain_only_when_they_ask() {
    let workspace = workspace();
    let mut findings = Vec::new();
    for package in workspace.packages.iter().filter(|package| ![FFI, BINDGEN].contains(&package.name.as_str())) {
        for needed in &package.dependencies {
            let is_uniffi = needed.name.starts_with("uniffi");
            if is_uniffi && !(package.name.as_str() == DOMAIN && needed.optional) {
                findings.push(format!("{} knows {}", package.name, needed.name));
            }
            if needed.name == DOMAIN && needed.features.iter().any(|feature| feature == "ffi") {
                findings.push(format!("{} asks for the domain's feature `ffi`", package.name));
            }
        }
    }
    none_of(&findings, "UniFFI stays in bindings/ffi; mirror the type there instead:");
    let ffi = package(&workspace, FFI);
    assert!(ffi.dependencies.iter().all(|needed| needed.name == "uniffi" || !needed.name.starts_with("uniffi")));
    let uniffi = ffi.dependencies.iter().find(|needed| needed.name == "uniffi").expect("the facade is made with it");
    assert!(uniffi.features.is_empty(), "the generator's command line never enters the phone's library");
}

#[test]
fn every_member_takes_its_versions_lints_and_licence_from_the_workspace() {
    let mut findings = Vec::new();
    for package in &workspace().packages {
        let manifest = std::fs::read_to_string(&package.manifest_path).expect("cargo has just read it");
        let inherits = |key: &str| manifest.contains(&format!("{key}.workspace = true"));
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            if !inherits(key) {
                findings.push(format!("{}: `{key}.workspace = true` is missing", package.name));
            }
        }
        if !manifest.contains("[lints") {
            findings.push(format!("{}: no [lints] table", package.name));
        }
        findings.extend(own_versions(&manifest).map(|line| format!("{}: `{line}` beside the workspace", package.name)));
    }
    none_of(&findings, "versions, lints and licence are said once, in the workspace's Cargo.toml:");
}

/// Lines of a manifest that ask for a dependency without taking it from the workspace.
fn own_versions(manifest: &str) -> impl Iterator<Item = &str> {
    let mut is_listing = false;
    manifest.lines().map(str::trim).filter(move |line| {
        if line.starts_with('[') {
            is_listing = line.ends_with("dependencies]");
            return false;
        }
        is_listing && !line.is_empty() && !line.starts_with('#') && !line.contains("workspace = true")
    })
}
