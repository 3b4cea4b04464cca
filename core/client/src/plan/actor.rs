//! Whose day it is, and by which settings.

use storewalk_domain::sync::{Actor, Policies};

use crate::{ClientError, Phone, SessionView};

impl Phone {
    /// The person who is signed in, with what is theirs.
    pub(crate) fn actor(&self) -> Result<Actor, ClientError> {
        self.present().map(|session| session.actor)
    }

    /// The organisation's settings.
    pub(crate) fn policies(&self) -> Result<Policies, ClientError> {
        self.present().map(|session| session.policies)
    }

    fn present(&self) -> Result<SessionView, ClientError> {
        self.session()?.ok_or_else(|| ClientError::SignedOut { reason: "nobody".to_owned() })
    }
}
