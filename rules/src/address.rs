//! Rules on strings that name a place in a network: `host`, `host_port`, `url`. What is wrong with a string is said by what it is
//! instead, and no message repeats a user name or a password that stands before an `@`.

mod parts;

use std::{borrow::Cow, net::Ipv6Addr};

use self::parts::{broken_scheme, first_of_list, list, no_scheme};
use crate::{BLANK, Leave, RuleWith, unexpanded, unexpanded::with_each_replaced};

/// What a string is that is not the address it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherAddress {
    /// What it is or has, as the end of a sentence: "is a URL".
    pub found: Cow<'static, str>,
    /// What was likely meant.
    pub suggestion: Option<String>,
}

impl OtherAddress {
    fn new(found: impl Into<Cow<'static, str>>, suggestion: Option<String>) -> Self {
        // A message must not grow with what was written.
        const SUGGESTION_BYTES_MAX: usize = 253;
        Self { found: found.into(), suggestion: suggestion.filter(|text| text.len() <= SUGGESTION_BYTES_MAX) }
    }
}

impl<C: Copy + 'static> RuleWith<C> {
    /// Whether the rule is one on addresses.
    pub const fn is_address(&self) -> bool {
        self.address_noun().is_some()
    }

    /// The address that a string should be; `None` for other rules.
    pub(crate) const fn address_noun(&self) -> Option<&'static str> {
        match self {
            Self::Host(_) => Some("a host name or IP address"),
            Self::HostPort(_) => Some("a host and its port"),
            Self::Url(_) => Some("a URL"),
            _ => None,
        }
    }

    /// The strings that a rule on addresses accepts, with an example.
    pub(crate) fn describe_address(&self) -> String {
        let has = |leave| self.leaves().contains(&leave);
        let mut phrase = self.address_noun().unwrap_or_default().to_owned();
        if !matches!(self, Self::Host(_)) {
            phrase.extend(self.address_named("10.0.0.1").map(|example| format!(", such as `{example}`")));
        }
        phrase.push_str(match (has(Leave::Bracketed), has(Leave::Scoped)) {
            (true, true) => " with or without brackets and a scope (`[fe80::1%eth0]`)",
            (true, false) => " with or without brackets (`[::1]`)",
            (false, true) => " with or without a scope (`fe80::1%eth0`)",
            (false, false) => "",
        });
        if has(Leave::Listed) {
            phrase.push_str(", or several with commas between them");
        }
        if has(Leave::Advised) {
            phrase.push_str("; anything else is a warning");
        }
        phrase
    }

    /// Whether a value that violates the rule is accepted, with a warning.
    pub fn is_advice(&self) -> bool {
        self.leaves().contains(&Leave::Advised)
    }

    /// The forms that the rule allows in addition to the plain one.
    pub const fn leaves(&self) -> &'static [Leave] {
        match self {
            Self::Host(leaves) | Self::HostPort(leaves) | Self::Url(leaves) => leaves,
            _ => &[],
        }
    }

    /// What is wrong with a string by a rule on addresses; nothing by any other rule. A blank string is not one: `not_blank`
    /// decides about it.
    pub fn other_address(&self, text: &str) -> Option<OtherAddress> {
        self.other_address_at(text, None)
    }

    /// The same, given the usual port of such an address: what lacks a port is suggested with it.
    pub fn other_address_at(&self, text: &str, port: Option<u16>) -> Option<OtherAddress> {
        if !self.is_address() {
            return None;
        }
        let leaves = self.leaves();
        let one = |text: &str| match self {
            Self::Host(_) => other_than_host(text, leaves),
            Self::HostPort(_) => other_than_host_port(text, leaves, port),
            _ => other_than_url(text),
        };
        let trimmed = text.trim_matches(BLANK);
        if trimmed.is_empty() {
            return None;
        }
        if leaves.contains(&Leave::Listed) {
            return other_than_list(trimmed, &one);
        }
        let is_padded = trimmed.len() < text.len();
        other_part(trimmed, &one)
            .or_else(|| is_padded.then(|| OtherAddress::new("begins or ends with a blank", Some(trimmed.to_owned()))))
    }

    /// A string of the rule's form that has a name in it.
    pub fn address_named(&self, name: &str) -> Option<String> {
        match self {
            Self::Host(_) => Some(name.to_owned()),
            Self::HostPort(_) => Some(format!("{name}:8080")),
            Self::Url(_) => Some(format!("tcp://{name}:8080")),
            _ => None,
        }
    }
}

/// Judges one address.
type Judge<'j> = &'j dyn Fn(&str) -> Option<OtherAddress>;

/// Judges addresses with commas between them. What is suggested has all of them: a list that lost some would be valid, and wrong.
fn other_than_list(text: &str, one: Judge<'_>) -> Option<OtherAddress> {
    let parts = text.split(',').map(|part| part.trim_matches(BLANK)).filter(|part| !part.is_empty());
    let found = parts.clone().find_map(|part| other_part(part, one))?.found;
    let is_apart = parts.clone().all(|part| list(part).is_none());
    let found = if is_apart { found } else { "has other signs than commas between its addresses".into() };
    let quotes = ['"', '\''];
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).filter(|text| text.contains(quotes));
    let separators = |character: char| ",;".contains(character) || BLANK.contains(&character);
    let each =
        inside.unwrap_or(text).split(separators).map(|part| part.trim_matches(quotes)).filter(|part| !part.is_empty());
    let meant: Option<Vec<String>> =
        each.map(|part| other_part(part, one).map_or(Some(part.to_owned()), |other| other.suggestion)).collect();
    Some(OtherAddress::new(found, meant.map(|parts| parts.join(","))))
}

/// Judges a text that may have variables, which stand for what fits there: a name, a number, or an address in brackets. A home
/// directory is not an address.
fn other_part(text: &str, one: Judge<'_>) -> Option<OtherAddress> {
    if text.starts_with('~') || unexpanded(text).is_none() {
        return one(text);
    }
    let fitting = |before: &str| match before.chars().next_back() {
        Some('[') => "::1",
        Some(':') => "1",
        _ => "x",
    };
    let found = one(&with_each_replaced(text, fitting))?.found;
    Some(OtherAddress::new(found, None))
}

fn other_than_host(text: &str, leaves: &[Leave]) -> Option<OtherAddress> {
    let found = why_no_host(text, leaves)?;
    let meant = meant_host(text, leaves).filter(|host| why_no_host(host, leaves).is_none());
    Some(OtherAddress::new(found, meant.map(str::to_owned)))
}

/// Whether a text is an IPv4 address or an ordinary host name, as nearly all hosts are, and so has no variable either. In one pass:
/// every config is checked.
pub fn is_plain_host(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_label = |label: &[u8]| {
        let signs = label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        signs
            && matches!(label, [first, .., last] | [first @ last] if *first != b'-' && *last != b'-')
            && label.len() < 64
    };
    match bytes.last() {
        Some(last) if last.is_ascii_alphabetic() => {
            bytes.len() < 254 && bytes.split(|byte| *byte == b'.').all(is_label)
        }
        _ => is_ipv4(bytes),
    }
}

/// Whether a text is an IPv4 address, found in half the instructions of the standard library's parser.
fn is_ipv4(mut rest: &[u8]) -> bool {
    for dot in [&b"."[..], b".", b".", b""] {
        let ([b'2', b'5', b'0'..=b'5', after @ ..]
        | [b'2', b'0'..=b'4', b'0'..=b'9', after @ ..]
        | [b'1', b'0'..=b'9', b'0'..=b'9', after @ ..]
        | [b'1'..=b'9', b'0'..=b'9', after @ ..]
        | [b'0'..=b'9', after @ ..]) = rest
        else {
            return false;
        };
        let Some(next) = after.strip_prefix(dot) else { return false };
        rest = next;
    }
    rest.is_empty()
}

fn why_no_host(text: &str, leaves: &[Leave]) -> Option<Cow<'static, str>> {
    if text.contains("://") {
        return Some("is a URL".into());
    }
    if let Some(found) = no_scheme(text).or_else(|| list(text)) {
        return Some(found);
    }
    if text.contains('@') {
        return Some("has a user before its `@`".into());
    }
    if text.contains('/') {
        return Some("has a path".into());
    }
    if text == "*" {
        return Some("is a wildcard: to listen on every address, write `0.0.0.0`".into());
    }
    if text.starts_with('[') || text.contains(':') {
        return why_no_ipv6(text, leaves).map(Into::into);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !is_ipv4(text.as_bytes()) {
        return Some("is not an IPv4 address, which has four numbers from 0 to 255 without leading zeros".into());
    }
    why_no_name(text)
}

/// Judges a text that has a colon or begins with a bracket.
fn why_no_ipv6(text: &str, leaves: &[Leave]) -> Option<&'static str> {
    let inside = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (address, rest) = inside.unwrap_or((text, ""));
    if !rest.is_empty() {
        return Some("has a port");
    }
    let (address, scope) = address.split_once('%').map_or((address, None), |(address, scope)| (address, Some(scope)));
    if address.parse::<Ipv6Addr>().is_err() {
        let (_, port) = text.rsplit_once(':').unwrap_or_default();
        let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        return Some(match text.matches(':').count() {
            1 if is_number => "has a port",
            1 => "has a colon",
            _ => "is not an IPv6 address",
        });
    }
    match scope {
        Some(_) if !leaves.contains(&Leave::Scoped) => Some("has a scope, which cannot be given here"),
        Some(scope) if !is_scope(scope) => Some("has no interface after its `%`"),
        _ if inside.is_some() && !leaves.contains(&Leave::Bracketed) => Some("has brackets, which belong to URLs"),
        _ => None,
    }
}

/// The host in a URL, in a list, or in a text with a user, a port, a path, brackets or a scope.
fn meant_host<'t>(text: &'t str, leaves: &[Leave]) -> Option<&'t str> {
    let text = text.trim_matches(['"', '\'']);
    let text = text.split_once(":///").map_or(text, |(_, rest)| rest.trim_start_matches('/'));
    let address = broken_scheme(text).map_or(text, |(_, rest)| rest);
    let authority = authority(first_of_list(address));
    let host = match authority.strip_prefix('[') {
        Some(inside) => inside.split_once(']')?.0,
        None if authority.matches(':').count() > 1 => authority,
        None => authority.split_once(':').map_or(authority, |(host, _)| host),
    };
    let has_scope = host.contains('%') && !leaves.contains(&Leave::Scoped);
    Some(if has_scope { host.split('%').next().unwrap_or(host) } else { host })
}

fn is_scope(scope: &str) -> bool {
    !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte))
}

/// Why a text is no name of a host.
fn why_no_name(text: &str) -> Option<Cow<'static, str>> {
    const NAME_BYTES_MAX: usize = 253;
    const LABEL_BYTES_MAX: usize = 63;
    let belongs = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if let Some(foreign) = text.chars().find(|character| !belongs(*character)) {
        let hint = if foreign.is_ascii() { "" } else { ": such a name has an ASCII form, which begins with `xn--`" };
        return Some(format!("has {foreign:?}, which is in no host name{hint}").into());
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.len() > NAME_BYTES_MAX || name.split('.').any(|label| label.len() > LABEL_BYTES_MAX) {
        return Some("is longer than a host name, 253 characters and 63 between dots".into());
    }
    let is_label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    (!name.split('.').all(is_label)).then_some("has a part that is empty or begins or ends with `-`".into())
}

fn other_than_host_port(text: &str, leaves: &[Leave], port: Option<u16>) -> Option<OtherAddress> {
    let found = why_no_host_port(text, leaves)?;
    let address = authority(first_of_list(text));
    let lacks_port = split_port(address, leaves).is_none() && why_no_host(address, IN_BRACKETS).is_none();
    let meant = match port {
        Some(port) if lacks_port => Some(with_port(address, port)),
        _ => Some(address.to_owned()).filter(|meant| why_no_host_port(meant, leaves).is_none()),
    };
    let found = if lacks_port && address == text && meant.is_none() {
        format!("{found}: write it as in `{}`", with_port(address, 8080)).into()
    } else {
        found
    };
    Some(OtherAddress::new(found, meant))
}

fn with_port(host: &str, port: u16) -> String {
    let (open, close) = if host.contains(':') && !host.starts_with('[') { ("[", "]") } else { ("", "") };
    format!("{open}{host}{close}:{port}")
}

fn why_no_host_port(text: &str, leaves: &[Leave]) -> Option<Cow<'static, str>> {
    if text.contains("://") {
        return Some("is a URL".into());
    }
    if let Some(found) = no_scheme(text).or_else(|| list(text)) {
        return Some(found);
    }
    let Some((host, port)) = split_port(text, leaves) else {
        return Some("has no port".into());
    };
    if !is_port(port) {
        return Some("has a port that is not from 1 to 65535".into());
    }
    why_no_host(host, IN_BRACKETS)
}

fn is_port(text: &str) -> bool {
    matches!(text.parse::<u16>(), Ok(1..))
}

/// Where a port follows, an IPv6 address may have brackets and a scope.
const IN_BRACKETS: &[Leave] = &[Leave::Bracketed, Leave::Scoped];

/// The host and the port of a text. An IPv6 address must have brackets, except where the rule only advises: there its port is
/// what follows the last colon.
fn split_port<'t>(text: &'t str, leaves: &[Leave]) -> Option<(&'t str, &'t str)> {
    let (host, port) = text.rsplit_once(':')?;
    let is_split = !host.contains(':') || host.starts_with('[') && host.ends_with(']');
    (is_split || leaves.contains(&Leave::Advised)).then_some((host, port))
}

fn other_than_url(text: &str) -> Option<OtherAddress> {
    let found = why_no_url(text)?;
    let whole = broken_scheme(text).filter(|(scheme, _)| !scheme.is_empty());
    let first =
        whole.map_or_else(|| first_of_list(text).to_owned(), |(scheme, address)| format!("{scheme}://{address}"));
    let first = Some(first).filter(|first| !first.contains(['@', '?', '#']) && why_no_url(first).is_none());
    Some(OtherAddress::new(found, first))
}

fn why_no_url(text: &str) -> Option<Cow<'static, str>> {
    let Some((scheme, rest)) = text.split_once("://") else {
        if let Some(found) = no_scheme(text) {
            return Some(found);
        }
        let is_address = why_no_host_port(text, &[]).is_none() || why_no_host(text, &[]).is_none();
        let example = if is_address { format!(", such as `tcp://{text}`") } else { String::new() };
        return Some(format!("has no scheme: write one{example}").into());
    };
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
    if !scheme.starts_with(|first: char| first.is_ascii_alphabetic()) || !scheme.bytes().all(belongs) {
        return Some("has a scheme that is not one".into());
    }
    if let Some(list) = list(rest) {
        return Some(list);
    }
    let authority = authority(text);
    if authority.is_empty() {
        // A file, or a socket of the file system.
        return (!rest.starts_with('/')).then_some("names no host".into());
    }
    let (host, port) = split_port(authority, &[]).unwrap_or((authority, "1"));
    if !is_port(port) {
        return Some("has a port that is not from 1 to 65535".into());
    }
    why_no_host(host, IN_BRACKETS).map(|found| format!("names a host that {found}").into())
}

/// What a URL has between `://`, a user and a path: host and port. A text without a scheme is taken for what follows one.
fn authority(text: &str) -> &str {
    let written = text.split_once("://").map(|(_, rest)| rest);
    let rest = written.or_else(|| broken_scheme(text).map(|(_, rest)| rest)).unwrap_or(text);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    // A password may have a slash in it.
    match rest.rsplit_once('@') {
        Some((user, host)) if user.len() >= end || user.contains(':') => {
            host.split(['/', '?', '#']).next().unwrap_or(host)
        }
        _ => {
            let authority = &rest[..end];
            authority.rsplit_once('@').map_or(authority, |(_, host)| host)
        }
    }
}

#[cfg(test)]
mod tests;
