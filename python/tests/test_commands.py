"""`python -m l2_adapter.lmcache`: the type `pd` in LMCache, and JSON for command lines."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from lmcache.v1.distributed import l2_adapters

from l2_adapter.lmcache import PdL2AdapterConfig, __main__, installation

MINIMAL = ("--peer-host", "10.0.0.2", "--peer-init-port", "9051", "9053", "--peer-alloc-port", "9052", "9054")
PARAMS = {"peer_host": "10.0.0.2", "peer_init_port": [9051, 9053], "peer_alloc_port": [9052, 9054]}


@pytest.fixture
def command(monkeypatch, capsys):
    """Runs a command. What it prints."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["l2_adapter.lmcache", *arguments])
        __main__.main()
        return capsys.readouterr().out.strip()

    return run


@pytest.fixture
def package(monkeypatch, tmp_path):
    """An empty folder in the place of LMCache's adapters."""
    monkeypatch.setattr(l2_adapters, "__path__", [str(tmp_path)])
    return tmp_path


def test_install_writes_one_module_that_uninstall_removes(command, package):
    assert "is written" in command("install")
    [module] = package.iterdir()
    assert module.name == "pd_l2_adapter.py"
    assert "anew" in command("install")
    assert "is removed" in command("uninstall")
    assert list(package.iterdir()) == []
    assert "nothing to remove" in command("uninstall")


@pytest.mark.parametrize("name", ["install", "uninstall"])
def test_a_module_of_somebody_else_is_left_as_it_is(command, package, name):
    theirs = package / "pd_l2_adapter.py"
    theirs.write_text("# LMCache\n")
    with pytest.raises(SystemExit, match="was not installed by l2-adapter"):
        command(name)
    assert theirs.read_text() == "# LMCache\n"


def test_the_installed_module_is_python_that_exports_both_classes():
    names = {}
    # Another name than the module's: the type is registered once for each process.
    exec(compile(installation.TEXT, "pd_l2_adapter.py", "exec"), names)
    assert names["PdL2AdapterConfig"] is PdL2AdapterConfig


def test_server_runs_lmcaches_server_with_the_type_and_writes_nothing():
    fake = Path(__file__).parent / "fake_lmcache"
    run = subprocess.run(
        # Without the working folder, in which the package may be without its native part.
        [sys.executable, "-P", "-m", "l2_adapter.lmcache", "server", "--port", "7", "--help"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(fake), *filter(None, [os.environ.get("PYTHONPATH")])])},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    assert json.loads(run.stdout) == {"arguments": ["server", "--port", "7", "--help"], "types": ["pd"]}
    assert not list(fake.rglob("pd_l2_adapter.py"))


@pytest.mark.parametrize("form", ["plugin", "pd"])
def test_a_spec_is_printed_in_either_form(command, form):
    printed = json.loads(command("l2-adapter", "--type", form, "--role", "sender", *MINIMAL, "--checksum", "true"))
    assert printed["type"] == form
    params = printed["adapter_params"] if form == "plugin" else printed
    assert {key: value for key, value in params.items() if key != "type"} == {"role": "sender", **PARAMS, "checksum": True}


def test_a_wrong_spec_is_refused_with_its_faults(command):
    with pytest.raises(SystemExit, match="(?s)`role` must be.*peer_alloc_port"):
        command("l2-adapter", "--role", "sendr", *MINIMAL[:5], "--peer-alloc-port", "9051")


def test_a_secret_is_no_flag(command, capsys):
    with pytest.raises(SystemExit):
        command("l2-adapter", "--role", "sender", *MINIMAL, "--shared-secret", "open sesame, open sesame")
    assert "unrecognized arguments: --shared-secret" in capsys.readouterr().err


@pytest.mark.parametrize(("role", "kv_role"), [("sender", "kv_producer"), ("receiver", "kv_consumer")])
def test_the_config_of_an_engine_carries_the_spec_of_its_server(command, role, kv_role):
    flags = ("--l1-size-gb", "1.5", "--shm-name", "l2", "--server-arg=--prometheus-port", "--server-arg=9")
    printed = json.loads(command("kv-transfer-config", "--role", role, *MINIMAL, *flags, "--timing", '{"store_seconds": 9}'))
    assert (printed["kv_connector"], printed["kv_role"]) == ("LMCacheMPConnector", kv_role)
    words = shlex.split(printed["kv_connector_extra_config"]["lmcache.mp.autostart.server_args"])
    spec = json.loads(words[words.index("--l2-adapter") + 1])
    assert spec["adapter_params"] == {"role": role, **PARAMS, "timing": {"store_seconds": 9}}
    assert ("skip_l1" in words) == (role == "sender")
    assert words[words.index("--l1-size-gb") + 1] == "1.5" and words[words.index("--prometheus-port") + 1] == "9"
    assert not {"--host", "--port", "--http-host"} & set(words)
