//! Where the reading of a file stands.

use xxhash_rust::xxh3::xxh3_64;

/// Bytes at the beginning of a file by which it is recognised.
pub const HEAD_BYTES: usize = 256;

/// Which file: unique while the file exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId {
    /// The device it lies on.
    pub device: u64,
    /// Its number there. Numbers are used again after a file is deleted, hence [`Head`].
    pub inode: u64,
}

/// What a file began with when it was last read: tells a file apart from another one under the same number, and finds
/// the copy of a file that was then truncated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Bytes hashed, at most [`HEAD_BYTES`]; 0 before anything was read.
    pub length: usize,
    /// Their hash.
    pub hash: u64,
}

impl Head {
    /// The head of a file that begins with `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(HEAD_BYTES)];
        Self { length: bytes.len(), hash: xxh3_64(bytes) }
    }
}

/// How far a file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Which file.
    pub file: FileId,
    /// Bytes read; always the beginning of a line, unless `skipping`.
    pub offset: u64,
    /// Lines read, for messages.
    pub line: u64,
    /// What the file begins with.
    pub head: Head,
    /// Whether the reading stands inside a line that is too long and is passed over.
    pub skipping: bool,
}

impl Position {
    /// The beginning of `file`.
    #[must_use]
    pub const fn start(file: FileId) -> Self {
        Self { file, offset: 0, line: 0, head: Head { length: 0, hash: 0 }, skipping: false }
    }

    /// As a cursor: `t1 device inode offset line head-length head-hash skipping`.
    #[must_use]
    pub fn encode(&self) -> String {
        let FileId { device, inode } = self.file;
        let Head { length, hash } = self.head;
        format!("t1 {device} {inode} {} {} {length} {hash:x} {}", self.offset, self.line, u8::from(self.skipping))
    }

    /// Reads what [`Position::encode`] wrote; `None` if it is anything else.
    #[must_use]
    pub fn decode(cursor: &str) -> Option<Self> {
        let fields: Vec<&str> = cursor.split(' ').collect();
        let ["t1", device, inode, offset, line, length, hash, skipping] = fields[..] else { return None };
        let length = length.parse().ok().filter(|&length| length <= HEAD_BYTES)?;
        Some(Self {
            file: FileId { device: device.parse().ok()?, inode: inode.parse().ok()? },
            offset: offset.parse().ok()?,
            line: line.parse().ok()?,
            head: Head { length, hash: u64::from_str_radix(hash, 16).ok()? },
            skipping: skipping == "1",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_others_are_refused() {
        let file = FileId { device: 7, inode: u64::MAX };
        let position = Position { offset: 12, line: 3, head: Head::of(b"{}"), skipping: true, ..Position::start(file) };
        assert_eq!(Position::decode(&position.encode()), Some(position));
        for bad in ["", "t1", "t2 1 1 1 1 1 1 0", "t1 1 1 1 1 257 1 0", "t1 a 1 1 1 1 1 0"] {
            assert_eq!(Position::decode(bad), None, "{bad}");
        }
    }
}
