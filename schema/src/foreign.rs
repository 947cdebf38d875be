//! What the names of other systems mean here. They are for faults alone: no document may use one.

use std::iter::successors;

use l2_adapter_rules::{closest, nearest, one_of, same_name};

use crate::{
    kind::{Choice, Kind},
    table::{KnownKey, Table},
};

/// Names by which other systems know a key, a value or an adapter type.
#[derive(Debug)]
pub struct ForeignNames {
    /// The names. Letter case and what separates words make no difference.
    pub names: &'static [&'static str],
    /// What there is to know beyond the name that is meant; may be empty.
    pub advice: &'static str,
}

/// Another config, known by its keys, that is given where a spec is wanted.
#[derive(Debug)]
pub struct OtherConfig {
    /// What it is, as a noun with its article.
    pub what: &'static str,
    /// Keys that only it has: one of them is enough.
    pub keys: &'static [&'static str],
    /// Where it belongs, or what to do.
    pub advice: &'static str,
    /// Whether it says what a spec says, under the names of `also_known_as`.
    pub rewritten: bool,
}

/// A name that is meant by another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meant {
    pub(crate) name: &'static str,
    /// May be empty.
    pub(crate) advice: &'static str,
}

/// Something that has a name here, and others elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) also_known_as: &'static [ForeignNames],
}

impl Named {
    pub(crate) const fn here(name: &'static str) -> Self {
        Self { name, also_known_as: &[] }
    }

    pub(crate) const fn known(known: &'static KnownKey) -> Self {
        Self { name: known.key, also_known_as: known.also_known_as }
    }

    pub(crate) const fn choice(choice: &'static Choice) -> Self {
        Self { name: choice.name, also_known_as: choice.also_known_as }
    }

    fn adapter(table: &'static Table) -> Self {
        Self { name: table.adapter.unwrap_or_default(), also_known_as: table.also_known_as }
    }

    /// This, if it goes by a name elsewhere.
    pub(crate) fn meant_by(&self, written: &str) -> Option<Meant> {
        let is_one = |names: &&ForeignNames| names.names.iter().any(|name| same_name(name, written));
        self.also_known_as.iter().find(is_one).map(|names| Meant { name: self.name, advice: names.advice })
    }
}

/// What a name may mean that is none of those here: what is called so elsewhere, else what has the nearest name, here or
/// elsewhere, if that is near enough.
pub(crate) fn meant(written: &str, named: impl Iterator<Item = Named> + Clone) -> Option<Meant> {
    let foreign = |written: &str| named.clone().find_map(|named| named.meant_by(written));
    foreign(written).or_else(|| {
        let here = match nearest(written, named.clone().map(|named| named.name)) {
            // No name elsewhere is nearer: one that is the same was found above.
            Some((name, true)) => return Some(Meant { name, advice: "" }),
            here => here.map(|(name, _)| name),
        };
        let all_foreign = named.clone().flat_map(|named| named.also_known_as).flat_map(|names| names.names);
        let elsewhere = closest(written, all_foreign.copied());
        let nearest = closest(written, here.into_iter().chain(elsewhere))?;
        if here == Some(nearest) { here.map(|name| Meant { name, advice: "" }) } else { foreign(nearest) }
    })
}

/// The adapter type that a name means which is none of `tables`, and in words, which may be empty, what it is called here.
pub fn meant_types(written: &str, tables: &[&'static Table]) -> (Option<&'static str>, String) {
    let of = |table: &&'static Table| Named::adapter(table).meant_by(written).map(|meant| (meant, *table));
    match tables.iter().filter_map(of).collect::<Vec<_>>().as_slice() {
        [] => core_type(written, tables).map(here).or_else(|| value_of_types(written, tables)).unwrap_or_else(|| {
            (meant(written, tables.iter().copied().map(Named::adapter)).map(|meant| meant.name), String::new())
        }),
        [(meant, _)] => here(*meant),
        several => {
            let summary = |table: &Table| table.summary().trim_end_matches('.').to_owned();
            let each = several.iter().map(|(meant, table)| format!("`{}` ({})", meant.name, summary(table)));
            (None, format!("it may mean {}", one_of(each)))
        }
    }
}

fn here(meant: Meant) -> (Option<&'static str>, String) {
    let more = if meant.advice.is_empty() { String::new() } else { format!("; {}", meant.advice) };
    (Some(meant.name), format!("here it is `{}`{more}", meant.name))
}

/// Words that the names of classes and modules have, and those of types do not: `S3Connector`, `rust_raw_block_backend`.
const LAST_WORDS: [&str; 12] = [
    "config",
    "adapter",
    "l2",
    "backend",
    "connector",
    "storage",
    "store",
    "native",
    "plugin",
    "client",
    "remote",
    "server",
];
const FIRST_WORDS: [&str; 6] = ["lmcache", "remote", "native", "rust", "kv", "l2"];

/// The one type that a name means without such words, fewer of them if that suffices.
fn core_type(written: &str, tables: &[&'static Table]) -> Option<Meant> {
    const WRITTEN_BYTES_MAX: usize = 128;
    let is_letter = |letter: &char| !matches!(letter, '_' | '-' | '.' | ' ');
    let name: String = written.chars().filter(is_letter).flat_map(char::to_lowercase).take(WRITTEN_BYTES_MAX).collect();
    let meant_by = |core: &str| {
        let mut types = tables.iter().copied().map(Named::adapter).filter_map(|named| {
            let own = || same_name(named.name, core).then_some(Meant { name: named.name, advice: "" });
            named.meant_by(core).or_else(own)
        });
        types.next().filter(|_| types.next().is_none())
    };
    successors(Some(name.as_str()), |name| LAST_WORDS.iter().find_map(|word| name.strip_suffix(word)))
        .flat_map(|name| successors(Some(name), |name| FIRST_WORDS.iter().find_map(|word| name.strip_prefix(word))))
        .find_map(meant_by)
}

/// What to say of a name that is no type but a value of a key: which types have the key.
fn value_of_types(written: &str, tables: &[&'static Table]) -> Option<(Option<&'static str>, String)> {
    const TYPES_MAX: usize = 3;
    let is_meant =
        |choice: &&'static Choice| same_name(choice.name, written) || Named::choice(choice).meant_by(written).is_some();
    let mut found = Vec::new();
    for (table, field) in tables.iter().flat_map(|table| table.all_fields().map(move |field| (table, field))) {
        let Kind::Choice(choices) = field.kind.unwrap_optional() else { continue };
        if let Some(choice) = choices.variants.iter().find(is_meant) {
            found.push((table.adapter?, (field.key, choice.name)));
        }
    }
    let (name, (key, value)) = *found.first()?;
    if found.len() > TYPES_MAX || found.iter().any(|(_, other)| *other != (key, value)) {
        return None;
    }
    let types = one_of(found.iter().map(|(name, _)| format!("`{name}`")));
    Some((Some(name).filter(|_| found.len() == 1), format!("\"{value}\" is a value of `{key}` in {types}")))
}
