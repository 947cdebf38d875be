//! Rules on the entries of lists and maps: `min_items`, `max_items`, `unique`, `keys`, `each`.

use crate::{LiteralWith, RuleWith, first_violated};

impl<C: Copy + 'static> RuleWith<C> {
    /// Whether a list or map with this many entries satisfies the rule.
    #[inline]
    pub const fn accepts_count(&self, count: usize) -> bool {
        match self {
            Self::MinItems(min) => count >= *min,
            Self::MaxItems(max) => count <= *max,
            _ => true,
        }
    }

    pub(crate) const fn accepts_items(&self, items: &[LiteralWith<C>]) -> bool {
        let are_accepted = match self {
            Self::Each(rules) => !any!(item in items => first_violated(rules, item).is_some()),
            Self::Unique => !repeat(items),
            _ => true,
        };
        are_accepted && self.accepts_count(items.len())
    }

    pub(crate) const fn accepts_entries(&self, entries: &[(&'static str, LiteralWith<C>)]) -> bool {
        let violated = any!((key, value) in entries => match self {
            Self::Each(rules) => first_violated(rules, value).is_some(),
            Self::Keys(rules) => first_violated(rules, &LiteralWith::String(key)).is_some(),
            _ => false,
        });
        !violated && self.accepts_count(entries.len())
    }
}

/// The requirements of rules on the entries of a list or map.
#[derive(Debug, Clone, Copy)]
pub struct Entries<C: 'static> {
    /// The smallest number.
    pub min_items: usize,
    /// The largest number of entries; `usize::MAX` without such a rule.
    pub max_items: usize,
    /// Whether no two items are equal.
    pub unique: bool,
    /// The rules on each item of a list, each value of a map.
    pub each: &'static [RuleWith<C>],
    /// The rules on each key of a map.
    pub keys: &'static [RuleWith<C>],
}

impl<C: Copy + 'static> Entries<C> {
    /// The requirements of the rules on a list or map.
    pub const fn of(rules: &[RuleWith<C>]) -> Self {
        let mut asked = Self { min_items: 0, max_items: usize::MAX, unique: false, each: &[], keys: &[] };
        each!(rule in rules => {
            match *rule {
                RuleWith::MinItems(min) if min > asked.min_items => asked.min_items = min,
                RuleWith::MaxItems(max) if max < asked.max_items => asked.max_items = max,
                RuleWith::Unique => asked.unique = true,
                RuleWith::Each(rules) => asked.each = rules,
                RuleWith::Keys(rules) => asked.keys = rules,
                _ => {}
            }
        });
        asked
    }
}

/// Whether an item equals a later one.
const fn repeat<C: Copy>(mut items: &[LiteralWith<C>]) -> bool {
    while let [first, later @ ..] = items
        && !any!(item in later => first.is_same(item))
    {
        items = later;
    }
    !items.is_empty()
}

#[cfg(test)]
mod tests {
    use crate::{Literal, Rule};

    #[test]
    fn a_rule_on_each_entry_is_one_on_the_values_of_a_map() {
        const ENTRY: Literal = Literal::Object(&[("a", Literal::Integer(1))]);
        let from = |least| Rule::Each(Vec::leak(vec![Rule::Min(Literal::Integer(least))]));
        assert!(from(1).accepts(&ENTRY) && !from(2).accepts(&ENTRY));
    }

    #[test]
    fn the_compiler_compares_lists_longer_than_its_recursion_limit() {
        const LONG: [Literal; 200] = {
            let mut items = [Literal::Null; 200];
            let mut index = 0;
            while index < items.len() {
                items[index] = Literal::Integer(index as i128);
                index += 1;
            }
            items
        };
        const { assert!(Rule::Unique.accepts(&Literal::List(&LONG))) };
        const { assert!(Literal::List(&LONG).is_same(&Literal::List(&LONG))) };
    }
}
