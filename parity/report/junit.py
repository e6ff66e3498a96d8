"""A report as JUnit's XML, for CI servers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from xml.etree import ElementTree

from parity.report.leaves import lines
from parity.report.model import DifferenceEntry, Report

__all__ = ["as_junit"]


def as_junit(report: Report, tests: Iterable[str]) -> bytes:
    """A test case for each test that ran, with a failure for each difference that was first met in it."""
    suite = ElementTree.Element("testsuite", name="parity")
    by_test: dict[str, list[DifferenceEntry]] = defaultdict(list)
    for difference in report.differences:
        by_test[difference.test].append(difference)
    failed = {name.removesuffix(" (seeded)") for name in report.failures}
    names = sorted({*tests, *by_test})
    for test in names:
        path, _, name = test.partition("::")
        case = ElementTree.SubElement(suite, "testcase", classname=path, name=name or test)
        for difference in by_test.get(test, ()):
            message = f"{difference.method}: {difference.observable} {difference.path}"
            failure = ElementTree.SubElement(case, "failure", message=message)
            ours, theirs = (
                "\n".join(lines(value, difference.path)) for value in (difference.control, difference.candidate)
            )
            failure.text = f"control:\n{ours}\ncandidate:\n{theirs}"
        if test in failed:
            ElementTree.SubElement(case, "error", message="the suite failed")
    differing = sum(1 for test in names if test in by_test)
    for name, count in (("tests", len(names)), ("failures", differing), ("errors", len(failed))):
        suite.set(name, str(count))
    document: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
    return document
