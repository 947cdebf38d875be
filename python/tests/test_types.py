"""The types of the package: its stubs match the native part, and mypy checks users' code against them."""

import os
import subprocess
import sys
from pathlib import Path

import l2_adapter
import pytest

# A user's code that distinguishes the two kinds of records.
USE = """
import l2_adapter

for record in l2_adapter.check("{}"):
    if "pairs" in record:
        print(record["pairs"][0]["other"])
    else:
        print(record["errors"][0]["line"], record["value"])
for document in l2_adapter.check({"type": "pd"}, source="x", pairs=False):
    print(document["warnings"][0]["code"])
try:
    l2_adapter.explain("pd")
except l2_adapter.SpecError as error:
    print(error.errors[0]["suggestion"])
"""
MISUSE = {
    'l2_adapter.check("{}")[0]["errors"]': "typeddict-item",
    'l2_adapter.check("{}", pairs=False)[0]["erors"]': "typeddict-item",
    "l2_adapter.check(1)": "call-overload",
    'l2_adapter.types()[0].nme': "attr-defined",
}


def mypy(tool, *arguments, folder):
    # The installed package, not the folder of its source.
    options = {"cwd": folder, "env": {**os.environ, "MYPYPATH": ""}}
    return subprocess.run([sys.executable, "-m", tool, *arguments], capture_output=True, text=True, **options)


def test_the_stubs_match_the_native_part(tmp_path):
    ended = mypy("mypy.stubtest", "l2_adapter._native", folder=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (Path(l2_adapter.__file__).parent / "py.typed").is_file()


def test_the_package_and_a_users_code_pass_mypy(tmp_path):
    (tmp_path / "use.py").write_text(USE)
    modules = ["-m", "use", "-m", "l2_adapter", "-m", "l2_adapter.__main__"]
    ended = mypy("mypy", "--strict", *modules, folder=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(("misuse", "code"), MISUSE.items())
def test_mypy_finds_a_users_mistakes(misuse, code, tmp_path):
    (tmp_path / "misuse.py").write_text(f"import l2_adapter\n\nprint({misuse})\n")
    ended = mypy("mypy", "--strict", "misuse.py", folder=tmp_path)
    assert f"[{code}]" in ended.stdout, ended.stdout + ended.stderr
