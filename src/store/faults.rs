//! A disk for tests that forgets what was not synced and fails where it is told to.
//!
//! It keeps two states: what the process sees, and what a power cut would leave. Contents become durable by a sync of
//! the file, names by a sync of their directory; both independently, as POSIX allows. After every operation it can
//! keep a picture of both, so that one run yields the state after a crash at each of its instants.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use chrono::DateTime;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::store::disk::{Disk, DiskFile, Entry, LockGuard, Source, parent_of};

/// What goes wrong with one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails and has no effect.
    Fails,
    /// A write stops half way; anything else fails without effect.
    Short,
    /// It takes effect, and then an error is reported: the answer was lost.
    FailsAfterwards,
    /// A write or creation finds the disk full; anything else works.
    NoSpace,
}

/// How the machine went down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crash {
    /// The process was killed: everything it did is there.
    Kill,
    /// The power went: only what was synced is there.
    PowerCut,
    /// The power went in the middle of writing back: any part of what was not synced is there.
    Torn(u64),
}

#[derive(Debug, Clone, Default)]
struct Inode {
    data: Arc<Vec<u8>>,
    durable: Arc<Vec<u8>>,
    /// Bytes that a failed sync dropped although they still look written: no later sync brings them back.
    dropped: Option<(usize, usize)>,
}

#[derive(Debug, Clone, Default)]
struct Tree {
    inodes: BTreeMap<u64, Inode>,
    names: BTreeMap<String, u64>,
    durable_names: BTreeMap<String, u64>,
    dirs: BTreeSet<String>,
    durable_dirs: BTreeSet<String>,
    next_inode: u64,
}

#[derive(Debug, Default)]
struct State {
    tree: Tree,
    /// Operations so far that changed something.
    steps: u64,
    faults: BTreeMap<u64, Fault>,
    pictures: Option<Vec<Tree>>,
    is_locked: bool,
}

/// A simulated disk. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct SimDisk(Arc<Mutex<State>>);

impl SimDisk {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while holding it")
    }

    /// The operation `after` steps from now goes wrong.
    pub(crate) fn plan(&self, after: u64, fault: Fault) {
        let mut state = self.state();
        let at = state.steps + after;
        state.faults.insert(at, fault);
    }

    /// Nothing more goes wrong.
    pub(crate) fn heal(&self) {
        self.state().faults.clear();
    }

    /// Begins to keep a picture after every step.
    pub(crate) fn keep_pictures(&self) {
        self.state().pictures = Some(Vec::new());
    }

    /// How many pictures there are. Picture `n` was taken after the step that made [`SimDisk::pictures`] `n + 1`.
    pub(crate) fn pictures(&self) -> usize {
        self.state().pictures.as_ref().map_or(0, Vec::len)
    }

    /// The disk as it is found after `crash` at picture `at`.
    pub(crate) fn after_crash(&self, at: usize, crash: Crash) -> Self {
        let tree = self.state().pictures.as_ref().expect("pictures are kept")[at].crashed(crash);
        Self(Arc::new(Mutex::new(State { tree, ..State::default() })))
    }

    /// The disk as it is found after `crash` now.
    pub(crate) fn crash_now(&self, crash: Crash) -> Self {
        let tree = self.state().tree.crashed(crash);
        Self(Arc::new(Mutex::new(State { tree, ..State::default() })))
    }

    /// Paths of all files.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.state().tree.names.keys().cloned().collect()
    }

    /// Lets a second writer in, as a file system without locks would.
    pub(crate) fn break_lock(&self) {
        self.state().is_locked = false;
    }

    /// Changes the bytes of a file behind everybody's back.
    pub(crate) fn damage(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let inode = state.tree.names[path];
        let inode = state.tree.inodes.get_mut(&inode).expect("a name has an inode");
        change(Arc::make_mut(&mut inode.data));
        inode.durable = inode.data.clone();
    }

    /// Runs one operation that changes something, unless it is to fail.
    fn step<T>(&self, grows: bool, run: impl FnOnce(&mut Tree) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state();
        let at = state.steps;
        let fault = state.faults.remove(&at);
        state.steps += 1;
        let result = match fault {
            None => run(&mut state.tree),
            Some(Fault::NoSpace) if !grows => run(&mut state.tree),
            Some(Fault::NoSpace) => Err(io::ErrorKind::StorageFull.into()),
            Some(Fault::FailsAfterwards) => run(&mut state.tree).and(Err(io::Error::other("injected, afterwards"))),
            Some(Fault::Fails | Fault::Short) => Err(io::Error::other("injected")),
        };
        let State { tree, pictures, .. } = &mut *state;
        if let Some(pictures) = pictures {
            pictures.push(tree.clone());
        }
        result
    }

    fn is_next(&self, wanted: Fault) -> bool {
        let state = self.state();
        state.faults.get(&state.steps) == Some(&wanted)
    }
}

impl Tree {
    fn inode_of(&self, path: &str) -> io::Result<u64> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn inode(&mut self, number: u64) -> &mut Inode {
        self.inodes.entry(number).or_default()
    }

    /// What is found after a crash; it is durable then.
    fn crashed(&self, crash: Crash) -> Self {
        let pick = |what: &[u8]| match crash {
            Crash::Kill => true,
            Crash::PowerCut => false,
            Crash::Torn(seed) => xxh3_64_with_seed(what, seed) & 1 == 0,
        };
        let mut dirs = self.durable_dirs.clone();
        dirs.extend(self.dirs.iter().filter(|dir| pick(dir.as_bytes())).cloned());
        let mut names = BTreeMap::new();
        for path in self.names.keys().chain(self.durable_names.keys()) {
            let found = if pick(path.as_bytes()) { self.names.get(path) } else { self.durable_names.get(path) };
            let parent = parent_of(path);
            let is_reachable = parent.is_empty() || dirs.contains(parent);
            if let Some(&inode) = found.filter(|_| is_reachable) {
                names.insert(path.clone(), inode);
            }
        }
        let mut inodes = BTreeMap::new();
        for &number in names.values() {
            let data = Arc::new(self.inodes[&number].crashed(number, crash));
            inodes.insert(number, Inode { durable: data.clone(), data, dropped: None });
        }
        let (durable_names, durable_dirs) = (names.clone(), dirs.clone());
        Self { inodes, names, durable_names, dirs, durable_dirs, next_inode: self.next_inode }
    }
}

impl Inode {
    fn synced(&self) -> Vec<u8> {
        let mut bytes = self.data.to_vec();
        if let Some((from, to)) = self.dropped {
            let end = bytes.len();
            bytes[from.min(end)..to.min(end)].fill(0);
        }
        bytes
    }

    fn crashed(&self, number: u64, crash: Crash) -> Vec<u8> {
        match crash {
            Crash::Kill => self.data.to_vec(),
            Crash::PowerCut => self.durable.to_vec(),
            Crash::Torn(seed) => {
                let draw = xxh3_64_with_seed(&number.to_le_bytes(), seed);
                let Some(unsynced) = self.data.strip_prefix(self.durable.as_slice()) else {
                    return if draw & 1 == 0 { self.data.to_vec() } else { self.durable.to_vec() };
                };
                let kept = usize::try_from((draw >> 8) % (unsynced.len() as u64 + 1)).expect("a length");
                let mut bytes = [self.durable.as_slice(), &unsynced[..kept]].concat();
                // The file may have grown before its pages were written.
                if draw & 1 == 0 {
                    bytes.resize(self.data.len(), 0);
                }
                bytes
            }
        }
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    inode: u64,
}

impl DiskFile for SimFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let is_short = self.disk.is_next(Fault::Short);
        let arriving = if is_short { &bytes[..bytes.len() / 2] } else { bytes };
        if is_short {
            let mut state = self.disk.state();
            Arc::make_mut(&mut state.tree.inode(self.inode).data).extend_from_slice(arriving);
        }
        self.disk.step(true, |tree| {
            Arc::make_mut(&mut tree.inode(self.inode).data).extend_from_slice(arriving);
            Ok(())
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        let fails = self.disk.is_next(Fault::Fails) || self.disk.is_next(Fault::Short);
        if fails {
            let mut state = self.disk.state();
            let inode = state.tree.inode(self.inode);
            inode.dropped = Some((inode.durable.len(), inode.data.len()));
        }
        self.disk.step(false, |tree| {
            let inode = tree.inode(self.inode);
            inode.durable = Arc::new(inode.synced());
            Ok(())
        })
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.disk.step(false, |tree| {
            let inode = tree.inode(self.inode);
            let len = usize::try_from(len).expect("a length");
            Arc::make_mut(&mut inode.data).truncate(len);
            inode.dropped = inode.dropped.filter(|&(from, _)| from < len);
            Ok(())
        })
    }
}

impl Disk for SimDisk {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let inode = self.step(true, |tree| {
            if tree.names.contains_key(path) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            if !parent_of(path).is_empty() && !tree.dirs.contains(parent_of(path)) {
                return Err(io::ErrorKind::NotFound.into());
            }
            tree.next_inode += 1;
            tree.inodes.insert(tree.next_inode, Inode::default());
            tree.names.insert(path.to_owned(), tree.next_inode);
            Ok(tree.next_inode)
        })?;
        Ok(Box::new(SimFile { disk: self.clone(), inode }))
    }

    fn open_append(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let inode = self.state().tree.inode_of(path)?;
        Ok(Box::new(SimFile { disk: self.clone(), inode }))
    }

    fn open(&self, path: &str) -> io::Result<Source> {
        let state = self.state();
        let inode = state.tree.inode_of(path)?;
        Ok(Source::Bytes(Bytes::from(state.tree.inodes[&inode].data.to_vec())))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.step(false, |tree| {
            let inode = tree.inode_of(from)?;
            tree.names.remove(from);
            tree.names.insert(to.to_owned(), inode);
            Ok(())
        })
    }

    fn hard_link(&self, from: &str, to: &str) -> io::Result<()> {
        self.step(true, |tree| {
            let inode = tree.inode_of(from)?;
            if tree.names.contains_key(to) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            tree.names.insert(to.to_owned(), inode);
            Ok(())
        })
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.step(false, |tree| {
            tree.inode_of(path)?;
            tree.names.remove(path);
            Ok(())
        })
    }

    fn create_dir(&self, path: &str) -> io::Result<()> {
        if self.state().tree.dirs.contains(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.step(true, |tree| {
            tree.dirs.insert(path.to_owned());
            Ok(())
        })
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.step(false, |tree| {
            tree.durable_names.retain(|name, _| parent_of(name) != path);
            let here = tree.names.iter().filter(|(name, _)| parent_of(name) == path);
            tree.durable_names.extend(here.map(|(name, &inode)| (name.clone(), inode)));
            let dirs = tree.dirs.iter().filter(|dir| parent_of(dir) == path).cloned();
            tree.durable_dirs.extend(dirs);
            Ok(())
        })
    }

    fn list(&self, dir: &str) -> io::Result<Vec<Entry>> {
        let state = self.state();
        let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let modified = DateTime::UNIX_EPOCH;
        let files = state.tree.names.iter().filter(|(path, _)| parent_of(path) == dir).map(|(path, inode)| Entry {
            name: name(path),
            is_dir: false,
            bytes: state.tree.inodes[inode].data.len() as u64,
            modified,
        });
        let dirs = state.tree.dirs.iter().filter(|path| parent_of(path) == dir);
        let dirs = dirs.map(|path| Entry { name: name(path), is_dir: true, bytes: 0, modified });
        let mut entries: Vec<Entry> = files.chain(dirs).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn lock(&self, _path: &str, _note: &str) -> io::Result<LockGuard> {
        let mut state = self.state();
        if state.is_locked {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, "the test"));
        }
        state.is_locked = true;
        Ok(Box::new(SimLock(self.clone())))
    }
}

struct SimLock(SimDisk);

impl Drop for SimLock {
    fn drop(&mut self) {
        self.0.state().is_locked = false;
    }
}
