//! Who is signed in on this phone, and the tokens that prove it.
//!
//! **States.** Nobody → signed in → needs the password again (the server refused the refresh token; capture goes on,
//! the queue waits) → signed in; or signed out: refused while anything is unsent, unless the person has it parked (`parking/`).
//!
//! **Invariants.** New tokens are on disk before they are used. The nonce of a refresh is on disk before it is sent,
//! and the same nonce is sent until the exchange succeeds, so that a lost reply never costs the session. Work of one
//! person is never sent in another's name: another login name on this phone is another installation with its own file and
//! device id; the data of whoever leaves is parked, encrypted, and comes back with that person's next sign-in.

mod change;
mod copy;
mod marks;
mod parking;
mod refresh;
mod sign_in;
mod store;

use storewalk_domain::{
    ids::DeviceId,
    sync::{Actor, Policies},
};
use storewalk_wire::UserInfo;

pub(crate) use parking::settle as settle_parking;
#[cfg(test)]
pub(crate) use store::save_grant;
pub(crate) use store::{Device, Session, create_device, device, save_scope, sent_seq, session, set_needs_sign_in};

/// The session as the app shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionView {
    /// Who.
    pub user: UserInfo,
    /// What is theirs.
    pub actor: Actor,
    /// The organisation's settings.
    pub policies: Policies,
    /// This installation.
    pub device_id: DeviceId,
    /// Heads the order numbers of this device.
    pub device_number: u32,
    /// Why the server asks for the password again (its code); `None` while the session is good.
    pub needs_sign_in: Option<String>,
}
