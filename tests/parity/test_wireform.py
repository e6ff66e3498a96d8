import pytest

from parity.wireform import canonical_item, canonical_number, key_text, load_rows


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("1.50", "1.5"),
        ("1E+3", "1000"),
        ("-0", "0"),
        ("0.00", "0"),
        ("007", "7"),
        (".5", "0.5"),
        ("1E-130", f"0.{'0' * 129}1"),
        ("-12.30", "-12.3"),
        ("no number", "no number"),
        ("NaN", "NaN"),
    ],
)
def test_a_number_has_the_form_that_dynamodb_stores(sent: str, stored: str) -> None:
    assert canonical_number(sent) == stored


def test_38_digits_are_kept() -> None:
    digits = "12345678901234567890123456789012345678"
    assert canonical_number(digits) == digits


def test_sets_have_no_order_and_numbers_in_maps_are_numbers_too() -> None:
    one = {"s": {"SS": ["b", "a"]}, "m": {"M": {"n": {"N": "1.0"}, "l": {"L": [{"NS": ["2.0", "1"]}]}}}}
    other = {"s": {"SS": ["a", "b"]}, "m": {"M": {"n": {"N": "1"}, "l": {"L": [{"NS": ["1", "2"]}]}}}}
    assert canonical_item(one) == canonical_item(other)


def test_equal_keys_have_equal_text() -> None:
    assert key_text({"a": {"S": "x"}, "b": {"N": "1.0"}}) == key_text({"b": {"N": "1"}, "a": {"S": "x"}})


def test_rows_are_read_and_blank_lines_passed_over() -> None:
    assert load_rows(['{"Item": {"a": {"B": "AAE="}}}', "", '{"Item": {"a": {"S": "x"}}}']) == [
        {"a": {"B": "AAE="}},
        {"a": {"S": "x"}},
    ]


VALUES = [
    '{"Q": "a"}', '["S", "a"]', '{"S": 5}', '{"S": "a", "N": "1"}', "{}", '{"N": 5}', '{"N": "abc"}', '{"N": "NaN"}', '{"N": Infinity}',
    '{"NS": "12"}', '{"NS": ["x"]}', '{"SS": [1]}', '{"L": "ab"}', '{"L": ["a"]}', '{"M": [1]}', '{"M": {"a": 1}}', '{"B": "!!!"}',
    '{"L": [{"B": "!!!"}]}', '{"M": {"a": {"N": "x"}}}', '{"BOOL": "true"}', '{"S": "\\ud800"}', '{"M": {"\\ud800": {"S": "a"}}}',
    '{"L": [' * 40 + "]}" * 40, '{"L": [' * 9000 + "]}" * 9000,
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=[value[:30].replace("\\", "") for value in VALUES])
def test_a_value_that_is_none_of_dynamodbs_is_refused_however_deep_it_stands(value: str) -> None:
    with pytest.raises(ValueError, match="line 1 is no row in DynamoDB's export form"):
        load_rows([f'{{"Item": {{"id": {{"S": "x"}}, "a": {value}}}}}'])


def test_a_refusal_names_the_place() -> None:
    with pytest.raises(ValueError, match=r"'a\.b\[1\]' is of a type 'Q' that DynamoDB does not have"):
        load_rows(['{"Item": {"a": {"M": {"b": {"L": [{"S": "x"}, {"Q": "x"}]}}}}}'])


def test_every_type_of_dynamodb_is_read() -> None:
    line = (
        '{"Item": {"a": {"N": "-1.50E+3"}, "b": {"NS": [".5", "1."]}, "c": {"BS": ["AAE="]}, "d": {"NULL": true}, '
        '"e": {"BOOL": false}, "f": {"M": {"x": {"L": []}}}, "g": {"SS": ["", "\\ud83d\\ude00"]}}}'
    )
    (item,) = load_rows([line])
    assert list(item) == list("abcdefg")


@pytest.mark.parametrize("line", ["{", "[]", '{"item": {}}', '{"Item": {"a": "x"}}', '{"Item": {"a": {"B": "?"}}}'])
def test_a_bad_row_is_named_by_its_line(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        load_rows(['{"Item": {}}', line])
