//! Cascades as files: the XML that the training of `OpenCV` writes, with binary patterns (`LBP`) and one question to a tree.

use std::str::FromStr;

use quick_xml::{Reader, events::Event};
use thiserror::Error;

use super::{Cascade, Field, Question, Stage};

/// Longest file, in bytes.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Sides that a window may have, in pixels.
const WINDOW: std::ops::RangeInclusive<usize> = 8..=128;

/// Most questions, and most fields.
const MOST: usize = 20_000;

/// What a sum may fall short of its threshold: both were rounded when they were written.
const ROUNDING: f32 = 1e-5;

/// Why a file is no cascade that can be used.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum CascadeFault {
    /// It is longer than any cascade.
    #[error("{0} bytes: no cascade is as long")]
    TooLong(usize),
    /// It is not XML.
    #[error("not XML near byte {0}")]
    NotXml(u64),
    /// It is a cascade of another kind.
    #[error("{0}: only boosted cascades of LBP features with one question to a tree are read")]
    OtherKind(String),
    /// Something in it is missing, or cannot be.
    #[error("{0}")]
    OutOfShape(&'static str),
}

/// What has been read so far.
#[derive(Default)]
struct Draft {
    width: usize,
    height: usize,
    kinds: [bool; 2],
    stages: Vec<Stage>,
    questions: Vec<Question>,
    fields: Vec<Field>,
    /// The question that its votes follow.
    asked: Option<(usize, [u32; 8])>,
}

impl Cascade {
    /// Reads a cascade.
    ///
    /// # Errors
    /// When the file is no cascade of the kind that is read, or contradicts itself.
    pub fn read(file: &str) -> Result<Self, CascadeFault> {
        if file.len() > MOST_BYTES {
            return Err(CascadeFault::TooLong(file.len()));
        }
        let mut reader = Reader::from_str(file);
        let (mut names, mut text, mut draft) = (Vec::new(), String::new(), Draft::default());
        loop {
            let event = reader.read_event().map_err(|_| CascadeFault::NotXml(reader.buffer_position()))?;
            match event {
                Event::Start(element) => {
                    text.clear();
                    names.push(element.name().0.to_owned());
                }
                Event::Text(part) => text.push_str(&part),
                Event::End(_) => {
                    draft.take(&names, text.trim())?;
                    text.clear();
                    names.pop();
                }
                Event::Eof => break,
                _ => {}
            }
        }
        draft.finish()
    }
}

impl Draft {
    /// Takes in an element that has ended.
    fn take(&mut self, names: &[String], text: &str) -> Result<(), CascadeFault> {
        let Some(name) = names.last() else { return Ok(()) };
        match name.as_str() {
            "stageType" => self.kind(0, text, "BOOST")?,
            "featureType" => self.kind(1, text, "LBP")?,
            // The window's; others stand deeper.
            "width" if names.len() == 3 => self.width = numbers::<usize, 1>(text)?[0],
            "height" if names.len() == 3 => self.height = numbers::<usize, 1>(text)?[0],
            "stageThreshold" => {
                let from = self.questions.len();
                self.stages.push(Stage { threshold: numbers::<f32, 1>(text)?[0] - ROUNDING, questions: from..from });
            }
            "internalNodes" => self.ask(text)?,
            "leafValues" => self.answer(text)?,
            "rect" => {
                let [x, y, width, height] = numbers(text)?;
                self.fields.push(Field { x, y, width, height });
            }
            _ => {}
        }
        if self.fields.len().max(self.questions.len()).max(self.stages.len()) > MOST {
            return Err(CascadeFault::OutOfShape("more questions than any cascade has"));
        }
        Ok(())
    }

    fn kind(&mut self, which: usize, text: &str, wanted: &str) -> Result<(), CascadeFault> {
        if text != wanted {
            return Err(CascadeFault::OtherKind(text.chars().take(40).collect()));
        }
        self.kinds[which] = true;
        Ok(())
    }

    /// A question: where its two answers lead, which field, and the patterns as 256 bits.
    fn ask(&mut self, text: &str) -> Result<(), CascadeFault> {
        let [left, right, field, bits @ ..]: [i32; 11] = numbers(text)?;
        if (left, right) != (0, -1) {
            return Err(CascadeFault::OtherKind("trees of several questions".to_owned()));
        }
        let field = usize::try_from(field).map_err(|_| CascadeFault::OutOfShape("a field below the first"))?;
        self.asked = Some((field, bits.map(i32::cast_unsigned)));
        Ok(())
    }

    /// What the answers to it count.
    fn answer(&mut self, text: &str) -> Result<(), CascadeFault> {
        let votes = numbers(text)?;
        let (field, patterns) = self.asked.take().ok_or(CascadeFault::OutOfShape("votes without a question"))?;
        let stage = self.stages.last_mut().ok_or(CascadeFault::OutOfShape("a question before the first stage"))?;
        self.questions.push(Question { field, patterns, votes });
        stage.questions.end = self.questions.len();
        Ok(())
    }

    fn finish(self) -> Result<Cascade, CascadeFault> {
        let Self { width, height, kinds, stages, questions, fields, .. } = self;
        if kinds != [true, true] {
            return Err(CascadeFault::OutOfShape("it does not say what kind of cascade it is"));
        }
        if !WINDOW.contains(&width) || !WINDOW.contains(&height) {
            return Err(CascadeFault::OutOfShape("a window of measures that no cascade has"));
        }
        if stages.is_empty() || stages.iter().any(|stage| stage.questions.is_empty()) {
            return Err(CascadeFault::OutOfShape("a stage without questions"));
        }
        let is_in = |from: usize, length: usize, side: usize| {
            (1..=side).contains(&length) && from.saturating_add(3 * length) <= side
        };
        if fields.iter().any(|field| !is_in(field.x, field.width, width) || !is_in(field.y, field.height, height)) {
            return Err(CascadeFault::OutOfShape("a field that reaches out of the window"));
        }
        if questions.iter().any(|question| question.field >= fields.len()) {
            return Err(CascadeFault::OutOfShape("a question about a field that is not there"));
        }
        Ok(Cascade { window: (width, height), stages, questions, fields })
    }
}

/// Exactly so many numbers, in digits.
fn numbers<T: FromStr + Copy, const N: usize>(text: &str) -> Result<[T; N], CascadeFault> {
    let fault = CascadeFault::OutOfShape("something else where numbers must be");
    let read = text.split_ascii_whitespace().take(N + 1).map(|number| {
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        number.parse::<T>().ok().filter(|_| is_number)
    });
    read.collect::<Option<Vec<T>>>().and_then(|numbers| numbers.try_into().ok()).ok_or(fault)
}
