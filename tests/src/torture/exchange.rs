//! Whole requests on a line: read from the phone, sent to the server as often as the line pleases.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Most bytes of a request's head.
const MOST_HEAD: usize = 64 * 1024;

/// Most bytes of a request's body: beyond what a phone sends.
const MOST_BODY: usize = 64 * 1024 * 1024;

/// A request as it travels, to be answered on a connection of its own.
pub(super) struct Request(Vec<u8>);

impl Request {
    /// Reads the next request; `None` when the phone has hung up.
    ///
    /// # Errors
    /// When the phone hangs up in the middle, or sends no HTTP.
    pub(super) async fn read(from: &mut TcpStream) -> anyhow::Result<Option<Self>> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            ensure!(head.len() < MOST_HEAD, "a head without an end");
            let mut byte = [0];
            if from.read(&mut byte).await? == 0 {
                ensure!(head.is_empty(), "a head cut short");
                return Ok(None);
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).context("a head of text")?;
        let mut length = 0;
        let mut rewritten = String::with_capacity(head.len() + 24);
        for (number, line) in head.trim_end().split("\r\n").enumerate() {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().context("a length")?;
            }
            if number == 0 || !name.eq_ignore_ascii_case("connection") {
                rewritten.push_str(line);
                rewritten.push_str("\r\n");
            }
        }
        rewritten.push_str("connection: close\r\n\r\n");
        ensure!(length <= MOST_BODY, "a body beyond all measure");
        let mut bytes = rewritten.into_bytes();
        let begin = bytes.len();
        bytes.resize(begin + length, 0);
        from.read_exact(&mut bytes[begin..]).await?;
        Ok(Some(Self(bytes)))
    }

    /// Sends it and reads the whole answer.
    ///
    /// # Errors
    /// When the server is not there or hangs up in between.
    pub(super) async fn ask(&self, server: SocketAddr) -> anyhow::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(server).await?;
        stream.write_all(&self.0).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(answer)
    }

    /// Sends only its beginning and hangs up.
    ///
    /// # Errors
    /// When the server is not there.
    pub(super) async fn ask_half(&self, server: SocketAddr, bytes: usize) -> anyhow::Result<()> {
        let mut stream = TcpStream::connect(server).await?;
        stream.write_all(&self.0[..bytes.min(self.0.len().saturating_sub(1))]).await?;
        Ok(())
    }

    /// Its length with its head.
    pub(super) fn bytes(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_request_arrives_whole_as_often_as_it_is_asked() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server_at = server.local_addr().expect("bound");
        let mut phone = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("connected");
        phone
            .write_all(b"POST /sync HTTP/1.1\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nbody")
            .await
            .expect("sent");
        let (mut road, _) = listener.accept().await.expect("a phone");
        let request = Request::read(&mut road).await.expect("HTTP").expect("a request");
        let serving = async {
            let mut heard = Vec::new();
            for _ in 0..2 {
                let (mut stream, _) = server.accept().await.expect("a caller");
                let mut bytes = vec![0; request.bytes()];
                stream.read_exact(&mut bytes).await.expect("whole");
                stream.write_all(b"answer").await.expect("answered");
                heard.push(String::from_utf8(bytes).expect("text"));
            }
            heard
        };
        let asking = async {
            for _ in 0..2 {
                assert_eq!(request.ask(server_at).await.expect("answered"), b"answer");
            }
        };
        let (heard, ()) = tokio::join!(serving, asking);
        for text in heard {
            assert_eq!(text, "POST /sync HTTP/1.1\r\nContent-Length: 4\r\nconnection: close\r\n\r\nbody");
        }
        drop(phone);
        assert!(Request::read(&mut road).await.expect("an end").is_none());
    }
}
