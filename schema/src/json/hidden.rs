//! Which part of a pointer must not be shown: keys inside a secret are part of it. The engine hides them itself; faults
//! found in the text alone are held against the table here.

use serde_json::Value;

use crate::{
    context::Context,
    fault::{Fault, FaultCode},
    kind::Kind,
    path::unescaped,
    spec::NestedSpec,
    table::Table,
};

/// The same faults in keys, those inside secrets without the names of the keys.
pub(crate) fn without_secrets(faults: Vec<Fault>, kind: Kind, value: &Value, context: &Context<'_>) -> Vec<Fault> {
    let hidden = |fault: Fault| match secret_end(kind, value, &fault.pointer, context) {
        Some(end) => {
            let pointer = &fault.pointer[..end];
            let name = pointer.rsplit_once('/').map(|(_, token)| format!("`{}`", unescaped(token)));
            let name = name.as_deref().unwrap_or("the config");
            Fault::new(pointer, fault.code, format!("a key inside {name} {}", hidden_fault(fault.code)))
        }
        None => fault,
    };
    faults.into_iter().map(hidden).collect()
}

/// The fault of a hidden key, as the end of a sentence about it.
pub(crate) fn hidden_fault(code: FaultCode) -> &'static str {
    match code {
        FaultCode::RepeatedKey => "appears more than once: remove the duplicates",
        _ => "begins with a prefix that is reserved",
    }
}

/// Whether a pointer is that of a secret, or leads into one.
pub(crate) fn is_in_secret(kind: Kind, value: &Value, pointer: &str, context: &Context<'_>) -> bool {
    secret_end(kind, value, &format!("{pointer}/"), context).is_some()
}

/// Where in a pointer the secret ends that it leads into.
fn secret_end(mut kind: Kind, root: &Value, pointer: &str, context: &Context<'_>) -> Option<usize> {
    let mut end = 0;
    for token in pointer.split('/').skip(1) {
        let begin = end;
        let value = root.pointer(&pointer[..begin]);
        end += 1 + token.len();
        if let Kind::List(item) | Kind::Map(item) = kind.unwrap_optional() {
            kind = *item;
            continue;
        }
        let (key, table) = (unescaped(token), table_of(kind, value, context)?);
        let field = table.fields_with_common().find(|field| field.is_named(&key));
        let (inner, secret) = match field {
            Some(field) => (field.kind, field.secret),
            // A key that is not declared is part of the secret.
            None if table.rest().is_some_and(|rest| rest.secret) => return Some(begin),
            None => table.rest().map(|rest| (rest.kind, rest.secret))?,
        };
        if secret {
            return (end < pointer.len()).then_some(end);
        }
        let applies = |nested: &&NestedSpec| value.and_then(Value::as_object).is_some_and(|map| nested.applies(map));
        let nested = field.and_then(|field| field.nested_spec).filter(applies);
        kind = nested.map_or(inner, |nested| Kind::Section(nested.entry.table));
    }
    None
}

pub(super) fn table_of(kind: Kind, value: Option<&Value>, context: &Context<'_>) -> Option<&'static Table> {
    let named = |key: &str| value?.get(key)?.as_str();
    match kind.unwrap_optional() {
        Kind::Section(table) => Some(table()),
        Kind::Union(union) => {
            let union = union();
            union.variant(named(union.tag)?)?.table()
        }
        Kind::AdapterSpec => context.adapters()?.find(named("type")?).map(|entry| (entry.table)()),
        _ => None,
    }
}
