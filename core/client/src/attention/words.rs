//! What the list "needs attention" says, in both languages.

use storewalk_domain::{
    sync::{Refusal, RefusalOutcome, RefusalSettled},
    text::Localized,
};

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
