package storewalk

import storewalk.generated.core.Checklists as Core

/** The questions of a visit and their answers. */
public class Checklists internal constructor(
    private val core: Core,
) {
    /** The eleven steps with the questions that apply now. */
    public suspend fun steps(visitId: String): List<Step> = asking { core.steps(visitId) }

    /** Begins a step, 1 to 11. */
    public suspend fun beginStep(
        visitId: String,
        step: Int,
    ): Attempt<Unit> = asking { core.beginStep(visitId, inByte(step)).told() }

    /** Answers a question, with a reason by code where the question asks for one. */
    public suspend fun answer(
        visitId: String,
        question: Question,
        answer: Answer,
        reason: String? = null,
    ): Attempt<Unit> = asking { core.answer(visitId, question.item, answer, question.instance, reason).told() }

    // What does not fit is no step either, and the rules say so.
    private fun inByte(step: Int): UByte = step.coerceIn(0, UByte.MAX_VALUE.toInt()).toUByte()
}
