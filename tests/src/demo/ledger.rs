//! Expected against actual, figure by figure.

use std::{fmt::Display, io::Write};

/// Tells the story on standard output and remembers every figure that did not match.
#[derive(Debug, Default)]
pub struct Ledger {
    checks: usize,
    misses: Vec<String>,
}

impl Ledger {
    /// Opens a chapter.
    pub fn chapter(&self, title: &str) {
        self.line(&format!("\n── {title}"));
    }

    /// Says what happens now.
    pub fn tell(&self, what: &str) {
        self.line(&format!("   {what}"));
    }

    /// Holds a figure against the document.
    pub fn check(&mut self, what: &str, expected: impl Display, actual: impl Display) {
        let (expected, actual) = (expected.to_string(), actual.to_string());
        self.checks += 1;
        let is_match = expected == actual;
        let mark = if is_match { "✓" } else { "✗" };
        self.line(&format!("   {mark} {what}: expected {expected}, actual {actual}"));
        if !is_match {
            self.misses.push(format!("{what}: expected {expected}, actual {actual}"));
        }
    }

    /// Sums up; whether every figure was checked and matched. A check that was passed over counts as failed.
    pub fn close(&self, expected_checks: usize) -> bool {
        let matched = self.checks - self.misses.len();
        self.line(&format!("\n── {matched} of {expected_checks} figures match the product guide"));
        if self.checks != expected_checks {
            self.line(&format!("   ✗ {} figures were checked instead of {expected_checks}", self.checks));
        }
        for miss in &self.misses {
            self.line(&format!("   ✗ {miss}"));
        }
        self.checks == expected_checks && self.misses.is_empty()
    }

    /// One line of the story.
    pub fn line(&self, text: &str) {
        // A closed pipe must not end the demo half-way; the exit code still tells.
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}
