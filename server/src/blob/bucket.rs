//! A bucket of an S3-compatible store, by the settings.

use std::{sync::Arc, time::Duration};

use object_store::{
    RetryConfig,
    aws::{AmazonS3Builder, Checksum},
};

use super::Shelf;
use crate::{config::S3Section, error::StartError};

/// Tries of one request, and how long they may take together: whoever waits has a phone in hand.
const TRIES: usize = 4;
const TRIES_MAY_TAKE: Duration = Duration::from_secs(20);

/// The shelf in the bucket that the settings name. Nothing is asked of it yet.
///
/// # Errors
/// When the settings contradict themselves.
pub(super) fn open(settings: &S3Section) -> Result<Shelf, StartError> {
    // There may be one already, put there by another part of this process: as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let retry = RetryConfig { max_retries: TRIES, retry_timeout: TRIES_MAY_TAKE, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&settings.bucket)
        .with_region(&settings.region)
        .with_access_key_id(&settings.access_key_id)
        .with_secret_access_key(settings.secret_access_key.reveal())
        .with_virtual_hosted_style_request(!settings.is_path_style)
        .with_allow_http(settings.allows_http)
        .with_checksum_algorithm(Checksum::SHA256)
        .with_retry(retry);
    if !settings.endpoint.is_empty() {
        builder = builder.with_endpoint(&settings.endpoint);
    }
    let objects = builder.build().map_err(|error| StartError::Settings(format!("[s3]: {error}")))?;
    Ok(Shelf::bucket(Arc::new(objects), &settings.prefix))
}
