//! Passwords: Argon2id, off the async threads, a few at a time, and as slow for an unknown name as for a known one.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use storewalk_wire::ErrorCode;
use tokio::sync::Semaphore;

use crate::{
    config::AuthSection,
    error::{ApiError, StartError},
};

/// Shortest new password in characters.
const SHORTEST: usize = 8;
/// Longest password in bytes; longer ones are never hashed.
const LONGEST: usize = 256;

/// Hashes and verifies.
pub(super) struct Passwords {
    argon2: Argon2<'static>,
    slots: Arc<Semaphore>,
    /// What the password of an unknown name is compared with.
    nobody: Arc<str>,
}

impl Passwords {
    pub(super) fn new(settings: &AuthSection) -> Result<Self, StartError> {
        let fault = |error: String| StartError::Settings(format!("auth.argon2: {error}"));
        let params = Params::new(settings.argon2_memory_kib, settings.argon2_passes, 1, None)
            .map_err(|error| fault(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = argon2.hash_password(&rand::random::<[u8; 16]>()).map_err(|error| fault(error.to_string()))?;
        let slots = Arc::new(Semaphore::new(settings.hashes_at_once));
        Ok(Self { argon2, slots, nobody: nobody.to_string().into() })
    }

    /// The PHC string of a new password.
    pub(super) async fn hash(&self, password: SecretString) -> Result<String, ApiError> {
        let text = password.expose_secret();
        if text.chars().count() < SHORTEST || text.len() > LONGEST {
            return Err(ApiError::new(ErrorCode::Refused)
                .at("password")
                .detail(format!("a password has at least {SHORTEST} characters and at most {LONGEST} bytes")));
        }
        let argon2 = self.argon2.clone();
        self.off_thread(move || {
            let hash = argon2.hash_password(password.expose_secret().as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|_| ErrorCode::Internal.into())
        })
        .await
    }

    /// Whether a password is the one behind a hash. Without a hash the answer is no, after the same work.
    pub(super) async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, ApiError> {
        if password.expose_secret().len() > LONGEST {
            return Ok(false);
        }
        let argon2 = self.argon2.clone();
        let nobody = Arc::clone(&self.nobody);
        self.off_thread(move || {
            let is_known = hash.is_some();
            let text = hash.unwrap_or_else(|| nobody.to_string());
            let parsed = PasswordHash::new(&text).map_err(|_| ErrorCode::Internal)?;
            let is_right = argon2.verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
            Ok(is_known && is_right)
        })
        .await
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| ErrorCode::Internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(slot);
            result
        });
        done.await.map_err(|_| ErrorCode::Internal)?
    }
}
