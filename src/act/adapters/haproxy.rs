//! Sets the weights of HAProxy's servers over its runtime socket, and reads them back.
//!
//! `set server BACKEND/SERVER weight N` takes effect with the next request and touches no file. A HAProxy that was started
//! anew or reloaded has the weights of its file again, so they are set again every two seconds; that is what setting them
//! costs nothing for (0.2 ms). Weights are 0 to 256, the largest share at 256.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use crate::act::adapters::{Adapter, AdapterError, Pool, scaled};
use crate::domain::time::Timestamp;

/// In messages.
const HAPROXY: &str = "HAProxy";
/// The largest weight there is.
const MOST: u32 = 256;
/// Servers in one request: a line of the runtime socket is at most 16 KiB.
const AT_ONCE: usize = 50;
/// Longest answer that is read.
const LONGEST: u64 = 1 << 20;
/// A HAProxy that was started anew is told again within this time.
const AGAIN: Duration = Duration::from_secs(2);

/// Where the runtime socket is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Socket {
    /// A Unix socket.
    Unix(PathBuf),
    /// HOST:PORT.
    Tcp(String),
}

/// Sets weights over one socket.
#[derive(Debug)]
pub struct Haproxy(Socket);

impl Haproxy {
    /// Sets weights over `socket`.
    #[must_use]
    pub const fn new(socket: Socket) -> Self {
        Self(socket)
    }

    async fn ask(&self, line: &str) -> Result<String, AdapterError> {
        let asked = async {
            match &self.0 {
                Socket::Unix(path) => exchange(UnixStream::connect(path).await?, line).await,
                Socket::Tcp(address) => exchange(TcpStream::connect(address).await?, line).await,
            }
        };
        asked.await.map_err(|error: std::io::Error| AdapterError::Unreachable(HAPROXY, error.to_string()))
    }
}

#[async_trait]
impl Adapter for Haproxy {
    async fn apply(&mut self, pools: &[Pool], _now: Timestamp) -> Result<(), AdapterError> {
        for pool in pools {
            // The largest first: at no instant does everybody have nothing.
            let mut weights: Vec<(String, u32)> = scaled(&pool.shares(), MOST).into_iter().collect();
            weights.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
            for weights in weights.chunks(AT_ONCE) {
                check(weights, &self.ask(&request(weights)).await?)?;
            }
        }
        Ok(())
    }

    fn again_after(&self) -> Option<Duration> {
        Some(AGAIN)
    }
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, line: &str) -> std::io::Result<String> {
    stream.write_all(line.as_bytes()).await?;
    let mut answer = String::new();
    // It closes the connection after its answer.
    stream.take(LONGEST).read_to_string(&mut answer).await?;
    Ok(answer)
}

/// Sets all `weights`, then asks for them.
fn request(weights: &[(String, u32)]) -> String {
    let set = weights.iter().map(|(server, weight)| format!("set server {server} weight {weight}"));
    let get = weights.iter().map(|(server, _)| format!("get weight {server}"));
    let mut line = set.chain(get).collect::<Vec<_>>().join(";");
    line.push('\n');
    line
}

/// Setting answers nothing, asking answers `N (initial M)`; anything else is a complaint.
fn check(weights: &[(String, u32)], answer: &str) -> Result<(), AdapterError> {
    let mut read = BTreeMap::new();
    let mut asked = weights.iter();
    for line in answer.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let weight = line.split_once(" (initial ").and_then(|(weight, _)| weight.parse::<u32>().ok());
        match (weight, asked.next()) {
            (Some(weight), Some((server, _))) => read.insert(server, weight),
            _ => return Err(AdapterError::Answer(HAPROXY, line.chars().take(200).collect())),
        };
    }
    match weights.iter().find(|(server, weight)| read.get(server) != Some(weight)) {
        None => Ok(()),
        Some((server, weight)) => {
            let is = read.get(server).map_or_else(|| "unknown".to_owned(), u32::to_string);
            Err(AdapterError::Answer(HAPROXY, format!("the weight of {server} is {is} and not {weight}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_set_the_largest_first_and_answers_are_read() {
        let weights = [("llm/a".to_owned(), 256), ("llm/b".to_owned(), 0)];
        let line = request(&weights);
        assert_eq!(line, "set server llm/a weight 256;set server llm/b weight 0;get weight llm/a;get weight llm/b\n");
        assert!(check(&weights, "\n\n256 (initial 100)\n\n0 (initial 100)\n\n").is_ok());
        let told = |answer: &str| check(&weights, answer).map_err(|error| error.to_string()).err().unwrap_or_default();
        assert_eq!(told("No such server.\n\n"), "HAProxy answered: No such server.");
        assert!(told("\n\n256 (initial 100)\n\n100 (initial 100)\n").contains("llm/b is 100 and not 0"));
        assert!(told("").contains("llm/a is unknown"));
    }
}
