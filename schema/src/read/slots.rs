//! The slots of an object that have values, and the fields that need work if they have none.

use super::{Place, Reader};
use l2_adapter_rules::Literal;

use crate::{
    context::Context,
    kind::Kind,
    literal::LiteralValue,
    path::Path,
    table::{Field, Presence, Table},
    value::ConfigValue,
};

const BITS: usize = u64::BITS as usize;

/// The slots that may have values, a bit each; a slot whose bit is not set is empty. From the 65th on, slots share the bits
/// of those before them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present(u64);

impl Present {
    pub(super) const NONE: Self = Self(0);

    pub(super) const fn with(self, slot: usize) -> Self {
        Self(self.0 | 1_u64.rotate_left(slot as u32))
    }

    /// The slots from `first` on, those before it behind the last.
    pub(super) const fn from(self, first: usize) -> Self {
        Self(self.0.rotate_right(first as u32))
    }

    pub(super) const fn bits(self) -> u64 {
        self.0
    }

    /// Whether the slots from `first` to the last of `count` are empty. Not known if slots share bits.
    pub(super) const fn has_none_from(self, first: usize, count: usize) -> bool {
        count <= BITS && (first == BITS || self.0 >> first == 0)
    }
}

/// The initial value of a field's variable: the value of an absent key if that is available, otherwise empty.
#[inline]
pub fn initial<T: ConfigValue>(table: &Table, index: usize) -> Option<T> {
    let field = &table.fields[index];
    match &field.presence {
        Presence::Optional => T::absent(),
        Presence::Default(default) if is_at_hand(T::KIND, default) => {
            T::from_literal(default).or_else(|| read_default(field, default))
        }
        _ => None,
    }
}

/// The value of a variable that is not empty.
#[inline]
pub fn found<T>(variable: Option<T>) -> T {
    match variable {
        Some(value) => value,
        None => unreachable!("a variable was seen to have a value"),
    }
}

/// The default of a type that cannot be constructed from literals: a wrapper.
#[cold]
fn read_default<T: ConfigValue>(field: &Field, default: &Literal) -> Option<T> {
    let context = Context::empty();
    let path = Path::Key(&Path::Root, field.key);
    T::read(&default.to_value(), &Place::new(&path, field.rules, field.secret), &mut Reader::new(&context))
}

/// Of the fields from `first` on, those whose variable does not [`initial`] as what their absence means: a bit each.
pub const fn needs_visit(fields: &[Field], first: usize) -> u64 {
    let mut bits = 0;
    let mut index = first;
    while index < fields.len() && index - first < BITS {
        let settled = match &fields[index].presence {
            Presence::Optional => true,
            Presence::Default(default) => is_at_hand(fields[index].kind, default),
            _ => false,
        };
        if !settled {
            bits |= 1 << (index - first);
        }
        index += 1;
    }
    bits
}

/// Whether the default is free to construct eagerly. Every type of these kinds can construct such literals.
#[inline]
const fn is_at_hand(kind: Kind, default: &Literal) -> bool {
    match (kind, default) {
        (Kind::Boolean, Literal::Bool(_))
        | (Kind::Integer { .. }, Literal::Integer(_))
        | (Kind::Number { .. }, Literal::Float(_))
        | (Kind::Choice(_), Literal::String(_)) => true,
        (Kind::String | Kind::Path, Literal::String(text)) => text.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_that_has_a_value_is_among_those_from_any_slot_before_it() {
        for slot in [0, 1, 63, 64, 65, 200] {
            let present = Present::NONE.with(slot);
            for first in 0..=slot {
                assert!(!present.has_none_from(first, slot + 1), "{slot} from {first}");
            }
        }
    }

    #[test]
    fn slots_before_the_first_are_not_counted() {
        let present = Present::NONE.with(0).with(3);
        assert!(present.has_none_from(4, 64));
        assert!(Present::NONE.with(63).has_none_from(64, 64));
    }
}
