//! What surrounds every page: language, person, navigation, notices.

use storewalk_domain::{
    outlet::Role,
    text::{Language, Localized},
    time::{Timestamp, Zone},
};

use super::words::Words;

/// The parts of the console, as the navigation lists them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    /// Visits of a day.
    Visits,
    /// Photo wall.
    Photos,
    /// Orders.
    Orders,
    /// Outlets and territories that change hands.
    Handover,
    /// Which dealers reps serve.
    Dealers,
    /// What reps could not sync, and their devices.
    Attention,
    /// Profile fields that wait for a decision.
    Conflicts,
    /// How the phones are.
    Devices,
    /// None: sign-in and errors.
    None,
}

/// Who is signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Viewer {
    /// Name.
    pub(crate) name: String,
    /// Role.
    pub(crate) role: Role,
}

/// How a notice is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tone {
    /// Something was done.
    Good,
    /// Something waits or differs.
    Warn,
    /// Something was refused.
    Bad,
    /// For information.
    Info,
    /// Nothing special.
    Plain,
}

impl Tone {
    /// The end of the CSS class.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Info => "info",
            Self::Plain => "plain",
        }
    }

    /// The icon of a notice.
    pub(crate) fn icon(self) -> &'static str {
        match self {
            Self::Good => "check",
            Self::Info | Self::Plain => "info",
            Self::Warn | Self::Bad => "warn",
        }
    }
}

/// A state shown by words, an icon and a colour together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Pill {
    /// The words.
    pub(crate) text: String,
    /// The colour.
    pub(crate) tone: Tone,
    /// The icon.
    pub(crate) icon: &'static str,
}

impl Pill {
    /// A pill.
    pub(crate) fn new(tone: Tone, icon: &'static str, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone, icon }
    }
}

/// A message above a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Notice {
    /// How it is meant.
    pub(crate) tone: Tone,
    /// What happened.
    pub(crate) text: String,
    /// What to do next; may be empty.
    pub(crate) next: String,
}

/// What surrounds a page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The texts of the reader's language.
    pub(crate) words: &'static Words,
    /// The page's name.
    pub(crate) title: String,
    /// Where in the navigation.
    pub(crate) part: Part,
    /// Who is signed in; `None` on the sign-in page.
    pub(crate) viewer: Option<Viewer>,
    /// Proves that a form came from a page of this session.
    pub(crate) form_token: String,
    /// This page's own address, for switching the language.
    pub(crate) here: String,
    /// Photos waiting for a verdict.
    pub(crate) waiting: usize,
    /// A message above the page.
    pub(crate) notice: Option<Notice>,
    /// The zone times are shown in.
    pub(crate) zone: Zone,
    /// The server's time.
    pub(crate) now: Timestamp,
}

impl Frame {
    /// The text of a key.
    pub(crate) fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.t(key)
    }

    /// Whether the page is in this part of the navigation.
    pub(crate) fn is_at(&self, part: &str) -> bool {
        let here = match self.part {
            Part::Visits => "visits",
            Part::Photos => "photos",
            Part::Orders => "orders",
            Part::Handover => "handover",
            Part::Dealers => "dealers",
            Part::Attention => "attention",
            Part::Conflicts => "conflicts",
            Part::Devices => "devices",
            Part::None => "",
        };
        here == part
    }

    /// The language.
    pub(crate) fn language(&self) -> Language {
        self.words.language()
    }

    /// The language's tag, for `lang`.
    pub(crate) fn lang(&self) -> &'static str {
        self.language().tag()
    }

    /// The other language: its tag and its own name.
    pub(crate) fn other_language(&self) -> (&'static str, &'static str) {
        match self.language() {
            Language::ZhHans => (Language::En.tag(), "English"),
            Language::En => (Language::ZhHans.tag(), "中文"),
        }
    }

    /// A text in the reader's language.
    pub(crate) fn say<'a>(&self, text: &'a Localized) -> &'a str {
        text.get(self.language())
    }

    /// Name of the zone times are shown in.
    pub(crate) fn zone_name(&self) -> &'static str {
        self.zone.0.name()
    }

    /// The server's time, for the foot of the page.
    pub(crate) fn now_text(&self) -> String {
        self.now.display_in(self.zone)
    }

    /// The viewer's role in words.
    pub(crate) fn role_text(&self) -> &str {
        let Some(viewer) = &self.viewer else { return "" };
        self.t(match viewer.role {
            Role::Rep => "role.rep",
            Role::Dealer => "role.dealer",
            Role::Supervisor => "role.supervisor",
            Role::Admin => "role.admin",
        })
    }
}
