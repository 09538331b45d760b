//! The folder of a stack, in the checkout that the stack is started in.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::options::PORT;

/// The files that identify a checkout of this workspace.
const MARKS: [&str; 2] = ["template.yaml", "tools/local/Cargo.toml"];

/// The folder of the default stack, and of everything that all stacks share.
const SHARED: &str = ".local";

/// Returns the checkout that contains `start`, which need not be the one that this program was compiled in.
///
/// # Errors
/// If neither `start` nor a folder above it is a checkout.
pub fn find_checkout(start: &Path) -> anyhow::Result<PathBuf> {
    let is_checkout = |folder: &&Path| MARKS.iter().all(|mark| folder.join(mark).is_file());
    let found = start.ancestors().find(is_checkout).map(Path::to_owned);
    found.with_context(|| {
        format!(
            "{} is not in a checkout of Gatehouse, which has a {}: run this inside one",
            start.display(),
            MARKS[0]
        )
    })
}

/// The folder in which a stack keeps everything. Git ignores it, and so does `cargo lambda watch`, which would
/// otherwise restart at every write.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    own: PathBuf,
}

impl Folder {
    /// Returns the folder of the stack at this port. Each port has its own folder, so that two stacks of one checkout
    /// share only the programs that they run and the certificate.
    pub(crate) fn new(root: &Path, port: u16) -> Self {
        let shared = PathBuf::from(SHARED);
        Self {
            root: root.to_owned(),
            own: if port == PORT {
                shared
            } else {
                shared.join(format!("port-{port}"))
            },
        }
    }

    /// Returns whether this is the folder of the default stack, which has the default port.
    pub(crate) fn is_usual(&self) -> bool {
        self.own == Path::new(SHARED)
    }

    /// Returns the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the path of a file or folder of the stack.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(&self.own).join(name)
    }

    /// Returns the path of a file or folder of the stack, relative to the checkout.
    pub(crate) fn short(&self, name: &str) -> String {
        self.own.join(name).display().to_string()
    }

    /// Returns the folder of the installed programs, which all stacks share.
    pub(crate) fn tools(&self) -> PathBuf {
        self.root.join(SHARED).join("tools")
    }

    /// Returns the folder of the certificate. All stacks share it, so that a browser has to trust it only once.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.root.join(SHARED).join("tls")
    }

    /// Returns a path relative to the checkout.
    pub(crate) fn shorten(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_stack_works_in_the_checkout_that_it_is_started_in() {
        let moved = std::env::temp_dir().join(format!("checkout-{}", std::process::id()));
        let inner = moved.join("functions/login/src");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::create_dir_all(moved.join("tools/local")).unwrap();
        for mark in MARKS {
            std::fs::write(moved.join(mark), "").unwrap();
        }

        let from_root = find_checkout(&moved);
        let from_within = find_checkout(&inner);
        let from_outside = find_checkout(moved.parent().unwrap()).unwrap_err();
        std::fs::remove_dir_all(&moved).unwrap();

        assert_eq!(from_root.unwrap(), moved);
        assert_eq!(from_within.unwrap(), moved);
        assert!(
            from_outside.to_string().contains("not in a checkout of Gatehouse"),
            "{from_outside}"
        );
    }

    #[test]
    fn two_stacks_of_one_checkout_keep_nothing_in_the_same_place() {
        let root = Path::new("/checkout");
        let names = ["dynamodb.sqlite", "keys", "functions.env", "demo-user.json"];
        let paths = |port| names.map(|name| Folder::new(root, port).path(name));

        let all = [paths(PORT), paths(3001), paths(3002)].concat();

        let distinct: BTreeSet<&PathBuf> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(Folder::new(root, PORT).path("keys"), root.join(".local/keys"));
        assert_eq!(Folder::new(root, 3001).short("keys"), ".local/port-3001/keys");
    }
}
