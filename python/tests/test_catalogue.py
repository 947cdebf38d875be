"""`l2_adapter` alone: types, help, schemas and checks, without LMCache."""

import ast
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import tomllib
import types
import typing
from pathlib import Path

import pytest
from node import pd_specs

import l2_adapter

PD = {"type": "pd", "role": "sender", "peer_host": "10.0.0.1", "peer_init_port": [9051], "peer_alloc_port": [9052]}


def test_types_with_a_runtime_are_marked():
    by_name = {described.name: described for described in l2_adapter.types()}
    assert (by_name["pd"].has_runtime, by_name["fs"].has_runtime) == (True, False)
    assert by_name["pd"].summary.startswith("Hands KV chunks")


def test_types_are_sorted_by_name():
    names = [described.name for described in l2_adapter.types()]
    assert names == sorted(names)


def test_explain_names_every_key_of_a_type():
    assert "peer_init_port (list of integers, required" in l2_adapter.explain("pd")


def test_explain_describes_one_key_by_name_or_path():
    for key in ("lease_seconds", "/timing/lease_seconds"):
        text = l2_adapter.explain("pd", key)
        assert "lease_seconds (" in text and "peer_init_port (" not in text
    with pytest.raises(ValueError, match="`pd` has no key `peer_hots`; did you mean `peer_host`"):
        l2_adapter.explain("pd", "peer_hots")


@pytest.mark.parametrize("ask", [l2_adapter.explain, l2_adapter.json_schema])
def test_an_unknown_type_is_refused_with_the_nearest_name(ask):
    with pytest.raises(ValueError, match="did you mean `pd`"):
        ask("pdd")


def test_the_schema_of_a_type_says_what_is_required():
    assert l2_adapter.json_schema("pd")["required"] == ["role", "peer_host", "peer_init_port", "peer_alloc_port"]


def test_the_schema_without_a_type_is_that_of_any_spec():
    assert "urn:l2-adapter:spec:" in l2_adapter.json_schema()["$id"]


def test_a_valid_spec_gives_its_value_with_defaults():
    [record] = l2_adapter.check(PD)
    assert (record["ok"], record["value"]["buffer_size"]) == (True, 67_108_864)


def test_a_record_has_every_key():
    [record] = l2_adapter.check("{}", source="here")
    assert sorted(record) == ["errors", "index", "ok", "source", "type", "value", "warnings"]
    assert record["source"] == "here"


def has_type(value, declared):
    """Whether a value has the annotated type."""
    if typing.is_typeddict(declared):
        hints = typing.get_type_hints(declared)
        return isinstance(value, dict) and value.keys() == hints.keys() and all(has_type(value[key], hint) for key, hint in hints.items())
    if typing.get_origin(declared) is typing.Literal:
        return value in typing.get_args(declared)
    if isinstance(declared, types.UnionType):
        return any(has_type(value, one) for one in typing.get_args(declared))
    if typing.get_origin(declared) is list:
        return isinstance(value, list) and all(has_type(item, *typing.get_args(declared)) for item in value)
    return isinstance(value, typing.get_origin(declared) or declared)


def test_records_have_their_annotated_types():
    records = l2_adapter.check([PD, {"type": "pd"}, {**PD, "role": "receiver", "proxy_host": "proxy", "proxy_port": 1}])
    assert [(len(record["errors"]), len(record["warnings"])) for record in records] == [(0, 0), (4, 0), (0, 1)]
    assert [has_type(record, l2_adapter.Record) for record in records] == [True] * 3


PAIR = [PD, {**PD, "role": "receiver"}]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, []), ({"checksum": True}, [(False, "pair_checksum")]), ({"peer_host": "10.0.0.9"}, [(True, "pair_no_receiver")])],
    ids=["fit", "misfit", "note"],
)
def test_specs_of_a_deployment_are_compared_unless_pairs_is_false(changes, expected):
    specs = [PAIR[0], {**PAIR[1], **changes}]
    documents = l2_adapter.check(specs, pairs=False)
    assert [record["ok"] for record in documents] == [True, True]
    compared = l2_adapter.check(specs)
    assert compared[:2] == documents
    assert [(record["ok"], record["pairs"][0]["code"]) for record in compared[2:]] == expected
    assert all(has_type(record, l2_adapter.PairsRecord) for record in compared[2:])


def test_a_comparison_equals_the_commands_output():
    text = "\n".join(json.dumps({**spec, "transfer_channel": channel}) for spec, channel in zip(PAIR, ("nixl", "mock_memory")))
    command = [sys.executable, "-m", "l2_adapter", "check", "--format", "json"]
    printed = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True).stdout
    assert l2_adapter.check(text, source="<stdin>") == [json.loads(line) for line in printed.splitlines()]


def test_a_secret_that_a_variable_supplies_here_is_compared(monkeypatch):
    monkeypatch.setenv("L2_ADAPTER_PD_SHARED_SECRET", "sixteen characters and more")
    local = pd_specs()
    specs = [{"type": "pd", **local.sender, "shared_secret": "another secret of this length"}, {"type": "pd", **local.receiver}]
    [misfit] = l2_adapter.check(specs)[2]["pairs"]
    assert (misfit["code"], misfit["severity"]) == ("pair_secret", "warning")
    [misfit] = l2_adapter.check(specs, on_this_machine=True)[2]["pairs"]
    assert (misfit["code"], misfit["severity"]) == ("pair_secret", "error")


def test_every_fault_has_its_line_and_column():
    [record] = l2_adapter.check('{"type": "pd",\n "role": "sendr", "peer_host": "",\n "buffer_size": 0}')
    places = [(error["line"], error["column"], error["pointer"]) for error in record["errors"]]
    assert places == [
        (2, 10, "/role"),
        (2, 32, "/peer_host"),
        (1, 1, "/peer_init_port"),
        (1, 1, "/peer_alloc_port"),
        (3, 17, "/buffer_size"),
    ]


def test_each_document_of_a_text_has_a_record():
    records = l2_adapter.check(json.dumps(PD) + '\n{"type": "nothing"}\n')
    assert [(record["index"], record["type"], record["ok"]) for record in records] == [
        (0, "pd", True),
        (1, None, False),
    ]


def test_a_list_of_specs_is_checked_one_by_one():
    assert [record["ok"] for record in l2_adapter.check([PD, {}])] == [True, False]


@pytest.mark.parametrize("text", ["\ud800", b"\xff"], ids=["half a surrogate pair", "no UTF-8"])
def test_text_that_is_not_unicode_is_a_fault(text):
    [record] = l2_adapter.check(text)
    assert not record["ok"]


def test_variables_are_read_only_if_the_spec_is_for_this_machine(monkeypatch):
    monkeypatch.setenv("L2_ADAPTER_PD_SHARED_SECRET", "short")
    assert [l2_adapter.check(PD, on_this_machine=here)[0]["ok"] for here in (True, False)] == [False, True]


FS_NATIVE = {"type": "fs_native", "base_path": "/cache", "num_read_workers": 8}


@pytest.fixture
def installed(monkeypatch):
    """Sets the version of the installed LMCache; None if none is installed."""

    def install(version):
        def found(name):
            if name != "lmcache" or version is None:
                raise importlib.metadata.PackageNotFoundError(name)
            return version

        monkeypatch.setattr(importlib.metadata, "version", found)

    return install


def test_a_spec_is_checked_for_the_given_version(installed):
    installed("0.5.6")
    assert [l2_adapter.check(FS_NATIVE, lmcache=version)[0]["ok"] for version in ("0.5.6", "0.5.7", "0.5.7rc2")] == [
        False,
        True,
        True,
    ]
    [record] = l2_adapter.check(FS_NATIVE, lmcache="0.5.6")
    [error] = record["errors"]
    assert error["code"] == "other_version"
    assert error["message"].endswith('check for another version with `lmcache="0.5.7"`')


@pytest.mark.parametrize(("version", "ok"), [("0.5.7rc2", True), ("0.5.6", False), (None, False)])
def test_without_a_version_a_spec_is_checked_for_the_installed_one(installed, version, ok):
    installed(version)
    assert l2_adapter.check(FS_NATIVE)[0]["ok"] == ok
    assert ("For LMCache 0.5.7." == l2_adapter.json_schema("fs_native")["$comment"]) == ok


def test_an_unknown_version_is_refused(installed):
    installed("0.5.9")
    for ask in (
        lambda: l2_adapter.check(FS_NATIVE),
        lambda: l2_adapter.check(FS_NATIVE, lmcache="0.6"),
        lambda: l2_adapter.json_schema(lmcache=""),
    ):
        with pytest.raises(ValueError, match="are not known here, only those of 0.5.6 and 0.5.7"):
            ask()


@pytest.fixture
def open_folder():
    """A folder that every user can read, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o755)


def test_paths_are_checked_with_the_permissions_of_the_process(open_folder):
    (open_folder / "key").write_text("{}")
    (open_folder / "key").chmod(0o600)
    spec = {"type": "gcs", "gcs_bucket": "b", "gcs_credentials_file": str(open_folder / "key")}
    folder = {"type": "fs", "base_path": str(open_folder / "below")}
    # Root can read everything, so it becomes a user without files, after the imports: that user may be unable to read Python's
    # own modules.
    program = (
        "import json, os, sys, l2_adapter; other = os.geteuid() == 0 and os.seteuid(65534);"
        "records = l2_adapter.check(sys.argv[1], on_this_machine=True, lmcache='0.5.6');"
        "print(*[error['message'] for record in records for error in record['errors']], sep='\\n')"
    )
    if os.geteuid() != 0:
        (open_folder / "key").chmod(0)
        open_folder.chmod(0o555)
    command = [sys.executable, "-c", program, json.dumps([spec, folder])]
    found = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    assert len(found) == 2
    assert found[0].startswith("`gcs_credentials_file` must be readable for this process")
    assert found[1].startswith("`base_path` must be a directory that is writable or can be created")


def test_a_value_that_json_cannot_write_is_refused():
    with pytest.raises(TypeError):
        l2_adapter.check({**PD, "role": object()})


def test_importing_needs_no_lmcache_and_starts_nothing():
    program = (
        "import os, sys, l2_adapter;"
        "print(len(os.listdir('/proc/self/task')), 'lmcache' in sys.modules, 'nixl' in open('/proc/self/maps').read())"
    )
    run = subprocess.run([sys.executable, "-I", "-c", program], stdout=subprocess.PIPE, check=True, text=True)
    assert run.stdout == "1 False False\n"


def test_the_extra_for_lmcache_ends_with_the_last_tested_version():
    package = Path(__file__).parent.parent
    extra = tomllib.loads((package / "pyproject.toml").read_text())["project"]["optional-dependencies"]["lmcache"]
    versions = ast.parse((package / "l2_adapter/lmcache/versions.py").read_text()).body
    [tried] = [ast.literal_eval(node.value) for node in versions if isinstance(node, ast.Assign)]
    assert f"lmcache>={tried[0]},<={tried[-1]}" in extra
    assert "prometheus_client" in extra


def test_the_package_has_the_version_of_the_library():
    assert l2_adapter.json_schema()["$id"].rpartition(":")[2] == l2_adapter.__version__
