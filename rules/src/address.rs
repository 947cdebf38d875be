//! Rules on strings that name a place in a network: `host`, `host_port`, `url`. What is wrong with a string is said by what it is
//! instead, and no message repeats a user name or a password that stands before an `@`.

use std::{borrow::Cow, net::Ipv6Addr};

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
        let check = |text: &str| match self {
            Self::Host(_) => check_host(text, leaves),
            Self::HostPort(_) => check_host_port(text, leaves, port),
            _ => check_url(text),
        };
        let other = |text: &str| {
            let found = check(text).err()?;
            let meant = match self {
                Self::Host(_) => meant_host(text, leaves).map(str::to_owned),
                Self::HostPort(_) => Some(meant_host_port(text, leaves, port)),
                _ => meant_url(text),
            };
            Some(OtherAddress::new(found, meant.filter(|meant| check(meant).is_ok())))
        };
        let other = |text: &str| other_part(text, other);
        let trimmed = text.trim_matches(BLANK);
        if trimmed.is_empty() {
            return None;
        }
        if leaves.contains(&Leave::Listed) {
            return other_than_list(trimmed, other);
        }
        let is_padded = trimmed.len() < text.len();
        other(trimmed)
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

/// Judges addresses with commas between them. What is suggested has all of them: a list that lost some would be valid, and wrong.
fn other_than_list(text: &str, other: impl Fn(&str) -> Option<OtherAddress>) -> Option<OtherAddress> {
    let parts = text.split(',').map(|part| part.trim_matches(BLANK)).filter(|part| !part.is_empty());
    let found = parts.clone().find_map(&other)?.found;
    let is_apart = parts.clone().all(|part| check_unlisted(part).is_ok());
    let found = if is_apart { found } else { "has other signs than commas between its addresses".into() };
    let quotes = ['"', '\''];
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).filter(|text| text.contains(quotes));
    let separators = |character: char| ",;".contains(character) || BLANK.contains(&character);
    let each =
        inside.unwrap_or(text).split(separators).map(|part| part.trim_matches(quotes)).filter(|part| !part.is_empty());
    let meant: Option<Vec<String>> =
        each.map(|part| other(part).map_or(Some(part.to_owned()), |other| other.suggestion)).collect();
    Some(OtherAddress::new(found, meant.map(|parts| parts.join(","))))
}

/// Judges a text that may have variables, which stand for what fits there: a name, a number, or an address in brackets. A home
/// directory is not an address.
fn other_part(text: &str, other: impl Fn(&str) -> Option<OtherAddress>) -> Option<OtherAddress> {
    if text.starts_with('~') || unexpanded(text).is_none() {
        return other(text);
    }
    let fitting = |before: &str| match before.chars().next_back() {
        Some('[') => "::1",
        Some(':') => "1",
        _ => "x",
    };
    let found = other(&with_each_replaced(text, fitting))?.found;
    Some(OtherAddress::new(found, None))
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
    if !bytes.last().is_some_and(u8::is_ascii_alphabetic) {
        return is_ipv4(bytes);
    }
    bytes.len() < 254 && bytes.split(|byte| *byte == b'.').all(is_label)
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

/// What a text is or has instead of being an address, as the end of a sentence.
type Judged = Result<(), Cow<'static, str>>;

fn refuse_if(is_so: bool, found: &'static str) -> Judged {
    if is_so { Err(found.into()) } else { Ok(()) }
}

fn check_host(text: &str, leaves: &[Leave]) -> Judged {
    check_one_without_scheme(text)?;
    refuse_if(text.contains('@'), "has a user before its `@`")?;
    refuse_if(text.contains('/'), "has a path")?;
    refuse_if(text == "*", "is a wildcard: to listen on every address, write `0.0.0.0`")?;
    if text.starts_with('[') || text.contains(':') {
        return check_ipv6(text, leaves);
    }
    let is_of_numbers = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let no_ipv4 = "is not an IPv4 address, which has four numbers from 0 to 255 without leading zeros";
    refuse_if(is_of_numbers && !is_ipv4(text.as_bytes()), no_ipv4)?;
    check_name(text)
}

fn check_one_without_scheme(text: &str) -> Judged {
    refuse_if(text.contains("://"), "is a URL")?;
    check_scheme(text)?;
    check_unlisted(text)
}

/// Checks that a scheme is written as one, if there is one.
fn check_scheme(text: &str) -> Judged {
    let scheme = broken_scheme(text).map(|(scheme, _)| scheme);
    refuse_if(scheme == Some(""), "begins with slashes")?;
    refuse_if(scheme.is_some(), "has a scheme without `://` behind it")
}

fn check_unlisted(text: &str) -> Judged {
    if !text.contains([',', ';']) {
        return refuse_if(text.contains(BLANK), "has a blank in it");
    }
    Err(format!("is a list of {}", listed(text).count()).into())
}

/// Checks a text that has a colon or begins with a bracket.
fn check_ipv6(text: &str, leaves: &[Leave]) -> Judged {
    let inside = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (address, rest) = inside.unwrap_or((text, ""));
    refuse_if(!rest.is_empty(), "has a port")?;
    let (address, scope) = address.split_once('%').map_or((address, None), |(address, scope)| (address, Some(scope)));
    if address.parse::<Ipv6Addr>().is_err() {
        let port = text.split_once(':').map(|(_, port)| port).filter(|port| !port.contains(':'));
        let is_number = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        refuse_if(port.is_some_and(is_number), "has a port")?;
        return Err(if port.is_some() { "has a colon" } else { "is not an IPv6 address" }.into());
    }
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    let is_scope = |scope: &str| !scope.is_empty() && scope.bytes().all(belongs);
    refuse_if(scope.is_some() && !leaves.contains(&Leave::Scoped), "has a scope, which cannot be given here")?;
    refuse_if(!scope.is_none_or(is_scope), "has no interface after its `%`")?;
    refuse_if(inside.is_some() && !leaves.contains(&Leave::Bracketed), "has brackets, which belong to URLs")
}

fn check_name(text: &str) -> Judged {
    const NAME_BYTES_MAX: usize = 253;
    const LABEL_BYTES_MAX: usize = 63;
    let belongs = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if let Some(foreign) = text.chars().find(|character| !belongs(*character)) {
        let hint = if foreign.is_ascii() { "" } else { ": such a name has an ASCII form, which begins with `xn--`" };
        return Err(format!("has {foreign:?}, which is in no host name{hint}").into());
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_long = name.len() > NAME_BYTES_MAX || name.split('.').any(|label| label.len() > LABEL_BYTES_MAX);
    refuse_if(is_long, "is longer than a host name, 253 characters and 63 between dots")?;
    let is_label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    refuse_if(!name.split('.').all(is_label), "has a part that is empty or begins or ends with `-`")
}

fn check_host_port(text: &str, leaves: &[Leave], usual_port: Option<u16>) -> Judged {
    check_one_without_scheme(text)?;
    let Some((host, port)) = split_port(text, leaves) else {
        // Where the usual port is known, what is suggested has it.
        let is_host = usual_port.is_none() && check_host(text, IN_BRACKETS).is_ok();
        let hint = if is_host { format!(": write it as in `{}`", with_port(text, 8080)) } else { String::new() };
        return Err(format!("has no port{hint}").into());
    };
    check_port(port)?;
    check_host(host, IN_BRACKETS)
}

fn check_port(text: &str) -> Judged {
    refuse_if(!matches!(text.parse::<u16>(), Ok(1..)), "has a port that is not from 1 to 65535")
}

fn check_url(text: &str) -> Judged {
    let Some((scheme, rest)) = text.split_once("://") else {
        check_scheme(text)?;
        let is_address = check_host_port(text, &[], None).is_ok() || check_host(text, &[]).is_ok();
        let example = if is_address { format!(", such as `tcp://{text}`") } else { String::new() };
        return Err(format!("has no scheme: write one{example}").into());
    };
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(belongs);
    refuse_if(!is_scheme, "has a scheme that is not one")?;
    check_unlisted(rest)?;
    let authority = authority(text);
    if authority.is_empty() {
        // A file, or a socket of the file system.
        return refuse_if(!rest.starts_with('/'), "names no host");
    }
    let (host, port) = split_port(authority, &[]).unwrap_or((authority, "1"));
    check_port(port)?;
    check_host(host, IN_BRACKETS).map_err(|found| format!("names a host that {found}").into())
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
    if leaves.contains(&Leave::Scoped) { Some(host) } else { host.split('%').next() }
}

fn meant_host_port(text: &str, leaves: &[Leave], usual_port: Option<u16>) -> String {
    let address = authority(first_of_list(text));
    match usual_port {
        Some(port) if split_port(address, leaves).is_none() => with_port(address, port),
        _ => address.to_owned(),
    }
}

fn meant_url(text: &str) -> Option<String> {
    let whole = broken_scheme(text).filter(|(scheme, _)| !scheme.is_empty());
    let first =
        whole.map_or_else(|| first_of_list(text).to_owned(), |(scheme, address)| format!("{scheme}://{address}"));
    Some(first).filter(|first| !first.contains(['@', '?', '#']))
}

fn with_port(host: &str, port: u16) -> String {
    let (open, close) = if host.contains(':') && !host.starts_with('[') { ("[", "]") } else { ("", "") };
    format!("{open}{host}{close}:{port}")
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

/// What a URL has between `://`, a user and a path: host and port. A text without a scheme is taken for what follows one.
fn authority(text: &str) -> &str {
    let rest = text.split_once("://").or_else(|| broken_scheme(text)).map_or(text, |(_, rest)| rest);
    // A password may have a slash in it.
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    &host[..host.find(['/', '?', '#']).unwrap_or(host.len())]
}

/// What follows a scheme that is not written as one, as in `http:/h`, `http//h`, `//h`, and the scheme.
fn broken_scheme(text: &str) -> Option<(&str, &str)> {
    const SCHEMES: &[&str] = &[
        "http",
        "https",
        "tcp",
        "udp",
        "redis",
        "rediss",
        "valkey",
        "valkeys",
        "grpc",
        "grpcs",
        "ws",
        "wss",
        "zmq",
        "etcd",
        "rdma",
        "ucx",
        "s3",
        "sagemaker-hyperpod",
    ];
    let signs = [':', ';', '.', '/', '\\'];
    let end = text.find(signs)?;
    let (scheme, rest) = text.split_at(end);
    let address = rest.trim_start_matches(signs);
    let between = &rest[..rest.len() - address.len()];
    let is_port = address.bytes().all(|byte| byte.is_ascii_digit());
    let has_slashes = between.contains("//") || between.contains("\\\\");
    let is_scheme = match scheme {
        "" => has_slashes && !between.contains(':'),
        // A host may be called so, with a port or a path behind it.
        scheme => {
            SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known))
                && (has_slashes || between.starts_with(':') && !(between == ":" && is_port))
        }
    };
    (is_scheme && between != "://" && !address.is_empty()).then_some((scheme, address))
}

fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';']).map(|part| part.trim_matches(BLANK)).filter(|part| !part.is_empty())
}

fn first_of_list(text: &str) -> &str {
    listed(text).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
