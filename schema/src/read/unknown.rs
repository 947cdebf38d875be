//! Keys that should not be there: what is meant by them, and where they belong.

use l2_adapter_rules::{closest, one_of, same_name};
use serde_json::{Map, Value};

use super::{Object, Place, Reader, misplaced::Search, report::json_type, rewrite::rewritten};
use crate::{
    context::Context,
    fault::{Fault, FaultCode},
    foreign::{Meant, Named, OtherConfig, meant},
    kind::Kind,
    path::{Path, shown_key},
    peer::{InVersion as _, Peer},
    table::{Field, Rest, Table},
    warning::WarningCode,
};

/// How many keys an object may have for its unknown ones to be looked up in other systems and types: far more than any spec
/// has.
pub(super) const KEYS_MAX: usize = 64;

impl Object<'_> {
    /// Reports the keys that should not be there, forbidden ones as the tables list them, then unknown ones as the map does.
    #[inline(never)]
    pub(super) fn report_keys(&self, reader: &mut Reader<'_>) {
        let is_forbidden = |table: &Table| table.forbidden.iter().any(|key| self.map.contains_key(key.key));
        if self.all_known && !self.table.ancestry().any(is_forbidden) {
            return;
        }
        for forbidden in self.table.lineage().into_iter().flat_map(|table| table.forbidden) {
            if self.tag != Some(forbidden.key) && self.map.contains_key(forbidden.key) {
                let message = format!("must not be given: {}", forbidden.reason);
                self.report(forbidden.key, FaultCode::ForbiddenKey, &message, reader);
            }
        }
        if self.all_known {
            return;
        }
        if let Some(rest) = self.table.rest() {
            return self.warn_of_near_keys(rest, reader);
        }
        if reader.hides(false) {
            // One fault for all of them, because nothing that distinguishes the keys may be shown.
            return reader.push(self.hidden_key(reader));
        }
        if let Some((key, other)) = self.found_other_config(reader) {
            // It says all there is to say of this object.
            reader.retract(self.path);
            return reader.push(self.other_config(key, other, reader));
        }
        for (key, value) in self.map {
            if reader.is_full() {
                break;
            }
            if !self.is_known(key) {
                reader.push(self.unknown_key(key, value, reader));
            }
        }
    }

    /// If undeclared keys are collected, a misspelt key is not a fault.
    fn warn_of_near_keys(&self, rest: &Rest, reader: &mut Reader<'_>) {
        // Inside a secret an undeclared key is part of it.
        if reader.hides(rest.secret) {
            return;
        }
        let is_known = |key: &str| self.is_known(key) || rest.known.iter().any(|known| known.key == key);
        for key in self.map.keys().filter(|key| !is_known(key)) {
            if let Some(Meant { name, advice }) = self.meant_key(key, reader) {
                let path = Path::Key(self.path, key);
                let advice = if advice.is_empty() { String::new() } else { format!(" {advice}") };
                let message = format!("is passed on unchanged; did you mean `{name}`?{advice}");
                reader.warn(&Place::new(&path, &[], false), WarningCode::NearKey, &message);
            }
        }
    }

    fn unknown_key(&self, key: &str, value: &Value, reader: &Reader<'_>) -> Fault {
        let variants = self.variants_with(key, reader);
        let meant = self.meant_key(key, reader);
        let more = match meant {
            Some(Meant { advice: "", .. }) => String::new(),
            Some(Meant { advice, .. }) => format!(": {advice}"),
            None if variants.contains(';') => String::new(),
            None => self.elsewhere(key, reader).map(|where_it_is| format!("; {where_it_is}")).unwrap_or_default(),
        };
        let message = format!("is not a key of {}{variants}{more}", self.owner());
        let (got, suggestion) = (json_type(value).to_owned(), meant.map(|meant| meant.name.to_owned()));
        Fault { got: Some(got), suggestion, ..self.unknown(key, &message, reader) }
    }

    fn unknown(&self, key: &str, message: &str, reader: &Reader<'_>) -> Fault {
        reader.fault(&Place::new(&Path::Key(self.path, key), &[], false), FaultCode::UnknownKey, message)
    }

    fn owner(&self) -> String {
        match (self.table.adapter, self.path) {
            (Some(adapter), _) => format!("`{adapter}`"),
            (None, Path::Root) => self.table.name.to_owned(),
            (None, path) => path.name(),
        }
    }

    /// The other config that this object seems to be, and the key that tells, if that is not known to mean one of ours.
    fn found_other_config(&self, reader: &Reader<'_>) -> Option<(&str, &'static OtherConfig)> {
        let tables = self.table.ancestry().chain(self.table.common_table());
        let unknown: Vec<_> = self.map.keys().filter(|key| !self.is_known(key)).collect();
        OtherConfig::found_in(unknown.iter().copied(), tables.flat_map(|table| table.mistaken_for))
            .filter(|(key, other)| other.rewritten || self.meant_key(key, reader).is_none())
    }

    /// The fault of an object that is another config, found by one of its keys.
    fn other_config(&self, key: &str, other: &'static OtherConfig, reader: &Reader<'_>) -> Fault {
        // The spec that is left of the object without the keys of the other config.
        let own_spec = || {
            self.table.adapter?;
            let spec = rewritten(self.map, self.table, reader.context())?;
            (spec.to_fill.is_empty() && spec.refused.is_empty()).then_some(spec.text)
        };
        let (more, suggestion) = match other.rewritten {
            true => other.instead(self.map, self.table, reader.context()),
            false => match (own_spec(), Search::new(reader.context()).inside(self.map, &[])) {
                (None, Some((words, spec))) => (format!("{}; {words}", other.advice), spec),
                (spec, _) => (other.advice.to_owned(), spec),
            },
        };
        let message = format!("is not a key of {}: this is {}; {more}", self.owner(), other.what);
        Fault { suggestion, ..self.unknown(key, &message, reader) }
    }

    /// In a variant of a union: what chose it, and which others have the key.
    fn variants_with(&self, key: &str, reader: &Reader<'_>) -> String {
        let (Some(union), Some(tag), Some(Value::String(chosen))) = (reader.scope.union, self.tag, self.tag_value)
        else {
            return String::new();
        };
        let peer = reader.context().peer();
        let others =
            union.variants_in(peer).filter(|variant| variant.table().is_some_and(|table| has_key(table, key, peer)));
        let names: Vec<_> = others.map(|variant| format!("\"{}\"", variant.name)).collect();
        let mut words = format!(" where `{tag}` is \"{chosen}\"");
        if !names.is_empty() {
            words.push_str(&format!("; it is one where `{tag}` is {}", one_of(names.into_iter())));
        }
        words
    }

    /// Where a key belongs that is unknown here: into an object inside this one, or to another adapter type.
    fn elsewhere(&self, key: &str, reader: &Reader<'_>) -> Option<String> {
        if self.map.len() > KEYS_MAX {
            return None;
        }
        let peer = reader.context().peer();
        let has = |table: &'static Table| has_key(table, key, peer);
        let is_inside = |field: &&Field| match (field.nested_spec, field.kind.unwrap_optional()) {
            (Some(nested), _) => nested.applies(self.map) && has((nested.entry.table)()),
            (None, kind @ (Kind::Section(_) | Kind::Union(_))) => kind.tables().into_iter().any(has),
            _ => false,
        };
        match self.fields(reader).into_iter().find(is_inside) {
            Some(Field { key, nested_spec, .. }) => {
                let of = nested_spec.map_or("", |_| "the spec in ");
                Some(format!("it is one of {of}`{key}`: write it inside that object"))
            }
            None => self.other_types(key, reader),
        }
    }

    /// Which other adapter types have a key, where it is a few: those of a like name, if some have it.
    fn other_types(&self, key: &str, reader: &Reader<'_>) -> Option<String> {
        const NAMED_MAX: usize = 3;
        let own_name = self.table.adapter?;
        let peer = reader.context().peer();
        let mut types = reader.context().adapter_tables();
        types.retain(|table| table.adapter != Some(own_name) && has_key(table, key, peer));
        let is_only = types.len() == 1;
        let words = |name: &'static str| name.split(['_', '-']);
        let is_alike = |table: &&'static Table| {
            words(own_name).any(|word| words(table.adapter.unwrap_or_default()).any(|other| other == word))
        };
        if types.iter().any(is_alike) {
            types.retain(is_alike);
        }
        let names: Vec<String> =
            types.iter().filter_map(|table| table.adapter).map(|name| format!("`{name}`")).collect();
        match names.as_slice() {
            [] => None,
            [name] if is_only => Some(format!("only {name} has it")),
            [name] => Some(format!("of similar types only {name} has it")),
            several if several.len() <= NAMED_MAX => Some(format!("{} have it", several.join(", "))),
            _ => None,
        }
    }

    /// The fault of an undeclared key inside a secret, which is not shown.
    fn hidden_key(&self, reader: &Reader<'_>) -> Fault {
        let place = Place::new(self.path, &[], true);
        let keys: Vec<String> = self.declared_keys(reader).map(|named| format!("`{}`", named.name)).collect();
        let fault = reader.fault(&place, FaultCode::UnknownKey, "has a key that is not one of its keys");
        Fault { expected: Some(one_of(keys.into_iter())), ..fault }
    }

    /// The declared key that is meant by another one.
    fn meant_key(&self, key: &str, reader: &Reader<'_>) -> Option<Meant> {
        let known = self.table.rest().map(|rest| rest.known).unwrap_or_default();
        let named = self.declared_keys(reader).chain(known.iter().map(Named::known));
        if self.map.len() > KEYS_MAX {
            // Names of other systems are many, and so are the keys.
            return closest(key, named.map(|named| named.name)).map(|name| Meant { name, advice: "" });
        }
        meant(key, named)
    }

    /// The fields of the table, those of the common keys last.
    fn fields(&self, reader: &Reader<'_>) -> Vec<&'static Field> {
        let peer = reader.context().peer();
        self.table.fields_with_common().filter(|field| peer.has(&field.versions)).collect()
    }

    /// The keys that a document may have here, old names left out.
    fn declared_keys(&self, reader: &Reader<'_>) -> impl Iterator<Item = Named> + Clone {
        let type_key = self.tag.map(|_| "type").filter(|_| self.table.adapter.is_some());
        self.fields(reader)
            .into_iter()
            .flat_map(|field| {
                let aliases = field.aliases.iter().filter(|alias| !alias.legacy).map(|alias| Named::here(alias.key));
                std::iter::once(Named { name: field.key, also_known_as: field.also_known_as }).chain(aliases)
            })
            .chain(type_key.map(Named::here))
    }
}

/// Whether a table has a key of its own in the peer's version, under a name that is not an old one.
fn has_key(table: &'static Table, key: &str, peer: Option<&Peer<'_>>) -> bool {
    table
        .all_fields()
        .filter(|field| peer.has(&field.versions))
        .any(|field| field.key == key || field.aliases.iter().any(|alias| !alias.legacy && alias.key == key))
}

impl OtherConfig {
    /// Which of several other configs an object with some keys seems to be, and the key that tells.
    pub(super) fn found_in<'a>(
        keys: impl Iterator<Item = &'a String> + Clone,
        mut others: impl Iterator<Item = &'static OtherConfig>,
    ) -> Option<(&'a str, &'static OtherConfig)> {
        others.find_map(|other| {
            // In the order of the declaration: the keys of a map may have another one.
            let named = |known: &&str| keys.clone().find(|key| same_name(known, key));
            Some((other.keys.iter().find_map(named)?.as_str(), other))
        })
    }

    /// What to do with the object, and the spec that says the same.
    pub(super) fn instead(
        &'static self,
        map: &Map<String, Value>,
        table: &'static Table,
        context: &Context<'_>,
    ) -> (String, Option<String>) {
        let (more, spec) =
            Some(map).filter(|_| self.rewritten).and_then(|map| in_words_of(map, table, context)).unzip();
        (format!("{}{}", self.advice, more.unwrap_or_default()), spec)
    }
}

/// The spec that says the same as an object, after what there is to say of it, which may be empty.
pub(super) fn in_words_of(
    map: &Map<String, Value>,
    table: &'static Table,
    context: &Context<'_>,
) -> Option<(String, String)> {
    const NAMED_MAX: usize = 8;
    let spec = rewritten(map, table, context)?;
    let mut words = String::new();
    let refused = "left out because of its value";
    for (keys, what) in
        [(&spec.to_fill, "to be filled in"), (&spec.refused, refused), (&spec.dropped, "without a counterpart")]
    {
        let mut named: Vec<_> = keys.iter().take(NAMED_MAX).map(|key| format!("`{}`", shown_key(key))).collect();
        if keys.len() > NAMED_MAX {
            named.push(format!("{} more", keys.len() - NAMED_MAX));
        }
        if !named.is_empty() {
            words.push_str(&format!("; {what}: {}", named.join(", ")));
        }
    }
    Some((words, spec.text))
}
