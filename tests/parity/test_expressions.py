import pytest

from parity.errors import ExpressionError
from parity.expressions import parse_condition, parse_projection, parse_update, render

NAMES = {"#a": "alpha", "#b": "beta", "#dotted": "a.b"}
VALUES = {":x": {"S": "x"}, ":y": {"N": "1.50"}, ":one": {"N": "1"}}


def condition(text: str) -> list[object]:
    return parse_condition(text, NAMES, VALUES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("#a = :x AND attribute_exists(beta)", "attribute_exists(#b) AND alpha = :x"),
        ("alpha = :x", ":x = #a"),
        ("alpha > :y", ":y < alpha"),
        ("alpha >= :y", ":y <= #a"),
        (
            "(alpha = :x AND beta = :y) AND attribute_exists(alpha)",
            "alpha = :x AND (beta = :y AND attribute_exists(alpha))",
        ),
        ("alpha = :x OR beta = :y", "beta = :y OR alpha = :x"),
        ("alpha = :x AND alpha = :x", "alpha = :x"),
        ("NOT (NOT alpha = :x)", "alpha = :x"),
        ("alpha IN (:x, :y)", "alpha IN (:y, :x)"),
        ("alpha IN (:x)", "alpha = :x"),
        ("begins_with ( alpha , :x )", "begins_with(#a,:x)"),
        ("size(alpha) > :one", ":one < size(#a)"),
        ("alpha between :x and :y", "alpha BETWEEN :x AND :y"),
    ],
)
def test_conditions_of_one_meaning_are_equal(one: str, other: str) -> None:
    assert condition(one) == condition(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alpha = :x", "alpha <> :x"),
        ("alpha = :x", "alpha = :y"),
        ("alpha < :y", "alpha > :y"),
        ("alpha < :y", "alpha <= :y"),
        ("alpha = :x AND beta = :y", "alpha = :x OR beta = :y"),
        ("alpha = :x AND (beta = :y OR beta = :x)", "(alpha = :x AND beta = :y) OR beta = :x"),
        ("NOT alpha = :x", "alpha = :x"),
        ("attribute_exists(alpha)", "attribute_not_exists(alpha)"),
        ("alpha BETWEEN :x AND :y", "alpha BETWEEN :y AND :x"),
        ("#dotted = :x", "a.b = :x"),
        ("alpha[0] = :x", "alpha[1] = :x"),
    ],
)
def test_conditions_of_different_meaning_differ(one: str, other: str) -> None:
    assert condition(one) != condition(other)


def test_and_binds_tighter_than_or() -> None:
    assert condition("alpha = :x OR beta = :y AND alpha = :y") == condition("alpha = :x OR (beta = :y AND alpha = :y)")


def test_an_update_is_the_set_of_its_actions() -> None:
    one = parse_update("SET #a = :x, beta = beta + :one REMOVE gamma ADD delta :one", NAMES, VALUES)
    other = parse_update("ADD delta :one SET #b = :one + beta, alpha = :x REMOVE gamma", NAMES, VALUES)
    assert one == other


@pytest.mark.parametrize(
    "text",
    [
        "SET alpha = :y",
        "SET alpha = :x, beta = :x",
        "REMOVE alpha",
        "SET alpha = if_not_exists(alpha, :x)",
        "SET alpha = :x - :y",
        "SET alpha = :y - :x",
    ],
)
def test_other_updates_differ(text: str) -> None:
    assert parse_update(text, NAMES, VALUES) != parse_update("SET alpha = :x", NAMES, VALUES)


def test_a_difference_is_not_commutative() -> None:
    assert parse_update("SET a = :x - :y", NAMES, VALUES) != parse_update("SET a = :y - :x", NAMES, VALUES)


def test_a_projection_is_a_set_of_paths() -> None:
    assert parse_projection("#a, beta[1].c", NAMES) == parse_projection("beta[1].c,alpha", NAMES)
    assert parse_projection("#a", NAMES) != parse_projection("beta", NAMES)


@pytest.mark.parametrize(
    "text",
    ["", "alpha =", "alpha = :gone", "#gone = :x", "alpha = :x beta", "(alpha = :x", "alpha ! :x", "alpha[x] = :x"],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        condition(text)


@pytest.mark.parametrize("text", ["", "alpha = :x", "SET alpha :x", "SET alpha = "])
def test_what_is_no_update_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_update(text, NAMES, VALUES)


def test_a_tree_reads_as_an_expression_again() -> None:
    tree = condition("NOT (#a = :x OR size(beta) < :one) AND beta BETWEEN :x AND :y AND alpha IN (:x, :y)")
    text = render(tree)
    assert text.count(" AND ") == 3
    assert 'alpha IN ({"N": "1.50"}, {"S": "x"})' in text
    assert (
        render(parse_update("SET #a = :x REMOVE beta[2].c", NAMES, VALUES))
        == 'REMOVE beta[2].c, SET alpha = {"S": "x"}'
    )
