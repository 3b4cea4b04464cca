//! Who asks: passwords, tokens, devices, console sessions.

mod limit;
mod password;

use std::sync::Arc;

use secrecy::SecretString;
use storewalk_domain::time::Clock;

use crate::{
    config::AuthSection,
    error::{ApiError, StartError},
};
use limit::SignInLimits;
use password::Passwords;

/// Password hashing and rate limits, shared by all requests.
pub struct AuthState {
    passwords: Passwords,
    #[expect(dead_code, reason = "sign-in follows")]
    limits: SignInLimits,
}

impl AuthState {
    /// From the settings.
    ///
    /// # Errors
    /// When the hashing parameters are impossible.
    pub fn new(settings: &AuthSection, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        Ok(Self { passwords: Passwords::new(settings)?, limits: SignInLimits::new(settings, clock) })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// When it is shorter than eight characters or longer than 256 bytes.
    pub async fn hash_password(&self, password: SecretString) -> Result<String, ApiError> {
        self.passwords.hash(password).await
    }
}
