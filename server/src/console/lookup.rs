//! Names for ids: what a page has to look up before it can speak.

use std::collections::BTreeMap;

use storewalk_domain::{
    catalog::Product,
    dealer::Dealer,
    handbook::{self, HandbookEntry, HandbookList},
    ids::{DealerId, OutletId, PhotoId, UserId},
    outlet::{Outlet, Person},
    photo::Photo,
    sync::{Find, StateError, StateExt},
    text::Language,
};
use storewalk_wire::Variant;

use crate::store::StoreRead;

/// The rows a page refers to, each read once.
pub(crate) struct Names<'s> {
    state: &'s dyn StoreRead,
    language: Language,
    reader: UserId,
    /// The organisation's handbook.
    pub(crate) handbook: Vec<HandbookEntry>,
    outlets: BTreeMap<OutletId, Option<Outlet>>,
    people: BTreeMap<UserId, Option<Person>>,
    dealers: BTreeMap<DealerId, Option<Dealer>>,
    pictures: BTreeMap<PhotoId, Picture>,
}

/// What is shown for a row that is not there.
const UNKNOWN: &str = "?";

impl<'s> Names<'s> {
    /// Reads from a snapshot, for a reader of a language.
    pub(crate) fn new(state: &'s dyn StoreRead, language: Language, reader: UserId) -> Result<Self, StateError> {
        let handbook = state.list(Find::Handbook)?;
        Ok(Self {
            state,
            language,
            reader,
            handbook,
            outlets: BTreeMap::new(),
            people: BTreeMap::new(),
            dealers: BTreeMap::new(),
            pictures: BTreeMap::new(),
        })
    }

    /// An outlet.
    pub(crate) fn outlet(&mut self, id: OutletId) -> Result<Option<&Outlet>, StateError> {
        if !self.outlets.contains_key(&id) {
            self.outlets.insert(id, self.state.get(id.row())?);
        }
        Ok(self.outlets.get(&id).and_then(Option::as_ref))
    }

    /// An outlet in a few words: code and name over the door.
    pub(crate) fn outlet_tag(&mut self, id: OutletId) -> Result<OutletTag, StateError> {
        Ok(self.outlet(id)?.map_or_else(OutletTag::unknown, OutletTag::of))
    }

    /// A dealer.
    pub(crate) fn dealer(&mut self, id: DealerId) -> Result<Option<&Dealer>, StateError> {
        if !self.dealers.contains_key(&id) {
            self.dealers.insert(id, self.state.get(id.row())?);
        }
        Ok(self.dealers.get(&id).and_then(Option::as_ref))
    }

    /// A dealer's name with its code.
    pub(crate) fn dealer_name(&mut self, id: DealerId) -> Result<String, StateError> {
        let language = self.language;
        let name = |dealer: &Dealer| format!("{} {}", dealer.name.get(language), dealer.code);
        Ok(self.dealer(id)?.map_or_else(|| UNKNOWN.to_owned(), name))
    }

    /// A person's name.
    pub(crate) fn person(&mut self, id: UserId) -> Result<String, StateError> {
        if !self.people.contains_key(&id) {
            self.people.insert(id, self.state.get(id.row())?);
        }
        let person = self.people.get(&id).and_then(Option::as_ref);
        Ok(person.map_or_else(|| UNKNOWN.to_owned(), |person| person.name.clone()))
    }

    /// A person's name with their staff code.
    pub(crate) fn person_with_code(&mut self, id: UserId) -> Result<String, StateError> {
        let name = self.person(id)?;
        let code = self.people.get(&id).and_then(Option::as_ref).map(|person| person.code.clone());
        Ok(code.map_or(name.clone(), |code| format!("{name} {code}")))
    }

    /// The wording of a handbook code.
    pub(crate) fn label(&self, list: HandbookList, code: &str) -> String {
        handbook::label(&self.handbook, list, code, self.language)
    }

    /// A photo.
    pub(crate) fn photo(&self, id: PhotoId) -> Result<Option<Photo>, StateError> {
        self.state.get(id.row())
    }

    /// Whether the reader must not know the verdict of a photo: they may still give it a second look.
    pub(crate) fn is_hidden(&self, photo: PhotoId) -> Result<bool, StateError> {
        Ok(self.state.waits_for_look(photo, self.reader)?)
    }

    /// Notes which renderings of a photo can be shown.
    pub(crate) fn note_picture(&mut self, photo: PhotoId, picture: Picture) {
        self.pictures.insert(photo, picture);
    }

    /// Which renderings of a photo can be shown.
    pub(crate) fn picture(&self, photo: PhotoId) -> Picture {
        self.pictures.get(&photo).copied().unwrap_or_default()
    }

    /// The entries of a list, in order.
    pub(crate) fn entries(&self, list: HandbookList) -> Vec<&HandbookEntry> {
        let mut entries: Vec<_> = self.handbook.iter().filter(|entry| entry.list == list).collect();
        entries.sort_by_key(|entry| entry.position);
        entries
    }

    /// Every product, by code.
    pub(crate) fn products(&self) -> Result<BTreeMap<String, Product>, StateError> {
        let products: Vec<Product> = self.state.list(Find::Products)?;
        Ok(products.into_iter().map(|product| (product.code.clone(), product)).collect())
    }
}

/// Which renderings of a photo the server holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Picture {
    /// The small one.
    pub(crate) has_thumbnail: bool,
    /// What the camera wrote.
    pub(crate) has_original: bool,
}

impl Picture {
    /// Where a small picture is served; `None` when nothing is here.
    pub(crate) fn small(self, photo: PhotoId) -> Option<String> {
        let variant = if self.has_thumbnail { Variant::Thumbnail } else { Variant::Original };
        (self.has_thumbnail || self.has_original).then(|| address(photo, variant))
    }

    /// Where the best picture is served; `None` when nothing is here.
    pub(crate) fn best(self, photo: PhotoId) -> Option<String> {
        let variant = if self.has_original { Variant::Original } else { Variant::Thumbnail };
        (self.has_thumbnail || self.has_original).then(|| address(photo, variant))
    }
}

fn address(photo: PhotoId, variant: Variant) -> String {
    format!("/photos/{photo}/{}", variant.as_str())
}

/// An outlet in a few words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct OutletTag {
    /// Code.
    pub(crate) code: String,
    /// Name over the door.
    pub(crate) name: String,
    /// Class; empty when unknown.
    pub(crate) class: &'static str,
}

impl OutletTag {
    fn of(outlet: &Outlet) -> Self {
        Self { code: outlet.code.clone(), name: outlet.name.clone(), class: outlet.class.as_str() }
    }

    fn unknown() -> Self {
        Self { code: String::new(), name: UNKNOWN.to_owned(), class: "" }
    }
}
