//! The phones' door from outside: requests in, answers out, against a whole server in this process.

mod bodies;
mod conflicts;
mod console_session;
mod courier;
mod dead_letters;
mod fixture;
mod floor;
mod fuzz;
mod heal;
mod hostile;
mod overload;
mod phone;
mod photos;
mod pokes;
mod receipts;
mod reconcile;
mod replica;
mod restored;
mod scope;
mod segments;
mod session;
mod sockets;
mod sums;
mod uploads;
mod world;
