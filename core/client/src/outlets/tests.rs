//! Profiles on a phone.
