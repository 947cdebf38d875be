//! How the derives' output uses types that the macro does not know.
//!
//! Such a type may implement neither [`ConfigValue`] nor [`Section`]. One assertion reports that. Every other use goes through
//! the types here, whose own functions need the trait; their substitutes, functions of a trait, do not. So the mistake is one
//! error, not one for each use.

use std::{collections::BTreeMap, marker::PhantomData};

use serde_json::{Map, Value};

use super::{FieldSlot, Object, Place, Reader, Section, Written, initial, section_json};
use crate::{
    kind::Kind,
    table::Table,
    value::{ConfigValue, Secrets},
};

/// A type whose value can be the `default_from` default of a field of type `T`: `T` itself.
#[diagnostic::on_unimplemented(
    message = "`default_from` copies a value of type `{Self}`, and this field has another type, `{T}`",
    note = "a default of another type is computed: #[config(default_with = ..., default_doc = \"...\")]"
)]
pub trait DefaultFor<T>: Sized {
    /// A copy of the value.
    fn copy(&self) -> T;
}

impl<T: Clone> DefaultFor<T> for T {
    fn copy(&self) -> T {
        self.clone()
    }
}

/// The default that is copied from another field.
pub fn default_from<S: DefaultFor<T>, T>(source: &Option<S>) -> Option<T> {
    source.as_ref().map(DefaultFor::copy)
}

/// The type of a field, or that which a union's variant holds.
#[derive(Debug)]
pub struct ValueType<T>(PhantomData<T>);

impl<T: ConfigValue> ValueType<T> {
    /// The kind of the type.
    pub const KIND: Kind = T::KIND;

    /// Whether the type hides its value.
    pub const SECRET: bool = T::SECRET;

    /// The value of a key that is absent.
    pub fn absent() -> Option<T> {
        T::absent()
    }

    /// The initial value of a field's variable.
    #[inline]
    pub fn initial(table: &Table, index: usize) -> Option<T> {
        initial(table, index)
    }

    /// A variable with its type forgotten.
    pub fn variable(variable: &mut Option<T>) -> &mut dyn FieldSlot {
        variable
    }

    /// A default that code made, if a document could give it.
    pub fn computed(object: &Object<'_>, index: usize, default: T, reader: &mut Reader<'_>) -> Option<T> {
        object.computed(index, default, reader)
    }

    /// A value with its type forgotten.
    pub fn written(value: &T) -> &dyn Written {
        value
    }

    /// The undeclared keys.
    pub fn rest(object: &Object<'_>, reader: &mut Reader<'_>) -> Option<BTreeMap<String, T>> {
        object.rest(reader)
    }
}

impl<T: Section> ValueType<T> {
    /// The table of the type.
    pub const TABLE: fn() -> &'static Table = T::table;

    /// The table, for checks of its keys.
    pub const KEYS: Option<&'static Table> = Some(T::TABLE);

    /// Reads the keys of the variant.
    pub fn read(
        map: &Map<String, Value>,
        tag: &'static str,
        value: &Value,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<T> {
        reader.descend(place, value, |reader| T::read_map(map, place.path, Some(tag), reader).ok())
    }

    /// The variant as JSON, its tag first.
    pub fn json(section: &T, tag: Option<(&str, &str)>, secrets: Secrets) -> Map<String, Value> {
        section_json(section, tag, secrets)
    }
}

/// The body of a substitute, whose callers do not compile.
pub(super) fn never_run() -> ! {
    unreachable!("a type that cannot be read was used")
}

/// The substitutes of a [`ValueType`] whose type is not a [`ConfigValue`] or not a [`Section`]. They are compiled but never run.
#[allow(missing_docs, reason = "each is that of `ValueType`")]
pub trait NotAValue {
    type Value;

    const KIND: Kind = Kind::Anything;
    const SECRET: bool = false;
    const TABLE: fn() -> &'static Table = || never_run();
    const KEYS: Option<&'static Table> = None;

    fn absent() -> Option<Self::Value> {
        never_run()
    }

    fn initial(_: &Table, _: usize) -> Option<Self::Value> {
        never_run()
    }

    fn variable(_: &mut Option<Self::Value>) -> &mut dyn FieldSlot {
        never_run()
    }

    fn computed(_: &Object<'_>, _: usize, _: Self::Value, _: &mut Reader<'_>) -> Option<Self::Value> {
        never_run()
    }

    fn written(_: &Self::Value) -> &dyn Written {
        never_run()
    }

    fn rest(_: &Object<'_>, _: &mut Reader<'_>) -> Option<BTreeMap<String, Self::Value>> {
        never_run()
    }

    fn read(
        _: &Map<String, Value>,
        _: &'static str,
        _: &Value,
        _: &Place<'_>,
        _: &mut Reader<'_>,
    ) -> Option<Self::Value> {
        never_run()
    }

    fn json(_: &Self::Value, _: Option<(&str, &str)>, _: Secrets) -> Map<String, Value> {
        never_run()
    }
}

impl<T> NotAValue for ValueType<T> {
    type Value = T;
}
