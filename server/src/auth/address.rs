//! Where a request comes from.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderName, request::Parts},
};

use crate::state::AppState;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address a request comes from: the peer's, or what the nearest of our own proxies saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClientAddress(pub IpAddr);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        // A request that came through no socket comes from this process.
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let proxies = state.config.server.trusted_proxies;
        Ok(Self(forwarded(&parts.headers, proxies).unwrap_or(peer)))
    }
}

/// What our outermost proxy wrote: each proxy appends the address it saw, so ours are the last ones. Whatever stands
/// before them the client may have made up.
fn forwarded(headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    let index_from_end = proxies.checked_sub(1)?;
    let hops: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    hops.iter().rev().nth(index_from_end)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(header: &str, proxies: usize) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, header.parse().expect("header"));
        forwarded(&headers, proxies).map(|address| address.to_string())
    }

    #[test]
    fn a_header_the_client_made_up_is_not_believed() {
        assert_eq!(seen("1.1.1.1", 0), None);
        assert_eq!(seen("6.6.6.6, 1.1.1.1", 1).as_deref(), Some("1.1.1.1"));
        assert_eq!(seen("6.6.6.6, 1.1.1.1, 10.0.0.1", 2).as_deref(), Some("1.1.1.1"));
        assert_eq!(seen("rubbish", 1), None);
        assert_eq!(seen("1.1.1.1", 3), None);
    }
}
