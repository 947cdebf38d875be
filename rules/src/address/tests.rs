use std::net::Ipv4Addr;

use super::{check_host, is_ipv4, is_plain_host};
use crate::{Leave, Rule, unexpanded};

const HOST: Rule = Rule::Host(&[]);
const ANY_HOST: Rule = Rule::Host(&[Leave::Bracketed, Leave::Scoped]);
const HOST_PORT: Rule = Rule::HostPort(&[]);
const NODES: Rule = Rule::HostPort(&[Leave::Listed]);
const URL: Rule = Rule::Url(&[]);

/// What is said of a text, and what was meant.
fn told(rule: &Rule, text: &str) -> (String, Option<String>) {
    rule.other_address(text).map(|other| (other.found.into_owned(), other.suggestion)).unwrap_or_default()
}

#[test]
fn addresses_in_the_required_form_are_accepted() {
    let label = "a".repeat(63);
    for (rule, texts) in [
        (
            HOST,
            &["decode-0", "a.b.svc.cluster.local.", "my_service", "10.0.0.1", "::1", "fe80::1", "", " ", &label][..],
        ),
        (HOST, &["$(POD_IP)", "${HOST:-a/b}", "a-$RANK.svc", "10.0.0.$N", "fe80::$N", "<host>", "{{ .Values.host }}"]),
        (ANY_HOST, &["[::1]", "fe80::1%eth0", "[fe80::1%eth0.1]", "::ffff:10.0.0.1", "0.0.0.0", "::"]),
        (
            HOST_PORT,
            &["h:1", "10.0.0.1:65535", "[::1]:80", "[fe80::1%eth0]:80", "$HOST:$PORT", "$(HOST):80", "[$A]:80", ""],
        ),
        (NODES, &["a:1,b:2", "a:1, b:2", "a:1", "a:1,,b:2,"]),
        (URL, &["tcp://h:1", "https://h/p?q=1", "http://[::1]:80", "redis://u:p@h:1", "ipc:///tmp/s", "tcp://$HOST:1"]),
    ] {
        for text in texts {
            assert_eq!(told(&rule, text), (String::new(), None), "{} {text:?}", rule.word().name);
        }
    }
}

#[test]
fn other_strings_are_refused_with_the_likely_meaning() {
    let long = "a".repeat(64);
    for (rule, text, found, meant) in [
        (HOST, "redis://user:pw@h:6379/0", "is a URL", Some("h")),
        (HOST, "redis://user:p/w@h:6379", "is a URL", Some("h")),
        (HOST, "http://[::1]:80/a", "is a URL", Some("::1")),
        (HOST, "[::1]:9051", "has a port", Some("::1")),
        (HOST, "h:", "has a colon", Some("h")),
        (HOST, "10.0.0.1:1, 10.0.0.2:1", "is a list of 2", Some("10.0.0.1")),
        (HOST, "h\n", "begins or ends with a blank", Some("h")),
        (HOST, "a b", "has a blank in it", None),
        (HOST, "user:pw@h:1", "has a user before its `@`", Some("h")),
        (HOST, "h/p", "has a path", Some("h")),
        (HOST, "*", "is a wildcard: to listen on every address, write `0.0.0.0`", None),
        (HOST, "http;//h", "has a scheme without `://` behind it", Some("h")),
        (HOST, "https.//h:80/p", "has a scheme without `://` behind it", Some("h")),
        (HOST, "http:///10.0.0.2", "is a URL", Some("10.0.0.2")),
        (HOST, "~", "has '~', which is in no host name", None),
        (HOST, "\"h\"", "has '\"', which is in no host name", Some("h")),
        (HOST, "http.example:80", "has a port", Some("http.example")),
        (HOST, "[::1]", "has brackets, which belong to URLs", Some("::1")),
        (ANY_HOST, "fe80::1%", "has no interface after its `%`", None),
        (ANY_HOST, "::zz", "is not an IPv6 address", None),
        (HOST, "10.0.0.256", "is not an IPv4 address", None),
        (HOST, "010.0.0.1", "is not an IPv4 address", None),
        (HOST, "décode", "has 'é', which is in no host name", None),
        (HOST, &long, "is longer than a host name", None),
        (HOST, "a..b", "has a part that is empty", None),
        (HOST, "-a", "has a part that is empty or begins or ends with `-`", None),
        (HOST, "http://$(POD_IP)", "is a URL", None),
        (HOST_PORT, "h", "has no port: write it as in `h:8080`", None),
        (HOST_PORT, "::1", "has no port: write it as in `[::1]:8080`", None),
        (HOST_PORT, "tcp://h:1/p", "is a URL", Some("h:1")),
        (HOST_PORT, "a:1,b:2", "is a list of 2", Some("a:1")),
        (HOST_PORT, "h:0", "has a port that is not from 1 to 65535", None),
        (HOST_PORT, "h:http", "has a port that is not from 1 to 65535", None),
        (HOST_PORT, "::1:80", "has no port", None),
        (NODES, "a:1,b", "has no port: write it as in `b:8080`", None),
        (NODES, "redis://a:1,b:2", "is a URL", Some("a:1,b:2")),
        (NODES, "a:1 b:2", "has other signs than commas", Some("a:1,b:2")),
        (NODES, r#"["a:1", "b:2"]"#, "", Some("a:1,b:2")),
        (NODES, "['[::1]:1', 'b:2']", "", Some("[::1]:1,b:2")),
        (NODES, "redis://u:pw@a:1,b:2", "is a URL", Some("a:1,b:2")),
        (NODES, "http://a:1,b", "is a URL", None),
        (HOST, "http:/10.0.0.2", "has a scheme without `://` behind it", Some("10.0.0.2")),
        (HOST, "http//h", "has a scheme without `://` behind it", Some("h")),
        (HOST, "HTTP:h:80", "has a scheme without `://` behind it", Some("h")),
        (HOST, "redis:///h", "is a URL", None),
        (HOST, "https:\\\\h\\p", "has a scheme without `://` behind it", None),
        (HOST, "//h", "begins with slashes", Some("h")),
        (HOST, "\\\\h", "begins with slashes", Some("h")),
        (HOST, "//user:pw@h/p", "begins with slashes", Some("h")),
        (HOST, "redis:6379", "has a port", Some("redis")),
        (HOST, "http/p", "has a path", Some("http")),
        (HOST_PORT, "tcp:/h:1", "has a scheme without `://` behind it", Some("h:1")),
        (HOST_PORT, "//h:1/p", "begins with slashes", Some("h:1")),
        (URL, "tcp:/h:1", "has a scheme without `://` behind it", Some("tcp://h:1")),
        (URL, "tcp//h:1", "has a scheme without `://` behind it", Some("tcp://h:1")),
        (URL, "//h:1", "begins with slashes", None),
        (URL, "tcp://a:1,b:1", "is a list of 2", Some("tcp://a:1")),
        (URL, "tcp://u:pw@a:1,b:1", "is a list of 2", None),
        (URL, "tcp://", "names no host", None),
        (URL, "tcp://*:5600", "names a host that is a wildcard", None),
        (URL, "tcp://h:0", "has a port that is not from 1 to 65535", None),
        (URL, "1cp://h", "has a scheme that is not one", None),
    ] {
        let (said, suggestion) = told(&rule, text);
        assert!(said.starts_with(found), "{text:?}: {said:?}");
        assert!(meant.is_none_or(|meant| suggestion.as_deref() == Some(meant)), "{text:?}: {suggestion:?}");
        assert!(!said.contains("pw") && !suggestion.is_some_and(|text| text.contains("pw")), "{text:?}: {said}");
    }
}

#[test]
fn where_the_usual_port_is_known_it_is_suggested_for_every_address_without_one() {
    for (rule, text, meant) in [
        (HOST_PORT, "h", "h:3000"),
        (HOST_PORT, "::1", "[::1]:3000"),
        (HOST_PORT, "[::1]", "[::1]:3000"),
        (HOST_PORT, "http://h/p", "h:3000"),
        (NODES, "a,b:1,c", "a:3000,b:1,c:3000"),
        (NODES, "a;b", "a:3000,b:3000"),
    ] {
        let suggestion = rule.other_address_at(text, Some(3000)).and_then(|other| other.suggestion);
        assert_eq!(suggestion.as_deref(), Some(meant), "{text:?}");
    }
    assert_eq!(HOST_PORT.other_address_at("h:1", Some(3000)), None);
}

#[test]
fn a_suggestion_satisfies_the_rule() {
    for text in
        ["http://h:1/a b", "http://a b", "http://user@-", "a,,b", "[::1]:1:2", "h:1:2", "@", "//", ":", "[", "%", ","]
    {
        for rule in [HOST, ANY_HOST, HOST_PORT, NODES, URL] {
            let suggestion = told(&rule, text).1;
            assert!(suggestion.as_deref().is_none_or(|text| rule.accepts_text(text)), "{text:?}: {suggestion:?}");
        }
    }
}

#[test]
fn a_plain_host_satisfies_the_whole_rule() {
    let numbers =
        ["", "0", "9", "00", "01", "10", "99", "099", "100", "199", "200", "249", "255", "256", "260", "300", "1000"];
    for number in numbers {
        for text in [
            format!("{number}.0.0.1"),
            format!("10.{number}.0.1"),
            format!("10.0.0.{number}"),
            format!("1.2.{number}"),
            format!("1.2.3.4.{number}"),
            format!("1.2.3.4{number}a"),
        ] {
            assert_eq!(is_plain_host(&text), check_host(&text, &[]).is_ok(), "{text}");
            assert_eq!(is_ipv4(text.as_bytes()), text.parse::<Ipv4Addr>().is_ok(), "{text}");
        }
    }
    for text in ["a..b", "-a", "a-", "a.-b.c", "a_b", "h:1", "", "x1", "$a", "a.$(B)", "{{b", "<h"] {
        assert!(!is_plain_host(text) || check_host(text, &[]).is_ok(), "{text}");
        assert!(!is_plain_host(text) || unexpanded(text).is_none(), "{text}");
    }
    assert!(["10.0.0.1", "h", "node-a", "a.b-c.example"].iter().all(|text| is_plain_host(text)));
    assert!(!["a..b", "-a", "a.-b.c", "a_b"].iter().any(|text| is_plain_host(text)));
}
