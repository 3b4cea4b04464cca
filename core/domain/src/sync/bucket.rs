//! Which buckets a row travels in: the whole of "data reaches only those it belongs to", as one pure function.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    ids::{DealerId, TerritoryId, UserId},
    sync::Row,
};

/// A stream of rows that goes to the same people. Written `class` or `class:name`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Bucket {
    /// What everybody in the organisation may see.
    Org,
    /// A territory.
    Territory(TerritoryId),
    /// A dealer's business.
    Dealer(DealerId),
    /// One person's own rows.
    User(UserId),
    /// What supervisors of a region see.
    Audit(String),
}

/// Text that names no bucket.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("read `{0}` as a bucket")]
pub struct BucketParseError(pub String);

/// The classes of this release.
const CLASSES: [&str; 5] = ["org", "terr", "dealer", "user", "audit"];

impl Bucket {
    /// Reads a bucket; nothing when it is of a class that only a newer release has.
    ///
    /// # Errors
    /// When the text names no bucket of any release.
    pub fn known(text: &str) -> Result<Option<Self>, BucketParseError> {
        let class = text.split_once(':').map_or(text, |(class, _)| class);
        let is_a_word = !class.is_empty() && class.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if is_a_word && !CLASSES.contains(&class) { Ok(None) } else { text.parse().map(Some) }
    }
}

impl std::fmt::Display for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Org => f.write_str("org"),
            Self::Territory(id) => write!(f, "terr:{id}"),
            Self::Dealer(id) => write!(f, "dealer:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Audit(region) => write!(f, "audit:{region}"),
        }
    }
}

impl std::str::FromStr for Bucket {
    type Err = BucketParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || BucketParseError(text.chars().take(80).collect());
        if text == "org" {
            return Ok(Self::Org);
        }
        let (class, name) = text.split_once(':').ok_or_else(fault)?;
        let id = || Uuid::parse_str(name).map_err(|_| fault());
        match class {
            "terr" => Ok(Self::Territory(TerritoryId(id()?))),
            "dealer" => Ok(Self::Dealer(DealerId(id()?))),
            "user" => Ok(Self::User(UserId(id()?))),
            "audit" if !name.is_empty() && name.len() <= 64 => Ok(Self::Audit(name.to_owned())),
            _ => Err(fault()),
        }
    }
}

impl TryFrom<String> for Bucket {
    type Error = BucketParseError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Bucket> for String {
    fn from(bucket: Bucket) -> Self {
        bucket.to_string()
    }
}

/// The buckets a row travels in, told from the row alone.
pub fn buckets_of(row: &Row) -> Vec<Bucket> {
    let of_dealer = |dealer: Option<DealerId>| dealer.map_or(Bucket::Org, Bucket::Dealer);
    let first = match row {
        Row::County(_)
        | Row::Territory(_)
        | Row::Person(_)
        | Row::Product(_)
        | Row::MustStock(_)
        | Row::Promotion(_)
        | Row::ChecklistTemplate(_)
        | Row::HandbookEntry(_) => Bucket::Org,
        Row::PriceList(list) => of_dealer(list.dealer_id),
        Row::Price(price) => of_dealer(price.dealer_id),
        Row::Outlet(outlet) => Bucket::Territory(outlet.territory_id),
        Row::ProfileField(field) => Bucket::Territory(field.territory_id),
        Row::CallPlan(plan) => Bucket::Territory(plan.territory_id),
        Row::Visit(visit) => Bucket::Territory(visit.territory_id),
        Row::Answer(answer) => Bucket::Territory(answer.territory_id),
        Row::Photo(photo) => Bucket::Territory(photo.territory_id),
        Row::Verdict(verdict) => Bucket::Territory(verdict.territory_id),
        Row::Task(task) => Bucket::Territory(task.territory_id),
        Row::Alert(alert) => Bucket::Audit(alert.region_code.clone()),
        Row::Dealer(dealer) => Bucket::Dealer(dealer.id),
        Row::DealerStock(stock) => Bucket::Dealer(stock.dealer_id),
        Row::Order(order) => Bucket::Dealer(order.dealer_id),
        Row::Payment(payment) => Bucket::Dealer(payment.dealer_id),
        Row::DeliveryLine(line) => Bucket::Dealer(line.dealer_id),
        Row::Refusal(refusal) => Bucket::User(refusal.user_id),
        Row::Scope(scope) => Bucket::User(scope.user_id),
        Row::Handover(handover) => Bucket::Territory(handover.to_territory),
        Row::ShelfPrints(day) => return day.territories.iter().copied().map(Bucket::Territory).collect(),
    };
    let mut buckets = vec![first];
    buckets.extend(further_buckets(row));
    buckets
}

/// What a handover adds: the note goes to everybody concerned, and a former rep keeps what is theirs of it: a visit
/// that is credited by a rule, and the papers of a visit that they have still to finish.
fn further_buckets(row: &Row) -> Vec<Bucket> {
    match row {
        Row::Handover(handover) => {
            let reps = handover.from_reps.iter().copied().map(Bucket::User);
            reps.chain(handover.regions.iter().cloned().map(Bucket::Audit)).collect()
        }
        Row::ProfileField(field) => vec![Bucket::Audit(field.region_code.clone())],
        Row::Visit(visit) => visit.handover.map(|_| Bucket::User(visit.rep_id)).into_iter().collect(),
        Row::Answer(answer) => answer.guest_id.map(Bucket::User).into_iter().collect(),
        Row::Photo(photo) => photo.guest_id.map(Bucket::User).into_iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_reads_back_as_it_was_written() {
        let id = Uuid::from_u128(42);
        let buckets = [
            Bucket::Org,
            Bucket::Territory(TerritoryId(id)),
            Bucket::Dealer(DealerId(id)),
            Bucket::User(UserId(id)),
            Bucket::Audit("jiangcheng".into()),
        ];
        for bucket in buckets {
            assert_eq!(bucket.to_string().parse(), Ok(bucket));
        }
    }

    #[test]
    fn a_bucket_of_a_class_of_a_newer_release_is_told_from_rubbish() {
        assert_eq!(Bucket::known("org"), Ok(Some(Bucket::Org)));
        for text in ["team:7", "route", "key_accounts:1"] {
            assert_eq!(Bucket::known(text), Ok(None), "{text}");
        }
        for text in ["", ":7", "terr:x", "org:", "Team:7", "a b:1"] {
            assert!(Bucket::known(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rubbish_names_no_bucket() {
        for text in ["", "org:", "terr:", "terr:x", "audit:", "planet:1", "user:00000000-0000-0000-0000-00000000002"] {
            assert!(text.parse::<Bucket>().is_err(), "{text}");
        }
    }
}
