//! The bytes of the protocol, frozen: a snapshot that changes is a phone in the field that no longer understands.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use storewalk_domain::{
    ids::{CommandId, DeviceId, RowId, TerritoryId, UserId, VisitId},
    outlet::Role,
    problem::{Problem, ProblemCode},
    sync::{Actor, BeginStep, Bucket, Command, Policies},
    time::{CaptureTime, ServerAnchor, Timestamp},
};
use storewalk_wire::{
    BatchReceipt, BucketDelta, BucketSum, Checksum, CommandResult, CommandVerdict, CopyOf, CopyRequest, CourierKey,
    Cursor, DeviceHealth, DeviceInfo, Entry, Envelope, ErrorCode, GoneBucket, HealRequest, HealResponse, PROTOCOL,
    Parcel, ParcelContent, ParcelFate, ParcelReceipt, PhotoLink, PhotoReceipt, ProblemBody, ProtocolWindow, RangeSum,
    ReceiptKey, RefreshRequest, SegmentRef, SessionGrant, SignInMarks, SignInRequest, Signature, Snapshot,
    StandingRequest, StandingResponse, SyncRequest, SyncResponse, UnsentAges, UploadRequest, UploadState, UserInfo,
    Variant, batch_text, photo_text,
};
use uuid::Uuid;

const AT: Timestamp = Timestamp(1_741_916_400_000);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn phone() -> DeviceInfo {
    DeviceInfo {
        device_id: DeviceId(id(6)),
        name: "Phone".into(),
        platform: "demo".into(),
        app_version: "0.1.0".into(),
        parcel_key: None,
        number: None,
    }
}

fn envelope() -> Envelope {
    let command = Command::from(BeginStep { visit_id: VisitId(id(3)), step: 4 });
    Envelope {
        seq: 17,
        command_id: CommandId(id(2)),
        schema: 1,
        command: serde_json::to_value(command).expect("a command is JSON"),
        captured: CaptureTime {
            device_at: AT,
            monotonic_ms: 5_000,
            boot_id: "boot-1".into(),
            anchor: Some(ServerAnchor { server_at: AT, monotonic_ms: 4_000, boot_id: "boot-1".into() }),
            not_before: None,
        },
        seen: BTreeMap::from([(Bucket::Org, 12), (Bucket::Territory(TerritoryId(id(4))), 7)]),
    }
}

fn entry(position: u64, row: Option<Value>) -> Entry {
    Entry { position, table: "visits".into(), id: RowId(id(3)), version: 2, row }
}

fn actor() -> Actor {
    Actor { user_id: UserId(id(5)), role: Role::Rep, territories: vec![TerritoryId(id(4))], dealers: vec![] }
}

#[test]
fn a_sync_request_keeps_its_shape() {
    let request = SyncRequest {
        protocol: PROTOCOL,
        capabilities: vec!["pages".into()],
        commands: vec![envelope()],
        cursors: vec![Cursor { bucket: Bucket::Org, epoch: 1, position: 12 }],
        health: DeviceHealth {
            unsent_commands: 1,
            unsent_photos: 2,
            oldest_unsent_at: Some(AT),
            last_error: Some("offline".into()),
            device_at: AT,
            app_version: "0.1.0".into(),
            ..DeviceHealth::default()
        },
    };
    insta::assert_json_snapshot!(request);
}

#[test]
fn a_sync_response_keeps_its_shape() {
    let refused = Problem::new(ProblemCode::VisitClosed).at("visit_id").with("since", "10:00");
    let response = SyncResponse {
        server_at: AT,
        results: vec![
            CommandResult {
                seq: 16,
                command_id: CommandId(id(1)),
                verdict: CommandVerdict::Applied,
                is_duplicate: true,
            },
            CommandResult {
                seq: 17,
                command_id: CommandId(id(2)),
                verdict: CommandVerdict::Refused { problems: vec![refused] },
                is_duplicate: false,
            },
        ],
        acked_seq: 17,
        actor: actor(),
        policies: Policies::default(),
        buckets: vec![BucketDelta {
            bucket: Bucket::Territory(TerritoryId(id(4))),
            epoch: 1,
            head: 9,
            is_restart: false,
            entries: vec![entry(8, Some(json!({"id": id(3)}))), entry(9, None)],
            position: 9,
            sum: None,
            snapshot: None,
        }],
        gone: vec![GoneBucket { bucket: Bucket::Audit("jiangcheng".into()) }],
        is_complete: true,
        receipt: None,
        standing: None,
        protocols: None,
        withheld: None,
    };
    insta::assert_json_snapshot!(response);
}

#[test]
fn a_bucket_in_bulk_and_its_healing_keep_their_shape() {
    let delta = BucketDelta {
        bucket: Bucket::Org,
        epoch: 1,
        head: 9,
        is_restart: false,
        entries: vec![entry(9, None)],
        position: 9,
        sum: Some(BucketSum { rows: 2_000, checksum: Checksum(0xfeed) }),
        snapshot: Some(Snapshot {
            as_of: 8,
            segments: vec![SegmentRef { hash: "ab".repeat(32), bytes: 130_000, unpacked_bytes: 600_000, rows: 2_000 }],
        }),
    };
    let range = RangeSum { rows: 7, checksum: Checksum(1) };
    let request = HealRequest { bucket: Bucket::Org, epoch: 1, position: 9, ranges: vec![range; 2] };
    let entries = vec![entry(8, Some(json!({"id": id(3)})))];
    let response =
        HealResponse { bucket: Bucket::Org, epoch: 1, position: 9, ranges: vec![3], entries, is_complete: true };
    insta::assert_json_snapshot!((delta, request, response));
}

#[test]
fn a_session_keeps_its_shape() {
    let sign_in =
        SignInRequest { login: "liwen".into(), password: "secret".into(), device: phone(), marks: None, copy_of: None };
    let refresh = RefreshRequest {
        refresh_token: "token".into(),
        nonce: "nonce".into(),
        device_id: DeviceId(id(6)),
        parcel_key: None,
    };
    let grant = SessionGrant {
        access_token: "access".into(),
        access_expires_at: AT,
        refresh_token: "refresh".into(),
        refresh_expires_at: AT,
        device_number: 3,
        user: UserInfo { id: UserId(id(5)), code: "R001".into(), name: "李雯".into(), role: Role::Rep },
        actor: actor(),
        server_at: AT,
        courier_key: None,
        parking_key: None,
        receipt_key: None,
        protocols: None,
    };
    insta::assert_json_snapshot!(json!({ "sign_in": sign_in, "refresh": refresh, "grant": grant }));
}

#[test]
fn an_upload_and_a_problem_keep_their_shape() {
    let upload = UploadRequest {
        photo_id: storewalk_domain::ids::PhotoId(id(7)),
        variant: Variant::Original,
        size_bytes: 3_600_000,
        sha256: "00".repeat(32),
    };
    let state = UploadState { offset: 2_359_296, is_complete: false, receipt: None };
    let problem = ProblemBody {
        kind: ErrorCode::OffsetMismatch.urn(),
        title: "The upload stands at another offset".into(),
        status: ErrorCode::OffsetMismatch.status(),
        detail: String::new(),
        code: ErrorCode::OffsetMismatch,
        at: "Upload-Offset".into(),
        next_step: "Ask for the offset and go on from there".into(),
        request_id: "1".into(),
        problems: vec![],
        protocols: None,
    };
    let link = PhotoLink { path: "/photos/1/thumbnail?person=2&until=3&seal=4".into(), expires_at: AT };
    insta::assert_json_snapshot!(json!({ "upload": upload, "state": state, "problem": problem, "link": link }));
}

#[test]
fn receipts_keep_their_shape_and_the_text_they_sign() {
    let key = ReceiptKey([7; 32]);
    let device = DeviceId(id(6));
    let applied =
        CommandResult { seq: 17, command_id: CommandId(id(2)), verdict: CommandVerdict::Applied, is_duplicate: false };
    let upload = UploadRequest {
        photo_id: storewalk_domain::ids::PhotoId(id(7)),
        variant: Variant::Original,
        size_bytes: 3_600_000,
        sha256: "00".repeat(32),
    };
    let batch = batch_text(&key, device, AT, &[envelope()], std::slice::from_ref(&applied)).expect("answered");
    let stranger = CommandResult { seq: 18, ..applied };
    assert_eq!(batch_text(&key, device, AT, &[envelope()], &[stranger]), None, "a result nobody asked for");
    let signature = Signature([9; 64]);
    let info = DeviceInfo {
        device_id: device,
        name: "Phone".into(),
        platform: "demo".into(),
        app_version: "0.1.0".into(),
        number: Some(3),
        parcel_key: None,
    };
    insta::assert_json_snapshot!(json!({
        "batch": BatchReceipt { key, signature },
        "batch_text": batch.lines().collect::<Vec<_>>(),
        "photo": UploadState {
            offset: 3_600_000,
            is_complete: true,
            receipt: Some(PhotoReceipt { key, at: AT, signature }),
        },
        "photo_text": photo_text(&key, device, AT, &upload).lines().collect::<Vec<_>>(),
        "copy": CopyRequest { device: info, copied_from: DeviceId(id(5)), last_seq: 17 },
        "health": DeviceHealth { receipt_problems: 2, is_receipt_key_new: true, ..DeviceHealth::default() },
    }));
}

#[test]
fn a_standing_and_the_marks_of_a_sign_in_keep_their_shape() {
    let ask = StandingRequest { standing: "0123456789abcdef".into(), device_at: AT };
    let answer = StandingResponse { server_at: AT, is_same: true };
    let marked = SignInRequest {
        login: "liwen".into(),
        password: "secret".into(),
        device: phone(),
        marks: Some(SignInMarks { mark: id(8), earlier: vec![id(7)] }),
        copy_of: Some(CopyOf { device_id: DeviceId(id(5)), last_seq: 17 }),
    };
    insta::assert_json_snapshot!((ask, answer, marked));
}

#[test]
fn secrets_never_show_in_debug_output() {
    let grant = SignInRequest {
        login: "liwen".into(),
        password: "canary-password".into(),
        device: phone(),
        marks: None,
        copy_of: None,
    };
    assert!(!format!("{grant:?}").contains("canary"));
}

#[test]
fn what_a_newer_server_adds_is_passed_over_and_what_it_calls_anew_is_kept() {
    let mut response = serde_json::to_value(SyncResponse {
        server_at: AT,
        results: vec![],
        acked_seq: 0,
        actor: actor(),
        policies: Policies::default(),
        buckets: vec![],
        gone: vec![],
        is_complete: true,
        receipt: None,
        standing: None,
        protocols: None,
        withheld: None,
    })
    .expect("JSON");
    response["weather"] = Value::from("sunny");
    response["results"] = json!([{
        "seq": 1, "command_id": id(1),
        "verdict": {"result": "refused", "problems": [{"code": "from_the_future"}]}
    }]);
    let read: SyncResponse = serde_json::from_value(response).expect("still read");
    let CommandVerdict::Refused { problems } = &read.results[0].verdict else { panic!("a refusal") };
    assert_eq!(problems[0].code, ProblemCode::Unknown);
}

#[test]
fn what_parcels_and_sync_health_add_keeps_its_shape() {
    let health = DeviceHealth {
        unsent_commands: 3,
        unsent_kinds: BTreeMap::from([("visit.answer".into(), 2), ("order.submit".into(), 1)]),
        unsent_ages: UnsentAges { hour: 1, day: 1, week: 0, older: 1 },
        database_bytes: 3 << 20,
        queue_bytes: 240_000,
        parcels: 2,
        ..DeviceHealth::default()
    };
    let parcel = Parcel {
        device_id: DeviceId(id(6)),
        user_id: UserId(id(5)),
        packed_at: AT,
        number: 2,
        of: 3,
        content: ParcelContent::Photo {
            upload: UploadRequest {
                photo_id: storewalk_domain::ids::PhotoId(id(7)),
                variant: Variant::Original,
                size_bytes: 3_600_000,
                sha256: "0".repeat(64),
            },
            offset: 3_145_728,
        },
    };
    let key = CourierKey { id: "00".repeat(8), public_key: "11".repeat(32) };
    let receipts = [ParcelReceipt { fate: ParcelFate::Taken }, ParcelReceipt { fate: ParcelFate::Kept }];
    insta::assert_json_snapshot!(
        json!({ "health": health, "parcel": parcel, "courier_key": key, "receipts": receipts })
    );
}

#[test]
fn what_a_phone_remembers_across_a_reboot_keeps_its_shape() {
    let anchor = ServerAnchor { server_at: AT, monotonic_ms: 4_000, boot_id: "boot-1".into() };
    let captured = CaptureTime {
        device_at: AT,
        monotonic_ms: 9,
        boot_id: "boot-2".into(),
        anchor: Some(anchor),
        not_before: Some(AT.plus_ms(60_000)),
    };
    insta::assert_json_snapshot!(captured);
    let mut older = serde_json::to_value(&captured).expect("json");
    older.as_object_mut().expect("an object").remove("not_before");
    let read: CaptureTime = serde_json::from_value(older).expect("an older phone says nothing of it");
    assert_eq!(read, CaptureTime { not_before: None, ..captured });
}

#[test]
fn what_a_phone_outside_of_the_window_is_told_keeps_its_shape() {
    let code = ErrorCode::AppOutdated;
    let withheld = ProblemBody {
        kind: code.urn(),
        title: "too old".into(),
        status: code.status(),
        detail: "this server serves protocols 2 to 3".into(),
        code,
        at: "protocol".into(),
        next_step: "update".into(),
        request_id: String::new(),
        problems: vec![],
        protocols: Some(ProtocolWindow { min: 2, max: 3 }),
    };
    let health = DeviceHealth { protocol: 1, ..DeviceHealth::default() };
    insta::assert_json_snapshot!((&withheld, health, ErrorCode::ServerOutdated));
    // An answer of before the window says nothing of it, and a command of before shapes were written down is of the first.
    let answer = json!({
        "server_at": 0, "results": [], "acked_seq": 0, "actor": actor(), "policies": Policies::default(), "buckets": [],
        "is_complete": false, "withheld": withheld,
    });
    let answer: SyncResponse = serde_json::from_value(answer).expect("read");
    assert_eq!((answer.protocols, answer.withheld), (None, Some(Box::new(withheld))));
    let captured = json!({ "device_at": 0, "monotonic_ms": 0, "boot_id": "b", "anchor": null });
    let command = json!({ "seq": 1, "command_id": id(1), "command": { "kind": "task.close" }, "captured": captured });
    assert_eq!(serde_json::from_value::<Envelope>(command).expect("read").schema, 1);
}
