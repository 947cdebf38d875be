//! What several types ask of the addresses that they connect to.

use std::net::IpAddr;

#[cfg(feature = "lmcache-catalogue")]
use crate::RuleError;

/// Whether a host means every address of a machine: one can listen on it, and nobody is reached by it.
#[inline]
pub(crate) fn is_every_address(host: &str) -> bool {
    // Every config has hosts, and nearly none begins as such an address does.
    matches!(host.as_bytes().first(), Some(b'0' | b':' | b'[')) && is_unspecified(host)
}

#[cold]
fn is_unspecified(host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let address = inside.split('%').next().unwrap_or(inside);
    address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_unspecified())
}

/// Warns of a host, `host:port` or URL, or of one in a list with commas, that leads to no machine.
#[cfg(feature = "lmcache-catalogue")]
pub(crate) fn one_to_reach(text: &str) -> Result<(), RuleError> {
    let host_of = |part: &str| -> String {
        let rest = part.trim().split_once("://").map_or(part.trim(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let host = authority.rsplit('@').next().unwrap_or(authority);
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        match host.rsplit_once(':') {
            Some((before, port)) if is_port(port) && (before.ends_with(']') || !before.contains(':')) => {
                before.to_owned()
            }
            _ => host.to_owned(),
        }
    };
    match text.split([',', ';']).map(host_of).find(|host| is_every_address(host)) {
        Some(host) => Err(RuleError::new(format!(
            "has `{host}`, an address to listen on, which leads to no machine: write the server's host name or IP address, or \
             `127.0.0.1` if the server runs on this machine"
        ))),
        None => Ok(()),
    }
}

#[cfg(all(test, feature = "lmcache-catalogue"))]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_found_in_hosts_urls_and_lists() {
        for text in
            ["0.0.0.0", "::", "[::]:80", "::0", "0.0.0.0:80", "tcp://0.0.0.0:5600/a", "a:1,0.0.0.0:1", "http://u@[::]"]
        {
            assert!(one_to_reach(text).is_err(), "{text}");
        }
        for text in ["", "10.0.0.0", "::1", "[::1]:80", "tcp://h:5600", "a:1,b:2", "$HOST", "P2PHANDSHAKE"] {
            assert_eq!(one_to_reach(text), Ok(()), "{text}");
        }
    }
}
