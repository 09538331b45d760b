"""Lists the crates that the functions and authctl are built from, as CycloneDX. The list is that of Cargo.lock for all
platforms, without what only tests and tools for developers use."""

import json
import subprocess
import uuid

# The packages of the workspace that are not part of a release.
LEFT_OUT = {"bench", "doubles", "engine", "local", "tests"}


def make(root, version):
    """Returns the list as JSON. It has no date and no random number."""
    metadata = read_metadata(root)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    roots = [identity for identity in metadata["workspace_members"]
             if packages[identity]["name"] not in LEFT_OUT and has_binary(packages[identity])]
    reached, edges, waiting = set(), {}, list(roots)
    while waiting:
        identity = waiting.pop()
        if identity in reached:
            continue
        reached.add(identity)
        edges[identity] = [dep["pkg"] for dep in nodes[identity]["deps"] if is_built(dep)]
        waiting += edges[identity]
    checksums = read_checksums(root)
    order = sorted(reached, key=lambda identity: purl(packages[identity]))
    main = {"type": "application", "bom-ref": "gatehouse", "name": "gatehouse", "version": version,
            "licenses": [{"expression": "MIT OR Apache-2.0"}]}
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": main},
        "components": [component(packages[identity], checksums) for identity in order],
        "dependencies": [{"ref": "gatehouse", "dependsOn": sorted(purl(packages[root]) for root in roots)}]
        + [{"ref": purl(packages[identity]),
            "dependsOn": sorted({purl(packages[dep]) for dep in edges[identity]})} for identity in order],
    }
    name = json.dumps(document, sort_keys=True)
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, name)}"
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def read_metadata(root):
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--offline"]
    fetched = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if fetched.returncode:
        fetched = subprocess.run(command[:-1], cwd=root, capture_output=True, check=True)
    return json.loads(fetched.stdout)


def read_checksums(root):
    """Returns the SHA-256 of each crate in Cargo.lock, by name and version."""
    sums, entry = {}, {}
    for line in (root / "Cargo.lock").read_text(encoding="utf-8").splitlines():
        if line == "[[package]]":
            entry = {}
        elif " = \"" in line:
            key, value = line.split(" = ", 1)
            entry[key] = value.strip('"')
            if key == "checksum":
                sums[entry["name"], entry["version"]] = entry["checksum"]
    return sums


def component(package, checksums):
    made = {"type": "library", "bom-ref": purl(package), "name": package["name"], "version": package["version"]}
    if package["source"]:
        made["purl"] = purl(package)
        digest = checksums[package["name"], package["version"]]
        made["hashes"] = [{"alg": "SHA-256", "content": digest}]
    if package["license"]:
        # Older crates separate licences by a slash, which SPDX does not know.
        made["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    return made


def has_binary(package):
    return any("bin" in target["kind"] for target in package["targets"])


def is_built(dependency):
    """Whether a dependency is compiled for a release, and not only for tests."""
    return any(kind["kind"] != "dev" for kind in dependency["dep_kinds"])


def purl(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"
