//! The sizes of the binaries, and of the archives that are deployed. The measurement fails if the size of a function's
//! binary differs by more than 2 % from the recorded one, so the commit that changes a size also records the new size.

use std::{collections::BTreeMap, path::Path, process::Command};

use anyhow::{Context as _, bail};

use crate::{
    contenders::{CONTENDERS, Programs},
    markdown,
    other::Other,
    recorded::Recorded,
};

/// The number of bytes by which a zip archive of one file named `bootstrap` is longer than the same file in gzip.
const ARCHIVE: usize = 122;

const RECORDED: Recorded = Recorded {
    file: "tools/bench/sizes.toml",
    command: "cargo bench-functions sizes --record",
    unit: "bytes",
    tolerance: 2,
};

/// Prints the sizes of all functions and contenders that are built, and compares the functions with their recorded
/// sizes. With `record`, records the sizes instead.
///
/// # Errors
/// If a binary cannot be read, gzip fails, or the size of a function differs by more than 2 % from the recorded one.
pub(crate) fn measure(programs: &Programs, others: &[Other], record: bool) -> anyhow::Result<()> {
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
    for other in others {
        rows.push(row(&format!("`{}`, {}", other.function, other.name), &other.path)?);
    }
    markdown::print("Sizes in bytes", &["", "binary", "zip"], &rows);
    RECORDED.settle(&programs.checkout, &found, record)
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
        markdown::group(metadata.len()),
        markdown::group(u64::try_from(zip)?),
    ])
}
