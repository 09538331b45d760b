"""Makes the template of a release from `template.yaml`: it needs no build, and so no SAM CLI. The code of each function
is an object in the bucket `ArtifactBucket`. Nothing else is changed, and comments stay."""

import re

PARAMETERS = """\
Parameters:
  ArtifactBucket:
    Type: String
    Description: The bucket with the code of the functions, in this region. deploy.sh sets it.
    MinLength: 3
    MaxLength: 63
  ArtifactPrefix:
    Type: String
    Description: The folder in ArtifactBucket. deploy.sh uses the default.
    Default: gatehouse
    AllowedPattern: '^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$'
    ConstraintDescription: names of folders, separated by slashes
"""


def package_template(source, build):
    """Returns the template of the release `build`.

    `build` is part of the text, and not the value of a parameter, so that a template always has its own code, and SAM
    makes a new version of a function with an alias.
    """
    lines = iter(source.splitlines(keepends=True))
    made, binary, placed = [], None, 0
    for line in lines:
        if line == "Parameters:\n":
            made.append(PARAMETERS)
        elif line == "    CodeUri: .\n":
            continue
        elif line == "    Metadata:\n":
            rest = [next(lines) for _ in range(3)]
            binary = read_binary(rest)
        elif binary and line == "    Properties:\n":
            key = f"${{ArtifactPrefix}}/{build}/${{Architecture}}/{binary}.zip"
            made += [line, "      CodeUri:\n", "        Bucket: !Ref ArtifactBucket\n", f"        Key: !Sub {key}\n"]
            binary, placed = None, placed + 1
        else:
            made.append(line)
    functions = len(re.findall("^    Type: AWS::Serverless::Function$", source, re.MULTILINE))
    if placed != functions:
        raise ValueError(f"{functions} functions, but the code of {placed}")
    return "".join(made)


def read_binary(lines):
    """Returns the name of the binary in a function's `Metadata`, which has three lines."""
    pattern = r"      BuildMethod: rust-cargolambda\n      BuildProperties:\n        Binary: (\S+)\n"
    found = re.fullmatch(pattern, "".join(lines))
    if not found:
        raise ValueError(f"unexpected metadata: {lines}")
    return found[1]
