//! What is contested, as the page shows it.

use std::collections::BTreeMap;

use askama::Template;
use storewalk_domain::{
    ids::CommandId,
    outlet::{Edit, ProfileField},
    sync::StateError,
};

use crate::console::{
    frame::{Frame, Part},
    lookup::{Names, OutletTag},
    times,
};

/// The page.
#[derive(Template)]
#[template(path = "conflicts.html")]
pub(crate) struct ConflictsPage {
    f: Frame,
    count: String,
    command: String,
    fields: Vec<FieldView>,
}

struct FieldView {
    anchor: String,
    outlet: OutletTag,
    outlet_id: String,
    code: &'static str,
    label: String,
    values: Vec<ValueView>,
}

struct ValueView {
    /// As the form sends it.
    value: String,
    /// As a person reads it.
    shown: String,
    is_shown: bool,
    given: Vec<String>,
}

/// Builds the page. `phones` names the phone behind each correction; `command` is the id of the command that a form
/// will send.
pub(crate) fn page(
    mut f: Frame,
    names: &mut Names<'_>,
    fields: &[ProfileField],
    phones: &BTreeMap<CommandId, String>,
    command: CommandId,
) -> Result<ConflictsPage, StateError> {
    f.part = Part::Conflicts;
    f.t("conflicts.title").to_owned().clone_into(&mut f.title);
    let views = fields.iter().map(|field| field_view(field, phones, names, &f)).collect::<Result<_, _>>()?;
    Ok(ConflictsPage {
        count: f.words.count("conflicts.count", fields.len()),
        command: command.to_string(),
        fields: views,
        f,
    })
}

fn field_view(
    field: &ProfileField,
    phones: &BTreeMap<CommandId, String>,
    names: &mut Names<'_>,
    f: &Frame,
) -> Result<FieldView, StateError> {
    let mut values = Vec::new();
    for (value, edits) in field.contenders() {
        let given =
            edits.iter().map(|edit| given(edit, phones.get(&edit.id), names, f)).collect::<Result<Vec<_>, _>>()?;
        values.push(ValueView {
            shown: if value.is_empty() { f.t("conflicts.empty").to_owned() } else { value.clone() },
            is_shown: value == field.shown,
            given: if given.is_empty() { vec![f.t("conflicts.stood").to_owned()] } else { given },
            value,
        });
    }
    Ok(FieldView {
        anchor: format!("field-{}", field.id),
        outlet: names.outlet_tag(field.outlet_id)?,
        outlet_id: field.outlet_id.to_string(),
        code: field.field.code(),
        label: f.say(&field.field.label()).to_owned(),
        values,
    })
}

/// Who gave a value, on which phone, and both times.
fn given(edit: &Edit, phone: Option<&String>, names: &mut Names<'_>, f: &Frame) -> Result<String, StateError> {
    let by = names.person_with_code(edit.by)?;
    let at = times::trusted(edit.at, Some(edit.clocks.span), f);
    let device = times::device_phrase(edit.at, edit.clocks.device_at, f);
    Ok(match phone {
        Some(phone) => {
            f.words.fill("conflicts.given_on", &[("by", &by), ("phone", phone), ("at", &at), ("device", &device)])
        }
        None => f.words.fill("conflicts.given", &[("by", &by), ("at", &at), ("device", &device)]),
    })
}
