//! A phone as the server sees it: a token, a device, a counter.

use serde_json::{Value, json};
use storewalk_domain::{
    ids::CommandId,
    sync::{Bucket, Command},
    time::CaptureTime,
};
use storewalk_wire::{CommandVerdict, Cursor, Envelope, SyncRequest, SyncResponse};
use uuid::Uuid;

use crate::{
    fixture::{self, fresh},
    world::{PASSWORD, Reply, World},
};

pub(crate) struct Phone {
    pub(crate) device: Uuid,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) number: u64,
    pub(crate) seq: u64,
    pub(crate) cursors: Vec<Cursor>,
}

pub(crate) fn sign_in_body(login: &str, password: &str, device: Uuid) -> Value {
    json!({
        "login": login,
        "password": password,
        "device": { "device_id": device, "name": "phone", "platform": "android", "app_version": "0.1.0" },
    })
}

impl Phone {
    /// A new phone, signed in.
    pub(crate) async fn of(world: &World, login: &str) -> Self {
        Self::on(world, login, fresh()).await
    }

    /// A phone of a known identity, signed in.
    pub(crate) async fn on(world: &World, login: &str, device: Uuid) -> Self {
        let reply = world.post("/session", None, &sign_in_body(login, PASSWORD, device)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let grant = reply.json();
        let text = |name: &str| grant[name].as_str().expect("text").to_owned();
        Self {
            device,
            access: text("access_token"),
            refresh: text("refresh_token"),
            number: grant["device_number"].as_u64().expect("a number"),
            seq: 0,
            cursors: Vec::new(),
        }
    }

    /// A command under the next number.
    pub(crate) fn envelope(&mut self, command: &Command) -> Envelope {
        self.seq += 1;
        envelope(self.seq, &serde_json::to_value(command).expect("json"))
    }

    pub(crate) async fn send(&self, world: &World, commands: Vec<Envelope>) -> Reply {
        let request = SyncRequest {
            protocol: 1,
            capabilities: Vec::new(),
            commands,
            cursors: self.cursors.clone(),
            health: storewalk_wire::DeviceHealth::default(),
        };
        world.post("/sync", Some(&self.access), &serde_json::to_value(request).expect("json")).await
    }

    /// Sends commands and reads one page.
    pub(crate) async fn sync(&mut self, world: &World, commands: Vec<Envelope>) -> SyncResponse {
        let reply = self.send(world, commands).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let response: SyncResponse = serde_json::from_slice(&reply.body).expect("an answer");
        self.follow(&response);
        response
    }

    /// Sends one command; how it ended.
    pub(crate) async fn command(&mut self, world: &World, command: Command) -> CommandVerdict {
        let envelope = self.envelope(&command);
        let response = self.sync(world, vec![envelope]).await;
        response.results.into_iter().next().expect("a result").verdict
    }

    fn follow(&mut self, response: &SyncResponse) {
        for delta in &response.buckets {
            self.cursors.retain(|cursor| cursor.bucket != delta.bucket);
            let (bucket, epoch, position) = (delta.bucket.clone(), delta.epoch, delta.position);
            self.cursors.push(Cursor { bucket, epoch, position });
        }
        self.cursors.retain(|cursor| response.gone.iter().all(|gone| gone.bucket != cursor.bucket));
    }
}

pub(crate) fn envelope(seq: u64, command: &Value) -> Envelope {
    Envelope {
        seq,
        command_id: CommandId(fresh()),
        schema: 1,
        command: command.clone(),
        captured: CaptureTime {
            device_at: fixture::now(),
            monotonic_ms: 0,
            boot_id: "b".into(),
            anchor: None,
            not_before: None,
        },
        seen: std::collections::BTreeMap::new(),
    }
}

/// The rows of a table in an answer.
pub(crate) fn rows<'a>(response: &'a SyncResponse, table: &'a str) -> Vec<&'a Value> {
    let entries = response.buckets.iter().flat_map(|delta| &delta.entries);
    entries.filter(|entry| entry.table == table).filter_map(|entry| entry.row.as_ref()).collect()
}

/// The buckets of an answer.
pub(crate) fn buckets(response: &SyncResponse) -> Vec<Bucket> {
    response.buckets.iter().map(|delta| delta.bucket.clone()).collect()
}

/// The codes of a refusal.
pub(crate) fn refusal_codes(verdict: &CommandVerdict) -> Vec<&'static str> {
    match verdict {
        CommandVerdict::Refused { problems } => problems.iter().map(|problem| problem.code.as_str()).collect(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}
