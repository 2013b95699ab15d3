//! How many connections are open at once.
//!
//! Every open connection holds a file handle and buffers, so a flood of idle ones could starve the log of handles.
//! Here the flood waits in the kernel's queue instead: the next connection is taken once another one has ended.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tower::Service;

type Waiting = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>;

/// Makes the service of each connection, once there is room for it.
pub struct Connections {
    router: Router,
    room: Arc<Semaphore>,
    waiting: Option<Waiting>,
    granted: Option<OwnedSemaphorePermit>,
}

impl Connections {
    /// Serves `router` on at most `limit` connections at once.
    #[must_use]
    pub fn new(router: Router, limit: usize) -> Self {
        let room = Arc::new(Semaphore::new(limit.clamp(1, Semaphore::MAX_PERMITS)));
        Self { router, room, waiting: None, granted: None }
    }
}

impl Service<SocketAddr> for Connections {
    type Response = Connection;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Connection, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if self.granted.is_none() {
            let room = &self.room;
            let waiting = self.waiting.get_or_insert_with(|| Box::pin(Arc::clone(room).acquire_owned()));
            // The semaphore is never closed, so waiting cannot fail.
            self.granted = ready!(waiting.as_mut().poll(context)).ok();
            self.waiting = None;
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, client: SocketAddr) -> Self::Future {
        let room = Arc::new(self.granted.take());
        std::future::ready(Ok(Connection { router: self.router.clone(), client, _room: room }))
    }
}

/// The service of one connection. Its place is free again once it and its last request are gone.
#[derive(Clone)]
pub struct Connection {
    router: Router,
    client: SocketAddr,
    _room: Arc<Option<OwnedSemaphorePermit>>,
}

impl Service<Request<Incoming>> for Connection {
    type Response = <Router as Service<Request<Incoming>>>::Response;
    type Error = Infallible;
    type Future = <Router as Service<Request<Incoming>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Incoming>>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.client));
        self.router.call(request)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_next_connection_waits_for_room() {
        let mut connections = Connections::new(Router::new(), 1);
        let client = SocketAddr::from(([127, 0, 0, 1], 1));
        poll_fn(|context| connections.poll_ready(context)).await.expect("there is room");
        let first = connections.call(client).await.expect("a service");
        let request_of_first = first.clone();
        assert!(poll_fn(|context| connections.poll_ready(context)).now_or_never().is_none());
        drop(first);
        assert!(poll_fn(|context| connections.poll_ready(context)).now_or_never().is_none());
        drop(request_of_first);
        poll_fn(|context| connections.poll_ready(context)).await.expect("there is room again");
    }
}
