package storewalk

// The values that cross, under names of this package: the apps import nothing that is generated. What each field means
// stands beside it in the generated files.

public typealias AlikePhoto = storewalk.generated.core.AlikePhoto
public typealias Answer = storewalk.generated.core.Answer
public typealias BlockScore = storewalk.generated.core.BlockScore
public typealias Brief = storewalk.generated.core.Brief
public typealias Call = storewalk.generated.core.Call
public typealias CallState = storewalk.generated.core.CallState
public typealias CapturedPhoto = storewalk.generated.core.CapturedPhoto
public typealias Change = storewalk.generated.core.Change
public typealias CheckIn = storewalk.generated.core.CheckIn
public typealias Choice = storewalk.generated.core.Choice
public typealias Claim = storewalk.generated.core.Claim
public typealias ClaimStatus = storewalk.generated.domain.ClaimStatus
public typealias Contender = storewalk.generated.core.Contender
public typealias Correction = storewalk.generated.core.Correction
public typealias Credit = storewalk.generated.core.Credit
public typealias Currency = storewalk.generated.domain.Currency
public typealias Datum = storewalk.generated.domain.Datum
public typealias DayReport = storewalk.generated.core.DayReport
public typealias Delivery = storewalk.generated.core.Delivery
public typealias Details = storewalk.generated.core.Details
public typealias Draft = storewalk.generated.core.Draft
public typealias DraftHead = storewalk.generated.core.DraftHead
public typealias DraftLine = storewalk.generated.core.DraftLine
public typealias FenceVerdict = storewalk.generated.domain.FenceVerdict
public typealias FieldName = storewalk.generated.domain.FieldName
public typealias FinishedVisit = storewalk.generated.core.FinishedVisit
public typealias Fix = storewalk.generated.domain.Fix
public typealias FreeGoods = storewalk.generated.core.FreeGoods
public typealias Gift = storewalk.generated.core.Gift
public typealias Goal = storewalk.generated.core.Goal
public typealias LastVisit = storewalk.generated.core.LastVisit
public typealias LateAnswer = storewalk.generated.core.LateAnswer
public typealias LateForm = storewalk.generated.core.LateForm
public typealias LedgerEntry = storewalk.generated.core.LedgerEntry
public typealias LeftBehind = storewalk.generated.core.LeftBehind
public typealias Life = storewalk.generated.core.Life
public typealias Localized = storewalk.generated.domain.Localized
public typealias LogLevel = storewalk.generated.core.LogLevel
public typealias Miss = storewalk.generated.core.Miss
public typealias MissCause = storewalk.generated.domain.MissCause
public typealias Money = storewalk.generated.domain.Money
public typealias MustStock = storewalk.generated.core.MustStock
public typealias Network = storewalk.generated.core.Network
public typealias Notice = storewalk.generated.core.Notice
public typealias NoticeKind = storewalk.generated.core.NoticeKind
public typealias Order = storewalk.generated.core.Order
public typealias OrderLine = storewalk.generated.core.OrderLine
public typealias OrderStatus = storewalk.generated.domain.OrderStatus
public typealias Outlet = storewalk.generated.core.Outlet
public typealias OutletClass = storewalk.generated.domain.OutletClass
public typealias OutletScore = storewalk.generated.core.OutletScore
public typealias PackRule = storewalk.generated.domain.PackRule
public typealias Packing = storewalk.generated.core.Packing
public typealias Parcel = storewalk.generated.core.Parcel
public typealias Person = storewalk.generated.core.Person
public typealias Photo = storewalk.generated.core.Photo
public typealias PhotoAdvice = storewalk.generated.core.PhotoAdvice
public typealias PhotoSignal = storewalk.generated.core.PhotoSignal
public typealias PhotoStatus = storewalk.generated.domain.PhotoStatus
public typealias Pin = storewalk.generated.domain.Pin
public typealias Position = storewalk.generated.domain.Position
public typealias PriceFinding = storewalk.generated.core.PriceFinding
public typealias PriceLight = storewalk.generated.core.PriceLight
public typealias Priced = storewalk.generated.core.Priced
public typealias PricedLine = storewalk.generated.core.PricedLine
public typealias Problem = storewalk.generated.core.Problem
public typealias Profile = storewalk.generated.core.Profile
public typealias ProfileField = storewalk.generated.core.ProfileField
public typealias PromiseKept = storewalk.generated.core.PromiseKept
public typealias Question = storewalk.generated.core.Question
public typealias QuestionKind = storewalk.generated.core.QuestionKind
public typealias Reason = storewalk.generated.core.Reason
public typealias Rebate = storewalk.generated.core.Rebate
public typealias Receipt = storewalk.generated.core.Receipt
public typealias ReceiptHealth = storewalk.generated.core.ReceiptHealth
public typealias Recovery = storewalk.generated.core.Recovery
public typealias Remarks = storewalk.generated.core.Remarks
public typealias Retake = storewalk.generated.core.Retake
public typealias ReviewDraft = storewalk.generated.core.ReviewDraft
public typealias Role = storewalk.generated.domain.Role
public typealias ScanReport = storewalk.generated.core.ScanReport
public typealias Score = storewalk.generated.core.Score
public typealias Section = storewalk.generated.core.QuestionSection
public typealias Setup = storewalk.generated.core.Setup
public typealias SignalKind = storewalk.generated.domain.SignalKind
public typealias StartedVisit = storewalk.generated.core.StartedVisit
public typealias Step = storewalk.generated.core.Step
public typealias SubmittedOrder = storewalk.generated.core.SubmittedOrder
public typealias Suggestion = storewalk.generated.core.Suggestion
public typealias Summary = storewalk.generated.core.Summary
public typealias SweepReport = storewalk.generated.core.SweepReport
public typealias SyncOutcome = storewalk.generated.core.SyncOutcome
public typealias SyncState = storewalk.generated.core.SyncState
public typealias SyncStateKind = storewalk.generated.core.SyncStateKind
public typealias SyncStatus = storewalk.generated.core.SyncStatus
public typealias Task = storewalk.generated.core.FieldTask
public typealias Today = storewalk.generated.core.Today
public typealias Topic = storewalk.generated.core.Topic
public typealias TraceStep = storewalk.generated.core.TraceStep
public typealias Traffic = storewalk.generated.core.Traffic
public typealias TransferRequest = storewalk.generated.core.TransferRequest
public typealias UploadProgress = storewalk.generated.core.UploadProgress
public typealias UploadReport = storewalk.generated.core.UploadReport
public typealias Verdict = storewalk.generated.core.Verdict
public typealias VerdictDecision = storewalk.generated.domain.VerdictDecision
public typealias Visit = storewalk.generated.core.Visit
public typealias VisitStatus = storewalk.generated.domain.VisitStatus
public typealias Zone = storewalk.generated.core.Zone

// Kinds of answers, for what a person enters and what a screen shows: `is CountAnswer -> answer.value`.

public typealias YesNoAnswer = storewalk.generated.core.Answer.YesNo
public typealias CountAnswer = storewalk.generated.core.Answer.Count
public typealias PriceAnswer = storewalk.generated.core.Answer.Price
public typealias TextAnswer = storewalk.generated.core.Answer.Text
public typealias ChoiceAnswer = storewalk.generated.core.Answer.Choice
public typealias ChoicesAnswer = storewalk.generated.core.Answer.Choices
public typealias NamesAnswer = storewalk.generated.core.Answer.Names
public typealias NotApplicableAnswer = storewalk.generated.core.Answer.NotApplicable

// Kinds of questions, for what a screen offers: `is ChoiceQuestion -> kind.choices`.

public typealias YesNoQuestion = storewalk.generated.core.QuestionKind.YesNo
public typealias CountQuestion = storewalk.generated.core.QuestionKind.Count
public typealias PriceQuestion = storewalk.generated.core.QuestionKind.Price
public typealias TextQuestion = storewalk.generated.core.QuestionKind.Text
public typealias SingleChoiceQuestion = storewalk.generated.core.QuestionKind.SingleChoice
public typealias MultipleChoiceQuestion = storewalk.generated.core.QuestionKind.MultipleChoice
public typealias NamesQuestion = storewalk.generated.core.QuestionKind.Names

// Kinds of steps in the trace of a price.

public typealias ListPriceStep = storewalk.generated.core.TraceStep.ListPrice
public typealias ExtendedStep = storewalk.generated.core.TraceStep.Extended
public typealias GiftEarnedStep = storewalk.generated.core.TraceStep.GiftEarned
public typealias LadderReachedStep = storewalk.generated.core.TraceStep.LadderReached
