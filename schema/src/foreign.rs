//! What the names of other systems mean here. They are for faults alone: no document may use one.

use l2_adapter_rules::{closest, one_of, same_name};

use crate::{
    kind::Choice,
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
    /// Something without other names.
    pub(crate) const fn here(name: &'static str) -> Self {
        Self { name, also_known_as: &[] }
    }

    pub(crate) const fn known(known: &'static KnownKey) -> Self {
        Self { name: known.key, also_known_as: known.also_known_as }
    }

    pub(crate) const fn choice(choice: &'static Choice) -> Self {
        Self { name: choice.name, also_known_as: choice.also_known_as }
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
        let here = closest(written, named.clone().map(|named| named.name));
        let elsewhere = closest(written, named.clone().flat_map(all_foreign));
        let nearest = closest(written, here.into_iter().chain(elsewhere))?;
        if here == Some(nearest) { here.map(|name| Meant { name, advice: "" }) } else { foreign(nearest) }
    })
}

fn all_foreign(named: Named) -> impl Iterator<Item = &'static str> + Clone {
    named.also_known_as.iter().flat_map(|names| names.names).copied()
}

/// The adapter type that a name means which is none of `tables`, and in words, which may be empty, what it is called here.
pub fn meant_types(written: &str, tables: &[&'static Table]) -> (Option<&'static str>, String) {
    let named = |table: &&'static Table| {
        let also_known_as = table.also_known_as;
        table.adapter.map(|name| (Named { name, also_known_as }, *table))
    };
    let all: Vec<(Named, &'static Table)> = tables.iter().filter_map(named).collect();
    let of = |(named, table): &(Named, &'static Table)| named.meant_by(written).map(|meant| (meant, *table));
    match all.iter().filter_map(of).collect::<Vec<_>>().as_slice() {
        [] => (meant(written, all.iter().map(|(named, _)| *named)).map(|meant| meant.name), String::new()),
        [(Meant { name, advice: "" }, _)] => (Some(name), format!("here it is `{name}`")),
        [(Meant { name, advice }, _)] => (Some(name), format!("here it is `{name}`; {advice}")),
        several => {
            let summary = |table: &Table| table.summary().trim_end_matches('.').to_owned();
            let each = several.iter().map(|(meant, table)| format!("`{}` ({})", meant.name, summary(table)));
            (None, format!("it may mean {}", one_of(each)))
        }
    }
}
