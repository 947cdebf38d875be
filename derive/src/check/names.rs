//! Names that the language restricts.

use crate::{errors::Errors, model::Located};

/// The name of an adapter type: letters, digits, `_` and `-`, in lower case, a letter first.
pub(super) fn check_type_name(name: &Located<String>, errors: &Errors) {
    let message = "an adapter type is named with lower-case letters, digits, `_` and `-`, and begins with a letter";
    check_name(name, &['_', '-'], message, errors);
}

/// The name of a rule, which faults and documentation cite.
pub(super) fn check_rule_name(name: &Located<String>, errors: &Errors) {
    let message = "a rule is named in snake_case: lower-case letters, digits and `_`, a letter first";
    check_name(name, &['_'], message, errors);
}

fn check_name(name: &Located<String>, signs: &[char], message: &str, errors: &Errors) {
    let allowed = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || signs.contains(&sign);
    if !name.value.starts_with(|first: char| first.is_ascii_lowercase()) || !name.value.chars().all(allowed) {
        errors.on(&name.tokens, message);
    }
}

/// A name in CamelCase as snake_case: `MockMemory` is `mock_memory`, `HTTPServer` is `http_server`.
pub(super) fn snake_case(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, &character) in characters.iter().enumerate() {
        let after_word = index > 0 && !characters[index - 1].is_uppercase() && characters[index - 1] != '_';
        let before_word = index > 0
            && characters[index - 1].is_uppercase()
            && characters.get(index + 1).is_some_and(|next| next.is_lowercase());
        if character.is_uppercase() && (after_word || before_word) {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn words_and_acronyms_are_separated() {
        let names = ["Sender", "MockMemory", "HTTPServer", "Utf8", "LRU", "A", "S3Express"];
        let expected = ["sender", "mock_memory", "http_server", "utf8", "lru", "a", "s3_express"];
        assert_eq!(names.map(snake_case), expected);
    }
}
