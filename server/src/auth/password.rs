//! Passwords: Argon2id, as slow for an unknown name as for a known one.
//!
//! A few threads of its own do the hashing, each with memory of its own that it fills again and again: some 19 MiB.
//! Taken anew for every hash, the allocator would keep several times that much.

use std::sync::{
    Arc, Mutex, PoisonError,
    mpsc::{Receiver, SyncSender, sync_channel},
};

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use secrecy::{ExposeSecret, SecretString};
use storewalk_wire::ErrorCode;
use tokio::sync::oneshot;

use super::token::{hex, secret};
use crate::{
    config::AuthSection,
    error::{ApiError, StartError},
};

/// Shortest new password in characters.
const SHORTEST: usize = 8;

/// Longest password in bytes; longer ones are never hashed.
const LONGEST: usize = 256;

/// Passwords that may wait to be hashed: some seconds' worth.
const QUEUE: usize = 128;

type Job = Box<dyn FnOnce(&mut Hasher) + Send>;

/// Hashes and verifies.
pub(super) struct Passwords {
    jobs: SyncSender<Job>,
}

impl Passwords {
    pub(super) fn new(settings: &AuthSection) -> Result<Self, StartError> {
        let params = Params::new(settings.argon2_memory_kib, settings.argon2_passes, 1, None)
            .map_err(|error| StartError::Settings(format!("auth.argon2: {error}")))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let (jobs, waiting) = sync_channel(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 1..=settings.hashes_at_once {
            let (argon2, waiting) = (argon2.clone(), Arc::clone(&waiting));
            let thread = std::thread::Builder::new().name(format!("hasher-{number}"));
            let started = thread.spawn(move || work(argon2, &waiting));
            started.map_err(|error| StartError::Settings(format!("auth.hashes_at_once: {error}")))?;
        }
        Ok(Self { jobs })
    }

    /// The PHC string of a new password.
    pub(super) async fn hash(&self, password: SecretString) -> Result<String, ApiError> {
        let text = password.expose_secret();
        if text.chars().count() < SHORTEST || text.len() > LONGEST {
            return Err(ApiError::new(ErrorCode::Refused)
                .at("password")
                .detail(format!("a password has at least {SHORTEST} characters and at most {LONGEST} bytes")));
        }
        let hash = self.run(move |hasher| hasher.hash(&password)).await?;
        hash.map(|hash| hash.to_string()).ok_or_else(|| ErrorCode::Internal.into())
    }

    /// Whether a password is the one behind a hash. Without a hash the answer is no, after the same work.
    pub(super) async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, ApiError> {
        if password.expose_secret().len() > LONGEST {
            return Ok(false);
        }
        self.run(move |hasher| hasher.verify(&password, hash.as_deref())).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Hasher) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let (sender, receiver) = oneshot::channel();
        let job = Box::new(move |hasher: &mut Hasher| drop(sender.send(work(hasher))));
        self.jobs.try_send(job).map_err(|_| ApiError::wait(2))?;
        receiver.await.map_err(|_| ErrorCode::Internal.into())
    }
}

/// Hashes what waits, until nobody can send any more.
fn work(argon2: Argon2<'static>, waiting: &Mutex<Receiver<Job>>) {
    let mut hasher = Hasher::new(argon2);
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        job(&mut hasher);
    }
}

/// What one thread hashes with.
struct Hasher {
    argon2: Argon2<'static>,
    memory: Vec<Block>,
    /// What the password of an unknown name is compared with.
    nobody: Option<PasswordHash>,
}

impl Hasher {
    fn new(argon2: Argon2<'static>) -> Self {
        let mut hasher = Self { argon2, memory: Vec::new(), nobody: None };
        hasher.nobody = hasher.hash(&secret(&hex(&rand::random::<[u8; 16]>())));
        hasher
    }

    fn hash(&mut self, password: &SecretString) -> Option<PasswordHash> {
        let salt = Salt::new(&rand::random::<[u8; Salt::RECOMMENDED_LENGTH]>()).ok()?;
        let argon2 = self.argon2.clone();
        Some(PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(argon2.params()).ok()?,
            hash: Some(self.fill(&argon2, password, &salt)?),
            salt: Some(salt),
        })
    }

    fn verify(&mut self, password: &SecretString, hash: Option<&str>) -> bool {
        let known = hash.and_then(|text| PasswordHash::new(text).ok());
        let compared = known.as_ref().or(self.nobody.as_ref()).cloned();
        let is_right = compared.is_some_and(|hash| self.is_behind(password, &hash) == Some(true));
        known.is_some() && is_right
    }

    /// Whether a password is the one behind a hash; `None` when the hash is of another kind.
    fn is_behind(&mut self, password: &SecretString, hash: &PasswordHash) -> Option<bool> {
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = Version::try_from(hash.version?).ok()?;
        let argon2 = Argon2::new(algorithm, version, Params::try_from(hash).ok()?);
        let (expected, salt) = (hash.hash?, hash.salt?);
        // Outputs are compared in constant time.
        Some(self.fill(&argon2, password, &salt)? == expected)
    }

    fn fill(&mut self, argon2: &Argon2<'_>, password: &SecretString, salt: &Salt) -> Option<Output> {
        let blocks = argon2.params().block_count();
        if self.memory.len() < blocks {
            self.memory.resize(blocks, Block::new());
        }
        let mut output = [0_u8; Params::DEFAULT_OUTPUT_LEN];
        let output = output.get_mut(..argon2.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN))?;
        let password = password.expose_secret().as_bytes();
        argon2.hash_password_into_with_memory(password, salt, output, &mut self.memory[..blocks]).ok()?;
        Output::new(output).ok()
    }
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher, PasswordVerifier};

    use super::*;
    use crate::config::Config;

    fn passwords() -> Passwords {
        let settings = AuthSection { argon2_memory_kib: 8, argon2_passes: 1, ..Config::default().auth };
        Passwords::new(&settings).expect("passwords")
    }

    #[tokio::test]
    async fn a_password_is_told_from_another_and_from_nobodys() {
        let passwords = passwords();
        let hash = passwords.hash("correct horse".into()).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        // The library's own way of verifying agrees.
        let parsed = PasswordHash::new(&hash).expect("a PHC string");
        assert!(Argon2::default().verify_password(b"correct horse", &parsed).is_ok());
        let verify = |password: &str, hash: Option<&str>| passwords.verify(password.into(), hash.map(str::to_owned));
        assert!(verify("correct horse", Some(&hash)).await.expect("an answer"));
        assert!(!verify("wrong horse", Some(&hash)).await.expect("an answer"));
        assert!(!verify("correct horse", None).await.expect("an answer"));
        assert!(!verify("correct horse", Some("rubbish")).await.expect("an answer"));
        assert!(!verify(&"x".repeat(300), Some(&hash)).await.expect("an answer"));
    }

    #[tokio::test]
    async fn a_hash_made_with_other_settings_still_counts() {
        let other = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(16, 2, 1, None).expect("params"));
        let hash = other.hash_password(b"correct horse").expect("a hash").to_string();
        assert!(passwords().verify("correct horse".into(), Some(hash)).await.expect("an answer"));
    }
}
