//! Violations of rules. A rule knows neither its field nor its path: the reader adds both, so no rule can forget it.

use l2_adapter_rules::{Literal, OtherAddress, Rule, closest};

use crate::fault::FaultCode;

/// A violation of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// Which kind of rule was violated.
    pub code: FaultCode,
    /// The message, as the end of a sentence that begins with the value's name: "must be at least 1".
    pub message: String,
    /// The accepted values, as a noun phrase: "an integer from 1".
    pub expected: String,
    /// A close allowed value.
    pub suggestion: Option<String>,
}

impl Violation {
    pub(crate) fn of(rule: &Rule) -> Self {
        let code = FaultCode::of_rule(rule);
        Self { code, message: rule.demand(), expected: rule.describe(), suggestion: None }
    }

    /// The violation of a rule by a string. `port` is the usual one of such an address.
    pub(crate) fn of_text(rule: &Rule, text: &str, port: Option<u16>) -> Self {
        if let Some(OtherAddress { found, suggestion }) = rule.other_address_at(text, port) {
            let violation = Self::of(rule);
            return Self { message: format!("{}, and {found}", violation.message), suggestion, ..violation };
        }
        let suggestion = match rule {
            Rule::Allowed(values) => closest(text, values.iter().filter_map(Literal::as_text)).map(str::to_owned),
            _ => None,
        };
        Self { suggestion, ..Self::of(rule) }
    }

    pub(crate) fn of_count(rule: &Rule, count: usize) -> Self {
        let mut violation = Self::of(rule);
        if !matches!(rule, Rule::MinItems(1)) {
            violation.message.push_str(&format!(", has {count}"));
        }
        violation
    }
}
