"""Tests the scripts of a release: the archives, the template, and what deploy.sh and teardown.sh ask of AWS. No binary
is compiled for it, and no account is needed."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

import package
from template import package_template

HERE = Path(__file__).resolve().parent
SOURCE = (package.ROOT / "template.yaml").read_text(encoding="utf-8")
NAMES = re.findall(r"^        Binary: (\S+)$", SOURCE, re.MULTILINE)
VERSION = package.read_version()
PARAMETERS = {"Issuer": "https://login.example.com", "Audience": "api", "ArtifactBucket": "bucket"}


class Archives(unittest.TestCase):
    def test_the_same_binaries_make_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            for number in (1, 2):
                binaries = make_binaries(folder / f"binaries{number}")
                for binary in folder.glob(f"binaries{number}/*/*"):
                    os.utime(binary, (number * 10**8, number * 10**8))
                    binary.chmod(0o700 + number)
                package.package(folder / f"out{number}", binaries)

            files = sorted(path.name for path in (folder / "out1").iterdir())
            self.assertEqual(len(files), 5)
            for name in files:
                self.assertEqual((folder / "out1" / name).read_bytes(), (folder / "out2" / name).read_bytes(), name)

    def test_another_binary_makes_another_build_and_only_one_other_zip(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            binaries = make_binaries(folder / "binaries")
            package.package(folder / "out1", binaries)
            (binaries["arm64"] / "login/bootstrap").write_bytes(b"another")
            package.package(folder / "out2", binaries)

            before, after = (unpack(folder / out, folder / f"{out}-files") for out in ("out1", "out2"))
            zips = [path.relative_to(before) for path in before.glob("functions/*/*.zip")]
            self.assertEqual(len(zips), 2 * len(NAMES))
            different = [str(path) for path in zips if (before / path).read_bytes() != (after / path).read_bytes()]
            self.assertEqual(different, ["functions/arm64/login.zip"])
            self.assertNotEqual((before / "deploy.sh").read_text(), (after / "deploy.sh").read_text())

    def test_a_zip_has_an_executable_bootstrap_without_a_date(self):
        with zipfile.ZipFile(RELEASE.files / "functions/arm64/login.zip") as archive:
            entry, = archive.infolist()
        self.assertEqual((entry.filename, entry.date_time), ("bootstrap", (1980, 1, 1, 0, 0, 0)))
        self.assertEqual(entry.external_attr >> 16, 0o100755)

    def test_the_changelog_and_the_page_on_upgrading_have_the_version(self):
        self.assertRegex((RELEASE.files / "CHANGELOG.md").read_text(encoding="utf-8"), rf"(?m)^## {re.escape(VERSION)}\b")
        self.assertRegex((RELEASE.files / "UPGRADING.md").read_text(encoding="utf-8"), rf"(?m)^## .* to {VERSION}$")

    def test_every_file_has_its_sum(self):
        for folder in (RELEASE.out, RELEASE.files):
            listed = (folder / "SHA256SUMS").read_text().splitlines()
            subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
            files = [path for path in folder.rglob("*") if path.is_file()]
            self.assertEqual(len(listed), len(files) - 1)


class Template(unittest.TestCase):
    def test_it_passes_cfn_lint(self):
        linted = subprocess.run(["cfn-lint", RELEASE.files / "template.yaml"], capture_output=True, text=True)
        self.assertEqual((linted.returncode, linted.stdout), (0, ""))

    def test_each_function_has_its_code_in_the_bucket(self):
        resources = transformed((RELEASE.files / "template.yaml").read_text(encoding="utf-8"))
        code = [value["Properties"]["Code"] for value in resources.values() if value["Type"] == "AWS::Lambda::Function"]
        self.assertEqual(len(code), len(NAMES))
        # SAM itself puts in the parameters of a function with an alias.
        code = json.loads(re.sub(r'{"(?:Ref|Fn::Sub)": ("[^"]*")}', r"\1", json.dumps(code)))
        self.assertLessEqual({value["S3Bucket"] for value in code}, {"ArtifactBucket", "bucket"})
        keys = {value["S3Key"].replace("${ArtifactPrefix}", "gatehouse").replace("${Architecture}", "arm64")
                for value in code}
        self.assertEqual(keys, {f"gatehouse/{RELEASE.build}/arm64/{name}.zip" for name in NAMES})

    def test_a_new_build_makes_a_new_version_of_a_function_with_an_alias(self):
        def versions(build):
            resources = transformed(package_template(SOURCE, build))
            return {name for name, value in resources.items() if value["Type"] == "AWS::Lambda::Version"}

        self.assertEqual(versions("build-1") & versions("build-2"), set())

    def test_nothing_else_differs(self):
        made = yaml_parse(package_template(SOURCE, "build"))
        source = yaml_parse(SOURCE)
        for name in ("ArtifactBucket", "ArtifactPrefix"):
            del made["Parameters"][name]
        source["Globals"]["Function"].pop("CodeUri")
        for resource in made["Resources"].values():
            resource["Properties"].pop("CodeUri", None)
        for resource in source["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                del resource["Metadata"]
        self.assertEqual(made, source)


class Scripts(unittest.TestCase):
    """deploy.sh and teardown.sh with a program in place of the AWS CLI."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.release = self.folder / "release"
        shutil.copytree(RELEASE.files, self.release)
        self.answers = {
            "sts get-caller-identity": ("123456789012", 0),
            "StackStatus": ("CREATE_COMPLETE", 0),
            "OutputKey=='ApiUrl'": (keys_at("/keys"), 0),
            "OutputKey=='Issuer'": (keys_at("/none"), 0),
            "OutputKey=='AccessKeysSecret'": ("arn:of-the-access-keys", 0),
            "[OutputKey, OutputValue]": ("ApiUrl\thttps://api.example.com", 0),
            "AccessTokenAlgorithm": ("RS256", 0),
        }

    def test_a_first_deployment_makes_the_bucket_uploads_and_deploys(self):
        self.answers["head-bucket"] = ("", 254)
        ended = self.run_script("deploy.sh", "Audience=my api", "Issuer=https://login.example.com")

        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("has a key", ended.stdout)
        bucket = "gatehouse-123456789012-eu-west-1"
        head, make, sync, deploy = self.find("head-bucket", "s3 mb", "s3 sync", "cloudformation deploy")
        self.assertLess(head, make)
        self.assertLess(make, sync)
        self.assertLess(sync, deploy)
        self.assertIn("--expected-bucket-owner 123456789012", self.calls[head])
        self.assertTrue(self.calls[sync].endswith(
            f" functions/arm64 s3://{bucket}/gatehouse/{RELEASE.build}/arm64"), self.calls[sync])
        self.assertTrue(self.calls[deploy].endswith(
            f" --parameter-overrides ArtifactBucket={bucket} Architecture=arm64"
            " Audience=my api Issuer=https://login.example.com"), self.calls[deploy])
        for option in ("CAPABILITY_IAM CAPABILITY_AUTO_EXPAND", f"--tags gatehouse:version={VERSION}",
                       f"--s3-bucket {bucket}", "--stack-name gatehouse"):
            self.assertIn(option, self.calls[deploy])
        self.assertNotIn("delete-stack", self.text)

    def test_an_update_keeps_the_bucket_and_uses_the_names_that_are_set(self):
        ended = self.run_script("deploy.sh", STACK="login", BUCKET="mine", ARCHITECTURE="x86_64")

        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertNotIn("s3 mb", self.text)
        self.assertIn(f"functions/x86_64 s3://mine/gatehouse/{RELEASE.build}/x86_64", self.text)
        self.assertIn("deploy --stack-name login", self.text)
        self.assertIn("ArtifactBucket=mine Architecture=x86_64", self.text)

    def test_the_remains_of_a_failed_creation_are_deleted_first(self):
        self.answers["StackStatus"] = ("ROLLBACK_COMPLETE", 0)
        self.run_script("deploy.sh")

        delete, wait, deploy = self.find("delete-stack", "wait stack-delete-complete", "cloudformation deploy")
        self.assertTrue(delete < wait < deploy)

    def test_a_deployment_that_fails_shows_why(self):
        self.answers["cloudformation deploy"] = ("", 255)
        self.answers["describe-stack-events"] = ("LoginFunction below its minimum value", 0)
        ended = self.run_script("deploy.sh")

        self.assertEqual(ended.returncode, 1)
        self.assertIn("below its minimum value", ended.stdout)

    def test_without_a_key_it_ends_in_time_and_shows_why(self):
        self.answers["OutputKey=='ApiUrl'"] = (keys_at("/none"), 0)
        self.answers["filter-log-events"] = ('{"message":"key.rotation_failed","cause":"no permission"}', 0)
        ended = self.run_script("deploy.sh")

        self.assertEqual(ended.returncode, 1)
        self.assertIn("no permission", ended.stderr)
        self.assertIn("rotate-secret --secret-id arn:of-the-access-keys", ended.stderr)

    def test_an_api_that_answers_at_its_own_domain_alone_is_asked_there(self):
        self.answers["OutputKey=='ApiUrl'"] = (keys_at("/none"), 0)
        self.answers["OutputKey=='Issuer'"] = (keys_at("/keys"), 0)

        self.assertEqual(self.run_script("deploy.sh").returncode, 0)

    def test_hs256_has_no_public_key_to_wait_for(self):
        self.answers["AccessTokenAlgorithm"] = ("HS256", 0)
        self.answers["OutputKey=='ApiUrl'"] = (keys_at("/none"), 0)

        self.assertEqual(self.run_script("deploy.sh").returncode, 0)

    def test_a_damaged_file_stops_before_anything_is_uploaded(self):
        (self.release / "functions/arm64/login.zip").write_bytes(b"damaged")
        ended = self.run_script("deploy.sh")

        self.assertNotEqual(ended.returncode, 0)
        self.assertNotIn("s3", self.text)

    def test_teardown_deletes_nothing_without_the_name(self):
        for answer in ("", "y\n", "other\n"):
            ended = self.run_script("teardown.sh", answer=answer)
            self.assertNotEqual(ended.returncode, 0)
            self.assertNotIn("delete-stack", self.text)

    def test_teardown_names_what_outlives_the_stack_before_and_after(self):
        resources = yaml_parse(SOURCE)["Resources"]
        listed = [f"{name}\t{value['Type']}\tname-of-{name}" for name, value in resources.items()]
        kept = [name for name, value in resources.items() if value.get("DeletionPolicy", "").startswith("Retain")]
        self.answers["list-stack-resources"] = ("\n".join(listed), 0)
        self.answers["describe-log-groups"] = ("/aws/lambda/gatehouse-login\n", 0)
        ended = self.run_script("teardown.sh", answer="gatehouse\n")

        self.assertEqual(ended.returncode, 0, ended.stderr)
        delete, wait = self.find("delete-stack", "wait stack-delete-complete")
        self.assertLess(delete, wait)
        before, after = ended.stdout.split("Type the name")
        self.assertEqual(sorted(re.findall("name-of-([A-Za-z0-9]+)", before)), sorted(kept))
        self.assertIn("UsersTable", kept)
        self.assertIn("FactorKey", kept)
        for name in kept:
            verb = "delete-secret" if resources[name]["Type"].endswith("Secret") else "delete-table"
            self.assertRegex(after, rf"{verb}.* name-of-{name}\n")
        self.assertNotIn("name-of-AttemptsTable", ended.stdout)
        self.assertIn("delete-log-group --log-group-name /aws/lambda/gatehouse-login", after)
        self.assertIn("aws s3 rb --force s3://gatehouse-123456789012-eu-west-1", after)

    def test_the_shell_accepts_the_scripts(self):
        for name in ("deploy.sh", "teardown.sh"):
            subprocess.run(["sh", "-n", self.release / name], check=True)
            if shutil.which("shellcheck"):
                subprocess.run(["shellcheck", self.release / name], check=True)

    def run_script(self, name, *arguments, answer="", **variables):
        calls, answers = self.folder / "calls", self.folder / "answers"
        calls.write_text("")
        answers.write_text(json.dumps(self.answers))
        path = self.folder / "bin"
        path.mkdir(exist_ok=True)
        shutil.copy(HERE / "aws", path / "aws")
        environment = {"PATH": f"{path}:{os.environ['PATH']}", "AWS_REGION": "eu-west-1", "FAKE_CALLS": str(calls),
                       "FAKE_ANSWERS": str(answers), "TRIES": "2", "PAUSE": "0", **variables}
        ended = subprocess.run([self.release / name, *arguments], env=environment, input=answer, cwd="/",
                               capture_output=True, text=True, timeout=60)
        self.text = calls.read_text()
        self.calls = self.text.splitlines()
        return ended

    def find(self, *words):
        return [next(number for number, call in enumerate(self.calls) if word in call) for word in words]


class Release:
    """A release from binaries that are only text, which all tests share."""

    def __init__(self, folder):
        self.out, self.files = folder / "out", folder / "files"
        package.package(self.out, make_binaries(folder / "binaries"))
        self.files = unpack(self.out, folder / "files")
        found = re.search(rf"gatehouse/({re.escape(VERSION)}-[0-9a-f]{{12}})/", (self.files / "deploy.sh").read_text())
        self.build = found[1]


def make_binaries(folder):
    folders = {architecture: folder / architecture for architecture in ("arm64", "x86_64")}
    for architecture, below in folders.items():
        for name in [*NAMES, "authctl"]:
            (below / name).mkdir(parents=True)
            (below / name / "bootstrap").write_text(f"{name} for {architecture}")
    return folders


def unpack(out, folder):
    with tarfile.open(out / f"gatehouse-{VERSION}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder / f"gatehouse-{VERSION}"


def transformed(text):
    """Returns the resources that CloudFormation makes of a template with SAM's transform."""
    template = yaml_parse(text)
    declared = {name: value["Default"] for name, value in template["Parameters"].items() if "Default" in value}

    class ManagedPolicies:
        @staticmethod
        def load():
            return {}

    return transform(template, {**declared, **PARAMETERS}, ManagedPolicies())["Resources"]


class Keys(BaseHTTPRequestHandler):
    """Answers as the function jwks does, with a key below /keys, and without one elsewhere."""

    def do_GET(self):
        is_there = self.path == "/keys/.well-known/jwks.json"
        body = b'{"keys":[{"kid":"first"}]}' if is_there else b'{"error":"unavailable"}'
        self.send_response(200 if is_there else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def keys_at(path):
    return f"http://127.0.0.1:{SERVER.server_port}{path}"


if __name__ == "__main__":
    SERVER = HTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=SERVER.serve_forever, daemon=True).start()
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    with tempfile.TemporaryDirectory() as temporary:
        RELEASE = Release(Path(temporary))
        ended = unittest.main(exit=False, argv=sys.argv[:1], verbosity=1, buffer=True)
    sys.exit(not ended.result.wasSuccessful())
