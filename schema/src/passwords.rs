//! Secrets inside other values: no message shows the user, the query or the fragment of an address, nor what is assigned to the
//! name of a secret, whatever a value was meant to be.

use std::{borrow::Cow, ops::Range};

/// Whether the name of a key says that its value is a secret, where no table declares it.
pub(crate) fn names_a_secret(key: &str) -> bool {
    const SECRET_WORDS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "credential",
        "apikey",
        "accesskey",
        "accountkey",
        "privatekey",
        "connectionstring",
    ];
    let key = key.to_ascii_lowercase().replace(['_', '-'], "");
    SECRET_WORDS.iter().any(|word| key.contains(word))
}

/// Whether a name before a `=` inside a value says that a secret follows.
fn assigns_a_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_one = ["sig", "pwd", "pass", "auth", "authorization"].contains(&lower.as_str());
    is_one || names_a_secret(name) || lower.ends_with("signature")
}

/// Whether the name of a key says that its value is the address of something.
pub(crate) fn names_an_address(key: &str) -> bool {
    const ADDRESS_WORDS: &[&str] = &[
        "host", "url", "uri", "addr", "endpoint", "server", "node", "peer", "proxy", "broker", "link", "dsn", "remote",
    ];
    let key = key.to_ascii_lowercase();
    ADDRESS_WORDS.iter().any(|word| key.contains(word))
}

/// Whether a key wants the name of an environment variable, and not what the variable holds.
pub(crate) fn names_a_variable(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["_env", "_env_var", "_env_name", "_envvar"].iter().any(|end| key.ends_with(end))
}

/// What a message shows in place of a secret.
const HIDDEN: &str = "***";

/// What a text is, which decides what of it is taken for a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    /// A value where an address may be meant: `user@host`, `host?query` and `host#fragment` are addresses.
    Address,
    /// Any value: only with a scheme is it an address for certain.
    Value,
    /// Words of a message: a query ends at a blank, and a fragment leads to documentation.
    Words,
}

/// A message without secrets: a user before an `@`, what follows a `?` or `#` in an address, and what is assigned to a name such as
/// `token`, are replaced. Inside quotes and backticks a message has values.
pub fn without_passwords(text: &str) -> Cow<'_, str> {
    if !may_have_secrets(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut quote = None;
    for part in text.split_inclusive(['"', '`', '\n']) {
        let last = part.chars().next_back().filter(|last| ['"', '`'].contains(last));
        let content = &part[..part.len() - last.map_or(0, char::len_utf8)];
        let kind = if quote.is_some() && quote == last { Text::Address } else { Text::Words };
        shown.push_str(&without(content, kind));
        shown.push_str(&part[content.len()..]);
        quote = if quote == last { None } else { last };
    }
    if shown == text { Cow::Borrowed(text) } else { Cow::Owned(shown) }
}

/// The same of one value where an address may be meant. Quotes end nothing.
pub(crate) fn value_without_passwords(text: &str) -> Cow<'_, str> {
    without(text, Text::Address)
}

/// The same of a value under a key, which may be anything: `image:tag@digest` is shown.
pub(crate) fn entry_without_passwords<'t>(key: &str, text: &'t str) -> Cow<'t, str> {
    without(text, if names_an_address(key) { Text::Address } else { Text::Value })
}

fn may_have_secrets(text: &str) -> bool {
    // Without a way out, so that many bytes are compared at once.
    let (bytes, next) = (text.as_bytes(), text.as_bytes().get(1..).unwrap_or_default());
    let has_sign = bytes.iter().fold(false, |found, byte| found | matches!(byte, b'@' | b'?' | b'#' | b'='));
    has_sign || bytes.iter().zip(next).fold(false, |found, (byte, next)| found | ((*byte == b':') & (*next == b'-')))
}

fn without(text: &str, kind: Text) -> Cow<'_, str> {
    if !may_have_secrets(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut end = 0;
    for part in hidden_parts(text, kind) {
        if part.start >= end && !part.is_empty() {
            shown.push_str(&text[end..part.start]);
            shown.push_str(HIDDEN);
            end = part.end;
        }
    }
    if end == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[end..]);
    Cow::Owned(shown)
}

/// The parts of a text that are not shown, in order.
fn hidden_parts(text: &str, kind: Text) -> Vec<Range<usize>> {
    let mut parts: Vec<_> = user(text, kind).into_iter().collect();
    let host = parts.last().map_or(0, |user: &Range<usize>| user.end);
    let query = query(text, host, kind);
    let assigned_end = query.as_ref().map_or(text.len(), |query| query.start);
    parts.extend(assigned(&text[..assigned_end]).into_iter().filter(|part| part.start >= host));
    parts.extend(query);
    parts
}

/// Where a user begins and ends.
fn user(text: &str, kind: Text) -> Option<Range<usize>> {
    let end = text.rfind('@')?;
    let before = &text[..end];
    if let Some(scheme) = before.find("://") {
        return Some(scheme + 3..end);
    }
    if kind == Text::Value {
        return None;
    }
    let after_blank = |text: &str| text.trim_end_matches(|character: char| !character.is_whitespace()).len();
    if let Some(colon) = before.rfind(':') {
        let begin = after_blank(&before[..colon]);
        // In a sentence a colon is followed by a blank.
        let is_sentence = before[colon + 1..].starts_with(' ') && begin > 0;
        if colon > begin && !is_sentence {
            return Some(begin..end);
        }
    }
    let begins_a_host = |first: char| first.is_alphanumeric() || "[$".contains(first);
    let is_alone = kind == Text::Address && text[end + 1..].starts_with(begins_a_host);
    is_alone.then(|| after_blank(before)..end)
}

/// Where the query or fragment behind an address begins and ends. Only addresses have one, and no name begins with it.
fn query(text: &str, from: usize, kind: Text) -> Option<Range<usize>> {
    let address = text.find("://").map(|scheme| scheme + 3);
    let begin = address.filter(|address| *address > from).unwrap_or(from);
    let is_of_address = |character: char| character.is_ascii_alphanumeric() || "._~:/%[]@-$*,".contains(character);
    let is_query = |mark: &usize| {
        let is_named = text[mark + 1..].split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        });
        match (kind, address.is_some()) {
            (Text::Words, true) => is_named || text.as_bytes()[*mark] == b'?',
            (_, true) => true,
            // What is assigned to the name of a secret is hidden all the same.
            (Text::Address, false) => is_named || *mark > 0 && text[..*mark].chars().all(is_of_address),
            (_, false) => false,
        }
    };
    let begin = text[begin..].match_indices(['?', '#']).map(|(at, _)| begin + at).find(is_query)? + 1;
    let end = text[begin..].find(|character: char| kind == Text::Words && character.is_whitespace());
    Some(begin..end.map_or(text.len(), |end| begin + end))
}

/// Where the values of `token=...` and the like, and the defaults of `${TOKEN:-...}`, begin and end.
fn assigned(text: &str) -> Vec<Range<usize>> {
    let is_of_name = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    let value_after = |sign: usize, ends: &str, after: &str| {
        let begin = text[..sign].trim_end_matches(is_of_name).len();
        let rest = &text[sign + after.len()..];
        let length = rest.find(|character: char| ends.contains(character));
        let value = sign + after.len()..sign + after.len() + length.unwrap_or(rest.len());
        assigns_a_secret(&text[begin..sign]).then_some(value)
    };
    let values = text.match_indices('=').filter_map(|(sign, after)| value_after(sign, ";&, \t\r\n", after));
    let defaults = text.match_indices(":-").filter_map(|(sign, after)| value_after(sign, "}", after));
    let mut parts: Vec<_> = values.chain(defaults).collect();
    parts.sort_by_key(|part| part.start);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_messages_are_replaced_and_nothing_else() {
        for (text, shown) in [
            ("redis://user:p@ss/w:rd@h:6379", "redis://***@h:6379"),
            ("redis://a:p@h,redis://b:q@i", "redis://***@i"),
            ("user:pw@h", "***@h"),
            ("must be a host, got \"pw@h?token=1\"", "must be a host, got \"***@h?***\""),
            ("10.0.0.1:6379", "10.0.0.1:6379"),
            (
                "must not be `redis://u:p w@h`, got \"redis://u:p w@h\"",
                "must not be `redis://***@h`, got \"redis://***@h\"",
            ),
            ("`hosts` must be at least 1: ask ops@example.org", "`hosts` must be at least 1: ask ops@example.org"),
            ("`pw@h` is not a key, got \"pw@h:1\"", "`***@h` is not a key, got \"***@h:1\""),
            ("got \"h?token=pw\", and `http://h/#pw`", "got \"h?***\", and `http://h/#***`"),
            ("http://h?sig=pw is unreachable", "http://h?*** is unreachable"),
            ("see https://docs.example.org/page#section", "see https://docs.example.org/page#section"),
            ("should be given? No: `a`#", "should be given? No: `a`#"),
            ("must match the pattern `^https?://[a-z]+$`", "must match the pattern `^https?://[a-z]+$`"),
            ("team@example.org", "team@example.org"),
            ("{hash}@{model}", "{hash}@{model}"),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
    }

    #[test]
    fn a_value_where_an_address_may_be_meant_shows_no_part_that_may_be_a_secret() {
        for (text, shown) in [
            ("redis://u:a\"b@h", "redis://***@h"),
            ("pw@h", "***@h"),
            ("h,pw@i:3000", "***@i:3000"),
            ("pw@[::1]:1", "***@[::1]:1"),
            ("//pw@h", "***@h"),
            ("http://h/p?X-Amz-Signature=pw&x=1", "http://h/p?***"),
            ("h?pw", "h?***"),
            ("h#pw", "h#***"),
            ("?token=pw", "?***"),
            ("pw@h?sig=pw#pw", "***@h?***"),
            ("h;password=pw;x=1", "h;password=***;x=1"),
            ("AccountName=a;AccountKey=pw==", "AccountName=a;AccountKey=***"),
            ("{hash}@{model}", "{hash}@{model}"),
            ("a@", "a@"),
            ("^(a|b)?c#d$", "^(a|b)?c#d$"),
            ("#1", "#1"),
            ("a\u{2009}pw@h", "a\u{2009}***@h"),
            ("a\u{2009}u:pw@h", "a\u{2009}***@h"),
            ("日token=pw", "日token=***"),
            ("日?a=pw#é", "日?***"),
            ("size=1", "size=1"),
        ] {
            assert_eq!(value_without_passwords(text), shown);
        }
    }

    #[test]
    fn what_may_be_anything_is_hidden_only_where_its_key_or_form_says_that_it_is_an_address() {
        for (key, text, shown) in [
            ("image", "name:tag@digest", "name:tag@digest"),
            ("image", "name@digest", "name@digest"),
            ("base_path", "/a#1", "/a#1"),
            ("base_path", "http://h/#pw", "http://h/#***"),
            ("x", "h?token=pw&a=1", "h?token=***&a=1"),
            ("x", "h?a=1", "h?a=1"),
            ("x", "/a/${TOKEN:-pw pw}/b/${DIR:-c}", "/a/${TOKEN:-***}/b/${DIR:-c}"),
            ("startup_nodes", "pw@h:1", "***@h:1"),
            ("peer_mq_server_url", "10.0.0.1#pw", "10.0.0.1#***"),
        ] {
            assert_eq!(entry_without_passwords(key, text), shown, "{key}");
        }
    }
}
