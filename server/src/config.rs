//! Settings: defaults in code, then the file, then the environment, then flags. Every section is typed; an unknown
//! name is an error, not a silent typo.
//!
//! Environment: `STOREWALK_<SECTION>__<NAME>`, such as `STOREWALK_AUTH__ACCESS_MINUTES=15`.

mod bucket;
mod export;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use storewalk_domain::sync::Policies;
use toml::{Table, Value};

pub use bucket::{S3Section, Secret};
pub use export::ExportSection;

/// All settings.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where and how to listen.
    pub server: ServerSection,
    /// Where things are kept.
    pub storage: StorageSection,
    /// Where photos lie, if not in the data folder.
    pub s3: S3Section,
    /// Sign-in and tokens.
    pub auth: AuthSection,
    /// Uploads.
    pub uploads: UploadsSection,
    /// Reviews of photos.
    pub review: ReviewSection,
    /// Photos that are handed out.
    pub export: ExportSection,
    /// Logs.
    pub log: LogSection,
    /// The organisation's settings, for the rules.
    pub policies: Policies,
}

/// Where and how to listen.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSection {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How many proxies of ours stand in front and add to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// Whether browsers reach the console over TLS only: marks its cookie `Secure`.
    pub is_https: bool,
    /// Seconds that open requests get to finish at shutdown.
    pub shutdown_seconds: u64,
    /// Seconds a line may take to say what it asks for before it is hung up on.
    pub header_seconds: u64,
    /// Most requests to `/sync` worked on at once; the others wait.
    pub syncs_at_once: usize,
    /// Most requests to `/sync` that stand in line, those worked on included; the others are asked to come later.
    pub syncs_in_line: usize,
}

/// Where things are kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageSection {
    /// The folder of the database and the photos.
    pub data_dir: PathBuf,
}

/// Sign-in and tokens.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSection {
    /// Life of an access token in minutes.
    pub access_minutes: u32,
    /// Life of a refresh token in days.
    pub refresh_days: u32,
    /// Life of a console session in hours.
    pub console_hours: u32,
    /// Attempts to sign in that one login name may make from one address at once.
    pub attempts_at_once: u32,
    /// Seconds after which one more attempt is given back.
    pub attempt_every_seconds: u32,
    /// Attempts to sign in that one address may make at once, over all names.
    pub attempts_per_address: u32,
    /// Argon2id memory in KiB.
    pub argon2_memory_kib: u32,
    /// Argon2id passes.
    pub argon2_passes: u32,
    /// Passwords hashed at the same time.
    pub hashes_at_once: usize,
}

/// Uploads.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadsSection {
    /// Largest original in bytes.
    pub max_original_bytes: u64,
    /// Largest thumbnail in bytes.
    pub max_thumbnail_bytes: u64,
    /// Seconds without a byte after which an upload's connection is let go.
    pub idle_seconds: u64,
    /// Hours after which an upload that nobody goes on with ends and its bytes are dropped.
    pub keep_hours: u32,
}

/// Reviews of photos.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewSection {
    /// Minutes a reviewer's claim on a photo binds; every verdict of theirs renews it.
    pub lease_minutes: u32,
    /// Share of the judged photos that another reviewer judges again without knowing the verdict, in percent.
    pub second_percent: u8,
    /// Names the draw of that share.
    pub second_seed: u64,
}

/// Logs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSection {
    /// How lines look.
    pub format: LogFormat,
    /// Which lines are written, such as `info` or `storewalk_server=debug`.
    pub filter: String,
}

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: ServerSection {
                listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
                trusted_proxies: 0,
                is_https: false,
                shutdown_seconds: 20,
                header_seconds: 30,
                syncs_at_once: 16,
                syncs_in_line: 512,
            },
            storage: StorageSection { data_dir: PathBuf::from("storewalk-data") },
            s3: S3Section::default(),
            auth: AuthSection {
                access_minutes: 15,
                refresh_days: 60,
                console_hours: 12,
                attempts_at_once: 10,
                attempt_every_seconds: 6,
                attempts_per_address: 300,
                // OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
                argon2_memory_kib: 19_456,
                argon2_passes: 2,
                hashes_at_once: 2,
            },
            uploads: UploadsSection {
                max_original_bytes: storewalk_domain::photo::MAX_PHOTO_BYTES,
                max_thumbnail_bytes: 64 * 1024,
                idle_seconds: 30,
                keep_hours: 7 * 24,
            },
            review: ReviewSection { lease_minutes: 15, second_percent: 10, second_seed: 1 },
            export: ExportSection::default(),
            log: LogSection { format: LogFormat::Text, filter: "info".to_owned() },
            policies: Policies::default(),
        }
    }
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("read the settings in {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("understand {path}: {source}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: toml::de::Error,
    },
    /// A name is unknown or a value is of the wrong kind.
    #[error("use the settings: {0}")]
    Value(String),
}

/// Settings given on the command line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Flags {
    /// `storage.data_dir`.
    pub data_dir: Option<PathBuf>,
    /// `server.listen`.
    pub listen: Option<SocketAddr>,
}

impl Config {
    /// The effective settings.
    ///
    /// # Errors
    /// When the file cannot be read, or a name or value in any layer is not known.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &Flags,
    ) -> Result<Self, ConfigError> {
        let mut settings = Table::try_from(Self::default()).map_err(|error| ConfigError::Value(error.to_string()))?;
        if let Some(path) = file {
            merge(&mut settings, read_file(path)?);
        }
        for (name, value) in environment {
            if let Some((section, name)) = name.strip_prefix("STOREWALK_").and_then(|name| name.split_once("__")) {
                set(&mut settings, &section.to_lowercase(), &name.to_lowercase(), literal(value));
            }
        }
        if let Some(folder) = &flags.data_dir {
            set(&mut settings, "storage", "data_dir", Value::String(folder.display().to_string()));
        }
        if let Some(listen) = flags.listen {
            set(&mut settings, "server", "listen", Value::String(listen.to_string()));
        }
        let config: Self = settings.try_into().map_err(|error| ConfigError::Value(error.to_string()))?;
        config.check()?;
        Ok(config)
    }

    /// The settings as TOML, without what is secret in them.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }

    fn check(&self) -> Result<(), ConfigError> {
        let counts = [
            ("auth.access_minutes", u64::from(self.auth.access_minutes)),
            ("auth.refresh_days", u64::from(self.auth.refresh_days)),
            ("auth.console_hours", u64::from(self.auth.console_hours)),
            ("auth.attempts_at_once", u64::from(self.auth.attempts_at_once)),
            ("auth.attempt_every_seconds", u64::from(self.auth.attempt_every_seconds)),
            ("auth.attempts_per_address", u64::from(self.auth.attempts_per_address)),
            ("review.lease_minutes", u64::from(self.review.lease_minutes)),
            ("auth.argon2_passes", u64::from(self.auth.argon2_passes)),
            ("auth.hashes_at_once", self.auth.hashes_at_once as u64),
            ("uploads.keep_hours", u64::from(self.uploads.keep_hours)),
            ("server.syncs_at_once", self.server.syncs_at_once as u64),
            ("server.syncs_in_line", self.server.syncs_in_line as u64),
        ];
        match counts.iter().find(|(_, value)| *value == 0) {
            Some((name, _)) => Err(ConfigError::Value(format!("{name} must be above zero"))),
            None if self.auth.argon2_memory_kib < 8 => {
                Err(ConfigError::Value("auth.argon2_memory_kib must be at least 8".to_owned()))
            }
            None => self.s3.objection().map_or(Ok(()), |objection| Err(ConfigError::Value(objection.to_owned()))),
        }
    }
}

fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
    text.parse().map_err(|source| ConfigError::Syntax { path: path.to_owned(), source })
}

/// Lays `over` upon `base`, table by table.
fn merge(base: &mut Table, over: Table) {
    for (name, value) in over {
        match (base.get_mut(&name), value) {
            (Some(Value::Table(inner)), Value::Table(value)) => merge(inner, value),
            (_, value) => {
                base.insert(name, value);
            }
        }
    }
}

fn set(settings: &mut Table, section: &str, name: &str, value: Value) {
    let section = settings.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(section) = section {
        section.insert(name.to_owned(), value);
    }
}

/// A number, a truth value or an array where the text is one; text otherwise.
fn literal(text: String) -> Value {
    let parsed = format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    parsed.unwrap_or(Value::String(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)], flags: &Flags) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("storewalk.toml");
        std::fs::write(&path, text).expect("file");
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(Some(&path), environment, flags)
    }

    #[test]
    fn no_setting_is_needed() {
        let config = Config::load(None, std::iter::empty(), &Flags::default()).expect("defaults");
        assert_eq!(config, Config::default());
    }

    #[test]
    fn a_flag_beats_the_environment_which_beats_the_file() {
        let file = "[server]\nlisten = \"127.0.0.1:1\"\ntrusted_proxies = 1\n[auth]\naccess_minutes = 5";
        let environment = [("STOREWALK_SERVER__LISTEN", "127.0.0.1:2"), ("STOREWALK_AUTH__ACCESS_MINUTES", "6")];
        let flags = Flags { listen: Some(SocketAddr::from(([127, 0, 0, 1], 3))), ..Flags::default() };
        let config = load(file, &environment, &flags).expect("settings");
        assert_eq!(config.server.listen.port(), 3);
        assert_eq!(config.server.trusted_proxies, 1);
        assert_eq!(config.auth.access_minutes, 6);
    }

    #[test]
    fn a_misspelt_name_is_an_error_that_names_it() {
        let error = load("[auth]\naces_minutes = 5", &[], &Flags::default()).expect_err("misspelt");
        assert!(error.to_string().contains("aces_minutes"), "{error}");
        let error = load("", &[("STOREWALK_ATUH__X", "1")], &Flags::default()).expect_err("misspelt");
        assert!(error.to_string().contains("atuh"), "{error}");
    }

    #[test]
    fn the_key_of_a_bucket_is_used_and_never_shown() {
        let file = "[s3]\nbucket = \"photos\"\nendpoint = \"https://s3.example.com\"\naccess_key_id = \"storewalk\"";
        let missing = load(file, &[], &Flags::default()).expect_err("half a key");
        assert!(missing.to_string().contains("s3.secret_access_key"), "{missing}");
        let config = load(file, &[("STOREWALK_S3__SECRET_ACCESS_KEY", "open sesame")], &Flags::default());
        let config = config.expect("settings");
        assert_eq!(config.s3.secret_access_key.reveal(), "open sesame");
        assert!(!format!("{config:?}{}", config.to_toml()).contains("sesame"));
        let clear = [("STOREWALK_S3__SECRET_ACCESS_KEY", "x"), ("STOREWALK_S3__ENDPOINT", "http://s3.example.com")];
        assert!(load(file, &clear, &Flags::default()).is_err(), "a key in the clear must be meant");
    }

    #[test]
    fn zero_where_it_would_lock_everybody_out_is_refused() {
        let error = load("[auth]\nattempts_at_once = 0", &[], &Flags::default()).expect_err("zero");
        assert_eq!(error.to_string(), "use the settings: auth.attempts_at_once must be above zero");
    }
}
