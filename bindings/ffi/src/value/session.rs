//! People, and what was saved of a damaged database.

use storewalk_client::{self as client, SessionView};
use storewalk_domain::outlet::Role;

use super::texts;

/// Who is signed in.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Person {
    /// Identity.
    pub id: String,
    /// Staff code.
    pub code: String,
    /// Name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The territories they work in.
    pub territories: Vec<String>,
    /// The dealers they act for.
    pub dealers: Vec<String>,
    /// This installation.
    pub device_id: String,
    /// Heads the order numbers of this device.
    pub device_number: u32,
    /// Why the server asks for the password again, by code; nothing while the session is good.
    pub needs_sign_in: Option<String>,
}

impl From<SessionView> for Person {
    fn from(view: SessionView) -> Self {
        Self {
            id: view.user.id.to_string(),
            code: view.user.code,
            name: view.user.name,
            role: view.user.role,
            territories: texts(&view.actor.territories),
            dealers: texts(&view.actor.dealers),
            device_id: view.device_id.to_string(),
            device_number: view.device_number,
            needs_sign_in: view.needs_sign_in,
        }
    }
}

/// What was brought back from a damaged database.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Recovery {
    /// Commands that were not acknowledged and are queued again.
    pub commands_kept: u64,
    /// Where the damaged file lies now; nothing when only its last writes were missing.
    pub file: Option<String>,
}

impl From<client::Recovery> for Recovery {
    fn from(recovery: client::Recovery) -> Self {
        let file = recovery.file.map(|path| path.to_string_lossy().into_owned());
        Self { commands_kept: recovery.commands_kept, file }
    }
}
