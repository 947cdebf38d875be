//! Which part of a pointer must not be shown: keys inside a secret are part of it. The engine hides them itself; faults
//! found in the text alone are held against the table here.

use serde_json::Value;

use crate::{
    context::Context,
    fault::{Fault, FaultCode},
    kind::Kind,
    table::{Field, Table},
};

/// The same repeated keys, those inside secrets without their names.
pub(super) fn without_secrets(
    faults: Vec<Fault>,
    table: Option<&'static Table>,
    value: &Value,
    context: &Context<'_>,
) -> Vec<Fault> {
    let Some(table) = table else { return faults };
    let hidden = |fault: Fault| match secret_end(table, value, &fault.pointer, context) {
        Some(end) => {
            let pointer = &fault.pointer[..end];
            let key = pointer.rsplit('/').next().unwrap_or_default();
            let message = format!("a key inside `{key}` appears more than once: remove the duplicates");
            Fault::new(pointer, FaultCode::RepeatedKey, message)
        }
        None => fault,
    };
    faults.into_iter().map(hidden).collect()
}

/// Where in a pointer the secret ends that it leads into.
fn secret_end(table: &'static Table, root: &Value, pointer: &str, context: &Context<'_>) -> Option<usize> {
    let mut kind = Kind::Anything;
    let mut end = 0;
    for (depth, token) in pointer.split('/').skip(1).enumerate() {
        let value = root.pointer(&pointer[..end]);
        end += 1 + token.len();
        let table = match kind.unwrap_optional() {
            _ if depth == 0 => Some(table),
            Kind::List(item) | Kind::Map(item) => {
                kind = *item;
                continue;
            }
            other => table_of(other, value, context),
        };
        let key = token.replace("~1", "/").replace("~0", "~");
        let names = |field: &Field| field.key == key || field.aliases.iter().any(|alias| alias.key == key);
        let table = table?;
        let shared = table.shared_table().map(|shared| shared.fields).unwrap_or_default();
        let (inner, secret) = match table.all_fields().chain(shared).find(|field| names(field)) {
            Some(field) => (field.kind, field.secret),
            None => table.rest().map(|rest| (rest.kind, rest.secret))?,
        };
        if secret {
            return (end < pointer.len()).then_some(end);
        }
        kind = inner;
    }
    None
}

/// The table that an object is read by.
fn table_of(kind: Kind, value: Option<&Value>, context: &Context<'_>) -> Option<&'static Table> {
    let named = |key: &str| value?.get(key)?.as_str();
    match kind {
        Kind::Section(table) => Some(table()),
        Kind::Union(union) => {
            let union = union();
            let name = named(union.tag)?;
            let variant = union.variants.iter().find(|variant| variant.name == name)?;
            variant.table.map(|table| table())
        }
        Kind::AdapterSpec => context.adapters()?.find(named("type")?).map(|entry| (entry.table)()),
        _ => None,
    }
}
