//! Old commands, lifted to today's shape before anybody decides them.
//!
//! **Shapes.** The arguments of every kind of command have a shape, numbered from 1. A command is kept, sent and stored
//! with the number of the shape it was written in. The shape of a kind rises with every [`Step`] that is added for it;
//! a new optional field is no new shape, it is a line in [`LEFT_OUT`].
//!
//! **Invariants.** Pure: the same text and number give the same command on every host. A command is never rewritten:
//! what is sent, hashed, receipted and stored is what the phone once wrote; only what the rules read is lifted. A shape
//! that was released stays readable for ever (`core/domain/tests/frozen_commands`). A kind or a shape of a newer release
//! is refused by name and never guessed at.
//!
//! **How a shape changes.** Add a step that turns the arguments of the present shape into those of the next, let the
//! type follow, freeze what the release writes in a folder of its own, and leave the older folders as they are.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Command;
use crate::problem::{Problem, ProblemCode};

/// The shape of everything that was written before a kind had a second one.
pub const FIRST_SHAPE: u32 = 1;

/// The arguments of a command, by name.
pub type Args = Map<String, Value>;

/// Takes the arguments of one kind from one shape to the next.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The kind.
    pub kind: &'static str,
    /// The shape it begins with; it ends with the next.
    pub from: u32,
    /// Changes the arguments, or names the one that stands in the way.
    pub lift: fn(&mut Args) -> Result<(), String>,
}

/// Every step there is. None so far: of every kind there has been one shape.
pub const STEPS: &[Step] = &[];

/// What a writer may leave out, and what its absence means.
#[derive(Clone, Copy, Debug)]
pub struct LeftOut {
    /// The kind.
    pub kind: &'static str,
    /// Where among the arguments: names joined by `.`, with `[]` behind a list.
    pub path: &'static str,
    /// What the absence means.
    pub meaning: Absent,
}

/// What the absence of an argument means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Absent {
    /// There is none.
    Nothing,
    /// The empty text.
    EmptyText,
    /// No.
    No,
}

impl Absent {
    fn value(self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::EmptyText => Value::String(String::new()),
            Self::No => Value::Bool(false),
        }
    }
}

macro_rules! left_out {
    ($($kind:literal { $($path:literal: $meaning:ident),+ $(,)? })+) => {
        &[$($(LeftOut { kind: $kind, path: $path, meaning: Absent::$meaning }),+),+]
    };
}

/// Every argument that may be left out, whatever the shape. A meaning, once released, never changes: another one is a
/// new shape, whose step spells the old meaning out.
pub const LEFT_OUT: &[LeftOut] = left_out! {
    "visit.start" { "plan_id": Nothing, "fix": Nothing, "fix.is_mock": No }
    "visit.answer" { "instance": EmptyText, "reason": Nothing }
    "visit.finish" { "fix": Nothing, "fix.is_mock": No }
    "photo.attach" {
        "replaces": Nothing, "seen": Nothing, "seen.print": Nothing, "seen.camera_clock": Nothing,
        "seen.camera_distance_m": Nothing,
    }
    "photo.review" { "reason": Nothing, "pin": Nothing, "reference_photo_id": Nothing, "due_on": Nothing }
    "task.raise" { "visit_id": Nothing }
    "territory.reassign" { "from_user_id": Nothing }
    "order.submit" { "outlet_id": Nothing, "lines[].price_list_id": Nothing, "priced.rebate": Nothing }
};

/// The shape this release writes a kind in.
pub fn shape_of(kind: &str) -> u32 {
    Ladder::TODAY.shape_of(kind)
}

/// A command as it was written, in today's shape, its left-out arguments spelled out.
///
/// # Errors
/// The problem it is to be refused with: its kind is not known, its shape is of a newer release, or a step cannot lift
/// it.
pub fn lift(written: &Value, shape: u32) -> Result<Cow<'_, Value>, Problem> {
    Ladder::TODAY.lift(written, shape)
}

/// Reads a command in whatever shape it was written.
///
/// # Errors
/// The problem it is to be refused with.
pub fn read_command(written: &Value, shape: u32) -> Result<Command, Problem> {
    let lifted = lift(written, shape)?;
    let kind = lifted.get("kind").and_then(Value::as_str).unwrap_or_default();
    // As text, like rows: a reader of trees would be code of its own for all that commands and rows have in common.
    let args = lifted.get("args").map(Value::to_string);
    let read = args.and_then(|args| Command::read(kind, &args)).and_then(Result::ok);
    read.ok_or_else(|| Problem::new(ProblemCode::CommandInvalid).at("args"))
}

/// The kinds of a release with the steps between their shapes.
#[derive(Clone, Copy, Debug)]
pub struct Ladder {
    /// Kinds that are known.
    pub kinds: &'static [&'static str],
    /// Steps; of each kind at most one from each shape, without a gap.
    pub steps: &'static [Step],
    /// What may be left out.
    pub left_out: &'static [LeftOut],
}

impl Ladder {
    /// This release's.
    pub const TODAY: Self = Self { kinds: Command::KINDS, steps: STEPS, left_out: LEFT_OUT };

    /// The newest shape of a kind.
    pub fn shape_of(&self, kind: &str) -> u32 {
        self.steps.iter().filter(|step| step.kind == kind).map(|step| step.from + 1).max().unwrap_or(FIRST_SHAPE)
    }

    /// The command in the newest shape of its kind. What is in it already is not copied.
    ///
    /// # Errors
    /// The problem it is to be refused with.
    pub fn lift<'v>(&self, written: &'v Value, shape: u32) -> Result<Cow<'v, Value>, Problem> {
        let kind = written.get("kind").and_then(Value::as_str).unwrap_or_default();
        if !self.kinds.contains(&kind) {
            return Err(Problem::new(ProblemCode::CommandUnknown).with("value", kind));
        }
        let newest = self.shape_of(kind);
        if shape > newest {
            let problem = Problem::new(ProblemCode::CommandNewer).with("value", kind);
            return Err(problem.with("shape", shape).with("newest", newest));
        }
        let mut lifted = Cow::Borrowed(written);
        for from in shape.max(FIRST_SHAPE)..newest {
            let Some(step) = self.steps.iter().find(|step| step.kind == kind && step.from == from) else { continue };
            let unliftable = |at: String| Problem::new(ProblemCode::CommandInvalid).at(at);
            let args = lifted.to_mut().get_mut("args").and_then(Value::as_object_mut);
            (step.lift)(args.ok_or_else(|| unliftable("args".to_owned()))?)
                .map_err(|name| unliftable(format!("args.{name}")))?;
        }
        for left_out in self.left_out.iter().filter(|left_out| left_out.kind == kind) {
            let is_due = lifted.get("args").is_some_and(|args| is_left_out(args, left_out.path));
            if is_due && let Some(args) = lifted.to_mut().get_mut("args") {
                spell_out(args, left_out.path, left_out.meaning);
            }
        }
        Ok(lifted)
    }
}

/// The first name of a path, whether a list follows, and the rest.
fn split(path: &str) -> (&str, bool, &str) {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    head.strip_suffix("[]").map_or((head, false, rest), |head| (head, true, rest))
}

/// Whether something is left out at a path.
fn is_left_out(args: &Value, path: &str) -> bool {
    let Value::Object(fields) = args else { return false };
    let (name, is_list, rest) = split(path);
    match fields.get(name) {
        None => rest.is_empty(),
        Some(Value::Array(items)) if is_list => items.iter().any(|item| is_left_out(item, rest)),
        Some(found) => !is_list && !rest.is_empty() && is_left_out(found, rest),
    }
}

/// Writes down what was left out at a path.
fn spell_out(args: &mut Value, path: &str, meaning: Absent) {
    let Value::Object(fields) = args else { return };
    let (name, is_list, rest) = split(path);
    if rest.is_empty() {
        fields.entry(name).or_insert_with(|| meaning.value());
        return;
    }
    match fields.get_mut(name) {
        Some(Value::Array(items)) if is_list => {
            for item in items {
                spell_out(item, rest, meaning);
            }
        }
        Some(found) if !is_list => spell_out(found, rest, meaning),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A release of later: tasks have gained a date of their own, then it was renamed; payments lost a field.
    const LATER: Ladder = Ladder {
        kinds: &["task.note", "payment.note"],
        steps: &[
            Step { kind: "task.note", from: 1, lift: with_priority },
            Step { kind: "task.note", from: 2, lift: note_to_text },
            Step { kind: "payment.note", from: 1, lift: slip_to_number },
        ],
        left_out: &[LeftOut { kind: "task.note", path: "tags[].colour", meaning: Absent::Nothing }],
    };

    fn with_priority(args: &mut Args) -> Result<(), String> {
        let before = args.insert("priority".to_owned(), json!(2));
        before.map_or(Ok(()), |_| Err("priority".to_owned()))
    }

    fn note_to_text(args: &mut Args) -> Result<(), String> {
        let note = args.remove("note").ok_or("note")?;
        args.insert("text".to_owned(), note);
        Ok(())
    }

    fn slip_to_number(args: &mut Args) -> Result<(), String> {
        let number: u64 = args.get("slip").and_then(Value::as_str).and_then(|slip| slip.parse().ok()).ok_or("slip")?;
        args.insert("slip".to_owned(), json!(number));
        Ok(())
    }

    #[test]
    fn a_command_of_any_released_shape_climbs_step_by_step_to_the_newest() {
        let newest = json!({ "kind": "task.note", "args": { "priority": 2, "text": "补货" } });
        let first = json!({ "kind": "task.note", "args": { "note": "补货" } });
        let second = json!({ "kind": "task.note", "args": { "note": "补货", "priority": 2 } });
        assert_eq!(LATER.lift(&first, 1).expect("lifted").as_ref(), &newest);
        assert_eq!(LATER.lift(&first, 0).expect("of before shapes were written down").as_ref(), &newest);
        assert_eq!(LATER.lift(&second, 2).expect("lifted").as_ref(), &newest);
        assert!(matches!(LATER.lift(&newest, 3).expect("there already"), Cow::Borrowed(_)));
        assert_eq!((LATER.shape_of("task.note"), LATER.shape_of("payment.note")), (3, 2));
    }

    #[test]
    fn a_shape_of_a_newer_release_is_refused_by_name() {
        let written = json!({ "kind": "task.note", "args": { "text": "补货" } });
        let problem = LATER.lift(&written, 4).expect_err("of tomorrow");
        assert_eq!(problem.code, ProblemCode::CommandNewer);
        assert_eq!((problem.params["value"].as_str(), problem.params["shape"].as_str()), ("task.note", "4"));
        // Another kind's shapes are its own: what one kind gained does not make the others newer.
        assert_eq!(LATER.lift(&json!({ "kind": "payment.note" }), 3).expect_err("newer").code, problem.code);
        let unknown = LATER.lift(&json!({ "kind": "shelf.dance", "args": {} }), 1).expect_err("unknown");
        assert_eq!((unknown.code, unknown.params["value"].as_str()), (ProblemCode::CommandUnknown, "shelf.dance"));
    }

    #[test]
    fn what_no_step_can_lift_names_what_stands_in_the_way() {
        let at = |written: Value| LATER.lift(&written, 1).map(Cow::into_owned).expect_err("unliftable");
        let problem = at(json!({ "kind": "payment.note", "args": { "slip": "seven" } }));
        assert_eq!((problem.code, problem.at.as_str()), (ProblemCode::CommandInvalid, "args.slip"));
        for rubbish in [json!({ "kind": "task.note" }), json!({ "kind": "task.note", "args": [1] })] {
            assert_eq!(at(rubbish).at, "args");
        }
    }

    #[test]
    fn what_was_left_out_is_spelled_out_wherever_it_lies_and_nothing_else_is_touched() {
        let tags = json!([{ "name": "a" }, { "name": "b", "colour": "red" }, 7]);
        let written = json!({ "kind": "task.note", "args": { "text": "x", "tags": tags } });
        let lifted = LATER.lift(&written, 3).expect("lifted").into_owned();
        assert_eq!(
            lifted["args"]["tags"],
            json!([{ "name": "a", "colour": null }, { "name": "b", "colour": "red" }, 7])
        );
        for odd in [json!("x"), json!({ "0": {} }), Value::Null] {
            let written = json!({ "kind": "task.note", "args": { "tags": odd } });
            assert_eq!(LATER.lift(&written, 3).expect("as it came").as_ref(), &written);
        }
    }

    #[test]
    fn the_steps_of_a_kind_have_no_gap_and_no_two_begin_alike() {
        for kind in Command::KINDS {
            let mut from: Vec<u32> = STEPS.iter().filter(|step| step.kind == *kind).map(|step| step.from).collect();
            from.sort_unstable();
            assert_eq!(from, (FIRST_SHAPE..shape_of(kind)).collect::<Vec<_>>(), "{kind}");
        }
        assert!(STEPS.iter().all(|step| Command::KINDS.contains(&step.kind)), "a step of a kind that is gone");
        assert!(LEFT_OUT.iter().all(|left_out| Command::KINDS.contains(&left_out.kind)));
    }
}
