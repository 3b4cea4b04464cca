//! Waiting for news instead of asking for it.

use std::{collections::BTreeMap, sync::Arc};

use super::stage;
use crate::{ClientError, Phone};

impl Phone {
    /// Waits until the server says that one of the person's buckets has come further than the phone. It then is time to
    /// [`Phone::sync`]. Nothing is lost when it says nothing: the next attempt that [`Phone::sync`] has left stands.
    ///
    /// # Errors
    /// When the line cannot be had or ends, nobody is signed in, or the storage fails: follow again after the next
    /// attempt, not before.
    pub async fn follow(&self) -> Result<(), ClientError> {
        let cursors = self.read(stage::cursors)?;
        let known: BTreeMap<_, _> = cursors.into_iter().map(|cursor| (cursor.bucket, cursor.position)).collect();
        let known = Arc::new(known);
        self.authorized(|api, token| {
            let known = Arc::clone(&known);
            async move { api.poke(&token, &known).await }
        })
        .await
    }
}
