//! What the status bar says: one state out of a closed list, in words a rep understands, with what to do.

use serde::Serialize;
use storewalk_domain::{
    text::Localized,
    time::{Timestamp, Zone},
};

use super::ClockWarning;

/// How syncing stands, the most pressing thing first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum SyncState {
    /// Nobody is signed in.
    NobodySignedIn,
    /// The server asks for the password again.
    NeedsPassword {
        /// Things that wait.
        waiting: u64,
    },
    /// The phone's storage is full.
    StorageFull,
    /// The data file is damaged, or cannot be used.
    StorageFaulty,
    /// The app is too old for the server: it gets no new data; what it captures is still sent.
    AppTooOld {
        /// Things that wait.
        waiting: u64,
    },
    /// The server is too old for the app; everything waits for its update.
    ServerTooOld {
        /// Things that wait.
        waiting: u64,
    },
    /// The phone's clock is wrong: what [`ClockWarning`] says.
    ClockWrong {
        /// [`ClockWarning::skew_ms`].
        by_ms: i64,
    },
    /// Everything is on the server.
    AllSent,
    /// Things wait and are about to be sent.
    Sending {
        /// Things that wait.
        waiting: u64,
    },
    /// Things wait for a network.
    WaitsForNetwork {
        /// Things that wait.
        waiting: u64,
        /// Since when, by the best estimate.
        since: Option<Timestamp>,
    },
    /// A network's log-in page stands in the way.
    WaitsForPortal {
        /// Things that wait.
        waiting: u64,
    },
    /// The server asks to wait.
    ServerBusy {
        /// Things that wait.
        waiting: u64,
    },
    /// Something else went wrong; it is tried again.
    TriesAgain {
        /// Things that wait.
        waiting: u64,
    },
}

/// What the state is told from.
pub(super) struct Signs<'s> {
    pub(super) is_signed_in: bool,
    pub(super) needs_password: bool,
    pub(super) waiting: u64,
    pub(super) since: Option<Timestamp>,
    pub(super) error: Option<&'s str>,
    pub(super) clock: Option<&'s ClockWarning>,
}

impl SyncState {
    pub(super) fn of(signs: &Signs<'_>) -> Self {
        let Signs { waiting, since, .. } = *signs;
        let error = signs.error.unwrap_or_default();
        match error {
            "storage_full" => return Self::StorageFull,
            "storage_damaged" | "storage_unavailable" | "storage_fault" | "file_fault" => return Self::StorageFaulty,
            _ => {}
        }
        if !signs.is_signed_in {
            return Self::NobodySignedIn;
        }
        if signs.needs_password {
            return Self::NeedsPassword { waiting };
        }
        match error {
            "app_outdated" | "protocol_unsupported" => return Self::AppTooOld { waiting },
            "server_outdated" => return Self::ServerTooOld { waiting },
            _ => {}
        }
        if let Some(clock) = signs.clock {
            return Self::ClockWrong { by_ms: clock.skew_ms };
        }
        match error {
            "" if waiting == 0 => Self::AllSent,
            "" => Self::Sending { waiting },
            "offline" | "timeout" => Self::WaitsForNetwork { waiting, since },
            "not_the_server" => Self::WaitsForPortal { waiting },
            "busy" | "too_many_requests" => Self::ServerBusy { waiting },
            _ => Self::TriesAgain { waiting },
        }
    }

    /// What it is, in a sentence; times of day are in `zone`.
    pub fn sentence(self, zone: Zone) -> Localized {
        match self {
            Self::NobodySignedIn => Localized::new("还没有人登录", "Nobody is signed in"),
            Self::NeedsPassword { waiting } => {
                told(waiting, "需要重新输入密码", "Your password is needed", "才能上传", "before", "can be sent")
            }
            Self::StorageFull => Localized::new("手机存储空间已满", "The phone's storage is full"),
            Self::StorageFaulty => Localized::new("手机存储无法读写", "The phone's storage cannot be used"),
            Self::AppTooOld { waiting } => told(
                waiting,
                "应用需要更新后才能收到新数据",
                "The app must be updated to receive new data",
                "仍会上传",
                "and",
                "are still to be sent",
            ),
            Self::ServerTooOld { waiting } => told(
                waiting,
                "服务器还不支持此版本的应用",
                "The server does not know this version of the app yet",
                "等待上传",
                "and",
                "wait",
            ),
            Self::ClockWrong { by_ms } => ClockWarning::off_by(by_ms).sentence,
            Self::AllSent => Localized::new("全部已上传", "Everything is sent"),
            Self::Sending { waiting } => {
                let things = things(waiting);
                Localized::new(
                    format!("{}即将上传", things.zh),
                    format!("{} about to be sent", capital(&things.en, waiting)),
                )
            }
            Self::WaitsForNetwork { waiting: 0, .. } => {
                Localized::new("没有网络；全部已上传", "No network; everything is sent")
            }
            Self::WaitsForNetwork { waiting, since } => {
                let (things, verb) = (things(waiting), if waiting == 1 { "waits" } else { "wait" });
                let since = since.map(|at| time_of_day(at, zone));
                let (zh, en) =
                    since.map_or_else(Default::default, |at| (format!("从 {at} 起"), format!(" since {at}")));
                Localized::new(format!("{}{zh}等待网络", things.zh), format!("{} {verb} for a network{en}", things.en))
            }
            Self::WaitsForPortal { waiting } => told(
                waiting,
                "当前网络要求先登录",
                "This network asks you to log in",
                "才能上传",
                "before",
                "can be sent",
            ),
            Self::ServerBusy { waiting } => {
                told(waiting, "服务器繁忙", "The server is busy", "稍后上传", "and", "wait")
            }
            Self::TriesAgain { waiting } => {
                told(waiting, "同步没有成功", "Syncing did not succeed", "稍后上传", "and", "wait")
            }
        }
    }

    /// What the person can do next.
    pub fn next_step(self) -> Localized {
        let (zh, en) = match self {
            Self::NobodySignedIn => ("请登录", "Sign in"),
            Self::NeedsPassword { .. } => {
                ("请重新登录；已录入的内容都还在", "Sign in again; everything you captured is still here")
            }
            Self::StorageFull => ("请清理一些空间", "Free some space"),
            Self::StorageFaulty => (
                "请关闭应用再打开，未上传的工作会被找回",
                "Close the app and open it again; unsent work is brought back",
            ),
            Self::AppTooOld { .. } => {
                ("请更新应用；已录入的内容都还在", "Update the app; everything you captured is still here")
            }
            Self::ServerTooOld { .. } => {
                ("照常工作，服务器更新后会自动上传", "Carry on; everything is sent once the server is updated")
            }
            Self::ClockWrong { by_ms } => return ClockWarning::off_by(by_ms).next_step,
            Self::AllSent => ("无需操作", "Nothing to do"),
            Self::Sending { .. } => ("照常工作，会自动上传", "Carry on; it is sent by itself"),
            Self::WaitsForNetwork { .. } => {
                ("照常工作，联网后会自动同步", "Carry on; everything is sent once there is a network")
            }
            Self::WaitsForPortal { .. } => (
                "请换一个网络，或在浏览器中完成网络登录",
                "Use another network, or finish its log-in page in a browser",
            ),
            Self::ServerBusy { .. } => ("照常工作，稍后会自动重试", "Carry on; it is tried again soon"),
            Self::TriesAgain { .. } => {
                ("会自动重试；若反复出现，请联系技术支持", "It is tried again; if it keeps happening, tell support")
            }
        };
        Localized::new(zh, en)
    }
}

/// A number of things.
fn things(waiting: u64) -> Localized {
    let en = if waiting == 1 { "1 thing".to_owned() } else { format!("{waiting} things") };
    Localized::new(format!("{waiting} 项内容"), en)
}

fn capital(things: &str, waiting: u64) -> String {
    format!("{things} {}", if waiting == 1 { "is" } else { "are" })
}

/// What happened, and what waits for it if anything does.
fn told(waiting: u64, zh: &str, en: &str, zh_after: &str, joint: &str, en_after: &str) -> Localized {
    if waiting == 0 {
        return Localized::new(zh, en);
    }
    let things = things(waiting);
    let en_after = if waiting == 1 { en_after.replace("are still", "is still") } else { en_after.to_owned() };
    let en_after = if waiting == 1 && en_after == "wait" { "waits".to_owned() } else { en_after };
    Localized::new(format!("{zh}，{}{zh_after}", things.zh), format!("{en} {joint} {} {en_after}", things.en))
}

/// `10:20`
fn time_of_day(at: Timestamp, zone: Zone) -> String {
    let shown = at.display_in(zone);
    shown.split_whitespace().nth(1).map_or_else(|| shown.clone(), |time| time.chars().take(5).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calm() -> Signs<'static> {
        Signs { is_signed_in: true, needs_password: false, waiting: 0, since: None, error: None, clock: None }
    }

    /// Every state there is, with something and with nothing waiting.
    fn all() -> Vec<SyncState> {
        let since = Timestamp::parse("2025-03-14T10:20:00+08:00");
        [0, 1, 3]
            .into_iter()
            .flat_map(|waiting| {
                [
                    SyncState::NobodySignedIn,
                    SyncState::NeedsPassword { waiting },
                    SyncState::StorageFull,
                    SyncState::StorageFaulty,
                    SyncState::AppTooOld { waiting },
                    SyncState::ServerTooOld { waiting },
                    SyncState::ClockWrong { by_ms: 93_600_000 },
                    SyncState::ClockWrong { by_ms: -420_000 },
                    SyncState::AllSent,
                    SyncState::Sending { waiting },
                    SyncState::WaitsForNetwork { waiting, since },
                    SyncState::WaitsForPortal { waiting },
                    SyncState::ServerBusy { waiting },
                    SyncState::TriesAgain { waiting },
                ]
            })
            .collect()
    }

    #[test]
    fn every_state_has_its_words_and_a_next_step_in_both_languages() {
        for state in all() {
            let (said, next) = (state.sentence(Zone::SHANGHAI), state.next_step());
            for text in [&said.en, &next.en] {
                assert!(!text.is_empty() && text.is_ascii() && !text.contains("  "), "{state:?}: {text}");
            }
            for text in [&said.zh, &next.zh] {
                assert!(text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)), "{state:?}: {text}");
            }
        }
    }

    #[test]
    fn what_a_rep_reads() {
        let since = Timestamp::parse("2025-03-14T10:20:00+08:00");
        let waits = SyncState::of(&Signs { waiting: 3, since, error: Some("offline"), ..calm() });
        let said = waits.sentence(Zone::SHANGHAI);
        assert_eq!(said.en, "3 things wait for a network since 10:20");
        assert_eq!(said.zh, "3 项内容从 10:20 起等待网络");
        let password = SyncState::of(&Signs { needs_password: true, waiting: 1, ..calm() });
        assert_eq!(password.sentence(Zone::SHANGHAI).en, "Your password is needed before 1 thing can be sent");
        let old = |waiting| SyncState::of(&Signs { error: Some("app_outdated"), waiting, ..calm() });
        let said = |waiting| old(waiting).sentence(Zone::SHANGHAI).en;
        assert_eq!(said(0), "The app must be updated to receive new data");
        assert_eq!(said(1), "The app must be updated to receive new data and 1 thing is still to be sent");
        let warning = ClockWarning::off_by(93_600_000);
        let clock = SyncState::of(&Signs { clock: Some(&warning), ..calm() });
        assert_eq!(clock.sentence(Zone::SHANGHAI).en, "This phone's clock is 26 h fast");
        assert_eq!((clock.sentence(Zone::SHANGHAI), clock.next_step()), (warning.sentence, warning.next_step));
        assert_eq!(SyncState::of(&calm()).sentence(Zone::SHANGHAI).en, "Everything is sent");
    }

    #[test]
    fn what_only_the_person_can_mend_is_told_before_what_mends_itself() {
        let warning = ClockWarning::off_by(-300_000);
        let worst = |error| Signs { waiting: 2, error: Some(error), clock: Some(&warning), ..calm() };
        assert_eq!(SyncState::of(&worst("storage_full")), SyncState::StorageFull);
        assert_eq!(SyncState::of(&worst("offline")), SyncState::ClockWrong { by_ms: -300_000 });
        for code in ["app_outdated", "protocol_unsupported"] {
            assert_eq!(SyncState::of(&worst(code)), SyncState::AppTooOld { waiting: 2 });
        }
        assert_eq!(SyncState::of(&worst("server_outdated")), SyncState::ServerTooOld { waiting: 2 });
        let nobody = Signs { is_signed_in: false, ..worst("signed_out") };
        assert_eq!(SyncState::of(&nobody), SyncState::NobodySignedIn);
        let timely = |error| SyncState::of(&Signs { clock: None, ..worst(error) });
        assert_eq!(timely("not_the_server"), SyncState::WaitsForPortal { waiting: 2 });
        assert_eq!(timely("busy"), SyncState::ServerBusy { waiting: 2 });
        assert_eq!(timely("internal"), SyncState::TriesAgain { waiting: 2 });
        assert_eq!(SyncState::of(&Signs { waiting: 2, ..calm() }), SyncState::Sending { waiting: 2 });
    }
}
