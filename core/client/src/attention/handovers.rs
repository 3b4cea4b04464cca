//! Handovers in the list "needs attention": what left, what came, and what was made of work done in between.

use rusqlite::Connection;
use storewalk_domain::{
    ids::{UserId, derived},
    outlet::{Handover, LateWork, Person},
    sync::StateExt,
    text::Localized,
};
use storewalk_sqlite::{SqliteState, select};

use super::{AttentionKind, AttentionView, ProblemView};
use crate::{ClientError, session};

/// One item for every handover that concerns the person. More work that arrives makes it a new item, so that one put
/// away comes back.
pub(super) fn handovers(connection: &Connection) -> Result<Vec<AttentionView>, ClientError> {
    let Some(session) = session::session(connection)? else { return Ok(Vec::new()) };
    let me = session.actor.user_id;
    let names = Names(SqliteState(connection));
    let notes: Vec<Handover> = select(connection, "ORDER BY decided_at DESC, id", [])?;
    notes.into_iter().map(|note| view(&names, me, note)).collect()
}

fn view(names: &Names<'_>, me: UserId, note: Handover) -> Result<AttentionView, ClientError> {
    let is_leaving = note.from_reps.contains(&me);
    let (sentence, next_step) = if is_leaving { left(names, &note)? } else { came(names, &note)? };
    let mut problems =
        vec![ProblemView { code: "handover".to_owned(), at: note.outlet_code.clone(), sentence, next_step }];
    for work in &note.works {
        problems.push(told(names, me, work)?);
    }
    Ok(AttentionView {
        kind: AttentionKind::HandedOver,
        id: derived(note.id.0, &note.works.len().to_string()),
        what: if note.outlet_id.is_some() {
            Localized::new("门店移交", "Outlet handed over")
        } else {
            Localized::new("片区移交", "Territory handed over")
        },
        about: note.name,
        at: Some(note.decided_at),
        problems,
        is_dismissible: true,
    })
}

fn left(names: &Names<'_>, note: &Handover) -> Result<(Localized, Localized), ClientError> {
    let (name, to) = (&note.name, names.all(&note.to_reps)?);
    let sentence = with_reason(note, format!("“{name}”已移交给{to}"), format!("“{name}” was handed over to {to}"));
    let next = Localized::new(
        "未发送的内容会照常发送；已开始的拜访可以做完",
        "What is unsent is still sent; a visit you began may be finished",
    );
    Ok((sentence, next))
}

fn came(names: &Names<'_>, note: &Handover) -> Result<(Localized, Localized), ClientError> {
    let (name, from) = (&note.name, names.all(&note.from_reps)?);
    let sentence = with_reason(note, format!("“{name}”由{from}移交给您"), format!("“{name}” came to you from {from}"));
    let next =
        Localized::new("拜访前请先看历史记录和未完成的任务", "Read its history and open tasks before you go there");
    Ok((sentence, next))
}

fn with_reason(note: &Handover, zh: String, en: String) -> Localized {
    if note.reason.is_empty() {
        return Localized::new(zh, en);
    }
    Localized::new(format!("{zh}（原因：{}）", note.reason), format!("{en} ({})", note.reason))
}

/// What was made of one work.
fn told(names: &Names<'_>, me: UserId, work: &LateWork) -> Result<ProblemView, ClientError> {
    let (kind, standing, rule) = (work.kind.label(), work.standing.label(), work.rule.code());
    let (by, credited) = (names.one(me, work.by)?, names.one(me, work.credited_to)?);
    let title = if work.title.is_empty() { String::new() } else { format!(" {}", work.title) };
    let sentence = Localized::new(
        format!("{}的{}{title}已接收（{}），按规则{rule}计入{}", by.zh, kind.zh, standing.zh, credited.zh),
        format!(
            "{}{title} by {} was accepted ({}); by rule {rule} it counts for {}",
            kind.en, by.en, standing.en, credited.en
        ),
    );
    let next_step = Localized::new("无需处理", "There is nothing to do");
    Ok(ProblemView { code: "late_work".to_owned(), at: work.id.to_string(), sentence, next_step })
}

/// People's names.
struct Names<'c>(SqliteState<'c>);

impl Names<'_> {
    fn one(&self, me: UserId, id: UserId) -> Result<Localized, ClientError> {
        if id == me {
            return Ok(Localized::new("您", "you"));
        }
        let person: Option<Person> = self.0.get(id.row())?;
        Ok(Localized::same(person.map_or_else(|| "—".to_owned(), |person| person.name)))
    }

    fn all(&self, ids: &[UserId]) -> Result<String, ClientError> {
        let mut names = Vec::new();
        for id in ids {
            let person: Option<Person> = self.0.get(id.row())?;
            names.extend(person.map(|person| person.name));
        }
        Ok(if names.is_empty() { "—".to_owned() } else { names.join("、") })
    }
}
