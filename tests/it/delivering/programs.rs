//! Programs of others, as children of the test, and what stands behind and before them.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener as Bound;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::site::pause_ms;

/// Where `program` is; `None`, with a message, if it is not installed.
pub fn find(program: &str) -> Option<PathBuf> {
    // Debian keeps servers where ordinary users do not look.
    #[expect(clippy::disallowed_methods, reason = "only tests look for programs")]
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
    let found = path.split(':').map(|dir| Path::new(dir).join(program)).find(|file| file.is_file());
    if found.is_none() {
        say(&format!("skipped: {program} is not installed"));
    }
    found
}

/// Says something to whoever looks at the output of the tests.
#[expect(clippy::print_stdout, reason = "figures, and what was skipped")]
pub fn say(text: &str) {
    println!("{text}");
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    Bound::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port()
}

/// A running program. It is killed when this is dropped.
pub struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    pub fn start(program: &Path, arguments: &[&str], dir: &Path) -> Self {
        let log = dir.join("program.log");
        let file = fs::File::options().create(true).append(true).open(&log).expect("a log file");
        let other = file.try_clone().expect("a second handle");
        let mut command = Command::new(program);
        command.args(arguments).current_dir(dir).stdin(Stdio::null()).stdout(file).stderr(other);
        Self { child: command.spawn().expect("it starts"), log }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has children of its own, which it ends when it is asked to.
        let _asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        for _ in 0..200 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            #[expect(clippy::disallowed_methods, reason = "nothing can be awaited here")]
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let _killed = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Waits until somebody listens on `port`.
pub async fn lines(port: u16, program: &Program) {
    for _ in 0..1_000 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return;
        }
        pause_ms(10).await;
    }
    panic!("nobody listens on {port}: {}", program.log());
}

/// A server that answers every request with its name.
pub struct Backend {
    pub address: String,
}

impl Backend {
    pub async fn start(name: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let address = listener.local_addr().expect("bound").to_string();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut text = String::new();
                    while !text.contains("\r\n\r\n") {
                        let mut bytes = vec![0_u8; 4_096];
                        match socket.read(&mut bytes).await {
                            Ok(read @ 1..) => text.push_str(&String::from_utf8_lossy(&bytes[..read])),
                            _ => return,
                        }
                    }
                    let head =
                        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", name.len());
                    // Whoever asked may be gone.
                    let _answered = socket.write_all((head + name).as_bytes()).await;
                });
            }
        });
        Self { address }
    }
}

/// A request: its headers, names in lower case, and its body.
pub type Captured = (BTreeMap<String, String>, String);

/// Listens on `port`, takes every request, and tells of it.
pub async fn captures(port: u16) -> mpsc::UnboundedReceiver<Captured> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            if let Some(request) = capture(socket).await {
                // The test may be over.
                let _told = tell.send(request);
            }
        }
    });
    told
}

async fn capture(mut socket: TcpStream) -> Option<Captured> {
    let mut text = String::new();
    loop {
        let mut bytes = vec![0_u8; 16_384];
        let read = socket.read(&mut bytes).await.ok().filter(|read| *read > 0)?;
        text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let headers: BTreeMap<String, String> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        if headers.get("content-length").and_then(|length| length.parse().ok()) == Some(body.len()) {
            let answer = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
            socket.write_all(answer.as_bytes()).await.ok()?;
            return Some((headers, body.to_owned()));
        }
    }
}

/// What Redis on `port` answers to `command`, as it is spoken on the wire.
pub async fn redis(port: u16, password: &str, command: &str) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.expect("Redis listens");
    let request = format!("AUTH {password}\r\n{command}\r\nQUIT\r\n");
    socket.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("read");
    let answer = answer.strip_prefix("+OK\r\n").expect("authorised");
    answer.strip_suffix("+OK\r\n").unwrap_or(answer).to_owned()
}
