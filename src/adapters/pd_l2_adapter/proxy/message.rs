//! The messages to the proxy. Pure.

use serde::Serialize;

/// LMCache's `ProxyNotif`, as its classic proxy decodes it.
#[derive(Serialize)]
#[serde(tag = "type", rename = "ProxyNotif")]
struct ProxyNotif<'a> {
    req_id: &'a str,
}

/// The MessagePack of the classic proxy, byte for byte what msgspec writes.
pub(super) fn zmq_message(request: &str) -> Vec<u8> {
    // Two short strings can always be encoded as MessagePack.
    rmp_serde::to_vec_named(&ProxyNotif { req_id: request }).unwrap_or_default()
}

/// The telemetry that LMCache's multiprocess proxy accepts at `/api/v1/telemetry`.
#[derive(Serialize)]
struct Telemetry<'a> {
    event: &'static str,
    request_ids_set: [&'a str; 1],
    model_name: &'a str,
    world_size: usize,
    kv_rank: usize,
    /// Our own key. LMCache's proxies ignore unknown keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
}

/// One rank's part of a request is stored, or has failed. The proxy reads the event and the ids. The model's name is not known
/// here.
pub(super) fn http_message(request: &str, failure: Option<&str>, ranks: usize, rank: usize) -> Vec<u8> {
    let telemetry = Telemetry {
        event: "request_store_finished",
        request_ids_set: [request],
        model_name: "",
        world_size: ranks,
        kv_rank: rank,
        failure,
    };
    // Strings and numbers can always be encoded as JSON.
    serde_json::to_vec(&telemetry).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_classic_message_is_byte_identical_to_that_of_msgspec() {
        assert_eq!(hex(&zmq_message("1")), "82a474797065aa50726f78794e6f746966a67265715f6964a131");
    }

    #[test]
    fn the_telemetry_has_the_keys_of_the_multiprocess_proxy() {
        let message = String::from_utf8(http_message("r", None, 2, 1)).unwrap();
        assert_eq!(
            message,
            r#"{"event":"request_store_finished","request_ids_set":["r"],"model_name":"","world_size":2,"kv_rank":1}"#
        );
    }

    #[test]
    fn the_telemetry_of_a_failed_request_says_why() {
        let message = String::from_utf8(http_message("r", Some("full"), 1, 0)).unwrap();
        assert!(message.starts_with(r#"{"event":"request_store_finished","request_ids_set":["r"],"#), "{message}");
        assert!(message.ends_with(r#""kv_rank":0,"failure":"full"}"#), "{message}");
    }
}
