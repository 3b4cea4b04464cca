//! What released apps have written, kept as they wrote it: every command of every shape must be readable for ever.
//!
//! `frozen_commands/<shape>/<kind>.json` is what a release that wrote the kind in that shape put into its outbox. A file
//! is added when a kind gains a shape; none is ever changed or removed.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;
use storewalk_domain::{
    problem::ProblemCode,
    sync::{Command, FIRST_SHAPE, LEFT_OUT, lift, read_command, shape_of},
};

/// What was written of a kind in a shape; nothing when the kind came later, in a newer shape of the protocol.
fn frozen(kind: &str, shape: u32) -> Vec<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/frozen_commands");
    let path = folder.join(shape.to_string()).join(format!("{kind}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("a list of commands")
}

/// Every command there is, with its shape.
fn corpus() -> Vec<(u32, Value)> {
    let shapes = |kind: &'static str| (FIRST_SHAPE..=shape_of(kind)).map(move |shape| (kind, shape));
    let all = Command::KINDS.iter().flat_map(|kind| shapes(kind));
    all.flat_map(|(kind, shape)| frozen(kind, shape).into_iter().map(move |written| (shape, written))).collect()
}

#[test]
fn every_command_that_was_ever_written_is_still_read() {
    let corpus = corpus();
    let kinds: BTreeSet<&str> = corpus.iter().filter_map(|(_, written)| written["kind"].as_str()).collect();
    assert_eq!(kinds, Command::KINDS.iter().copied().collect(), "a kind of which nothing is frozen");
    for (shape, written) in &corpus {
        let read = read_command(written, *shape).unwrap_or_else(|problem| panic!("{problem:?}: {written}"));
        assert_eq!(read.kind(), written["kind"]);
    }
}

#[test]
fn what_this_release_writes_is_what_is_frozen_of_its_shapes() {
    for kind in Command::KINDS {
        for written in frozen(kind, shape_of(kind)) {
            let command: Command = serde_json::from_value(written.clone()).expect("today's shape");
            assert_eq!(serde_json::to_value(&command).expect("json"), written, "{kind} is written otherwise");
        }
    }
}

/// Every place of a value that could be missing, by path, with the value as it is without it.
fn thinned(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(fields) => {
            let missing = fields.keys().map(|name| {
                let mut less = fields.clone();
                less.remove(name);
                (name.clone(), Value::Object(less))
            });
            let deeper = fields.iter().flat_map(|(name, inner)| {
                thinned(inner).into_iter().map(move |(path, less)| {
                    let joint = if inner.is_array() { "[]" } else { "" };
                    let with = fields.iter().map(|(known, value)| {
                        (known.clone(), if known == name { less.clone() } else { value.clone() })
                    });
                    (format!("{name}{joint}.{path}"), Value::Object(with.collect()))
                })
            });
            missing.chain(deeper).collect()
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(place, item)| {
                thinned(item).into_iter().map(move |(path, less)| {
                    let mut with = items.clone();
                    with[place] = less;
                    (path, Value::Array(with))
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn what_may_be_left_out_is_written_down_and_nothing_else_may() {
    let mut met = BTreeSet::new();
    for (shape, written) in corpus() {
        let kind = written["kind"].as_str().expect("a kind").to_owned();
        let whole = read_command(&written, shape).expect("read");
        for (path, args) in thinned(&written["args"]) {
            let thin = serde_json::json!({ "kind": kind, "args": args });
            let meaning = LEFT_OUT.iter().find(|left_out| left_out.kind == kind && left_out.path == path);
            match read_command(&thin, shape) {
                Ok(_) => assert!(meaning.is_some(), "{kind}: {path} may be left out, and nobody wrote down what for"),
                Err(problem) => {
                    assert_eq!(problem.code, ProblemCode::CommandInvalid);
                    assert!(meaning.is_none(), "{kind}: {path} can no longer be left out");
                }
            }
            met.extend(meaning.map(|_| (kind.clone(), path)));
        }
        // Spelled out or not, it is the same command.
        let spelled: Command =
            serde_json::from_value(lift(&written, shape).expect("lifted").into_owned()).expect("read");
        assert_eq!(spelled, whole);
    }
    let listed = LEFT_OUT.iter().map(|left_out| (left_out.kind.to_owned(), left_out.path.to_owned()));
    assert_eq!(listed.collect::<BTreeSet<_>>(), met, "an absence that no frozen command shows");
}
