"""Written by `cargo xtask bindings`; import `storewalk` instead."""
