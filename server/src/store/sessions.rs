//! Sessions and tokens. Tokens are kept only as their SHA-256.

use storewalk_domain::{
    ids::{DeviceId, UserId},
    time::Timestamp,
};
use uuid::Uuid;

use crate::store::StoreError;

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// One signed-in device: the family of all tokens that follow from one sign-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRecord {
    /// Identity.
    pub id: Uuid,
    /// Who.
    pub user_id: UserId,
    /// On which device.
    pub device_id: DeviceId,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended, if it was ended.
    pub revoked_at: Option<Timestamp>,
}

/// An access token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessRecord {
    /// SHA-256.
    pub hash: TokenHash,
    /// The session.
    pub session_id: Uuid,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it was ever presented.
    pub is_used: bool,
}

/// A refresh token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefreshRecord {
    /// SHA-256.
    pub hash: TokenHash,
    /// The session.
    pub session_id: Uuid,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The access token given with it.
    pub access_hash: TokenHash,
    /// The nonce it was exchanged with, once it was.
    pub spent_nonce: Option<String>,
}

/// A console session in a browser.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsoleSessionRecord {
    /// SHA-256 of the cookie's value.
    pub hash: TokenHash,
    /// Who.
    pub user_id: UserId,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Questions about sessions.
pub trait SessionsRead {
    /// The server's key for deriving tokens.
    fn token_key(&self) -> Result<[u8; 32], StoreError>;

    /// A session.
    fn session(&self, id: Uuid) -> Result<Option<SessionRecord>, StoreError>;

    /// An access token.
    fn access(&self, hash: &TokenHash) -> Result<Option<AccessRecord>, StoreError>;

    /// A refresh token.
    fn refresh(&self, hash: &TokenHash) -> Result<Option<RefreshRecord>, StoreError>;

    /// A console session that has not been signed out.
    fn console_session(&self, hash: &TokenHash) -> Result<Option<ConsoleSessionRecord>, StoreError>;
}

/// Changes to sessions.
pub trait SessionsWrite {
    /// Begins a session.
    fn put_session(&mut self, session: &SessionRecord) -> Result<(), StoreError>;

    /// Ends a session with all its tokens; it may have ended before.
    fn revoke_session(&mut self, id: Uuid, at: Timestamp) -> Result<(), StoreError>;

    /// Ends all sessions of a device.
    fn revoke_device_sessions(&mut self, device: DeviceId, at: Timestamp) -> Result<(), StoreError>;

    /// Adds or replaces an access token.
    fn put_access(&mut self, access: &AccessRecord) -> Result<(), StoreError>;

    /// Adds or replaces a refresh token.
    fn put_refresh(&mut self, refresh: &RefreshRecord) -> Result<(), StoreError>;

    /// Begins a console session.
    fn put_console_session(&mut self, session: &ConsoleSessionRecord) -> Result<(), StoreError>;

    /// Ends a console session; it may have ended before.
    fn end_console_session(&mut self, hash: &TokenHash) -> Result<(), StoreError>;

    /// Forgets tokens and console sessions that ended before an instant.
    fn forget_ended_tokens(&mut self, before: Timestamp) -> Result<(), StoreError>;
}
