"""Makes the files of a release from compiled binaries. The same binaries make the same bytes, on any day.

Usage: package.py OUT ARCHITECTURE=FOLDER..., where ARCHITECTURE is arm64 or x86_64, and FOLDER has <name>/bootstrap for
every function, and for authctl too if it is to be part of the release.
"""

import gzip
import hashlib
import io
import re
import sys
import tarfile
import zipfile
from pathlib import Path

import sbom
from template import package_template

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# The first time that a zip file can have.
EPOCH = (1980, 1, 1, 0, 0, 0)
TRIPLES = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}
PROGRAMS = {"authctl", "deploy.sh", "teardown.sh"}
EXAMPLES = ["deployer.yaml", "take_over.py"]
PAGES = ["CHANGELOG.md", "UPGRADING.md", "LICENSE-APACHE", "LICENSE-MIT"]


def main():
    out, *pairs = sys.argv[1:]
    folders = dict(pair.split("=", 1) for pair in pairs)
    if not folders or not set(folders) <= set(TRIPLES):
        sys.exit(__doc__)
    print(*package(Path(out), {name: Path(folder) for name, folder in folders.items()}), sep="\n")


def package(out, folders):
    """Writes the release into `out`, and returns a line per file."""
    out.mkdir(parents=True, exist_ok=True)
    version = read_version()
    source = (ROOT / "template.yaml").read_text(encoding="utf-8")
    names = re.findall(r"^        Binary: (\S+)$", source, re.MULTILINE)
    zips = {
        f"functions/{architecture}/{name}.zip": zip_binary(folder / name / "bootstrap")
        for architecture, folder in sorted(folders.items())
        for name in sorted(names)
    }
    build = f"{version}-{digest(b''.join(map(sha256, zips.values())))[:12]}"
    values = {"@VERSION@": version, "@BUILD@": build}
    bundle = {
        **zips,
        "template.yaml": package_template(source, build).encode(),
        "dashboard.yaml": (ROOT / "examples/dashboard.yaml").read_bytes(),
        **{name: fill(HERE / name, values) for name in ("deploy.sh", "teardown.sh")},
        **{name: (ROOT / "examples" / name).read_bytes() for name in EXAMPLES},
        **{name: (ROOT / name).read_bytes() for name in PAGES},
        "sbom.cdx.json": sbom.make(ROOT, version).encode(),
    }
    bundle["SHA256SUMS"] = sums(bundle)
    files = {f"gatehouse-{version}.tar.gz": tar(f"gatehouse-{version}", bundle),
             f"gatehouse-{version}.cdx.json": bundle["sbom.cdx.json"]}
    for architecture, folder in sorted(folders.items()):
        binary = folder / "authctl" / "bootstrap"
        if binary.exists():
            name = f"authctl-{version}-{TRIPLES[architecture]}"
            licences = {page: bundle[page] for page in PAGES if page.startswith("LICENSE")}
            files[f"{name}.tar.gz"] = tar(name, {"authctl": binary.read_bytes(), **licences})
    files["SHA256SUMS"] = sums(files)
    for name, content in files.items():
        (out / name).write_bytes(content)
    return [f"{len(content):>11,}  {name}" for name, content in files.items()]


def read_version():
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    return re.search(r'^version = "(.+)"$', manifest, re.MULTILINE)[1]


def zip_binary(binary):
    """Returns a zip file as Lambda takes it, with the binary as `bootstrap`."""
    entry = zipfile.ZipInfo("bootstrap", EPOCH)
    entry.create_system, entry.external_attr = 3, 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, binary.read_bytes(), compresslevel=9)
    return file.getvalue()


def tar(folder, files):
    """Returns a compressed tar archive with these files in a folder, sorted and without dates and owners."""
    file = io.BytesIO()
    with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed, tarfile.open(None, "w", packed) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size = len(content)
            entry.mode = 0o755 if name in PROGRAMS else 0o644
            archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def fill(path, values):
    text = path.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(name, value)
    return text.encode()


def sums(files):
    """Returns a list for `sha256sum --check`."""
    return "".join(f"{digest(content)}  {name}\n" for name, content in sorted(files.items())).encode()


def sha256(content):
    return hashlib.sha256(content).digest()


def digest(content):
    return sha256(content).hex()


if __name__ == "__main__":
    main()
