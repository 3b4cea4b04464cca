//! What commands are called before people, on phones and at the console alike.

use crate::text::Localized;

/// A kind of command in a few words; the kind itself for one that this release does not know.
pub fn kind_words(kind: &str) -> Localized {
    let (zh, en) = match kind {
        "visit.start" => ("进店签到", "Check-in"),
        "visit.choose_goals" => ("选择拜访目标", "Choosing goals"),
        "visit.begin_step" => ("开始步骤", "Beginning a step"),
        "visit.answer" => ("填写检查项", "Answering an item"),
        "visit.assess_goals" => ("评估目标", "Assessing goals"),
        "visit.finish" => ("离店", "Check-out"),
        "visit.skip" => ("跳过拜访", "Skipping a call"),
        "visit.settle_duplicate" => ("选择重复拜访", "Choosing among duplicate visits"),
        "photo.attach" => ("提交照片", "Handing in a photo"),
        "photo.answer" => ("说明照片提示", "Answering a photo's signal"),
        "photo.review" => ("审核照片", "Reviewing a photo"),
        "task.raise" => ("新建任务", "Raising a task"),
        "task.close" => ("完成任务", "Closing a task"),
        "outlet.edit" => ("更正门店资料", "Correcting an outlet's profile"),
        "outlet.settle_conflict" => ("裁定门店资料", "Deciding a profile conflict"),
        "outlet.reassign" => ("移交门店", "Handing an outlet over"),
        "territory.reassign" => ("移交片区", "Handing a territory over"),
        "order.submit" => ("提交订单", "Placing an order"),
        "order.cancel" => ("取消订单", "Cancelling an order"),
        "order.confirm" => ("确认价格", "Confirming a price"),
        "order.answer_claim" => ("答复价保", "Answering a price protection"),
        "payment.record" => ("登记付款", "Recording a payment"),
        "outbox.lost" => ("一条丢失的操作", "A lost action"),
        other => (other, other),
    };
    Localized::new(zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::Command;

    #[test]
    fn every_command_has_a_name_in_both_languages() {
        for kind in Command::KINDS {
            let words = kind_words(kind);
            assert!(words.en != *kind && words.zh != *kind, "{kind} has no name");
        }
        assert_eq!(kind_words("visit.of_tomorrow").en, "visit.of_tomorrow");
    }
}
