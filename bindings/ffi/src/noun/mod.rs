//! The parts of the facade, one file each. A part holds what all share and nothing else; it may be kept or asked for anew.

mod checklists;
mod notices;
mod orders;
mod outlets;
mod parcels;
mod photos;
mod plan;
mod review;
mod session;
mod sync;
mod tasks;
mod visits;

pub use checklists::Checklists;
pub use notices::Notices;
pub use orders::Orders;
pub use outlets::Outlets;
pub use parcels::Parcels;
pub use photos::Photos;
pub use plan::Plan;
pub use review::{Review, ReviewDraft};
pub use session::Session;
pub use sync::Sync;
pub use tasks::Tasks;
pub use visits::Visits;

/// A part of the facade.
macro_rules! part {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, uniffi::Object)]
        pub struct $name {
            core: std::sync::Arc<crate::core::Core>,
        }

        impl $name {
            pub(crate) fn of(core: &std::sync::Arc<crate::core::Core>) -> std::sync::Arc<Self> {
                std::sync::Arc::new(Self { core: std::sync::Arc::clone(core) })
            }
        }
    };
}
use part;
