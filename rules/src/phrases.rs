//! Phrases of several messages.

/// A number with its noun, in the plural unless the number is 1: `1 port`, `2 ports`, `2 entries`.
///
/// ```
/// use l2_adapter_rules::counted;
///
/// assert_eq!([counted(1, "entry"), counted(0, "entry"), counted(2, "key")], ["1 entry", "0 entries", "2 keys"]);
/// ```
pub fn counted(number: impl std::fmt::Display, noun: &str) -> String {
    let number = number.to_string();
    match noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        _ if number == "1" => format!("1 {noun}"),
        Some(stem) => format!("{number} {stem}ies"),
        None => format!("{number} {noun}s"),
    }
}

/// Alternatives as a phrase: "a", "a or b", "one of a, b, c".
pub fn one_of(alternatives: impl Iterator<Item = String>) -> String {
    let alternatives: Vec<_> = alternatives.collect();
    match alternatives.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [left, right] => format!("{left} or {right}"),
        many => format!("one of {}", many.join(", ")),
    }
}
