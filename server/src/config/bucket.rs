//! Where photos lie when they do not lie in the data folder: a bucket of an S3-compatible store.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A bucket of an S3-compatible store. Without a bucket's name photos lie in the data folder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Section {
    /// Address of the store, such as `https://s3.example.com`; empty for Amazon's own.
    pub endpoint: String,
    /// The bucket; empty when there is none.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// What every name in it begins with; may be empty.
    pub prefix: String,
    /// The key's public half.
    pub access_key_id: String,
    /// The key's secret half; rather in the environment than in a file.
    pub secret_access_key: Secret,
    /// Whether the bucket's name is part of the path and not of the host.
    pub is_path_style: bool,
    /// Whether the store may be spoken to in the clear: for one on the same machine.
    pub allows_http: bool,
}

impl Default for S3Section {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            bucket: String::new(),
            region: "us-east-1".to_owned(),
            prefix: String::new(),
            access_key_id: String::new(),
            secret_access_key: Secret::default(),
            is_path_style: true,
            allows_http: false,
        }
    }
}

impl S3Section {
    /// What is missing, when a bucket is named.
    pub(super) fn objection(&self) -> Option<&'static str> {
        if self.bucket.is_empty() {
            return None;
        }
        if self.access_key_id.is_empty() || self.secret_access_key.reveal().is_empty() {
            return Some("s3.access_key_id and s3.secret_access_key must be set with s3.bucket");
        }
        (self.endpoint.starts_with("http://") && !self.allows_http)
            .then_some("s3.endpoint is not https: set s3.allows_http if that is meant")
    }
}

/// A text that shows nowhere but where it is used.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn shown(&self) -> &'static str {
        if self.0.is_empty() { "" } else { "(not shown)" }
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.shown())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}
