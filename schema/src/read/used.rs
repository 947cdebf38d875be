//! How the derives' output uses types that the macro does not know.
//!
//! Such a type may implement neither [`ConfigValue`] nor [`Section`]. The compiler reports that once, however often the output
//! names items of these traits. Functions that need a trait would be reported too: they are called through the types here,
//! whose own functions need the trait, while their substitutes, functions of a trait, do not.

use std::{collections::BTreeMap, marker::PhantomData};

use super::{FieldSlot, Object, Reader, Section, Written, initial};
use crate::{compile_time::Keys, table::Table, value::ConfigValue};

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

/// The type of a field.
#[derive(Debug)]
pub struct ValueType<T>(PhantomData<T>);

impl<T: ConfigValue> ValueType<T> {
    /// Whether the type hides its value.
    pub const SECRET: bool = T::SECRET;

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

/// The body of a substitute, whose callers do not compile.
fn never_run() -> ! {
    unreachable!("a type that cannot be read was used")
}

/// The substitutes of a [`ValueType`] whose type is not a [`ConfigValue`]. They are compiled but never run.
#[allow(missing_docs, reason = "each is that of `ValueType`")]
pub trait NotAValue {
    type Value;

    const SECRET: bool = false;

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
}

impl<T> NotAValue for ValueType<T> {
    type Value = T;
}

/// The type of a field with defaults of its own.
#[derive(Debug)]
pub struct SectionType<T>(PhantomData<T>);

impl<T: Section> SectionType<T> {
    /// The keys of the table.
    pub const KEYS: Option<&'static Keys> = Some(&T::KEYS);
}

/// The substitute of a [`SectionType`] whose type is not a [`Section`].
pub trait NotASection {
    /// No keys.
    const KEYS: Option<&'static Keys> = None;
}

impl<T> NotASection for SectionType<T> {}
