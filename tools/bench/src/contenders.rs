//! The contenders: the programs that the functions are compared with, and how they and the functions are built.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};

use crate::subject::Subject;

/// The contenders in Rust: the package of each, and its name in tables.
pub(crate) const CONTENDERS: [(&str, &str); 4] = [
    (BASE, "a function that does nothing"),
    ("lean", "the same, without default features"),
    ("limit", "a bare loop, and the bare check"),
    ("blueprint", "AWS's blueprint, `aws_lc_rs`"),
];
/// The contender that all others are compared with. Its own ratios are therefore 1.
pub(crate) const BASE: &str = "nothing";
/// The folder of the contenders.
const FOLDER: &str = "tools/bench/contenders";

/// The places of the built programs.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    pub(crate) checkout: PathBuf,
    /// Cargo's target folder.
    target: PathBuf,
}

impl Programs {
    /// Finds the checkout and Cargo's target folder.
    ///
    /// # Errors
    /// If the current folder is not in a checkout, or `cargo metadata` fails.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let checkout = local::find_checkout(&std::env::current_dir()?)?;
        let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
        let output = Command::new("cargo").args(arguments).current_dir(&checkout).output()?;
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).context("cargo metadata failed")?;
        let target = metadata["target_directory"]
            .as_str()
            .context("no target folder")?
            .into();
        Ok(Self { checkout, target })
    }

    /// Builds the functions and the contenders.
    ///
    /// # Errors
    /// If a build fails.
    pub(crate) fn build(&self) -> anyhow::Result<()> {
        run(
            local::cargo_command("cargo").args(["functions", ARCHITECTURE]),
            &self.checkout,
        )?;
        for (package, _) in CONTENDERS {
            // Each contender is built by itself: together, they would share the features of their dependencies.
            let mut build = local::cargo_command("cargo");
            build.args([
                "lambda",
                "build",
                "--release",
                ARCHITECTURE,
                "--locked",
                "--package",
                package,
            ]);
            run(
                build.env("CARGO_TARGET_DIR", self.contenders()),
                &self.checkout.join(FOLDER),
            )?;
        }
        self.bundle_node()
    }

    /// Builds these functions for arm64, in a folder of their own.
    ///
    /// # Errors
    /// If the build fails.
    pub(crate) fn build_arm64(&self, functions: &[&str]) -> anyhow::Result<()> {
        let mut build = local::cargo_command("cargo");
        build.args(["functions", "--arm64", "--lambda-dir"]).arg(self.arm64());
        let binaries = functions.iter().flat_map(|function| ["--bin", function]);
        run(build.args(binaries), &self.checkout)
    }

    /// Returns the binary of a function for arm64.
    pub(crate) fn arm64_function(&self, name: &str) -> PathBuf {
        self.arm64().join(name).join("bootstrap")
    }

    fn arm64(&self) -> PathBuf {
        self.target.join("bench-arm64")
    }

    /// Returns the binary of a function.
    pub(crate) fn function(&self, name: &str) -> PathBuf {
        self.target.join("lambda").join(name).join("bootstrap")
    }

    /// Returns the folder for copies of programs.
    pub(crate) fn copies(&self) -> PathBuf {
        self.contenders().join("copies")
    }

    /// Returns the binary of a contender.
    pub(crate) fn contender(&self, name: &str) -> PathBuf {
        self.contenders().join("lambda").join(name).join("bootstrap")
    }

    /// Returns a contender in Rust with this environment.
    pub(crate) fn subject(&self, package: &str, environment: &BTreeMap<String, String>) -> Subject {
        let name = CONTENDERS
            .iter()
            .find(|(found, _)| *found == package)
            .map_or(package, |(_, name)| name);
        Subject::binary(name, self.contender(package), environment.clone())
    }

    /// Returns the contender in Node with this environment, or `None` if Node is not installed or the bundle was not
    /// built.
    pub(crate) fn node(&self, environment: &BTreeMap<String, String>) -> Option<Subject> {
        let bundle = self.bundle();
        let node = which("node")?;
        bundle.exists().then(|| Subject {
            name: "`aws-jwt-verify` in Node, bundled".to_owned(),
            command: vec![node, bundle.display().to_string()],
            files: vec![bundle],
            environment: environment.clone(),
        })
    }

    fn contenders(&self) -> PathBuf {
        self.target.join("contenders")
    }

    fn bundle(&self) -> PathBuf {
        self.contenders().join("node/bundle.mjs")
    }

    /// Installs the packages of the contender in Node, and bundles it. Without npm, it only prints a note.
    fn bundle_node(&self) -> anyhow::Result<()> {
        if which("npm").is_none() {
            eprintln!("npm is not installed: without the contender in Node");
            return Ok(());
        }
        let (sources, home) = (self.checkout.join(FOLDER).join("node"), self.contenders().join("node"));
        std::fs::create_dir_all(&home)?;
        for file in ["package.json", "package-lock.json", "authorizer.mjs"] {
            std::fs::copy(sources.join(file), home.join(file))?;
        }
        run(
            Command::new("npm").args(["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]),
            &home,
        )?;
        let bundle = [
            "authorizer.mjs",
            "--bundle",
            "--minify",
            "--platform=node",
            "--format=esm",
        ];
        let to = "--outfile=bundle.mjs";
        run(
            Command::new("node_modules/.bin/esbuild")
                .args(bundle)
                .args([to, "--log-level=warning"]),
            &home,
        )
    }
}

/// The option of `cargo lambda` for the architecture of this machine.
const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") {
    "--arm64"
} else {
    "--x86-64"
};

fn run(command: &mut Command, folder: &Path) -> anyhow::Result<()> {
    let status = command
        .current_dir(folder)
        .status()
        .with_context(|| format!("cannot run {command:?}"))?;
    if !status.success() {
        bail!("this failed: {command:?}");
    }
    Ok(())
}

/// Returns the path of a program, or `None` if it is not installed.
fn which(program: &str) -> Option<String> {
    let output = Command::new("which").arg(program).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!path.is_empty()).then_some(path)
}
