import StorewalkKit

/// A rep's way through a visit, as the screens would lead, with what is found at S0101 that morning.
public enum Walk {
    /// The model that is missing from the shelf.
    private static let missing = "P4"
    private static let faults: Set<String> = ["price_tags_uniform", "pop_light_box"]
    private static let shelfPrices = [
        "P1": "949.00", "P2": "1699.00", "P3": "799.00", "P4": "2499.00", "P5": "4999.00",
    ]

    /// Arrives 38 m from the door and chooses goals; the visit.
    public static func arrive(_ phone: Storewalk, at code: String = "S0101") async throws -> String {
        let outlet = idOf("outlet", code)
        let fix = try await near(phone, outlet, metres: 38)
        let started = try await phone.visits.start(outletId: outlet, fix: fix).done()
        let goals = ["better_display", "sales_aids", "know_stock"]
        try await phone.visits.chooseGoals(visitId: started.visitId, goals: goals).done()
        return started.visitId
    }

    /// Takes every step, answers everything and photographs every zone; the photos.
    public static func through(
        _ phone: Storewalk,
        _ visit: String,
        answered: (Question) -> Void = { _ in }
    ) async throws -> [String] {
        for step in 2...11 {
            try await phone.checklists.beginStep(visitId: visit, step: step).done()
            try await answerAll(phone, visit, step, answered)
        }
        try await phone.visits.assessGoals(visitId: visit, attained: ["better_display", "know_stock"]).done()
        return try await photograph(phone, visit)
    }

    /// Answers the questions of a step; an answer may open further ones.
    private static func answerAll(
        _ phone: Storewalk, _ visit: String, _ step: Int, _ answered: (Question) -> Void
    ) async throws {
        while let question = try await questions(phone, visit, step).first(where: { $0.answer == nil }) {
            let (answer, reason) = try answerTo(question)
            try await phone.checklists.answer(visitId: visit, question: question, with: answer, reason: reason).done()
            answered(question)
        }
    }

    /// The questions of a step.
    public static func questions(_ phone: Storewalk, _ visit: String, _ step: Int) async throws -> [Question] {
        let steps = try await phone.checklists.steps(visitId: visit)
        return steps.filter { $0.step == step }.flatMap(\.sections).flatMap(\.questions)
    }

    /// A photo of every zone that needs one; in shot order.
    public static func photograph(_ phone: Storewalk, _ visit: String) async throws -> [String] {
        let zones = try await phone.visits.view(visitId: visit).zones.filter(\.isMissing)
        var photos: [String] = []
        for (place, zone) in zones.enumerated() {
            let path = try picture(place)
            photos.append(try await phone.photos.capture(visitId: visit, zone: zone.code, path: path).done().photoId)
        }
        return photos
    }

    /// Every answer of a visit, by question and product.
    public static func answers(_ visit: Visit) -> [String: Answer] {
        let questions = visit.steps.flatMap(\.sections).flatMap(\.questions)
        let answered = questions.compactMap { question in
            question.answer.map { ("\(question.item) \(question.instance)", $0) }
        }
        return Dictionary(answered) { first, _ in first }
    }

    /// A fix so many metres north of an outlet.
    public static func near(_ phone: Storewalk, _ outlet: String, metres: Double) async throws -> Fix {
        guard let at = try await phone.visits.brief(outletId: outlet).outlet.position else {
            throw Fault("the outlet has no position")
        }
        let lat = at.lat + metres / 6_371_008.8 * 180 / .pi
        return Fix(position: Position(lat: lat, lon: at.lon, datum: .wgs84), accuracyM: 12, isMock: false)
    }

    private static func answerTo(_ question: Question) throws -> (Answer, String?) {
        let isMissing = question.instance == missing
        switch question.kind {
        case .yesNo where question.item == "on_shelf" && isMissing:
            return (.yesNo(value: false), "dealer_out_of_stock")
        case .yesNo: return (.yesNo(value: !faults.contains(question.item)), nil)
        case .count: return (.count(value: isMissing ? 0 : 12), nil)
        case .price:
            guard let price = shelfPrices[question.instance] else { throw Fault("no price for \(question)") }
            return (.price(value: price), nil)
        case .text: return (.text(value: "已与陈经理商定下周补货并调整陈列"), nil)
        case .singleChoice(let choices): return (.choice(value: choices[0].code), nil)
        case .multipleChoice(let choices): return (.choices(values: choices.prefix(1).map(\.code)), nil)
        case .names: return (.names(values: ["店员甲", "店员乙"]), nil)
        }
    }
}
