import StorewalkGenerated

// The values that cross, under names of this module: the apps import nothing that is generated. What each field means
// stands beside it in the generated files.

public typealias Answer = StorewalkGenerated.Answer
public typealias BlockScore = StorewalkGenerated.BlockScore
public typealias Brief = StorewalkGenerated.Brief
public typealias Call = StorewalkGenerated.Call
public typealias CallState = StorewalkGenerated.CallState
public typealias CapturedPhoto = StorewalkGenerated.CapturedPhoto
public typealias Change = StorewalkGenerated.Change
public typealias CheckIn = StorewalkGenerated.CheckIn
public typealias Choice = StorewalkGenerated.Choice
public typealias Claim = StorewalkGenerated.Claim
public typealias ClaimStatus = StorewalkGenerated.ClaimStatus
public typealias Contender = StorewalkGenerated.Contender
public typealias Correction = StorewalkGenerated.Correction
public typealias Credit = StorewalkGenerated.Credit
public typealias Currency = StorewalkGenerated.Currency
public typealias Datum = StorewalkGenerated.Datum
public typealias DayReport = StorewalkGenerated.DayReport
public typealias Details = StorewalkGenerated.Details
public typealias Draft = StorewalkGenerated.Draft
public typealias DraftHead = StorewalkGenerated.DraftHead
public typealias DraftLine = StorewalkGenerated.DraftLine
public typealias FenceVerdict = StorewalkGenerated.FenceVerdict
public typealias FieldName = StorewalkGenerated.FieldName
public typealias FieldTask = StorewalkGenerated.FieldTask
public typealias FinishedVisit = StorewalkGenerated.FinishedVisit
public typealias Fix = StorewalkGenerated.Fix
public typealias FreeGoods = StorewalkGenerated.FreeGoods
public typealias Gift = StorewalkGenerated.Gift
public typealias Goal = StorewalkGenerated.Goal
public typealias LastVisit = StorewalkGenerated.LastVisit
public typealias Life = StorewalkGenerated.Life
public typealias Localized = StorewalkGenerated.Localized
public typealias LogLevel = StorewalkGenerated.LogLevel
public typealias Miss = StorewalkGenerated.Miss
public typealias MissCause = StorewalkGenerated.MissCause
public typealias Money = StorewalkGenerated.Money
public typealias MustStock = StorewalkGenerated.MustStock
public typealias Network = StorewalkGenerated.Network
public typealias Notice = StorewalkGenerated.Notice
public typealias NoticeKind = StorewalkGenerated.NoticeKind
public typealias Order = StorewalkGenerated.Order
public typealias OrderLine = StorewalkGenerated.OrderLine
public typealias OrderStatus = StorewalkGenerated.OrderStatus
public typealias Outlet = StorewalkGenerated.Outlet
public typealias OutletClass = StorewalkGenerated.OutletClass
public typealias OutletScore = StorewalkGenerated.OutletScore
public typealias PackRule = StorewalkGenerated.PackRule
public typealias Person = StorewalkGenerated.Person
public typealias Photo = StorewalkGenerated.Photo
public typealias PhotoStatus = StorewalkGenerated.PhotoStatus
public typealias Pin = StorewalkGenerated.Pin
public typealias Position = StorewalkGenerated.Position
public typealias PriceFinding = StorewalkGenerated.PriceFinding
public typealias PriceLight = StorewalkGenerated.PriceLight
public typealias Priced = StorewalkGenerated.Priced
public typealias PricedLine = StorewalkGenerated.PricedLine
public typealias Problem = StorewalkGenerated.Problem
public typealias Profile = StorewalkGenerated.Profile
public typealias ProfileField = StorewalkGenerated.ProfileField
public typealias PromiseKept = StorewalkGenerated.PromiseKept
public typealias Question = StorewalkGenerated.Question
public typealias QuestionKind = StorewalkGenerated.QuestionKind
public typealias QuestionSection = StorewalkGenerated.QuestionSection
public typealias Reason = StorewalkGenerated.Reason
public typealias Rebate = StorewalkGenerated.Rebate
public typealias Receipt = StorewalkGenerated.Receipt
public typealias ReceiptHealth = StorewalkGenerated.ReceiptHealth
public typealias Recovery = StorewalkGenerated.Recovery
public typealias Retake = StorewalkGenerated.Retake
public typealias ReviewDraft = StorewalkGenerated.ReviewDraft
public typealias Role = StorewalkGenerated.Role
public typealias ScanReport = StorewalkGenerated.ScanReport
public typealias Score = StorewalkGenerated.Score
public typealias Setup = StorewalkGenerated.Setup
public typealias StartedVisit = StorewalkGenerated.StartedVisit
public typealias Step = StorewalkGenerated.Step
public typealias SubmittedOrder = StorewalkGenerated.SubmittedOrder
public typealias Suggestion = StorewalkGenerated.Suggestion
public typealias Summary = StorewalkGenerated.Summary
public typealias SweepReport = StorewalkGenerated.SweepReport
public typealias SyncOutcome = StorewalkGenerated.SyncOutcome
public typealias SyncState = StorewalkGenerated.SyncState
public typealias SyncStateKind = StorewalkGenerated.SyncStateKind
public typealias SyncStatus = StorewalkGenerated.SyncStatus
public typealias Today = StorewalkGenerated.Today
public typealias Topic = StorewalkGenerated.Topic
public typealias TraceStep = StorewalkGenerated.TraceStep
public typealias Traffic = StorewalkGenerated.Traffic
public typealias TransferRequest = StorewalkGenerated.TransferRequest
public typealias UploadProgress = StorewalkGenerated.UploadProgress
public typealias UploadReport = StorewalkGenerated.UploadReport
public typealias Verdict = StorewalkGenerated.Verdict
public typealias VerdictDecision = StorewalkGenerated.VerdictDecision
public typealias Visit = StorewalkGenerated.Visit
public typealias VisitStatus = StorewalkGenerated.VisitStatus
public typealias Zone = StorewalkGenerated.Zone

extension Money {
    /// The amount as people read it: `31,418.80`.
    public var text: String { moneyText(money: self) }
}
