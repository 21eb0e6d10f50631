#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schemas accept every YAML file under topologies/ and policies/ and the examples of docs/files.md, and agree
with the readers on documents.txt (whose other half is tests/unit/input_yaml). Exit 77: a package is missing."""
import json
import pathlib
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing} (packages python3-jsonschema and python3-yaml)", file=sys.stderr)
    sys.exit(77)


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2 as editors read it: `off` and dates are texts."""


CoreLoader.yaml_implicit_resolvers = {}
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|)$"), ["~", "n", ""])
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789"))

root = pathlib.Path(__file__).resolve().parents[3]
validators = {}
for path in sorted((root / "schemas").glob("*.schema.json")):
    schema = json.loads(path.read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validators[path.name.removesuffix(".schema.json")] = jsonschema.Draft7Validator(schema)


def faults(document):
    kind = str(document.get("segproof", "")).removesuffix("/1") if isinstance(document, dict) else ""
    if kind not in validators:
        return [f"no schema for {kind!r}"]
    return [f"{list(e.absolute_path)}: {e.message[:150]}" for e in validators[kind].iter_errors(document)]


def blocks():
    """(name, text, whether it should be accepted)"""
    for folder in ("topologies", "policies"):
        for path in sorted((root / folder).rglob("*.yaml")):
            text = path.read_text()
            if re.search(r"^segproof:", text, re.M):
                yield str(path.relative_to(root)), text, True
    page = (root / "docs" / "files.md").read_text()
    for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", page, re.S)):
        yield f"docs/files.md example {number + 1}", text, True
    for block in (root / "tests/regress/yaml/documents.txt").read_text().split("\n=== ")[1:]:
        head, _, text = block.partition("\n")
        verdict, _, name = head.partition(" ")
        yield f"documents.txt: {name}", text, verdict == "accept"


bad = 0
count = 0
for name, text, accepted in blocks():
    count += 1
    found = faults(yaml.load(text, CoreLoader))
    if bool(found) == accepted:
        bad += 1
        print(f"{name}: should be {'accepted' if accepted else 'rejected'}", *found, sep="\n  ")
print(f"{count} documents, {bad} wrong")
sys.exit(1 if bad or count < 60 else 0)
