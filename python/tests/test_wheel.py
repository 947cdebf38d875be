"""The wheel loads on the systems that its file name promises: scripts/wheel-symbols.py checks every symbol that it needs."""

import importlib.util
import os
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts/wheel-symbols.py"
spec = importlib.util.spec_from_file_location("wheel_symbols", SCRIPT)
wheel_symbols = importlib.util.module_from_spec(spec)
spec.loader.exec_module(wheel_symbols)

FLOORS = wheel_symbols.floors("l2_adapter-0.1.0-cp311-abi3-manylinux_2_28_x86_64.whl")


def row(symbol, binding="GLOBAL", section="UND"):
    return f"     1: 0000000000000000     0 FUNC    {binding:<6} DEFAULT  {section} {symbol}"


@pytest.mark.parametrize(
    ("symbol", "reason"),
    [
        ("PyList_New", None),
        ("_Py_Dealloc", None),
        ("memcpy@GLIBC_2.14 (3)", None),
        ("fcntl64@GLIBC_2.28 (3)", None),
        ("__libc_start_main@GLIBC_2.34 (3)", "is later than GLIBC_2.28"),
        ("_ZNSt6thread6joinEv@GLIBCXX_3.4.11 (4)", None),
        ("_ZSt28__throw_bad_array_new_lengthv@GLIBCXX_3.4.29 (4)", "is later than GLIBCXX_3.4.25"),
        ("_ZdlPv@CXXABI_1.3.13 (4)", "is later than CXXABI_1.3.11"),
        ("_dl_x@GLIBC_PRIVATE (5)", "is private to its library"),
        # A symbol of this machine's C++ library, in a wheel that is linked with another one.
        ("_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE9_M_createERmm", "has no version"),
    ],
)
def test_a_symbol_that_the_oldest_system_lacks_is_refused(symbol, reason):
    [*found] = wheel_symbols.refusals(row(symbol), FLOORS)
    assert len(found) == (reason is not None)
    assert reason is None or reason in found[0]


def test_weak_and_defined_symbols_are_not_needed():
    table = "\n".join([row("__gmon_start__", binding="WEAK"), row("PyInit__native", section="12"), row("free@GLIBC_2.2.5 (2)")])
    assert wheel_symbols.needed(table) == ["free@GLIBC_2.2.5"]


def test_a_wheel_without_a_manylinux_tag_is_refused():
    with pytest.raises(ValueError, match="no manylinux tag"):
        wheel_symbols.floors("l2_adapter-0.1.0-cp311-abi3-linux_x86_64.whl")


@pytest.mark.skipif("L2_ADAPTER_WHEEL" not in os.environ, reason="scripts/test-wheel says which wheel it is")
def test_this_wheel_needs_only_symbols_that_its_systems_have():
    assert wheel_symbols.check(Path(os.environ["L2_ADAPTER_WHEEL"])) == []
