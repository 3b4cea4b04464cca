//! A phone reduced to its requests: a token, a counter, cursors, and bodies as they travel.

use anyhow::{Context, ensure};
use serde::{Deserialize, de::IgnoredAny};
use storewalk_client::RandomIds;
use storewalk_domain::{
    ids::{CommandId, IdSource, OutletId, TaskId},
    sync::{Bucket, Command, RaiseTask},
    time::BusinessDate,
};
use storewalk_wire::{Cursor, Envelope, SessionGrant};

use super::crowd::PASSWORD;

/// A phone as the server sees it.
pub(super) struct Caller {
    client: reqwest::Client,
    url: String,
    pub(super) token: String,
    cursors: Vec<Cursor>,
    seq: u64,
    /// Bytes of bodies, both ways.
    pub(super) bytes: (u64, u64),
}

/// As much of an answer as a phone must read to ask on.
#[derive(Deserialize)]
struct Brief {
    acked_seq: u64,
    results: Vec<BriefResult>,
    buckets: Vec<BriefDelta>,
    is_complete: bool,
}

#[derive(Deserialize)]
struct BriefResult {
    verdict: BriefVerdict,
}

#[derive(Deserialize)]
struct BriefVerdict {
    result: String,
}

#[derive(Deserialize)]
struct BriefDelta {
    bucket: Bucket,
    epoch: u64,
    position: u64,
    entries: Vec<IgnoredAny>,
}

impl Caller {
    /// Signs in on a phone of its own.
    ///
    /// # Errors
    /// When the server does not let it in.
    pub(super) async fn sign_in(url: &str, login: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls()?).build()?;
        let request = serde_json::json!({
            "login": login,
            "password": PASSWORD,
            "device": {
                "device_id": RandomIds.next_id(), "name": "figure", "platform": "test", "app_version": "1.0.0",
            },
        });
        let response = client.post(format!("{url}/session")).json(&request).send().await?.error_for_status()?;
        let grant: SessionGrant = response.json().await?;
        let token = grant.access_token;
        Ok(Self { client, url: url.to_owned(), token, cursors: Vec::new(), seq: 0, bytes: (0, 0) })
    }

    /// Commands as JSON text, ready to be sent: tasks raised at an outlet.
    ///
    /// # Errors
    /// When a command has no JSON form.
    pub(super) fn prepare(&mut self, outlet_id: OutletId, commands: usize) -> anyhow::Result<String> {
        let envelopes: Vec<Envelope> = (0..commands)
            .map(|_| {
                self.seq += 1;
                let command = Command::from(RaiseTask {
                    task_id: TaskId(RandomIds.next_id()),
                    outlet_id,
                    visit_id: None,
                    note: format!("换灯箱 {}", self.seq),
                    due_on: BusinessDate::parse("2025-03-20").context("a date")?,
                });
                Ok(Envelope {
                    seq: self.seq,
                    command_id: CommandId(RandomIds.next_id()),
                    schema: 1,
                    command: serde_json::to_value(command)?,
                    captured: serde_json::from_value(serde_json::json!({
                        "device_at": 1_741_910_400_000 + self.seq * 1_000,
                        "monotonic_ms": self.seq * 1_000,
                        "boot_id": "b",
                        "anchor": null,
                    }))?,
                    seen: self.cursors.iter().map(|cursor| (cursor.bucket.clone(), cursor.position)).collect(),
                })
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(serde_json::to_string(&envelopes)?)
    }

    /// One sync with prepared commands; every one of them must be applied. Gives the number of rows that came down and
    /// whether that was all.
    ///
    /// # Errors
    /// When the server refuses anything.
    pub(super) async fn sync(&mut self, commands: &str) -> anyhow::Result<(usize, bool)> {
        let cursors = serde_json::to_string(&self.cursors)?;
        let body = format!("{{\"protocol\":1,\"commands\":{commands},\"cursors\":{cursors}}}");
        let packed = zstd::encode_all(body.as_bytes(), 3)?;
        self.bytes.0 += packed.len() as u64;
        let response = self
            .client
            .post(format!("{}/sync", self.url))
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .header("content-encoding", "zstd")
            .header("accept-encoding", "zstd")
            .body(packed)
            .send()
            .await?;
        let is_success = response.status().is_success();
        let answer = response.bytes().await?;
        ensure!(is_success, "refused: {}", String::from_utf8_lossy(&answer));
        self.bytes.1 += answer.len() as u64;
        let brief: Brief = serde_json::from_slice(&zstd::decode_all(&*answer)?).context("an answer")?;
        ensure!(brief.results.iter().all(|result| result.verdict.result == "applied"), "a command was not applied");
        ensure!(commands == "[]" || !brief.results.is_empty(), "commands without results");
        ensure!(brief.acked_seq <= self.seq, "acknowledged what was not sent");
        let rows = brief.buckets.iter().map(|delta| delta.entries.len()).sum();
        for BriefDelta { bucket, epoch, position, .. } in brief.buckets {
            self.cursors.retain(|cursor| cursor.bucket != bucket);
            self.cursors.push(Cursor { bucket, epoch, position });
        }
        Ok((rows, brief.is_complete))
    }

    /// Syncs without commands until everything is read.
    ///
    /// # Errors
    /// When the server refuses.
    pub(super) async fn catch_up(&mut self) -> anyhow::Result<usize> {
        let mut all = 0;
        loop {
            let (rows, is_complete) = self.sync("[]").await?;
            all += rows;
            if is_complete {
                return Ok(all);
            }
        }
    }
}

fn tls() -> anyhow::Result<rustls::ClientConfig> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}
