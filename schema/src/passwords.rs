//! Passwords in URLs: no message shows one, whatever a value was meant to be.

use std::borrow::Cow;

/// Words in the names of keys whose values are secrets, where no table declares it.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "api_key",
    "apikey",
    "access_key",
    "private_key",
    "connection_string",
];

/// Whether the name of a key says that its value is a secret.
pub(crate) fn names_a_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| key.contains(word))
}

/// What a message shows in place of a user and a password.
const HIDDEN: &str = "***";

/// A text without users and passwords: the part before an `@`, after `://` or after a name and a colon, is replaced. Quotes end
/// a URL, and nothing else does, since a password may have anything in it.
///
/// ```
/// use l2_adapter_schema::without_passwords;
///
/// assert_eq!(without_passwords("redis://user:pw@h:6379"), "redis://***@h:6379");
/// assert_eq!(without_passwords("10.0.0.1:6379"), "10.0.0.1:6379");
/// ```
pub fn without_passwords(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for part in text.split_inclusive(['"', '`', '\n']) {
        match user(part) {
            None => shown.push_str(part),
            Some((begin, end)) => {
                shown.push_str(&part[..begin]);
                shown.push_str(HIDDEN);
                shown.push_str(&part[end..]);
            }
        }
    }
    Cow::Owned(shown)
}

/// The same of one value, in which quotes end nothing.
pub(crate) fn value_without_passwords(text: &str) -> Cow<'_, str> {
    match user(text) {
        Some((begin, end)) => Cow::Owned(format!("{}{HIDDEN}{}", &text[..begin], &text[end..])),
        None => Cow::Borrowed(text),
    }
}

/// Where a user with a password begins and ends.
fn user(text: &str) -> Option<(usize, usize)> {
    let end = text.rfind('@')?;
    let before = &text[..end];
    if let Some(scheme) = before.find("://") {
        return Some((scheme + 3, end));
    }
    let colon = before.rfind(':')?;
    let begin = before[..colon].rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
    // In a sentence a colon is followed by a blank.
    let is_sentence = before[colon + 1..].starts_with(' ') && begin > 0;
    (colon > begin && !is_sentence).then_some((begin, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_passwords_are_replaced_and_nothing_else() {
        for (text, shown) in [
            ("redis://user:p@ss/w:rd@h:6379", "redis://***@h:6379"),
            ("redis://a:p@h,redis://b:q@i", "redis://***@i"),
            ("user:pw@h", "***@h"),
            (
                "must not be `redis://u:p w@h`, got \"redis://u:p w@h\"",
                "must not be `redis://***@h`, got \"redis://***@h\"",
            ),
            ("`hosts` must be at least 1: ask ops@example.org", "`hosts` must be at least 1: ask ops@example.org"),
            ("team@example.org", "team@example.org"),
            ("{hash}@{model}", "{hash}@{model}"),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
        assert_eq!(value_without_passwords("redis://u:a\"b@h"), "redis://***@h");
    }
}
