//! Tests of the facade as a host meets it.
