//! The list of everything that other languages can see, one line each, for a reviewer to read in a diff.

use std::collections::BTreeMap;

use uniffi_meta::{EnumMetadata, FieldMetadata, FnParamMetadata, Metadata, Type, VariantMetadata};

/// What the file says of itself.
const HEAD: &str =
    "# Everything other languages can call or see. Written by `cargo xtask bindings`; read it in the diff.\n";

/// The list: types in the order of their names, each with its members.
pub(crate) fn listing(items: &[Metadata]) -> String {
    let mut types: BTreeMap<String, Entry> = BTreeMap::new();
    for item in items {
        enter(&mut types, item);
    }
    let mut text = HEAD.to_owned();
    for (name, mut entry) in types {
        text.extend(["\n", &entry.kind, " ", &name, "\n"]);
        if entry.is_sorted {
            entry.lines.sort();
        }
        for line in entry.lines {
            text.extend(["    ", &line, "\n"]);
        }
    }
    text
}

#[derive(Default)]
struct Entry {
    kind: String,
    lines: Vec<String>,
    /// Methods come in no order of their own; fields and variants do.
    is_sorted: bool,
}

fn enter(types: &mut BTreeMap<String, Entry>, item: &Metadata) {
    match item {
        Metadata::Record(record) => {
            let lines = record.fields.iter().map(field).collect();
            types.insert(record.name.clone(), Entry { kind: "record".to_owned(), lines, is_sorted: false });
        }
        Metadata::Enum(found) => {
            types.insert(found.name.clone(), enumeration(found));
        }
        Metadata::Object(object) => {
            let kind = if object.imp.is_trait_interface() { "trait" } else { "object" };
            kind.clone_into(&mut types.entry(object.name.clone()).or_default().kind);
        }
        Metadata::CallbackInterface(found) => {
            "callback".clone_into(&mut types.entry(found.name.clone()).or_default().kind);
        }
        Metadata::Constructor(made) => {
            let line = signature(made.is_async, &made.name, &made.inputs, None, made.throws.as_ref());
            method(types, &made.self_name, format!("new {line}"));
        }
        Metadata::Method(found) => {
            let (inputs, returns) = (&found.inputs, found.return_type.as_ref());
            method(
                types,
                &found.self_name,
                signature(found.is_async, &found.name, inputs, returns, found.throws.as_ref()),
            );
        }
        Metadata::TraitMethod(found) => {
            let (inputs, returns) = (&found.inputs, found.return_type.as_ref());
            method(
                types,
                &found.trait_name,
                signature(found.is_async, &found.name, inputs, returns, found.throws.as_ref()),
            );
        }
        Metadata::Func(found) => {
            let (inputs, returns) = (&found.inputs, found.return_type.as_ref());
            let entry = types.entry("(functions)".to_owned()).or_default();
            "the".clone_into(&mut entry.kind);
            entry.is_sorted = true;
            entry.lines.push(signature(found.is_async, &found.name, inputs, returns, found.throws.as_ref()));
        }
        Metadata::CustomType(custom) => {
            let lines = vec![format!("as {}", named(&custom.builtin))];
            types.insert(custom.name.clone(), Entry { kind: "custom".to_owned(), lines, is_sorted: false });
        }
        Metadata::Namespace(_) | Metadata::UdlFile(_) | Metadata::UniffiTrait(_) | Metadata::ObjectTraitImpl(_) => {}
    }
}

fn method(types: &mut BTreeMap<String, Entry>, owner: &str, line: String) {
    let entry = types.entry(owner.to_owned()).or_default();
    entry.is_sorted = true;
    entry.lines.push(line);
}

fn enumeration(found: &EnumMetadata) -> Entry {
    let kind = if found.shape.is_error() { "error" } else { "enum" };
    Entry { kind: kind.to_owned(), lines: found.variants.iter().map(variant).collect(), is_sorted: false }
}

fn variant(found: &VariantMetadata) -> String {
    let fields: Vec<String> = found.fields.iter().map(field).collect();
    if fields.is_empty() { found.name.clone() } else { format!("{} {{ {} }}", found.name, fields.join(", ")) }
}

fn field(found: &FieldMetadata) -> String {
    let default = if found.default.is_some() { " = default" } else { "" };
    format!("{}: {}{default}", found.name, named(&found.ty))
}

fn signature(
    is_async: bool,
    name: &str,
    inputs: &[FnParamMetadata],
    returns: Option<&Type>,
    throws: Option<&Type>,
) -> String {
    let input = |input: &FnParamMetadata| {
        let default = if input.default.is_some() { " = default" } else { "" };
        format!("{}: {}{default}", input.name, named(&input.ty))
    };
    let inputs: Vec<String> = inputs.iter().map(input).collect();
    let is_async = if is_async { "async " } else { "" };
    let returns = returns.map_or_else(String::new, |ty| format!(" -> {}", named(ty)));
    let throws = throws.map_or_else(String::new, |ty| format!(" throws {}", named(ty)));
    format!("{is_async}{name}({}){returns}{throws}", inputs.join(", "))
}

fn named(ty: &Type) -> String {
    match ty {
        Type::UInt8 => "u8".to_owned(),
        Type::Int8 => "i8".to_owned(),
        Type::UInt16 => "u16".to_owned(),
        Type::Int16 => "i16".to_owned(),
        Type::UInt32 => "u32".to_owned(),
        Type::Int32 => "i32".to_owned(),
        Type::UInt64 => "u64".to_owned(),
        Type::Int64 => "i64".to_owned(),
        Type::Float32 => "f32".to_owned(),
        Type::Float64 => "f64".to_owned(),
        Type::Boolean => "bool".to_owned(),
        Type::String => "string".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::Timestamp => "timestamp".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Object { name, .. }
        | Type::Record { name, .. }
        | Type::Enum { name, .. }
        | Type::CallbackInterface { name, .. }
        | Type::Custom { name, .. } => name.clone(),
        Type::Box { inner_type } => named(inner_type),
        Type::Optional { inner_type } => format!("{}?", named(inner_type)),
        Type::Sequence { inner_type } => format!("[{}]", named(inner_type)),
        Type::Map { key_type, value_type } => format!("{{{}: {}}}", named(key_type), named(value_type)),
        Type::Set { inner_type } => format!("{{{}}}", named(inner_type)),
    }
}
