//! How often somebody may try to sign in: per login name and address, and per address.

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter, clock::Clock as LimitClock, middleware::NoOpMiddleware, state::keyed::DashMapStateStore,
};
use storewalk_domain::time::Clock;

use crate::{config::AuthSection, error::ApiError};

/// Our clock, as the limiter reads it.
struct Monotonic(Arc<dyn Clock>);

impl LimitClock for Monotonic {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.monotonic_ms()).unwrap_or_default())
    }
}

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, Monotonic, NoOpMiddleware<Duration>>;

/// Names tracked before those without debt are forgotten.
const SWEEP_AT: usize = 10_000;

/// The limits of signing in.
pub(super) struct SignInLimits {
    clock: Arc<dyn Clock>,
    by_name: Limiter<(String, IpAddr)>,
    by_address: Limiter<IpAddr>,
}

impl SignInLimits {
    pub(super) fn new(settings: &AuthSection, clock: Arc<dyn Clock>) -> Self {
        let every = Duration::from_secs(u64::from(settings.attempt_every_seconds.max(1)));
        let quota = |period: Duration, burst: u32| {
            Quota::with_period(period)
                .unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN))
                .allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
        };
        let by_name = quota(every, settings.attempts_at_once);
        // An office shares one address: it may try as often as twenty people.
        let by_address = quota(every / 20, settings.attempts_per_address);
        let limiter_clock = || Monotonic(Arc::clone(&clock));
        Self {
            by_name: RateLimiter::new(by_name, DashMapStateStore::default(), limiter_clock()),
            by_address: RateLimiter::new(by_address, DashMapStateStore::default(), limiter_clock()),
            clock,
        }
    }

    /// Counts an attempt; refuses it when there were too many.
    pub(super) fn attempt(&self, login: &str, address: IpAddr) -> Result<(), ApiError> {
        if self.by_name.len() > SWEEP_AT {
            self.by_name.retain_recent();
        }
        if self.by_address.len() > SWEEP_AT {
            self.by_address.retain_recent();
        }
        let now = Monotonic(Arc::clone(&self.clock)).now();
        let network = network_of(address);
        let name: String = login.to_lowercase().chars().take(64).collect();
        self.by_address.check_key(&network).map_err(|refused| wait(refused.wait_time_from(now)))?;
        self.by_name.check_key(&(name, network)).map_err(|refused| wait(refused.wait_time_from(now)))
    }
}

fn wait(time: Duration) -> ApiError {
    ApiError::wait(time.as_secs().max(1))
}

/// An IPv6 customer holds a whole /64.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.into(),
            None => std::net::Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        },
    }
}
