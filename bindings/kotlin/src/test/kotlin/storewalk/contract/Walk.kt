package storewalk.contract

import storewalk.Answer
import storewalk.ChoiceAnswer
import storewalk.ChoicesAnswer
import storewalk.CountAnswer
import storewalk.CountQuestion
import storewalk.Datum
import storewalk.Fix
import storewalk.MultipleChoiceQuestion
import storewalk.NamesAnswer
import storewalk.NamesQuestion
import storewalk.Position
import storewalk.PriceAnswer
import storewalk.PriceQuestion
import storewalk.Question
import storewalk.SingleChoiceQuestion
import storewalk.Storewalk
import storewalk.TextAnswer
import storewalk.TextQuestion
import storewalk.Visit
import storewalk.YesNoAnswer
import storewalk.YesNoQuestion
import kotlin.math.PI

/** A rep's way through a visit, as the screens would lead, with what is found at S0101 that morning. */
internal object Walk {
    /** The model that is missing from the shelf. */
    private const val MISSING = "P4"

    private val faults = setOf("price_tags_uniform", "pop_light_box")

    private val shelfPrices =
        mapOf("P1" to "949.00", "P2" to "1699.00", "P3" to "799.00", "P4" to "2499.00", "P5" to "4999.00")

    /** Arrives 38 m from the door and chooses goals; the visit. */
    suspend fun arrive(
        phone: Storewalk,
        code: String = "S0101",
    ): String {
        val outlet = idOf("outlet", code)
        val started = phone.visits.start(outlet, near(phone, outlet, 38.0)).done()
        phone.visits.chooseGoals(started.visitId, listOf("better_display", "sales_aids", "know_stock")).done()
        return started.visitId
    }

    /** Takes every step, answers everything and photographs every zone; the photos. */
    suspend fun through(
        phone: Storewalk,
        visit: String,
        answered: (Question) -> Unit = {},
    ): List<String> {
        for (step in 2..11) {
            phone.checklists.beginStep(visit, step).done()
            answerAll(phone, visit, step, answered)
        }
        phone.visits.assessGoals(visit, listOf("better_display", "know_stock")).done()
        return photograph(phone, visit)
    }

    /** Answers the questions of a step; an answer may open further ones. */
    private suspend fun answerAll(
        phone: Storewalk,
        visit: String,
        step: Int,
        answered: (Question) -> Unit,
    ) {
        while (true) {
            val question = questions(phone, visit, step).firstOrNull { it.answer == null } ?: return
            val (answer, reason) = answerTo(question)
            phone.checklists.answer(visit, question, answer, reason).done()
            answered(question)
        }
    }

    /** The questions of a visit, or of one of its steps. */
    suspend fun questions(
        phone: Storewalk,
        visit: String,
        step: Int? = null,
    ): List<Question> =
        phone.checklists
            .steps(visit)
            .filter { step == null || it.step.toInt() == step }
            .flatMap { it.sections }
            .flatMap { it.questions }

    /** A photo of every zone that needs one; in shot order. */
    suspend fun photograph(
        phone: Storewalk,
        visit: String,
    ): List<String> {
        val zones =
            phone.visits
                .view(visit)
                .zones
                .filter { it.isMissing }
        return zones.mapIndexed { place, zone ->
            phone.photos
                .capture(visit, zone.code, picture(place))
                .done()
                .photoId
        }
    }

    /** Every answer of a visit, by question. */
    fun answers(visit: Visit): Map<Pair<String, String>, Answer> =
        visit.steps
            .flatMap { it.sections }
            .flatMap { it.questions }
            .mapNotNull { question -> question.answer?.let { (question.item to question.instance) to it } }
            .toMap()

    /** A fix so many metres north of an outlet. */
    suspend fun near(
        phone: Storewalk,
        outlet: String,
        metres: Double,
    ): Fix {
        val at =
            checkNotNull(
                phone.visits
                    .brief(outlet)
                    .outlet.position,
            ) { "the outlet has no position" }
        val lat = at.lat + metres / EARTH_RADIUS_M * 180 / PI
        return Fix(Position(lat = lat, lon = at.lon, datum = Datum.WGS84), accuracyM = 12.0, isMock = false)
    }

    private fun answerTo(question: Question): Pair<Answer, String?> {
        val isMissing = question.instance == MISSING
        return when (val kind = question.kind) {
            is YesNoQuestion ->
                if (question.item == "on_shelf" && isMissing) {
                    YesNoAnswer(false) to "dealer_out_of_stock"
                } else {
                    YesNoAnswer(question.item !in faults) to null
                }
            is CountQuestion -> CountAnswer(if (isMissing) 0 else 12) to null
            is PriceQuestion -> PriceAnswer(shelfPrices.getValue(question.instance)) to null
            is TextQuestion -> TextAnswer("已与陈经理商定下周补货并调整陈列") to null
            is SingleChoiceQuestion -> ChoiceAnswer(kind.choices.first().code) to null
            is MultipleChoiceQuestion -> ChoicesAnswer(kind.choices.take(1).map { it.code }) to null
            is NamesQuestion -> NamesAnswer(listOf("店员甲", "店员乙")) to null
        }
    }

    private const val EARTH_RADIUS_M = 6_371_008.8
}
