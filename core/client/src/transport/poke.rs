//! Pokes: a line on which the server says how far buckets have come, until one has come further than the phone knows.

use std::collections::BTreeMap;

use reqwest::{
    Method,
    header::{ACCEPT, CONTENT_TYPE},
};
use storewalk_domain::sync::Bucket;
use storewalk_wire::ApiError;

use super::http::HttpApi;

/// Longest line in bytes that is listened to.
const LONGEST_LINE: usize = 256 * 1024;

/// Waits until a bucket has come further than `known`. Each end of the line but that is an error: the caller tries
/// again when it next would anyway. A line that is silent for longer than the transport's patience is taken for dead;
/// the server's heartbeat is shorter.
pub(super) async fn wait(api: &HttpApi, token: &str, known: &BTreeMap<Bucket, u64>) -> Result<(), ApiError> {
    let request = api.request(Method::GET, "poke")?.bearer_auth(token).header(ACCEPT, "text/event-stream");
    let mut response = api.send(request, 0).await?;
    let is_stream = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/event-stream"));
    if !is_stream {
        return Err(ApiError::NotTheServer("pokes of another kind".to_owned()));
    }
    let mut lines = Lines::default();
    loop {
        let chunk = response
            .chunk()
            .await
            .map_err(|error| if error.is_timeout() { ApiError::Timeout } else { ApiError::Offline })?;
        let chunk = chunk.ok_or(ApiError::Offline)?;
        api.received(chunk.len());
        for line in lines.take(&chunk)? {
            if line.strip_prefix("data:").is_some_and(|data| has_news(data, known)) {
                return Ok(());
            }
        }
    }
}

/// Whether heads name a bucket that has come further. What cannot be read, and buckets of a class this release does not
/// know, say nothing.
fn has_news(data: &str, known: &BTreeMap<Bucket, u64>) -> bool {
    let heads: BTreeMap<String, u64> = serde_json::from_str(data).unwrap_or_default();
    heads.into_iter().any(|(bucket, head)| {
        let bucket: Option<Bucket> = bucket.parse().ok();
        bucket.is_some_and(|bucket| head > known.get(&bucket).copied().unwrap_or(0))
    })
}

/// Cuts what arrives into lines.
#[derive(Debug, Default)]
struct Lines(Vec<u8>);

impl Lines {
    fn take(&mut self, chunk: &[u8]) -> Result<Vec<String>, ApiError> {
        self.0.extend_from_slice(chunk);
        let Some(end) = self.0.iter().rposition(|byte| *byte == b'\n') else {
            let is_long = self.0.len() > LONGEST_LINE;
            let fault = || ApiError::NotTheServer("a line without end".to_owned());
            return if is_long { Err(fault()) } else { Ok(Vec::new()) };
        };
        let rest = self.0.split_off(end + 1);
        let whole = std::mem::replace(&mut self.0, rest);
        Ok(String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_however_they_arrive() {
        let mut lines = Lines::default();
        assert!(lines.take(b"data: {\"or").expect("short").is_empty());
        assert_eq!(lines.take(b"g\":1}\r\n\r\n:\n\nda").expect("short"), ["data: {\"org\":1}", "", ":", ""]);
        assert_eq!(lines.take(b"ta: 7\n").expect("short"), ["data: 7"]);
        assert!(lines.take(&vec![b'x'; LONGEST_LINE + 1]).is_err());
    }

    #[test]
    fn only_a_head_beyond_what_is_known_is_news() {
        let known = BTreeMap::from([(Bucket::Org, 7)]);
        for (data, is_news) in [
            (r#" {"org":8}"#, true),
            (r#"{"org":7}"#, false),
            (r#"{"org":6}"#, false),
            (r#"{"audit:jiangcheng":1}"#, true),
            (r#"{"audit:jiangcheng":0}"#, false),
            (r#"{"planet:1":9}"#, false),
            (r#"{"org":-1}"#, false),
            ("rubbish", false),
            ("", false),
        ] {
            assert_eq!(has_news(data, &known), is_news, "{data}");
        }
    }
}
