//! What reviewers and administrators decide beside the queue: second looks and agreement, the policy and holds, contested
//! corrections, what came of a restore. Each page with data on it, in both languages, on a desk and on a phone's width.

use anyhow::ensure;
use storewalk_domain::{
    ids::{CommandId, PhotoId, VerdictId},
    outlet::{Edit, FieldName, Outlet, ProfileField},
    photo::{Photo, Signal, SignalAnswer, SignalKind, VerdictDecision},
    retention::{Hold, RetentionPolicy},
    review::{Drawn, SecondLook},
    sync::Row,
    time::Timestamp,
    trusted::{Clocks, TrustedSpan},
};
use storewalk_server::{
    admin::load_rows,
    store::{Erasure, PhotoMatch, Removal, StoreError, StoreTxn},
};
use storewalk_tests::{browser::Browser, world};
use storewalk_wire::Variant;
use uuid::Uuid;

use super::{english_phrases, ensure_everything_has_a_name, ensure_no_sideways_scrolling, scene::Scene};

/// A verdict that 王强, standing in for another reviewer, gave; 赵敏 may look again.
const DRAWN: VerdictId = VerdictId(Uuid::from_u128(0xd1));

fn at(time: &str) -> Timestamp {
    world::at(&format!("2025-03-14T{time}"))
}

/// Puts data on every page.
pub(super) async fn prepare(scene: &Scene) -> anyhow::Result<()> {
    let [first, second, third, fourth, fifth] = scene.photos[..] else { anyhow::bail!("five photos") };
    signals(scene, first).await?;
    corrections(scene).await?;
    let (zhao, wang) = (world::user("zhaomin"), world::user("wangqiang"));
    let drawn = move |id: u128, photo_id: PhotoId, first: VerdictDecision, second: Option<VerdictDecision>| Drawn {
        verdict_id: VerdictId(Uuid::from_u128(id)),
        photo_id,
        first,
        first_by: if second.is_some() { zhao } else { wang },
        drawn_at: at("10:00"),
        second: second.map(|decision| SecondLook {
            by: wang,
            decision,
            reason: (decision == VerdictDecision::Rejected).then(|| "blurred".to_owned()),
            note: "价签看不清，整排商品被前面的推车挡住一半，建议换个角度再拍一张".to_owned(),
            at: at("10:10"),
        }),
    };
    let looks = [
        drawn(0xd1, third, VerdictDecision::Approved, None),
        drawn(0xd2, first, VerdictDecision::Approved, Some(VerdictDecision::Approved)),
        drawn(0xd3, second, VerdictDecision::Rejected, Some(VerdictDecision::Rejected)),
        drawn(0xd4, fifth, VerdictDecision::Approved, Some(VerdictDecision::Rejected)),
    ];
    let matches = [(first, second, 14, false), (first, fifth, 0, true)];
    let write = move |txn: &mut dyn StoreTxn| -> Result<(), StoreError> {
        for drawn in &looks {
            txn.put_drawn(drawn)?;
        }
        for (photo_id, other_id, bits, is_same_bytes) in matches {
            let found_at = at("10:01");
            txn.put_photo_match(&PhotoMatch { photo_id, other_id, bits, is_turned: false, is_same_bytes, found_at })?;
        }
        let reason = "法务要求：价格争议期内的照片保留两年，其余按年度清理".to_owned();
        let next = RetentionPolicy {
            version: 2,
            decided_by: Some(zhao),
            decided_at: at("09:00"),
            reason,
            ..RetentionPolicy::usual()
        };
        txn.put_policy(&next)?;
        let reason = "与经销商 D01 的价格纠纷，结案前不得删除".to_owned();
        txn.put_hold(&Hold { photo_id: first, set_by: zhao, set_at: at("10:05"), reason, lifted: None })?;
        let file = txn.photo_file(fourth, Variant::Original)?;
        let file = file.ok_or_else(|| StoreError::Unavailable("no file".into()))?;
        txn.remove_photo_file(&Removal {
            photo_id: fourth,
            variant: Variant::Original,
            sha256: file.sha256,
            size_bytes: file.size_bytes,
            received_at: file.received_at,
            removed_at: at("10:20"),
            class: "price".to_owned(),
            policy_version: 2,
            erasure: Erasure::Waiting,
        })?;
        let come = txn.evidence()?;
        txn.begin_life(come.epoch + 1, come.device_number)?;
        txn.note_life(at("10:21"))
    };
    Ok(scene.state.store.write(write).await?)
}

async fn signals(scene: &Scene, id: PhotoId) -> anyhow::Result<()> {
    let photo: Photo = scene.row(id.row()).await?;
    let signal = |kind, params: &[(&str, &str)], answer: Option<&str>| Signal {
        kind,
        params: params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        seen_at: at("09:40"),
        answer: answer.map(|text| SignalAnswer { text: text.to_owned(), at: at("10:02") }),
    };
    let alike = [("outlet", "S0102 光谷数码城"), ("date", "2025-03-09"), ("bits", "14"), ("turned", "")];
    let signals = vec![
        signal(
            SignalKind::Clock,
            &[("minutes", "+26")],
            Some("手机昨天没电关机，时间自动恢复成出厂设置，到店后才发现"),
        ),
        signal(SignalKind::SameBytes, &alike, None),
        signal(SignalKind::NearDuplicate, &alike, None),
    ];
    Ok(load_rows(&scene.state, vec![Photo { signals: Some(signals), ..photo }.into()]).await?)
}

/// 李雯 made the fence 120 m on one phone and, 26 hours fast, 200 m on another.
async fn corrections(scene: &Scene) -> anyhow::Result<()> {
    let outlet: Outlet = scene.row(world::outlet("S0101").row()).await?;
    let edit = |id: u128, to: &str, at: Timestamp, device_at: Timestamp| Edit {
        id: CommandId(Uuid::from_u128(id)),
        from: "150".to_owned(),
        to: to.to_owned(),
        by: world::user("liwen"),
        at,
        clocks: Clocks { device_at, span: TrustedSpan::at(at) },
    };
    let field = ProfileField {
        id: ProfileField::id_of(outlet.id, FieldName::FenceM),
        outlet_id: outlet.id,
        territory_id: outlet.territory_id,
        region_code: world::REGION.to_owned(),
        field: FieldName::FenceM,
        base: "150".to_owned(),
        shown: "200".to_owned(),
        is_contested: true,
        edits: vec![
            edit(0xe1, "120", at("08:50"), at("08:50")),
            edit(0xe2, "200", at("09:02"), at("09:02").plus_ms(26 * 3_600_000)),
        ],
        decisions: Vec::new(),
    };
    let rows: Vec<Row> = vec![field.into(), Outlet { fence_m: 200, ..outlet }.into()];
    load_rows(&scene.state, rows).await?;
    let phone = scene.phone;
    let came = move |txn: &mut dyn StoreTxn| {
        txn.put_device_seq(phone, 1, world::user("liwen"), CommandId(Uuid::from_u128(0xe1)))
    };
    Ok(scene.state.store.write::<(), StoreError>(came).await?)
}

/// Looks at every page; what is wrong is told of all of them together.
pub(super) async fn look_around(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let english = english_phrases()?;
    let mut faults = Vec::new();
    for language in ["en", "zh"] {
        if language == "zh" {
            browser.open(&format!("{}/console/policy", scene.url)).await?;
            browser.click("form[action='/console/language'] button").await?;
            browser.element("html[lang=zh-Hans] main").await?;
        }
        for (name, path, wanted) in pages(scene) {
            let wanted = if language == "en" { wanted[0] } else { wanted[1] };
            for width in [1_280, 390] {
                browser.pretend_screen(width, 1_000).await?;
                browser.open(&format!("{}{path}", scene.url)).await?;
                let name = format!("{name}-{language}-{width}");
                let foreign: &[String] = if language == "zh" { &english } else { &[] };
                faults.extend(look(browser, &name, wanted, foreign).await.err());
                let height = browser.script("return document.documentElement.scrollHeight").await?;
                browser.pretend_screen(width, u32::try_from(height.as_u64().unwrap_or(1_000))?).await?;
                browser.screenshot(&format!("board-{name}")).await?;
            }
        }
    }
    ensure!(faults.is_empty(), "{faults:#?}");
    let complaints = browser.complaints().await?;
    ensure!(complaints.is_empty(), "the browser complains: {complaints:#?}");
    Ok(())
}

/// One page: it says what it should in one language, everything on it has a name, nothing is cut off.
async fn look(browser: &Browser, name: &str, wanted: &str, foreign: &[String]) -> anyhow::Result<()> {
    let page = browser.text("body").await?;
    ensure!(page.contains(wanted), "{wanted} is missing on {name}: {page}");
    let left = foreign.iter().find(|phrase| page.contains(phrase.as_str()));
    ensure!(left.is_none(), "{name} says {left:?} in English: {page}");
    ensure_everything_has_a_name(browser, name).await?;
    ensure_no_sideways_scrolling(browser, name).await
}

/// The pages, with a text of each in both languages.
fn pages(scene: &Scene) -> Vec<(&'static str, String, [&'static str; 2])> {
    let [first, _, _, fourth, _] = scene.photos[..] else { return Vec::new() };
    vec![
        ("second", "/console/second".to_owned(), ["Second look", "复核"]),
        ("look", format!("/console/second/{DRAWN}"), ["without", "复核"]),
        ("agreement", "/console/agreement".to_owned(), ["66.7 %", "66.7 %"]),
        ("policy", "/console/policy".to_owned(), ["Version 2", "第 2 版"]),
        ("held", format!("/console/photos/{first}"), ["Under a legal hold", "已依法保留"]),
        ("deleted", format!("/console/photos/{fourth}"), ["no longer here", "SHA-256"]),
        ("conflicts", "/console/conflicts".to_owned(), ["shown for now", "李雯的手机"]),
        ("devices", "/console/devices".to_owned(), ["put back from a backup", "备份"]),
        ("attention", "/console/attention".to_owned(), ["Placing an order", "未被接受的提交"]),
        ("queue", "/console/review?rule=risk&least=2".to_owned(), ["By signals", "疑点"]),
        ("wall", "/console/photos?state=all".to_owned(), ["7 of 7 photos", "共"]),
        ("export", "/console/photos?state=all#export".to_owned(), ["Detection may miss faces", "遮盖人物的副本"]),
    ]
}
