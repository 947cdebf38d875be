//! Status and metrics over HTTP.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, sync::Semaphore};

use crate::{
    adapter::{AdapterStatus, L2Adapter as _},
    adapters::pd_l2_adapter::PdL2Adapter,
};

/// Requests that are served at a time; further ones wait.
const CONNECTIONS_MAX: usize = 64;
/// How long a client may take to send its request.
const HEADER_DEADLINE: Duration = Duration::from_secs(10);

pub(super) async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, adapter: Arc<PdL2Adapter>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        // Never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Usually no descriptor is left.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let adapter = Arc::clone(&adapter);
        tokio::spawn(async move {
            let _place = place;
            let answer = service_fn(move |request| {
                let answer = answer(&request, &adapter);
                async move { Ok::<_, Infallible>(answer) }
            });
            // A client that disconnects needs no more.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_DEADLINE)
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

fn answer(request: &Request<Incoming>, adapter: &PdL2Adapter) -> Response<Full<Bytes>> {
    if request.method() != Method::GET {
        return respond(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "only GET is supported\n".to_owned());
    }
    match request.uri().path() {
        "/metrics" => {
            respond(StatusCode::OK, "application/openmetrics-text; version=1.0.0; charset=utf-8", adapter.metrics())
        }
        "/status" => respond(StatusCode::OK, "application/json", format!("{}\n", adapter.status())),
        "/health" => match adapter.report_status() {
            AdapterStatus::Healthy => respond(StatusCode::OK, "text/plain", "healthy\n".to_owned()),
            AdapterStatus::Unhealthy(reason) => {
                respond(StatusCode::SERVICE_UNAVAILABLE, "text/plain", format!("{reason}\n"))
            }
            AdapterStatus::Closed => respond(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "closed\n".to_owned()),
        },
        _ => respond(StatusCode::NOT_FOUND, "text/plain", "there are /status, /metrics and /health\n".to_owned()),
    }
}

fn respond(status: StatusCode, content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response
}
