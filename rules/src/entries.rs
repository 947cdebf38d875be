//! Rules on the entries of lists and maps: `min_items`, `max_items`, `unique`, `keys`, `each`.

use crate::{LiteralWith, RuleWith, describe_all, first_violated};

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
        let mut index = 0;
        while index < items.len() {
            let is_accepted = match self {
                Self::Each(rules) => first_violated(rules, &items[index]).is_none(),
                Self::Unique => !repeats(items, index),
                _ => true,
            };
            if !is_accepted {
                return false;
            }
            index += 1;
        }
        self.accepts_count(items.len())
    }

    pub(crate) const fn accepts_entries(&self, entries: &[(&'static str, LiteralWith<C>)]) -> bool {
        let mut index = 0;
        while index < entries.len() {
            let violated = match self {
                Self::Each(rules) => first_violated(rules, &entries[index].1),
                Self::Keys(rules) => first_violated(rules, &LiteralWith::Text(entries[index].0)),
                _ => None,
            };
            if violated.is_some() {
                return false;
            }
            index += 1;
        }
        self.accepts_count(entries.len())
    }
}

/// Whether an item equals an earlier one.
const fn repeats<C: Copy>(items: &[LiteralWith<C>], index: usize) -> bool {
    let mut earlier = 0;
    while earlier < index {
        if items[earlier].is_same(&items[index]) {
            return true;
        }
        earlier += 1;
    }
    false
}

pub(crate) fn phrase<C: Copy>(rule: &RuleWith<C>) -> Option<String> {
    Some(match rule {
        RuleWith::MinItems(1) => "not empty".to_owned(),
        RuleWith::MinItems(min) => format!("at least {min} entries"),
        RuleWith::MaxItems(1) => "at most 1 entry".to_owned(),
        RuleWith::MaxItems(max) => format!("at most {max} entries"),
        RuleWith::Unique => "without repeats".to_owned(),
        RuleWith::Each(rules) => format!("each {}", describe_all(rules)),
        RuleWith::Keys(rules) => format!("keys {}", describe_all(rules)),
        _ => return None,
    })
}

pub(crate) fn demand<C: Copy>(rule: &RuleWith<C>) -> Option<String> {
    match rule {
        RuleWith::MinItems(1) => Some("must not be empty".to_owned()),
        RuleWith::MinItems(_) | RuleWith::MaxItems(_) => Some(format!("must have {}", rule.describe())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Bound, Literal, Rule};

    #[test]
    fn lists_and_maps_are_judged_by_their_entries() {
        const ONE_TWO: Literal = Literal::List(&[Literal::Integer(1), Literal::Integer(2)]);
        const TWO_TWO: Literal = Literal::List(&[Literal::Integer(2), Literal::Float(2.0)]);
        const ENTRY: Literal = Literal::Object(&[("a", Literal::Integer(1))]);
        const FROM_TWO: Rule = Rule::Each(&[Rule::Min(Bound::Integer(2))]);
        assert!(Rule::Unique.accepts(&ONE_TWO) && !Rule::Unique.accepts(&TWO_TWO));
        assert!(Rule::MaxItems(2).accepts(&ONE_TWO) && !Rule::MinItems(3).accepts(&ONE_TWO));
        assert!(FROM_TWO.accepts(&TWO_TWO) && !FROM_TWO.accepts(&ONE_TWO) && !FROM_TWO.accepts(&ENTRY));
        assert!(Rule::Keys(&[Rule::Prefix("a")]).accepts(&ENTRY) && !Rule::Keys(&[Rule::Prefix("b")]).accepts(&ENTRY));
    }
}
