//! What commands are called, in both languages.

use storewalk_domain::{
    sync::{Refusal, RefusalOutcome, RefusalSettled},
    text::Localized,
};

/// A kind of command in a few words; the kind itself for one that this release does not know.
pub(super) fn command_words(kind: &str) -> Localized {
    let (zh, en) = match kind {
        "visit.start" => ("开始拜访", "Begin a visit"),
        "visit.choose_goals" => ("选择拜访目标", "Choose goals"),
        "visit.begin_step" => ("开始一个步骤", "Begin a step"),
        "visit.answer" => ("记录答案", "Record an answer"),
        "visit.assess_goals" => ("评估目标", "Assess goals"),
        "visit.finish" => ("结束拜访", "Finish a visit"),
        "visit.skip" => ("跳过拜访", "Skip a call"),
        "photo.attach" => ("拍摄照片", "Take a photo"),
        "photo.review" => ("审核照片", "Review a photo"),
        "task.raise" => ("提出任务", "Raise a task"),
        "task.close" => ("完成任务", "Close a task"),
        "outlet.reassign" => ("移交门店", "Hand an outlet over"),
        "territory.reassign" => ("移交片区", "Hand a territory over"),
        "order.submit" => ("提交订单", "Place an order"),
        "order.cancel" => ("取消订单", "Cancel an order"),
        "order.confirm" => ("确认订单价格", "Confirm an order's price"),
        "order.answer_claim" => ("答复价保", "Answer a price protection"),
        "outlet.edit" => ("更正门店资料", "Correct an outlet's profile"),
        "outlet.settle_conflict" => ("裁定门店资料", "Decide a profile conflict"),
        "visit.settle_duplicate" => ("选择重复拜访", "Choose among duplicate visits"),
        "payment.record" => ("登记收款", "Record a payment"),
        "outbox.lost" => ("一条丢失的操作", "A lost action"),
        other => (other, other),
    };
    Localized::new(zh, en)
}

/// An order that waits, in a few words.
pub(super) fn order_words() -> Localized {
    Localized::new("订单", "Order")
}

/// A photo whose bytes do not arrive, in a few words.
pub(super) fn upload_words(zone: &Localized) -> Localized {
    Localized::new(format!("上传照片：{}", zone.zh), format!("Upload a photo: {}", zone.en))
}

/// What became of a photo's bytes, and what to do, by the code of the failure.
pub(super) fn upload_fault_words(code: &str) -> (Localized, Localized) {
    let (what, next) = match code {
        "photo_file_gone" => (
            ("照片原件已不在手机上", "The photo's file is no longer on the phone"),
            ("请重新拍摄这一区域", "Take the photo of this zone again"),
        ),
        "checksum_mismatch" => (
            ("服务器收到的照片与原件不一致", "What the server received differs from the photo"),
            (
                "照片仍保存在手机上，会自动重传；若反复出现，请重新拍摄",
                "The photo is kept and sent again; if it keeps happening, take it anew",
            ),
        ),
        _ => (
            ("服务器不接受这张照片", "The server does not accept this photo"),
            ("照片仍保存在手机上，会再次尝试；请联系主管", "The photo is kept and tried again; tell your supervisor"),
        ),
    };
    (Localized::new(what.0, what.1), Localized::new(next.0, next.1))
}

/// The password that is needed, in a few words.
pub(super) fn sign_in_words() -> Localized {
    Localized::new("登录", "Sign in")
}

/// What a supervisor made of a refused command, and what to do.
pub(super) fn settled_words(refusal: &Refusal, outcome: &RefusalOutcome) -> (Localized, Localized) {
    match outcome.how {
        // Nobody decided: the server was updated and could read it.
        RefusalSettled::TakenIn if outcome.by == refusal.user_id => (
            Localized::new("这条记录已被接受", "It has been taken in after all"),
            Localized::new("无需再做什么", "There is nothing more to do"),
        ),
        RefusalSettled::TakenIn => (
            Localized::new("主管已接受这条记录", "A supervisor has taken it in after all"),
            Localized::new("无需再做什么", "There is nothing more to do"),
        ),
        RefusalSettled::SetAside => (
            Localized::new(
                format!("主管已搁置这条记录：{}", outcome.reason),
                format!("A supervisor has set it aside: {}", outcome.reason),
            ),
            Localized::new("如有疑问，请联系主管", "Ask the supervisor if you have a question"),
        ),
    }
}
