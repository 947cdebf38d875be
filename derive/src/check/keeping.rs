//! Whether a literal keeps a rule. The engine decides the same at run time; here it is decided for defaults, examples
//! and allowed values, before anything runs.

use super::pattern;
use crate::model::{Limit, Literal, RangeEnd, Rule, Shape};

impl Rule {
    /// Whether a literal keeps the rule. What cannot be known here counts as kept: the compiler is asked as well.
    pub(super) fn is_kept_by(&self, literal: &Literal) -> bool {
        match (self, literal) {
            (Rule::Allowed(values), _) => {
                !literal.is_known() || values.iter().any(|value| !value.is_known() || value.equals(literal))
            }
            (Rule::Range(end, bound), _) => match (number(literal), number(bound)) {
                (Some(value), Some(bound)) => end.accepts(value, bound),
                _ => true,
            },
            (Rule::MultipleOf(factor), Literal::Integer(value)) => value % i128::from(*factor) == 0,
            (Rule::PowerOfTwo, Literal::Integer(value)) => *value > 0 && value.count_ones() == 1,
            (Rule::NotBlank, Literal::Text(text)) => text.chars().any(|character| !is_blank(character)),
            (Rule::Trimmed, Literal::Text(text)) => !text.starts_with(is_blank) && !text.ends_with(is_blank),
            (Rule::Length(limit, size), Literal::Text(text)) => limit.accepts(text.chars().count(), *size),
            (Rule::Pattern(source), Literal::Text(text)) => pattern::matches(source, text),
            (Rule::Prefix(prefix), Literal::Text(text)) => text.starts_with(prefix.as_str()),
            (Rule::MustNotContain(part), Literal::Text(text)) => !text.contains(part.as_str()),
            (Rule::Items(limit, size), Literal::List(items)) => limit.accepts(items.len(), *size),
            (Rule::Items(limit, size), Literal::Object(entries)) => limit.accepts(entries.len(), *size),
            (Rule::Keys(rules), Literal::Object(entries)) => {
                entries.iter().all(|(key, _)| rules.iter().all(|rule| rule.is_kept_by(&Literal::Text(key.clone()))))
            }
            (Rule::Each(rules), Literal::Object(entries)) => {
                entries.iter().all(|(_, value)| rules.iter().all(|rule| rule.is_kept_by(value)))
            }
            (Rule::Unique, Literal::List(items)) => {
                items.iter().enumerate().all(|(index, item)| !items[..index].iter().any(|other| other.equals(item)))
            }
            (Rule::Each(rules), Literal::List(items)) => {
                items.iter().all(|item| rules.iter().all(|rule| rule.is_kept_by(item)))
            }
            _ => true,
        }
    }

    /// Whether all that the rule compares with is known here.
    pub(super) fn is_known(&self) -> bool {
        match self {
            Rule::Allowed(values) => values.iter().all(Literal::is_known),
            Rule::Range(_, bound) => bound.is_known(),
            Rule::Each(rules) | Rule::Keys(rules) => rules.iter().all(Rule::is_known),
            _ => true,
        }
    }

    /// Whether the rule, or one inside it, is a pattern.
    pub(super) fn has_pattern(&self) -> bool {
        match self {
            Rule::Pattern(_) => true,
            Rule::Each(rules) | Rule::Keys(rules) => rules.iter().any(Rule::has_pattern),
            _ => false,
        }
    }

    /// Where the rule stands in a table: in the order a reader expects, both ends of a range side by side.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Rule::Allowed(_) => 0,
            Rule::Range(end, _) if end.is_lower() => 1,
            Rule::Range(..) => 2,
            Rule::MultipleOf(_) => 3,
            Rule::PowerOfTwo => 4,
            Rule::NotBlank => 5,
            Rule::Trimmed => 6,
            Rule::Length(Limit::Least, _) => 7,
            Rule::Length(Limit::Most, _) => 8,
            Rule::Pattern(_) => 9,
            Rule::Prefix(_) => 10,
            Rule::MustNotContain(_) => 11,
            Rule::Exists(_) => 12,
            Rule::Items(Limit::Least, _) => 13,
            Rule::Items(Limit::Most, _) => 14,
            Rule::Unique => 15,
            Rule::Keys(_) => 16,
            Rule::Each(_) => 17,
        }
    }

    /// The rule as it was written.
    pub(super) fn words(&self) -> String {
        match self {
            Rule::Allowed(_) => "`allowed`".to_owned(),
            Rule::Range(end, bound) => format!("`{} = {}`", end.word(), bound.words()),
            Rule::MultipleOf(factor) => format!("`multiple_of = {factor}`"),
            Rule::PowerOfTwo => "`power_of_two`".to_owned(),
            Rule::NotBlank => "`not_blank`".to_owned(),
            Rule::Trimmed => "`trimmed`".to_owned(),
            Rule::Length(Limit::Least, size) => format!("`min_length = {size}`"),
            Rule::Length(Limit::Most, size) => format!("`max_length = {size}`"),
            Rule::Pattern(source) => format!("`pattern = {source:?}`"),
            Rule::Prefix(prefix) => format!("`prefix = {prefix:?}`"),
            Rule::MustNotContain(part) => format!("`must_not_contain = {part:?}`"),
            Rule::Exists(_) => "`exists`".to_owned(),
            Rule::Items(Limit::Least, size) => format!("`min_items = {size}`"),
            Rule::Items(Limit::Most, size) => format!("`max_items = {size}`"),
            Rule::Unique => "`unique`".to_owned(),
            Rule::Each(_) => "`each`".to_owned(),
            Rule::Keys(_) => "`keys`".to_owned(),
        }
    }
}

/// The white space of Python's `str.strip`, which the engine lists one by one.
pub(super) fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1c}'..='\u{1f}')
}

/// A number to compare; integers beyond 2^53 are compared as integers by [`RangeEnd::accepts`].
#[derive(Clone, Copy)]
enum Number {
    Integer(i128),
    Float(f64),
}

fn number(literal: &Literal) -> Option<Number> {
    match literal {
        Literal::Integer(value) => Some(Number::Integer(*value)),
        Literal::Float(value) => Some(Number::Float(*value)),
        _ => None,
    }
}

impl Number {
    fn as_f64(self) -> f64 {
        match self {
            Number::Integer(value) => value as f64,
            Number::Float(value) => value,
        }
    }
}

impl RangeEnd {
    fn accepts(self, value: Number, bound: Number) -> bool {
        let order = match (value, bound) {
            (Number::Integer(value), Number::Integer(bound)) => Some(value.cmp(&bound)),
            _ => value.as_f64().partial_cmp(&bound.as_f64()),
        };
        order.is_some_and(|order| match self {
            RangeEnd::Min => order.is_ge(),
            RangeEnd::Above => order.is_gt(),
            RangeEnd::Max => order.is_le(),
            RangeEnd::Below => order.is_lt(),
        })
    }

    pub(super) fn is_lower(self) -> bool {
        matches!(self, RangeEnd::Min | RangeEnd::Above)
    }

    /// The word of the language.
    pub(super) fn word(self) -> &'static str {
        match self {
            RangeEnd::Min => "min",
            RangeEnd::Above => "above",
            RangeEnd::Max => "max",
            RangeEnd::Below => "below",
        }
    }

    /// What is said before the bound.
    pub(super) fn words(self) -> &'static str {
        match self {
            RangeEnd::Min => "at least",
            RangeEnd::Above => "above",
            RangeEnd::Max => "at most",
            RangeEnd::Below => "below",
        }
    }
}

impl Limit {
    fn accepts(self, size: usize, limit: usize) -> bool {
        match self {
            Limit::Least => size >= limit,
            Limit::Most => size <= limit,
        }
    }
}

impl Shape {
    /// What a field of the shape is, as messages say it.
    pub(super) fn noun(&self) -> &'static str {
        match self.content() {
            Shape::Bool => "a boolean",
            Shape::Integer { .. } => "an integer",
            Shape::Float { .. } => "a number with a fraction",
            Shape::Text => "a string",
            Shape::Path => "a path",
            Shape::List(_) => "a list",
            Shape::Map(_) => "a map",
            Shape::Optional(_) | Shape::Secret(_) | Shape::Unknown => "a value",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_blank;

    #[test]
    fn blank_is_what_the_engine_calls_blank() {
        let blank: Vec<char> = (char::MIN..=char::MAX).filter(|character| is_blank(*character)).collect();
        assert_eq!(blank, l2_adapter_schema::BLANK);
    }
}
