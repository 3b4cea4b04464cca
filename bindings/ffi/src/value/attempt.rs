//! How what a person asked for ended: done, or refused with the reasons. A refusal is a value, not an error: it is an
//! ordinary day's answer, and nothing was half done.

use storewalk_client::{self as client, Recorded};

use super::{
    CapturedPhoto, Draft, FinishedVisit, Order, Problem, Profile, StartedVisit, SubmittedOrder, all, problems_of,
};

/// One kind of answer with what was done.
macro_rules! attempts {
    ($($(#[$doc:meta])* $name:ident of $view:ty => $value:ty),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug, uniffi::Enum)]
        pub enum $name {
            /// Done.
            Done {
                /// What was done.
                value: Box<$value>,
            },
            /// Not done; why. Never empty.
            Refused {
                /// What stands in the way, one by one.
                problems: Vec<Problem>,
            },
        }

        impl From<client::Attempt<$view>> for $name {
            fn from(attempt: client::Attempt<$view>) -> Self {
                match attempt {
                    client::Attempt::Done(value) => Self::Done { value: Box::new(value.into()) },
                    client::Attempt::Refused(problems) => Self::Refused { problems: all(problems) },
                }
            }
        }
    )+};
}

attempts! {
    /// How arriving at an outlet ended.
    StartAttempt of client::StartedVisit => StartedVisit,
    /// How leaving an outlet ended.
    FinishAttempt of client::FinishedVisit => FinishedVisit,
    /// How taking a photo in ended.
    CaptureAttempt of client::CapturedPhoto => CapturedPhoto,
    /// How changing a draft ended.
    DraftAttempt of client::DraftView => Draft,
    /// How placing an order ended.
    SubmitAttempt of client::SubmittedOrder => SubmittedOrder,
    /// How changing an order ended.
    OrderAttempt of client::OrderView => Order,
    /// How correcting a profile ended.
    ProfileAttempt of client::ProfileView => Profile,
}

/// How something ended that has nothing to show.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum Attempt {
    /// Done.
    Done,
    /// Not done; why. Never empty.
    Refused {
        /// What stands in the way, one by one.
        problems: Vec<Problem>,
    },
}

impl From<client::Attempt<()>> for Attempt {
    fn from(attempt: client::Attempt<()>) -> Self {
        match attempt {
            client::Attempt::Done(()) => Self::Done,
            client::Attempt::Refused(problems) => Self::Refused { problems: all(problems) },
        }
    }
}

impl From<Recorded> for Attempt {
    fn from(recorded: Recorded) -> Self {
        match recorded {
            Recorded::Done { .. } => Self::Done,
            Recorded::Refused(problems) => Self::Refused { problems: problems_of(&problems) },
        }
    }
}

/// How something ended that made something new.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum IdAttempt {
    /// Done.
    Done {
        /// The id of what was made.
        value: String,
    },
    /// Not done; why. Never empty.
    Refused {
        /// What stands in the way, one by one.
        problems: Vec<Problem>,
    },
}

impl<T: std::fmt::Display> From<client::Attempt<T>> for IdAttempt {
    fn from(attempt: client::Attempt<T>) -> Self {
        match attempt {
            client::Attempt::Done(id) => Self::Done { value: id.to_string() },
            client::Attempt::Refused(problems) => Self::Refused { problems: all(problems) },
        }
    }
}
