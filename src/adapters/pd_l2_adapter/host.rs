//! Hosts in specs.

use std::{
    fmt, io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

/// A name, an IPv4 address, or an IPv6 address, which may have a scope (`fe80::1%eth0`). Brackets around it, as in a URL, are
/// removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host(String);

impl Host {
    pub(super) fn new(text: &str) -> Self {
        let within = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        Self(within.unwrap_or(text).to_owned())
    }

    /// Without brackets.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a name that other machines may resolve too, and that resolved to this machine's loopback address.
    pub(super) fn is_a_name_of_loopback(&self, address: IpAddr) -> bool {
        address.is_loopback() && self.0 != "localhost" && self.0.parse::<IpAddr>().is_err()
    }

    /// All its addresses, in the system's order.
    ///
    /// # Errors
    ///
    /// The name is unknown, or no name server responds.
    pub(super) async fn addresses(&self, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((self.as_str(), port)).await?.collect())
    }
}

/// As written before a port: an IPv6 address in brackets.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (address, _scope) = self.0.split_once('%').unwrap_or((&self.0, ""));
        if address.parse::<Ipv6Addr>().is_ok() { write!(f, "[{}]", self.0) } else { f.write_str(&self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_other_than_localhost_count_as_misleading_names_of_loopback() {
        let loopback = ["127.0.0.1", "::1"].map(|text| text.parse().unwrap());
        let found = ["decode", "localhost", "127.0.0.1", "::1"]
            .map(|host| loopback.map(|address| Host::new(host).is_a_name_of_loopback(address)));
        assert_eq!(found, [[true; 2], [false; 2], [false; 2], [false; 2]]);
        assert!(!Host::new("decode").is_a_name_of_loopback("10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn only_an_ipv6_address_is_shown_in_brackets() {
        let given = ["decode", "10.0.0.1", "::1", "[::1]", "fe80::1%eth0", "10.0.0.1:9051"];
        let shown = given.map(|text| Host::new(text).to_string());
        assert_eq!(shown, ["decode", "10.0.0.1", "[::1]", "[::1]", "[fe80::1%eth0]", "10.0.0.1:9051"]);
    }
}
