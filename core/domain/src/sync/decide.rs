//! The one door to the rules: which noun answers which command.

use crate::{
    order, outlet, photo,
    sync::{Command, Context, Decision, State, StateError},
    task, visit,
};

/// Answers a command.
///
/// The same state, command and context give the same answer on every host.
///
/// # Errors
/// Only when the state cannot be read; everything the rules object to is a [`Decision::Refused`].
pub fn decide(state: &dyn State, command: &Command, context: &Context) -> Result<Decision, StateError> {
    match command {
        Command::StartVisit(args) => visit::decide_start(state, args, context),
        Command::ChooseGoals(args) => visit::decide_choose_goals(state, args, context),
        Command::BeginStep(args) => visit::decide_begin_step(state, args, context),
        Command::RecordAnswer(args) => visit::decide_answer(state, args, context),
        Command::AssessGoals(args) => visit::decide_assess_goals(state, args, context),
        Command::FinishVisit(args) => visit::decide_finish(state, args, context),
        Command::SkipCall(args) => visit::decide_skip(state, args, context),
        Command::AttachPhoto(args) => photo::decide_attach(state, args, context),
        Command::AnswerSignal(args) => photo::decide_answer_signal(state, args, context),
        Command::ReviewPhoto(args) => photo::decide_review(state, args, context),
        Command::RaiseTask(args) => task::decide_raise(state, args, context),
        Command::CloseTask(args) => task::decide_close(state, args, context),
        Command::SubmitOrder(args) => order::decide_submit(state, args, context),
        Command::CancelOrder(args) => order::decide_cancel(state, args, context),
        Command::ConfirmOrder(args) => order::decide_confirm(state, args, context),
        Command::AnswerClaim(args) => order::decide_answer_claim(state, args, context),
        Command::EditOutlet(args) => outlet::decide_edit(state, args, context),
        Command::SettleConflict(args) => outlet::decide_settle_conflict(state, args, context),
        Command::SettleDuplicate(args) => visit::decide_settle_duplicate(state, args, context),
        Command::ReassignOutlet(args) => outlet::decide_reassign(state, args, context),
        Command::ReassignTerritory(args) => outlet::decide_reassign_territory(state, args, context),
        Command::RecordPayment(args) => order::decide_payment(state, args, context),
    }
}
