//! HTTP POSTs to LMCache's multiprocess proxy, with one connection for each.

use http_body_util::Full;
use hyper::{Request, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};

use super::unsent::Unsent;
use crate::adapters::pd_l2_adapter::host::Host;

const PATH: &str = "/api/v1/telemetry";

/// Posts one message, and waits until the proxy has acknowledged it.
pub(super) async fn post(host: &Host, port: u16, message: Vec<u8>) -> Result<(), Unsent> {
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(Unsent::not_connected)?;
    let (mut requests, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| Unsent(error.to_string()))?;
    // Ends with this call, even if the call is cancelled.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let request = Request::post(PATH)
        .header(header::HOST, format!("{host}:{port}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(message)))
        .map_err(|error| Unsent(error.to_string()))?;
    let answer = requests.send_request(request).await.map_err(|error| Unsent(error.to_string()))?;
    match answer.status() {
        status if status.is_success() => Ok(()),
        status => Err(Unsent(format!("it returned the status {status}"))),
    }
}
