//! Whether an example can show a key without an example of its own.

use l2_adapter_rules::{Entries, Rule, has_obvious_value};

use crate::kind::Kind;

/// Checks that a kind has an obvious value under rules. `message` says what to do otherwise. That a type hides its value is
/// reported elsewhere, as the field is not marked secret.
#[track_caller]
pub const fn obvious(kind: Kind, hides_its_value: bool, rules: &[Rule], message: &str) {
    if !hides_its_value && !has_obvious(kind, rules) {
        panic!("{}", message);
    }
}

const fn has_obvious(kind: Kind, rules: &[Rule]) -> bool {
    let kind = kind.unwrap_optional();
    has_obvious_value(kind.value_type(), rules)
        && match kind {
            Kind::List(item) => has_obvious(*item, Entries::of(rules).each),
            // Which types there are is not known before the program runs.
            Kind::AdapterSpec => false,
            _ => true,
        }
}
