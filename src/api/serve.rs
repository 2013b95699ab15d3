//! Serving the router on a socket until told to stop.

use std::io;
use std::net::{SocketAddr, TcpListener};

use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

use crate::api::settings::{Limits, Listen, OpenToTheWorld};
use crate::api::state::ApiState;
use crate::api::tls::{self, TlsError};

/// Requests that one HTTP/2 connection may have open at once.
const STREAMS: u32 = 128;
/// The HTTP library accepts no smaller read buffer than this.
const SMALLEST_HEAD: usize = 8_192;

/// Why the interface cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It would be open to other machines without a token.
    #[error(transparent)]
    Open(#[from] OpenToTheWorld),
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}")]
    Bind {
        /// The address.
        addr: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The socket failed while it was served.
    #[error("the listening socket failed")]
    Socket(#[source] io::Error),
}

/// A socket that listens but is not served yet, so that the address can be told before the first answer.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    addr: SocketAddr,
}

/// Checks what is asked for and starts listening; connections wait until [`serve`] takes them.
///
/// # Errors
/// [`ServeError`] if tokens are missing, the certificate cannot be used, or the address is taken.
pub fn bind(listen: &Listen, state: &ApiState) -> Result<Bound, ServeError> {
    listen.check(&state.settings().tokens)?;
    let tls = listen.tls.as_ref().map(tls::load).transpose()?.map(RustlsConfig::from_config);
    let failed = |source| ServeError::Bind { addr: listen.addr, source };
    let listener = TcpListener::bind(listen.addr).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let addr = listener.local_addr().map_err(failed)?;
    Ok(Bound { listener, tls, addr })
}

impl Bound {
    /// The address listened on, with the port that was free if none was asked for.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http` or `https`.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

/// Serves until `stop` completes, then lets the requests in flight finish and returns. The engine is still running
/// then: flushing it is the caller's next step.
///
/// # Errors
/// [`ServeError::Socket`] if the socket fails.
pub async fn serve(bound: Bound, state: ApiState, stop: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
    let limits = state.limits().clone();
    let service = crate::api::router(state).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(bound.listener).map_err(ServeError::Socket)?.handle(handle.clone());
    protect(server.http_builder(), &limits);
    let serving = async {
        match bound.tls {
            Some(tls) => {
                let tls = RustlsAcceptor::new(tls).handshake_timeout(limits.header_time).acceptor(NoDelayAcceptor);
                server.acceptor(tls).serve(service).await
            }
            None => server.acceptor(NoDelayAcceptor).serve(service).await,
        }
    };
    let stopping = async {
        stop.await;
        handle.graceful_shutdown(Some(limits.drain_time));
        std::future::pending::<()>().await;
    };
    tokio::select! {
        outcome = serving => outcome.map_err(ServeError::Socket),
        () = stopping => Ok(()),
    }
}

/// Limits below the router: a client that sends its headers slowly, sends endless ones, or opens endless streams.
fn protect(builder: &mut Builder<TokioExecutor>, limits: &Limits) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_buf_size(limits.head_bytes.max(SMALLEST_HEAD));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(limits.header_time)
        .keep_alive_timeout(limits.header_time);
}
