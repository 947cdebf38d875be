//! A request's parameters for the adapters of its server.

use serde_json::{Map, Value};

/// The words of a request: which receiver it is for, and under which id the proxy knows it.
///
/// In LMCache's servers they are entries of the `kv_transfer_params` of the client's request.
///
/// ```
/// use l2_adapter::adapters::pd_l2_adapter::RequestWords;
/// use serde_json::json;
///
/// let configs = json!({"lmcache.pd.receiver": "decode-0", "lmcache.pd.req_id": 17, "lmcache.other": true});
/// let words = RequestWords::from_configs(configs.as_object().unwrap());
/// assert_eq!(words.receiver.as_deref(), Some("decode-0"));
/// assert_eq!(words.proxy_request.as_deref(), Some("17"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestWords {
    /// The `receiver_name` of the sender that is to push the request's chunks. `None`: every sender pushes them.
    pub receiver: Option<String>,
    /// The proxy's own id of the request. `None`: the engine's id.
    pub proxy_request: Option<String>,
}

impl RequestWords {
    /// The key that names the receiver.
    pub const RECEIVER: &'static str = "lmcache.pd.receiver";
    /// The key that has the proxy's own id.
    pub const PROXY_REQUEST: &'static str = "lmcache.pd.req_id";

    /// Reads the words among a request's configs. Other entries are somebody else's; `null` is as if it were absent.
    pub fn from_configs(configs: &Map<String, Value>) -> Self {
        let text = |key| match configs.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            // The classic proxy counts its requests.
            Some(other) => Some(other.to_string()),
        };
        Self { receiver: text(Self::RECEIVER), proxy_request: text(Self::PROXY_REQUEST) }
    }

    /// Merges later parameters of the same request.
    pub(super) fn hear(&mut self, later: &Self) {
        let Self { receiver, proxy_request } = later;
        self.receiver = self.receiver.take().or_else(|| receiver.clone());
        self.proxy_request = self.proxy_request.take().or_else(|| proxy_request.clone());
    }
}
