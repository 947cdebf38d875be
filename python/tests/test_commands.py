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
    """Runs a command and returns its output."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["l2_adapter.lmcache", *arguments])
        __main__.main()
        return capsys.readouterr().out.strip()

    return run


@pytest.fixture
def package(monkeypatch, tmp_path):
    """An empty folder instead of the one with LMCache's adapters."""
    monkeypatch.setattr(l2_adapters, "__path__", [str(tmp_path)])
    return tmp_path


def test_install_writes_one_module_that_uninstall_removes(command, package):
    assert "was written" in command("install")
    [module] = package.iterdir()
    assert module.name == "pd_l2_adapter.py"
    assert "was replaced" in command("install")
    assert "was removed" in command("uninstall")
    assert list(package.iterdir()) == []
    assert "nothing to remove" in command("uninstall")


@pytest.mark.parametrize("name", ["install", "uninstall"])
def test_a_module_of_another_package_is_left_unchanged(command, package, name):
    theirs = package / "pd_l2_adapter.py"
    theirs.write_text("# LMCache\n")
    with pytest.raises(SystemExit, match="was not installed by l2-adapter"):
        command(name)
    assert theirs.read_text() == "# LMCache\n"


def test_the_installed_module_is_python_that_exports_both_classes():
    names = {}
    # A different module name, because a process can register the type only once.
    exec(compile(installation.TEXT, "pd_l2_adapter.py", "exec"), names)
    assert issubclass(names["PdL2AdapterConfig"], PdL2AdapterConfig)


@pytest.mark.parametrize("name", ["install", "uninstall"])
def test_a_link_and_a_binary_module_are_left_unchanged(command, package, name, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "module.py"
    module = package / "pd_l2_adapter.py"
    module.symlink_to(elsewhere)
    with pytest.raises(SystemExit, match="was not installed by l2-adapter"):
        command(name)
    assert module.is_symlink() and not elsewhere.exists()
    module.unlink()
    module.write_bytes(b"\xff\xfe")
    with pytest.raises(SystemExit, match="was not installed by l2-adapter"):
        command(name)
    assert module.read_bytes() == b"\xff\xfe"


def test_without_lmcache_the_last_line_of_the_error_names_it():
    run = subprocess.run(
        # Without the stand-in.
        [sys.executable, "-P", "-m", "l2_adapter.lmcache", "--help"],
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
    )
    if run.returncode == 0 or "No module named 'l2_adapter'" in run.stderr:
        pytest.skip("LMCache is installed in this Python, or the package is not")
    assert "LMCache is not installed" in run.stderr.splitlines()[-1]


def test_server_runs_lmcaches_server_with_the_type_and_writes_nothing():
    fake = Path(__file__).parent / "fake_lmcache"
    run = subprocess.run(
        # Without the working directory, where the package may have no native part.
        [sys.executable, "-P", "-m", "l2_adapter.lmcache", "server", "--port", "7", "--help"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(fake), *filter(None, [os.environ.get("PYTHONPATH")])])},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    module = ["--server-module", '{"module_path": "l2_adapter.lmcache.requests"}']
    assert json.loads(run.stdout) == {"arguments": ["server", *module, "--port", "7", "--help"], "types": ["pd"]}
    assert not list(fake.rglob("pd_l2_adapter.py"))


@pytest.mark.parametrize("form", ["plugin", "pd"])
def test_a_spec_is_printed_in_either_form(command, form):
    printed = json.loads(command("l2-adapter", "--type", form, "--role", "sender", *MINIMAL, "--checksum", "true"))
    assert printed["type"] == form
    params = printed["adapter_params"] if form == "plugin" else printed
    assert {key: value for key, value in params.items() if key != "type"} == {"role": "sender", **PARAMS, "checksum": True}


@pytest.mark.parametrize("name", [("l2-adapter",), ("kv-transfer-config", "--l1-size-gb", "1")])
def test_an_invalid_spec_is_refused_with_its_faults(command, name):
    with pytest.raises(SystemExit, match="(?s)`role` must be.*peer_alloc_port"):
        command(*name, "--role", "sendr", *MINIMAL[:5], "--peer-alloc-port", "9051")


def test_warnings_about_a_spec_go_to_standard_error(monkeypatch, capsys):
    flags = ("--proxy-host", "p", "--proxy-port", "7", "--timing", '{"lookup_grace_seconds": 31}')
    monkeypatch.setattr(sys, "argv", ["l2_adapter.lmcache", "l2-adapter", "--role", "receiver", *MINIMAL, *flags])
    __main__.main()
    printed = capsys.readouterr()
    json.loads(printed.out)
    assert "`lookup_grace_seconds` is longer than `lookup_seconds`, 30" in printed.err
    assert printed.err.count("warning: ") == len(printed.err.splitlines())


@pytest.mark.parametrize(
    ("flags", "error"),
    [
        (("--timing", "lookup_grace_seconds=1"), "write it as JSON"),
        (("--timing", '{"lookup_grace_seconds": NaN}'), "NaN is not a JSON number"),
        (("--buffer-size", "4GiB"), "write it as JSON"),
        (("--peer-init-port", "9053"), "given twice"),
        (("--port", "99999"), "between 1 and 65535"),
        (("--chunk-size", "-5"), "above 0"),
        (("--l1-size-gb", "nan"), "above 0"),
        (("--server-arg=--port=9",), "already set"),
        (("--server-arg=",), "must not be empty"),
    ],
)
def test_an_unusable_flag_is_refused_before_an_engine_starts(command, capsys, flags, error):
    size = () if flags[0] == "--l1-size-gb" else ("--l1-size-gb", "1")
    with pytest.raises(SystemExit):
        command("kv-transfer-config", "--role", "sender", *MINIMAL, *size, *flags)
    assert error in capsys.readouterr().err


def test_a_size_is_passed_on_unchanged(command):
    printed = command("kv-transfer-config", "--role", "sender", *MINIMAL, "--l1-size-gb", "1234567.891")
    assert "--l1-size-gb 1234567.891 " in printed


def test_a_secret_cannot_be_given_as_a_flag(command, capsys):
    with pytest.raises(SystemExit):
        command("l2-adapter", "--role", "sender", *MINIMAL, "--shared-secret", "open sesame, open sesame")
    assert "unrecognized arguments: --shared-secret" in capsys.readouterr().err


@pytest.mark.parametrize(("role", "kv_role"), [("sender", "kv_producer"), ("receiver", "kv_consumer")])
def test_the_config_of_an_engine_contains_the_spec_of_its_server(command, role, kv_role):
    flags = ("--l1-size-gb", "1.5", "--shm-name", "l2", "--server-arg=--prometheus-port", "--server-arg=9")
    printed = json.loads(command("kv-transfer-config", "--role", role, *MINIMAL, *flags, "--timing", '{"store_seconds": 9}'))
    assert (printed["kv_connector"], printed["kv_role"]) == ("LMCacheMPConnector", kv_role)
    arguments = shlex.split(printed["kv_connector_extra_config"]["lmcache.mp.autostart.server_args"])
    spec = json.loads(arguments[arguments.index("--l2-adapter") + 1])
    assert spec["adapter_params"] == {"role": role, **PARAMS, "timing": {"store_seconds": 9}}
    assert ("skip_l1" in arguments) == ("--server-module" in arguments) == (role == "sender")
    assert arguments[arguments.index("--l1-size-gb") + 1] == "1.5"
    assert arguments[arguments.index("--prometheus-port") + 1] == "9"
    assert not {"--host", "--port", "--http-host"} & set(arguments)
