//! Which protocols a server serves, and what becomes of a phone outside of them.
//!
//! **Promise.** Work is taken in from a phone of any release, for ever. A phone below the window is answered with the
//! results of its commands and without rows, and is told `app_outdated` when it asks for rows; it goes on working
//! offline. A phone above the window is told `server_outdated` and speaks the newest protocol of the server, if it still
//! can; otherwise it keeps everything and asks again.

use serde::{Deserialize, Serialize};

use crate::PROTOCOL;

/// The oldest protocol that this release serves in full.
pub const OLDEST_PROTOCOL: u32 = 1;

/// The protocols a server serves in full, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProtocolWindow {
    /// The oldest.
    pub min: u32,
    /// The newest.
    pub max: u32,
}

/// Where a phone's protocol lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WindowPlace {
    /// The app is too old for the server.
    Below,
    /// It is served in full.
    Within,
    /// The server is too old for the app.
    Above,
}

impl ProtocolWindow {
    /// What this release serves.
    pub const OURS: Self = Self { min: OLDEST_PROTOCOL, max: PROTOCOL };

    /// Where a protocol lies.
    pub fn place(self, protocol: u32) -> WindowPlace {
        if protocol < self.min {
            WindowPlace::Below
        } else if protocol > self.max {
            WindowPlace::Above
        } else {
            WindowPlace::Within
        }
    }
}

impl Default for ProtocolWindow {
    fn default() -> Self {
        Self::OURS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_the_window_are_served() {
        let window = ProtocolWindow { min: 2, max: 4 };
        let places: Vec<WindowPlace> = [1, 2, 4, 5].map(|protocol| window.place(protocol)).into();
        assert_eq!(places, [WindowPlace::Below, WindowPlace::Within, WindowPlace::Within, WindowPlace::Above]);
        assert_eq!(ProtocolWindow::OURS.place(PROTOCOL), WindowPlace::Within);
    }
}
