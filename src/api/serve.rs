//! Serving the router on a socket until told to stop.

use std::io;
use std::net::{SocketAddr, TcpListener};

use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

use crate::api::connections::Connections;
use crate::api::settings::Settings;
use crate::api::state::ApiState;
use crate::api::tls::{self, TlsError};
use crate::config::valid::Server;

/// Requests that one HTTP/2 connection may have open at once.
const STREAMS: u32 = 128;
/// The HTTP library accepts no smaller read buffer than this.
const SMALLEST_HEAD: usize = 8_192;

/// Why the interface cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
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

/// Starts listening as configured; connections wait until [`serve`] takes them. That an address which others can reach
/// needs tokens was checked with the configuration.
///
/// # Errors
/// [`ServeError`] if the certificate cannot be used or the address is taken.
pub fn bind(server: &Server) -> Result<Bound, ServeError> {
    let tls = server.tls.as_ref().map(tls::load).transpose()?.map(RustlsConfig::from_config);
    let failed = |source| ServeError::Bind { addr: server.listen, source };
    let listener = TcpListener::bind(server.listen).map_err(failed)?;
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
    let settings = state.settings().clone();
    let service = Connections::new(crate::api::router(state.clone()), settings.limits.connections);
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(bound.listener).map_err(ServeError::Socket)?.handle(handle.clone());
    protect(server.http_builder(), &settings);
    let serving = async {
        match bound.tls {
            Some(tls) => {
                let tls = RustlsAcceptor::new(tls)
                    .handshake_timeout(settings.server.header_timeout)
                    .acceptor(NoDelayAcceptor);
                server.acceptor(tls).serve(service).await
            }
            None => server.acceptor(NoDelayAcceptor).serve(service).await,
        }
    };
    let stopping = async {
        stop.await;
        state.stop();
        handle.graceful_shutdown(Some(settings.server.shutdown_timeout));
        std::future::pending::<()>().await;
    };
    tokio::select! {
        outcome = serving => outcome.map_err(ServeError::Socket),
        () = stopping => Ok(()),
    }
}

/// Limits below the router: a client that sends its headers slowly, sends endless ones, or opens endless streams.
fn protect(builder: &mut Builder<TokioExecutor>, settings: &Settings) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(settings.server.header_timeout)
        .max_buf_size(settings.limits.head_bytes.max(SMALLEST_HEAD));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(settings.limits.head_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(settings.server.header_timeout)
        .keep_alive_timeout(settings.server.header_timeout);
}
