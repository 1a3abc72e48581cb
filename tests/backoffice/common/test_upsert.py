"""The batch writer on a table of its own: who wins, who may write what, and what happens between look and write."""

from decimal import Decimal
from functools import partial

import orjson
import psycopg
import pytest
from django.db import DataError, connection, models, transaction
from django.test.utils import CaptureQueriesContext, isolate_apps

from backoffice.common.upsert import Target, copy_rows, table_of, upsert

with isolate_apps("tests"):

    class Note(models.Model):
        owner = models.BigIntegerField()
        group = models.CharField(max_length=40)  # a word of SQL, so that names must be quoted
        age = models.IntegerField()
        text = models.TextField()
        amount = models.DecimalField(max_digits=18, decimal_places=4, null=True)
        details = models.JSONField()
        hash = models.BinaryField()
        by_others = models.TextField(default="", db_default="")
        objects: "models.Manager[Note]" = models.Manager()

        class Meta:
            app_label = "tests"
            constraints = [models.UniqueConstraint(fields=["owner", "group"], name="note_identity")]


COLUMNS = ("owner", "group", "age", "text", "amount", "details", "hash")
NEWER_WINS = Target(Note, ("owner", "group"), COLUMNS, update_if="excluded.age >= old.age", digest="hash")
KEEPS_LONGER = Target(
    Note,
    ("owner", "group"),
    COLUMNS,
    update_if="excluded.age >= old.age",
    guarded={"text": "CASE WHEN length(excluded.text) >= length(old.text) THEN excluded.text ELSE old.text END"},
)


@pytest.fixture(autouse=True)
def table(transactional_db):
    with connection.schema_editor() as editor:
        editor.create_model(Note)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Note)


@pytest.fixture
def somebody_else(table):
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        yield other


def row(group="a", *, age=1, text="text", amount=Decimal("1.5"), details=None):
    return (1, group, age, text, amount, orjson.dumps(details or {}).decode(), f"{age}{text}".encode())


def write(*rows, target=NEWER_WINS, before_each=lambda: None):
    by_key = {found[:2]: found for found in rows}

    def make(key):
        before_each()
        return by_key[key]

    with transaction.atomic():
        return upsert(target, {key: found[-1] if target.digest else b"" for key, found in by_key.items()}, make)


def test_it_tells_inserted_updated_unchanged_and_older_apart():
    write(row("same"), row("changes"), row("newer here", age=5))
    result = write(row("same"), row("changes", age=2), row("newer here", age=4), row("new"))
    assert result.inserted == {(1, "new")}
    assert result.updated == {(1, "changes")}
    assert result.unchanged == {(1, "same")}
    assert result.older == {(1, "newer here")}
    assert result.ids == {(note.owner, note.group): note.pk for note in Note.objects.all()}


def test_what_is_not_newer_stays():
    write(row(age=2, text="second"))
    write(row(age=1, text="first"))
    assert Note.objects.get().text == "second"


def test_an_update_keeps_the_row_and_its_id():
    before = write(row()).ids
    assert write(row(age=2, text="later", amount=None, details={"a": 1})).ids == before
    note = Note.objects.get()
    assert (note.text, note.amount, note.details, bytes(note.hash)) == ("later", None, {"a": 1}, b"2later")


def test_columns_of_other_writers_are_never_touched():
    write(row())
    Note.objects.update(by_others="theirs")
    write(row(age=2))
    assert Note.objects.get().by_others == "theirs"


def test_a_guarded_column_follows_its_own_rule():
    write(row(text="a long text"), target=KEEPS_LONGER)
    write(row(age=2, text="short"), target=KEEPS_LONGER)
    assert (Note.objects.get().age, Note.objects.get().text) == (2, "a long text")


def test_equal_digests_are_neither_made_nor_written():
    write(row("a"), row("b"))
    with CaptureQueriesContext(connection) as queries:
        result = write(row("a"), row("b"), before_each=lambda: pytest.fail("a row was made"))
    assert result.unchanged == {(1, "a"), (1, "b")}
    assert [q for q in queries if q["sql"].startswith(("INSERT", "COPY", "UPDATE"))] == []


def test_an_empty_batch_is_nothing():
    with CaptureQueriesContext(connection) as queries:
        assert write().ids == {}
    assert [q for q in queries if "note" in q["sql"]] == []


@pytest.mark.parametrize("text", ['O\'Neill said "hi"', "tab\t and\nline", r"\N and \. and \\", "ổ 💶 \u200b", "", " "])
def test_texts_arrive_as_they_are(text):
    for age in (1, 2):  # once as a new row, once as a change
        write(row(text, age=age, text=text, details={"key": text}))
        note = Note.objects.get()
        assert (note.group, note.text, note.details) == (text, text, {"key": text})


def test_documents_of_changed_rows_stay_documents():
    write(row(details={"a": [1, 2]}))
    write(row(age=2, details={"a": [3]}))
    assert Note.objects.get(details__a=[3]).details == {"a": [3]}


def test_amounts_are_exact():
    write(row("a", amount=Decimal("12345678901234.5678")), row("b", amount=Decimal("0.0001")))
    assert list(Note.objects.order_by("group").values_list("amount", flat=True)) == [
        Decimal("12345678901234.5678"),
        Decimal("0.0001"),
    ]


def put(other, age):
    """Insert a row over a connection of its own, committed at once."""
    other.execute(
        f'INSERT INTO {Note._meta.db_table} (owner, "group", age, text, details, hash)'
        f" VALUES (1, 'raced', {age}, 'theirs', '{{}}', 'x') ON CONFLICT DO NOTHING"
    )


def test_a_row_put_there_between_look_and_write_is_merged_with(somebody_else):
    result = write(row("calm"), row("raced", age=2, text="ours"), before_each=partial(put, somebody_else, age=1))
    assert (result.inserted, result.updated) == ({(1, "calm")}, {(1, "raced")})
    assert Note.objects.get(group="raced").text == "ours"
    assert result.ids[(1, "raced")] == Note.objects.get(group="raced").pk


def test_a_newer_row_put_there_between_look_and_write_stays(somebody_else):
    result = write(row("raced", text="ours"), before_each=partial(put, somebody_else, age=9))
    assert (result.inserted, result.updated, result.older) == (set(), set(), {(1, "raced")})
    assert Note.objects.get().text == "theirs"
    assert result.ids == {(1, "raced"): Note.objects.get().pk}


def test_two_batches_of_one_transaction_do_not_mix():
    with transaction.atomic():
        write(row("a"))
        write(row("b"))
        assert write(row("a", age=2), row("c")).inserted == {(1, "c")}
    assert Note.objects.count() == 3


def test_a_batch_that_is_refused_leaves_nothing_and_the_next_one_goes_on():
    with transaction.atomic():
        write(row("kept"))
        with pytest.raises(DataError):
            write(row("good"), row("x" * 41))
        write(row("later"))
    assert set(Note.objects.values_list("group", flat=True)) == {"kept", "later"}


def test_nothing_stays_after_a_rollback():
    with pytest.raises(RuntimeError), transaction.atomic():
        write(row())
        raise RuntimeError
    assert write(row("b")).inserted == {(1, "b")}
    assert Note.objects.get().group == "b"


def test_copied_rows_are_rows():
    with transaction.atomic():
        copy_rows(table_of(Note), COLUMNS, (row(str(number)) for number in range(500)))
    assert Note.objects.count() == 500
