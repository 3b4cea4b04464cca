//! The phones' door from outside: requests in, answers out, against a whole server in this process.

mod bodies;
mod console_session;
mod courier;
mod fixture;
mod fuzz;
mod phone;
mod photos;
mod reconcile;
mod scope;
mod session;
mod sockets;
mod uploads;
mod world;
