"""What gets into a file: text stays text, numbers stay numbers, and nothing is a formula."""

import stat
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from backoffice.common.lists import files
from backoffice.common.lists.exporters import Column
from backoffice.common.lists.files import defuse, open_list_file
from tests.backoffice.common.lists.sheets import count_links, read_csv, read_xlsx

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
COLUMNS = [Column("Tên", str), Column("Lúc", str, is_time=True)]


def write(path, file_format, *rows, columns=COLUMNS):
    with open_list_file(file_format, path, columns, ZONE) as file:
        for row in rows:
            file.add(row)
    return path


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+84 90 123", "'+84 90 123"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("-", "'-"),
        ("-12.5", "-12.5"),
        ("+84901234567", "+84901234567"),
        ("-1,000.50", "-1,000.50"),
        ("a=1", "a=1"),
        ("", ""),
        ("Áo thun", "Áo thun"),
    ],
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe_and_numbers_do_not(text, written):
    assert defuse(text) == written


def test_csv_is_utf_8_with_its_mark_and_quotes_by_the_standard(tmp_path):
    path = write(tmp_path / "a.csv", "csv", ['Cửa hàng "Hà Nội", tầng 2\nphòng 3', NOON], [None, None])
    written = path.read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig") == (
        'Tên,Lúc (Asia/Ho_Chi_Minh)\r\n"Cửa hàng ""Hà Nội"", tầng 2\nphòng 3",2026-11-21 19:30:00\r\n,\r\n'
    )


def test_csv_writes_each_kind_of_value_plainly(tmp_path):
    values = [Decimal("-1234567.8900"), Decimal("1E+3"), -5, True, False, date(2026, 1, 2)]
    path = write(tmp_path / "a.csv", "csv", values, columns=[Column(f"c{n}", str) for n in range(6)])
    assert read_csv(path)[1] == ["-1234567.8900", "1000", "-5", "yes", "no", "2026-01-02"]


def test_xlsx_keeps_text_as_text_whatever_it_looks_like(tmp_path):
    texts = ["=1+1", "https://example.com", "584000000000000001", "{=SUM(A1)}", "mailto:a@b.c", "Áo thun đỏ"]
    path = write(tmp_path / "a.xlsx", "xlsx", *([text, None] for text in texts))
    (rows,) = read_xlsx(path)
    assert rows[0] == {"A": ("text", "Tên"), "B": ("text", "Lúc (Asia/Ho_Chi_Minh)")}
    assert [row["A"] for row in rows[1:]] == [("text", text) for text in texts]
    assert count_links(path) == 0


def test_xlsx_writes_times_in_the_zone_of_the_header_as_times(tmp_path):
    (rows,) = read_xlsx(write(tmp_path / "a.xlsx", "xlsx", [None, NOON], [None, datetime(1, 2, 3, tzinfo=UTC)]))
    kind, days = rows[1]["B"]
    assert kind == "number"
    assert float(days) == pytest.approx(
        (datetime(2026, 11, 21, 19, 30) - datetime(1899, 12, 30)).total_seconds() / 86400
    )
    assert rows[2]["B"][0] == "text"  # sheets know no years before 1900


def test_xlsx_writes_a_number_only_where_none_of_its_digits_is_lost(tmp_path):
    values = [Decimal("440000.0000"), -3, Decimal("12345678901234.5678"), Decimal("NaN"), True]
    path = write(tmp_path / "a.xlsx", "xlsx", values, columns=[Column(f"c{n}", str) for n in range(5)])
    row = read_xlsx(path)[0][1]
    assert [row[letter] for letter in "ABCDE"] == [
        ("number", "440000"), ("number", "-3"), ("text", "12345678901234.5678"), ("text", "NaN"), ("text", "yes"),
    ]  # fmt: skip


def test_xlsx_goes_on_in_a_new_sheet_with_a_header_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SHEET_ROWS", 3)
    sheets = read_xlsx(write(tmp_path / "a.xlsx", "xlsx", *([f"row {n}", None] for n in range(5))))
    assert [[row["A"][1] for row in rows] for rows in sheets] == [
        ["Tên", "row 0", "row 1"], ["Tên", "row 2", "row 3"], ["Tên", "row 4"],
    ]  # fmt: skip


def test_a_text_that_is_too_long_for_a_cell_is_cut_and_not_dropped(tmp_path):
    (rows,) = read_xlsx(write(tmp_path / "a.xlsx", "xlsx", ["x" * 40_000, None]))
    assert len(rows[1]["A"][1]) == 32_767


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_only_its_owner_may_read_the_file(tmp_path, file_format):
    path = write(tmp_path / f"a.{file_format}", file_format, ["x", None])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_an_error_in_the_middle_is_told_and_not_hidden_by_the_file(tmp_path, file_format):
    with pytest.raises(KeyError), open_list_file(file_format, tmp_path / "a", COLUMNS, ZONE) as file:
        file.add(["x", NOON])
        raise KeyError
