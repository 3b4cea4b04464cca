//! Drives headless Chromium.
