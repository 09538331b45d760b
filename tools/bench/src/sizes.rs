//! The sizes of the binaries, and of the archives that are deployed. A function whose binary has become larger or
//! smaller fails the measurement until its recorded size is changed in the same commit.

use std::{collections::BTreeMap, path::Path, process::Command};

use anyhow::{Context as _, bail};

use crate::{
    contenders::{CONTENDERS, Programs},
    markdown,
};

/// The number of bytes by which a zip archive of one file named `bootstrap` is longer than the same file in gzip.
const ARCHIVE: usize = 122;

/// The recorded sizes of the functions' binaries in bytes, for x86-64.
const RECORDED: &str = "tools/bench/sizes.toml";
/// By how much a binary may differ from its recorded size: one part in this many.
const TOLERANCE: u64 = 50;

/// Prints the sizes of all functions and contenders that are built, and compares the functions with their recorded
/// sizes. With `record`, records the sizes instead.
///
/// # Errors
/// If a binary cannot be read, gzip fails, or the size of a function differs by more than 2 % from the recorded one.
pub(crate) fn measure(programs: &Programs, others: &[(String, String)], record: bool) -> anyhow::Result<()> {
    let (mut rows, mut found) = (Vec::new(), BTreeMap::new());
    for (package, name) in CONTENDERS {
        let path = programs.contender(package);
        if path.exists() {
            rows.push(row(name, &path)?);
        } else {
            eprintln!("{name} is not built: left out");
        }
    }
    let mut functions = ::tests::FUNCTIONS.to_vec();
    functions.sort_unstable();
    for function in functions {
        let path = programs.function(function);
        if path.exists() {
            rows.push(row(&format!("`{function}`"), &path)?);
            found.insert(function.to_owned(), path.metadata()?.len());
        } else {
            eprintln!("{function} is not built: left out");
        }
    }
    for (name, path) in others {
        rows.push(row(name, Path::new(path))?);
    }
    markdown::print("Sizes in bytes", &["", "binary", "zip"], &rows);
    let file = programs.checkout.join(RECORDED);
    if record {
        return Ok(std::fs::write(file, toml::to_string(&found)?)?);
    }
    let recorded = toml::from_str(&std::fs::read_to_string(file)?)?;
    let changed = find_changed(&found, &recorded);
    if !changed.is_empty() {
        bail!(
            "the size of a binary has changed: {}. If that is on purpose, run `cargo bench-functions sizes --record` and \
             say why in the commit",
            changed.join(", ")
        );
    }
    Ok(())
}

/// Returns a line for each function whose size differs too much from the recorded one, or that has none.
fn find_changed(found: &BTreeMap<String, u64>, recorded: &BTreeMap<String, u64>) -> Vec<String> {
    let differs = |size: u64, old: u64| size.abs_diff(old) > old / TOLERANCE;
    let changed = found
        .iter()
        .filter_map(|(function, size)| match recorded.get(function) {
            Some(old) if !differs(*size, *old) => None,
            Some(old) => Some(format!("{function} has {size} bytes and had {old}")),
            None => Some(format!("{function} has {size} bytes and no recorded size")),
        });
    changed.collect()
}

fn row(name: &str, path: &Path) -> anyhow::Result<Vec<String>> {
    let metadata = path
        .metadata()
        .with_context(|| format!("cannot read {}", path.display()))?;
    // A zip archive has the same compression as gzip.
    let compressed = Command::new("gzip").args(["-9", "-n", "-c"]).arg(path).output()?;
    if !compressed.status.success() {
        bail!("gzip failed: {}", String::from_utf8_lossy(&compressed.stderr));
    }
    let zip = compressed.stdout.len() + ARCHIVE;
    Ok(vec![
        name.to_owned(),
        group(usize::try_from(metadata.len())?),
        group(zip),
    ])
}

/// Returns a number with commas between its groups of three digits.
fn group(number: usize) -> String {
    let digits = number.to_string();
    let parts = digits.as_bytes().rchunks(3).rev();
    parts.map(String::from_utf8_lossy).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_may_differ_by_two_percent() {
        let sizes = |entries: &[(&str, u64)]| entries.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect();
        let recorded = sizes(&[("login", 1_000_000)]);

        for size in [980_000, 1_000_000, 1_020_000] {
            assert_eq!(find_changed(&sizes(&[("login", size)]), &recorded), [""; 0]);
        }
        for size in [979_999, 1_020_001] {
            assert_eq!(find_changed(&sizes(&[("login", size)]), &recorded).len(), 1);
        }
        assert_eq!(find_changed(&sizes(&[("new", 1)]), &recorded).len(), 1);
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            [7, 999, 1_000, 1_234_567].map(group),
            ["7", "999", "1,000", "1,234,567"]
        );
    }
}
