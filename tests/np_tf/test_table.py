"""Tables of users: types, row labels, every refusal."""

import csv
import decimal
import fractions
import pathlib
import tempfile

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from np_tf import table as table_lib
from np_tf import table_csv


class Series:
    """As much of a pandas Series as a table needs."""

    def __init__(self, cells):
        self.cells = np.asarray(cells)

    def __iter__(self):
        return iter(self.cells)

    def to_numpy(self):
        return self.cells


class Frame:
    """As much of a pandas DataFrame as a table needs."""

    def __init__(self, columns, index):
        self.cells = columns
        self.columns = list(columns)
        self.index = index

    def __getitem__(self, name):
        return Series(self.cells[name])


def cells(table):
    return [column.tolist() for column in table.columns]


def test_types_come_from_the_cells():
    table = table_lib.as_table(
        {
            "a": [1, 2.5],
            "b": ("x", "y"),
            "c": np.array([1, 2], np.int8),
            "d": [np.float32(0.5), decimal.Decimal("0.25")],
            "e": [fractions.Fraction(1, 4), np.int64(7)],
            "f": np.array(["5", "6"]),
            "g": ["", "z"],
        }
    )
    assert table.names == tuple("abcdefg")
    assert table.is_text == (False, True, False, False, False, True, True)
    assert cells(table) == [
        [1.0, 2.5],
        ["x", "y"],
        [1.0, 2.0],
        [0.5, 0.25],
        [0.25, 7.0],
        ["5", "6"],
        ["", "z"],
    ]
    assert (table.labels, table.num_rows) == ((0, 1), 2)
    numeric = table.numeric_cells()
    assert numeric.dtype == np.float64
    assert numeric[:, :3].tolist() == [[1.0, 0.0, 1.0], [2.5, 0.0, 2.0]]


def test_names_are_stripped_and_a_table_stays_as_it_is():
    table = table_lib.as_table({" unit price ": [1]})
    assert table.names == ("unit price",)
    assert table_lib.as_table(table) is table


def test_the_index_of_a_frame_labels_the_rows():
    frame = Frame({"price": [1, 2], 7: ["x", "y"]}, ["first", "second"])
    table = table_lib.as_table(frame)
    assert table.names == ("price", "7")
    assert table.labels == ("first", "second")
    assert cells(table) == [[1.0, 2.0], ["x", "y"]]


def test_a_frame_with_a_name_twice_is_refused():
    frame = Frame({"price": [1], "cost": [2]}, [0])
    frame.columns = ["price", "price"]
    with pytest.raises(ValueError, match="must differ, got 'price' twice"):
        table_lib.as_table(frame)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "table: must have at least one column, got none"),
        ({"a": []}, "table: must have at least one row, got none"),
        ({"a": [1], "b": [1, 2]}, "got 1 cells in 'a' and 2 in 'b'"),
        ({"a": [1], "a ": [2]}, "column names must differ, got 'a' twice"),
        ({" ": [1]}, "must have a name with a word in it, got '' for column 1"),
        ({"?": [1]}, "must have a name with a word in it, got '\\?'"),
        ({"a": "text"}, "column 'a' must be a sequence of cells, got str"),
        ({"a": 5}, "column 'a' must be a sequence of cells, got int"),
        ({"a": np.ones((2, 2))}, r"must have one axis, got shape \(2, 2\)"),
        ({"a": [1, float("nan")]}, "finite number, got nan in row 1, col.*'a'"),
        ({"a": np.array([0.0, np.inf])}, "finite number, got .*inf.* in row 1"),
        ({"a": [10**400]}, "finite number, got 1000.* in row 0"),
        ({"a": [1, None]}, "a number or a string, got None in row 1, column"),
        ({"a": ["x", None]}, "a number or a string, got None in row 1"),
        ({"a": [True, False]}, "a number or a string, got True in row 0"),
        ({"a": [1j]}, "a number or a string, got 1j in row 0"),
        ({"a": ["x", 2]}, "not both, got 2 in row 1 and 'x' in row 0"),
        ({"a": [2, "1,000"]}, "'1,000' in row 1; write 1000, without thous"),
        ([[1, 2]], "must be a mapping .* pandas DataFrame, got list"),
        (None, "must be a mapping .* pandas DataFrame, got NoneType"),
    ],
)
def test_bad_tables_are_refused(table, message):
    with pytest.raises(ValueError, match=message):
        table_lib.as_table(table)


def test_errors_name_the_rows_as_the_user_does():
    frame = Frame({"a": [1.0, np.nan]}, ["first", "second"])
    with pytest.raises(ValueError, match=r"got .*nan.* in row second, column"):
        table_lib.as_table(frame)


@pytest.fixture
def read(tmp_path):
    """Reads a CSV file with some content."""

    def one(content, **kwargs):
        path = tmp_path / "table.csv"
        path.write_bytes(
            content if isinstance(content, bytes) else content.encode()
        )
        return table_csv.read_csv(path, **kwargs)

    return one


def test_a_csv_file(read):
    table = read(
        "\ufeffunit price, colour ,n,day\r\n"
        '-1.5,red,1e3,2020-01-01\r\n\r\n .5,"dark, red",+2,2020-01-02\r\n'
    )
    assert table.names == ("unit price", "colour", "n", "day")
    assert table.labels == (1, 2)
    assert cells(table) == [
        [-1.5, 0.5],
        ["red", "dark, red"],
        [1000.0, 2.0],
        ["2020-01-01", "2020-01-02"],
    ]


def test_a_column_of_a_csv_file_can_label_the_rows(read):
    table = read("price,name\n1,pear\n2,plum\n", row_labels="name")
    assert (table.names, table.labels) == (("price",), ("pear", "plum"))
    with pytest.raises(
        ValueError, match=r"row_labels: .* price, name, got 'x'"
    ):
        read("price,name\n1,pear\n", row_labels="x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "must have a line of names, got none"),
        ("\n\n", "must have a line of names, got none"),
        ("a,b\n", "table: must have at least one row, got none"),
        ("a,a\n1,2\n", "column names must differ, got 'a' twice"),
        ("a,\n1,2\n", "a name with a word in it, got '' for column 2"),
        ("a,b\n1,2\n3\n", "must have 2 cells, .*, got 1 in row 2"),
        ("a,b\n1,2,3\n", "must have 2 cells, .*, got 3 in row 1"),
        ("a;b\n1;2\n", "must be separated by commas, got .* 'a;b'"),
        ("a\tb\n1\t2\n", "must be separated by commas"),
        ("a,b\n1,x\n,y\n", "a finite number, got '' in row 2, column 'a'"),
        ("a\n1\nNaN\n", "a finite number, got 'NaN' in row 2, column 'a'"),
        ("a\n1\n-inf\n", "a finite number, got '-inf' in row 2, column 'a'"),
        ("a\nNA\n", "a finite number, got 'NA' in row 1, column 'a'"),
        ("a\n1\nx\n", "not both, got '1' in row 1 and 'x' in row 2"),
        ('a\n5\n"1,000"\n', "write 1000, without thousands separators"),
        ('a\n"x\n', "must be CSV in UTF-8, got unexpected end of data"),
        (b"a\n\xff\n", "must be CSV in UTF-8, got 'utf-8' codec"),
    ],
)
def test_bad_csv_files_are_refused(read, content, message):
    with pytest.raises(ValueError, match=message):
        read(content)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        table_csv.read_csv(tmp_path / "none.csv")


finite = st.floats(allow_nan=False, allow_infinity=False)


@hypothesis.given(
    st.lists(st.tuples(finite, st.text("ab \"',;<é", max_size=4)), min_size=1)
)
def test_a_csv_file_holds_what_was_written(rows):
    # A column of nothing but empty cells is one of missing numbers.
    hypothesis.assume(any(text.strip() for _, text in rows))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "table.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["number", "text"])
            writer.writerows(rows)
        table = table_csv.read_csv(path)
    assert table.columns[0].tolist() == [number for number, _ in rows]
    assert table.columns[1].tolist() == [text.strip() for _, text in rows]
