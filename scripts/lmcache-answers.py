"""Parses each document with LMCache, and records the results. scripts/lmcache-answers runs it.

    lmcache-answers.py CORPUS_FOLDER ANSWERS_FOLDER
    lmcache-answers.py CORPUS_FOLDER ANSWERS_FOLDER PACKAGES OLD_ANSWERS_FOLDER

Each line of CORPUS_FOLDER/TYPE.jsonl is a JSON string, the text of one `--l2-adapter` argument; each line of
ANSWERS_FOLDER/TYPE.jsonl is an object with that `document` and the answer. If PACKAGES is given, a folder with another version of
LMCache, that version parses, and only the differences from OLD_ANSWERS_FOLDER are written. `fix_the_machine` makes the answers
independent of the machine.
"""

import argparse
import dataclasses
import importlib.machinery
import json
import logging
import os
import pathlib
import re
import sys
import tempfile
import types
import warnings


def fix_the_machine():
    """Makes the answers equal on every machine."""
    # The default of dax's num_load_workers depends on it.
    os.cpu_count = lambda: 8
    # hfbucket's default for download_tmp_dir is below it.
    tempfile.tempdir = "/tmp"
    # hf3fs resolves relative paths against the working directory, and requires that directories exist: here all do.
    os.chdir("/")
    pathlib.Path.exists = lambda self, **_: True
    pathlib.Path.is_dir = lambda self, **_: True


class Stub(types.ModuleType):
    """A module with every name, none of which does anything."""

    def __init__(self, name):
        super().__init__(name)
        self.__spec__ = importlib.machinery.ModuleSpec(name, None)
        self.__path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def stub_optional_modules():
    """Replaces NIXL, which cannot be installed without a GPU. Both nixl_store types import it, but only use it in adapters."""
    for name in ("nixl", "nixl._api", "nixl._bindings"):
        sys.modules[name] = Stub(name)


def written(value, depth=0):
    """An attribute as exact JSON. A value that JSON does not have is an object with one `$` key."""
    if depth > 110:
        # The tests do not read deeper.
        return {"$other": repr(value)}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else {"$int": str(value)}
    if isinstance(value, float):
        return {"$float": repr(value)}
    if isinstance(value, str):
        is_unicode = not any("\ud800" <= character <= "\udfff" for character in value)
        return value if is_unicode else {"$other": ascii(value)}
    if isinstance(value, list):
        return [written(item, depth + 1) for item in value]
    if isinstance(value, tuple):
        return {"$tuple": [written(item, depth + 1) for item in value]}
    if isinstance(value, dict):
        return {str(written(key)): written(item, depth + 1) for key, item in value.items()}
    if isinstance(value, pathlib.PurePath):
        return {"$path": written(str(value))}
    if dataclasses.is_dataclass(value) or type(value).__module__.startswith("lmcache."):
        return {"$class": type(value).__name__, **attributes_of(value)}
    raise TypeError(f"cannot write a value of {type(value)} as JSON")


def attributes_of(config):
    names = {field.name for field in dataclasses.fields(config)} if dataclasses.is_dataclass(config) else set()
    names.update(getattr(config, "__dict__", ()))
    if hasattr(config, "eviction_config"):
        # In a nested config these may be attributes of the class.
        inherited = ("affinity_tag", "eviction_config", "persist_config", "serde_config", "shared")
        names.update(name for name in inherited if hasattr(config, name))
    return {name: written(getattr(config, name)) for name in sorted(names)}


def answer(document, parse):
    try:
        [config] = parse(argparse.Namespace(l2_adapter=[document])).adapters
    except Exception as error:
        message = f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode()
        return {"refused": message}
    return {"accepted": attributes_of(config)}


def answers(documents, parse):
    """The answers. Each document is parsed twice, the second time in reverse order, as no answer may depend on earlier ones."""
    forward = [answer(document, parse) for document in documents]
    backward = [answer(document, parse) for document in reversed(documents)]
    for document, one, other in zip(documents, forward, reversed(backward)):
        if one != other:
            raise SystemExit(f"the answer depends on earlier documents: {document}\n{one}\n{other}")
    return forward


def lines(documents, given):
    """One answer a line. After the first accepted document, only attributes that differ from it are written."""
    first = None
    for document, said in zip(documents, given):
        if "accepted" in said:
            attributes = said["accepted"]
            if first is None:
                first = attributes
            elif first.keys() <= attributes.keys():
                differs = {k: v for k, v in attributes.items() if k not in first or not same(v, first[k])}
                said = {"changed": differs}
        yield json.dumps({"document": document, **said}, separators=(",", ":"), sort_keys=False)


def same(one, other):
    """Whether two attributes are equal. They are compared as text, because 1 == True in Python."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def recorded(file):
    """The answers in a file that `lines` wrote."""
    first, answers = None, {}
    for line in map(json.loads, file.read_text("ascii").splitlines()):
        if "accepted" in line:
            first = first or line["accepted"]
        elif "changed" in line:
            line = {"document": line["document"], "accepted": {**first, **line["changed"]}}
        answers[line.pop("document")] = line
    return answers


def differences(documents, given, old):
    """The differences from older answers: first the attributes that all configs have lost or gained; then each answer that differs
    in more than these, with the differing attributes."""
    both = [(new["accepted"], old[document]["accepted"]) for document, new in zip(documents, given)
            if "accepted" in new and "accepted" in old[document]]
    lost = sorted(name for name in both[0][1] if all(name not in new for new, _ in both)) if both else []
    gained = {name: value for name, value in both[0][0].items() if all(name not in was for _, was in both)} if both else {}
    yield json.dumps({"lost": lost, "gained": gained}, separators=(",", ":"))
    for document, new in zip(documents, given):
        was = old[document]
        if "refused" in new:
            if "refused" not in was:
                yield json.dumps({"document": document, **new}, separators=(",", ":"))
            continue
        attributes = new["accepted"]
        if "accepted" in was:
            expected = {name: value for name, value in {**was["accepted"], **gained}.items() if name not in lost}
            differs = {k: v for k, v in attributes.items() if k not in expected or not same(v, expected[k])}
            if expected.keys() <= attributes.keys():
                if differs:
                    yield json.dumps({"document": document, "changed": differs}, separators=(",", ":"))
                continue
        yield json.dumps({"document": document, **new}, separators=(",", ":"))


def keys_in_help(config_class):
    """The keys in the class's help, which has lines such as `- name (type ...` and `- name / other name (type ...`."""
    listed = re.findall(r"^- ([a-z0-9_ /]+) \(", config_class.help(), re.MULTILINE)
    return sorted({key.strip() for names in listed for key in names.split("/")})


def main():
    corpus, folder, *other = map(pathlib.Path, sys.argv[1:])
    if other:
        packages, old_answers = (path.resolve() for path in other)
        sys.path.insert(0, str(packages))
    files = sorted(corpus.glob("*.jsonl"))
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    stub_optional_modules()
    from lmcache.v1.distributed.l2_adapters import factory
    from lmcache.v1.distributed.l2_adapters.config import get_l2_adapter_config_class, parse_args_to_l2_adapters_config

    logging.disable(logging.CRITICAL)
    # Otherwise the error for an unknown type depends on the types of earlier documents.
    while factory._PENDING_MODULES:
        importlib.import_module(factory._PENDING_MODULES.pop(0))
    fix_the_machine()
    for file in files:
        documents = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        given = answers(documents, parse_args_to_l2_adapters_config)
        written_lines = differences(documents, given, recorded(old_answers / file.name)) if other else lines(documents, given)
        text = "".join(line + "\n" for line in written_lines)
        (folder / file.name).write_text(text, "ascii")
        accepted = sum("accepted" in said for said in given)
        print(f"{file.stem}: {len(given)} documents, {accepted} accepted")
    # Documents without a type have no class.
    compared = [file.stem for file in files if file.stem != "dispatch"]
    helped = {name: keys_in_help(get_l2_adapter_config_class(name)) for name in compared}
    (folder / "help.json").write_text(json.dumps(helped, indent=1) + "\n", "ascii")


main()
