//! What the texts of addresses are made of: lists, and schemes that are not written as one.

use std::borrow::Cow;

use crate::BLANK;

/// What follows a scheme that is not written as one, as in `http:/h`, `http//h`, `//h`, and the scheme.
pub(super) fn broken_scheme(text: &str) -> Option<(&str, &str)> {
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

/// What to say of such a scheme.
pub(super) fn no_scheme(text: &str) -> Option<Cow<'static, str>> {
    let (scheme, _) = broken_scheme(text)?;
    Some(if scheme.is_empty() { "begins with slashes".into() } else { "has a scheme without `://` behind it".into() })
}

/// What to say of a text with commas or blanks in it.
pub(super) fn list(text: &str) -> Option<Cow<'static, str>> {
    let separators = [',', ';'];
    if !text.contains(separators) {
        return text.contains(BLANK).then_some("has a blank in it".into());
    }
    let count = text.split(separators).filter(|part| !part.trim_matches(BLANK).is_empty()).count();
    Some(format!("is a list of {count}").into())
}

pub(super) fn first_of_list(text: &str) -> &str {
    text.split([',', ';']).map(|part| part.trim_matches(BLANK)).find(|part| !part.is_empty()).unwrap_or_default()
}
