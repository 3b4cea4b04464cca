//! Lines: taken in, served, given time to finish.
//!
//! **Invariants.** Whoever opens a line and does not say within the configured time what it asks for is hung up on, at
//! the first request and between two: a thousand silent lines cost a thousand timers and nothing else. The time for a
//! body is the handlers' affair.

use std::{convert::Infallible, future::Future, net::SocketAddr, pin::pin, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tower::{Service, service_fn};

/// Wait after a line could not be taken in, such as when the process has no file handle left.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until `stop` resolves; open requests then get `patience` to finish.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    header_wait: Duration,
    stop: impl Future<Output = ()> + Send,
    patience: Duration,
) {
    let (stopping, stopped) = watch::channel(());
    let mut lines = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let (line, address) = tokio::select! {
            taken = listener.accept() => match taken {
                Ok(taken) => taken,
                Err(error) => {
                    tracing::warn!(error = %error, "a line could not be taken in");
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            },
            // Lines that ended are let go as it goes on.
            Some(_) = lines.join_next() => continue,
            () = &mut stop => break,
        };
        lines.spawn(serve_line(line, address, app.clone(), header_wait, stopped.clone()));
    }
    drop((listener, stopping));
    let finish = async { while lines.join_next().await.is_some() {} };
    if tokio::time::timeout(patience, finish).await.is_err() {
        tracing::warn!("stopped with requests still open");
    }
}

/// Serves one line until it ends; when the server stops, until the request under way is answered.
async fn serve_line(
    line: TcpStream,
    address: SocketAddr,
    app: Router,
    header_wait: Duration,
    mut stopped: watch::Receiver<()>,
) {
    // An answer's head and its body are often two writes: unless told otherwise the system keeps the second back until
    // the phone has acknowledged the first, which phones put off for 40 ms.
    if let Err(error) = line.set_nodelay(true) {
        tracing::debug!(error = %error, "a line keeps small writes back");
    }
    let service = service_fn(move |request: Request<Incoming>| answer(app.clone(), address, request));
    let mut served = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(header_wait)
            .serve_connection(TokioIo::new(line), TowerToHyperService::new(service))
    );
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        // An error means that the sender is gone, which is how the end is told.
        _ = stopped.changed() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = %error, "a line ended in the middle");
    }
}

async fn answer(mut app: Router, address: SocketAddr, request: Request<Incoming>) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(address));
    app.call(request).await
}
