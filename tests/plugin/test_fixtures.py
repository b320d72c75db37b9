"""The pytest fixtures, used as a stranger's test suite uses them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]

DOCS = Path(__file__).parents[2] / "docs" / "pytest.md"


def test_documented_example_passes(pytester: pytest.Pytester) -> None:
    text = DOCS.read_text(encoding="utf-8")
    example = text.split("```python\n")[1].split("```")[0]
    pytester.makepyfile(example)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=7)


def test_each_test_gets_a_lab_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test_changes_do_not_stay(xenserver_pool, turn):
            api = xenserver_pool.session().xenapi
            (vm,) = api.VM.get_by_name_label("web")
            api.VM.set_name_label(vm, "changed")

        def test_two_labs_side_by_side(hvsim_labs):
            one, two = hvsim_labs(seed=1), hvsim_labs("museum")
            assert one.url() != two.url()
            assert two.pools["pool1"].profile == "xenserver-5.5"
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=3)


def test_wrong_scenario_is_one_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from hvsim.errors import InputError

        def test_it(hvsim_labs):
            with pytest.raises(InputError, match="expected a scenario file, or a shipped one"):
                hvsim_labs("no-such-scenario")
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_without_a_marker_fixtures_of_one_scenario_share_a_lab(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from hvsim.errors import InputError

        def test_one_lab(scvmm, hyperv_host):
            assert scvmm.lab is hyperv_host.lab
            assert scvmm.server != hyperv_host.server

        @pytest.mark.hvsim("small")
        def test_no_such_product(request):
            with pytest.raises(InputError, match="the lab 'small' has no vCenter"):
                request.getfixturevalue("vcenter")
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_tests_run_side_by_side(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("turn", range(4))
        def test_machines_have_the_same_names(rhel5_host, turn):
            rhel5_host.crash("beta")
            assert "web" in rhel5_host.run("xm list").out
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-n", "2").assert_outcomes(passed=4)
