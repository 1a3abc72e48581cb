"""A module's name says what is in it; these names fit anything and so say nothing."""

from tests.architecture.tree import list_sources

SAY_NOTHING = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common2",
    "manager",
    "managers",
    "misc",
    "data",
    "info",
    "process",
}


def test_no_module_has_a_name_that_fits_anything():
    assert [source.name for source in list_sources() if SAY_NOTHING.intersection(source.parts)] == []
