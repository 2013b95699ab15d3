//! A small HTTP server on loopback, for everything of a world that is asked over HTTP.
//!
//! It is built on hyper directly: it stands in for other people's servers, so it shares no code with our own API.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// A response body, streamed or whole.
pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A running server. It stops when it is dropped or told to.
#[derive(Debug)]
pub(super) struct Loopback {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Loopback {
    /// Serves `handle` on `port` of 127.0.0.1; 0 takes a free one. Must run inside a tokio runtime.
    pub(super) async fn start<H, F>(port: u16, handle: H) -> io::Result<Self>
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        Ok(Self { address, stop, serving: tokio::spawn(accept(listener, handle, stopped)) })
    }

    /// The base URL, without a path: `http://127.0.0.1:PORT`.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops listening and cuts the connections that are open; callers finish their requests first.
    pub(super) async fn stop(self) {
        self.stop.send_replace(true);
        // The task only ends by the signal above; there is nothing to do about a panic in it here.
        let _ended = self.serving.await;
    }
}

/// Accepts until told to stop; the connections end with this task because the set owns them.
async fn accept<H, F>(listener: TcpListener, handle: H, mut stopped: watch::Receiver<bool>)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            // An error here means that the server itself is gone.
            _ = stopped.wait_for(|stop| *stop) => return,
            Some(_ended) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        // A connection that failed before it was accepted is the client's to notice.
        let Ok((stream, _)) = accepted else { continue };
        let handle = handle.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let answered = handle(request);
                async move { Ok::<_, Infallible>(answered.await) }
            });
            // A broken connection is the client's to notice, too.
            let _ended =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// The body of `request`; `None` if it is cut off or longer than `most` bytes.
pub(super) async fn read(request: Request<Incoming>, most: usize) -> Option<Bytes> {
    Limited::new(request.into_body(), most).collect().await.ok().map(http_body_util::Collected::to_bytes)
}

/// A JSON response.
pub(super) fn json(status: StatusCode, value: &Value) -> Response<Body> {
    let body = Full::new(value.to_string().into()).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
