"""The check of BigQuery's SQL rejects what BigQuery rejects, and accepts what dbt-bigquery sends.

The statements under "what dbt sends" have the form of those that dbt-bigquery 1.12 sent to the
emulator for a small project; names are ours, and columns that prove nothing are left out.
"""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from google.cloud import bigquery
from googlesql import (
    _POOL_LIVES,
    GoogleSqlChecker,
    GoogleSqlError,
    Statement,
    _module,
    record_statements,
    without_contract,
)
from zetasql.wasi import get_wasm_path

PERSON = {
    "id": "STRING",
    "navn": "STRING",
    "år": "INT64",
    "født": "DATE",
    "endret": "DATETIME",
    "lest": "TIMESTAMP",
    "beløp": "NUMERIC",
    "andel": "FLOAT64",
    "aktiv": "BOOL",
    "rå": "JSON",
    "roller": "ARRAY<STRUCT<rolle STRING, fra DATE>>",
}


@pytest.fixture
def checker() -> GoogleSqlChecker:
    """A catalog with one wide table and one narrow; the analyzer is started once per process."""
    checker = GoogleSqlChecker()
    checker.add_table("fl.d.person", PERSON)
    checker.add_table("fl.d.tall", {"uke": "DATE", "id": "STRING", "antall": "INT64"})
    return checker


def refused(checker: GoogleSqlChecker, sql: str, message: str) -> None:
    """The statement is refused with this text, and the catalog is as it was."""
    before = checker.tables()
    with pytest.raises(GoogleSqlError) as caught:
        checker.check(sql)
    assert message.lower() in str(caught.value).lower()
    assert checker.tables() == before


# -- names


@pytest.mark.parametrize(
    "sql",
    [
        "select ID, Navn, `år` from `fl`.`d`.`person`",
        "select person.id, `født` from `fl.d.person`",
        "select p.id from `fl.d`.person as p where P.NAVN = 'x'",
        "select `andel`, `beløp` from fl.d.person",
    ],
)
def test_names_are_found(checker: GoogleSqlChecker, sql: str) -> None:
    """Any quoting of the path; columns without regard to case; letters beyond ASCII."""
    checker.check(sql)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select fornavn from fl.d.person", "Unrecognized name: fornavn"),
        ("select x.fornavn from fl.d.person as x", "Name fornavn not found inside x"),
        ("select 1 from fl.d.ukjent", "not found: fl.d.ukjent"),
        ("select 1 from fl.d.Person", "Not found: Table fl.d.Person"),
        ("select år from fl.d.person", "Illegal input character"),
        ("select r.tittel from fl.d.person, unnest(roller) as r", "does not exist in STRUCT"),
    ],
)
def test_wrong_names_are_refused(checker: GoogleSqlChecker, sql: str, message: str) -> None:
    """A column, a table, a table in another case, an unquoted å, a field of a struct."""
    refused(checker, sql, message)


def test_a_tables_name_hides_a_column_of_that_name(checker: GoogleSqlChecker) -> None:
    """In GoogleSQL the name means the whole row: a trap that the other engines lack."""
    checker.add_table("fl.d.uke", {"uke": "DATE"})
    refused(checker, "select date_add(uke, interval 1 day) from fl.d.uke", "STRUCT<uke DATE>")
    checker.check("select date_add(u.uke, interval 1 day) from fl.d.uke as u")


# -- types and functions


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("navn = `år`", "No matching signature for operator ="),
        ("navn in (1, 2)", "No matching signature for operator IN"),
        ("`født` < lest", "No matching signature for operator <"),
        ("date_add(navn, interval 1 day)", "No matching signature for function DATE_ADD"),
        ("date_add(`født`, interval 1 hour)", "HOUR"),
        ("timestamp_add(lest, interval 1 month)", "MONTH"),
        ("extract(year from navn)", "No matching signature for function EXTRACT"),
        ("if(aktiv, 1, 'nei')", "No matching signature for function IF"),
        ("coalesce(`år`, 'ukjent')", "No matching signature for function COALESCE"),
        ("lower(`år`)", "No matching signature for function LOWER"),
        ("sum(navn)", "No matching signature for aggregate function SUM"),
        ("cast([1] as array<string>)", "incompatible element types"),
        ("cast(aktiv as date)", "Invalid cast from BOOL to DATE"),
        ("`født` = '2024-02-30'", 'Could not cast literal "2024-02-30" to type DATE'),
        ("`rå` = `rå`", "Equality is not defined for arguments of type JSON"),
        ("[1] = [1]", "Equality is not defined for arguments of type ARRAY"),
        ("json_value(navn, concat('$.', id))", "must be a literal or query parameter"),
    ],
)
def test_wrong_types_are_refused(checker: GoogleSqlChecker, expression: str, message: str) -> None:
    """What DuckDB or PostgreSQL would have cast in silence, or answered otherwise."""
    refused(checker, f"select {expression} as x from fl.d.person", message)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("list_aggregate([1], 'sum')", "Function not found: list_aggregate"),
        ("strftime(`født`, '%Y')", "Function not found: strftime"),
        ("to_char(`født`, 'YYYY')", "Function not found: to_char"),
        ("isoyear(`født`)", "Function not found: isoyear"),
        ("date_trunc('month', `født`)", "A valid date part name is required"),
        ("navn::int64", "Syntax error"),
        ("navn ilike 'a%'", "Syntax error"),
        ("`år` % 2", "Syntax error"),
        ("count(*) filter (where aktiv)", "Syntax error"),
        ("now()", "Function not found: now"),
        ("bool_or(aktiv)", "Function not found: bool_or"),
        ("array_sum([1])", "Function not found: array_sum"),
        ("zeroifnull(`år`)", "Function not found: zeroifnull"),
        ("sum(`år` where aktiv)", "WHERE modifier is not supported"),
        ("cast(navn as float)", "Type not found: float"),
        ("cast(navn as text)", "Type not found: text"),
        ("array_agg(navn order by id nulls last)", "NULLS LAST not supported with ascending"),
    ],
)
def test_other_engines_sql_is_refused(
    checker: GoogleSqlChecker, expression: str, message: str
) -> None:
    """Functions and spellings of DuckDB, PostgreSQL and GoogleSQL's other products."""
    refused(checker, f"select {expression} as x from fl.d.person", message)


@pytest.mark.parametrize(
    "expression",
    [
        "format_date('%G-%V', `født`), format_datetime('%F', endret), format('%05d', `år`)",
        "safe_cast(navn as int64), cast(navn as int), cast(`år` as bigint), cast(1 as boolean)",
        "json_value(navn, '$.a'), json_query_array(navn, '$.a'), json_extract_array(navn)",
        "json_value(`rå`, '$.a'), lax_string(parse_json(navn).a), to_json_string(struct(1 as a))",
        "to_hex(md5(navn)), farm_fingerprint(navn), normalize(navn, nfc), concat(navn, `år`)",
        "generate_date_array(`født`, current_date('Europe/Oslo'), interval 1 week)",
        "date_trunc(`født`, isoweek), date_trunc(`født`, week(monday)), last_day(`født`, isoweek)",
        "extract(isoweek from `født`), extract(isoyear from `født`)",
        "datetime(lest, 'Europe/Oslo'), timestamp(endret, 'Europe/Oslo'), date(lest)",
        "safe.parse_date('%F', navn), parse_datetime('%FT%T', navn), parse_timestamp('%F', navn)",
        "regexp_contains(navn, r'^\\d+$'), regexp_extract(navn, 'a'), split(navn, ',')[offset(0)]",
        "current_datetime('Europe/Oslo'), current_timestamp(), endret - interval 1 month",
        "`født` + 1, date_diff(`født`, `født`, isoweek), timestamp_diff(lest, lest, second)",
        "(select string_agg(r.rolle, ', ' order by r.fra) from unnest(roller) as r)",
        "lag(`år`) over (partition by navn order by endret), countif(aktiv) over ()",
    ],
)
def test_bigquerys_own_functions_are_known(checker: GoogleSqlChecker, expression: str) -> None:
    """The functions that a dbt project uses, with BigQuery's types."""
    checker.check(f"select {expression} from fl.d.person")


def test_functions_that_the_analyzer_lacks(checker: GoogleSqlChecker) -> None:
    """They are added, and typed."""
    checker.check(
        "create table fl.d.t as select max_by(navn, endret) as n, min_by(`år`, lest) as m, "
        "logical_or(contains_substr(navn, 'x')) as c from fl.d.person"
    )
    assert checker.columns("fl.d.t") == {"n": "STRING", "m": "INT64", "c": "BOOL"}


def test_qualify_and_aggregates(checker: GoogleSqlChecker) -> None:
    """QUALIFY needs no WHERE; a struct comes out of an array with its fields."""
    checker.check(
        "select id from fl.d.person qualify row_number() over (partition by id order by lest) = 1"
    )
    checker.check(
        "select id, array_agg(struct(navn, lest) order by lest desc limit 1)[offset(0)].navn "
        "from fl.d.person group by all"
    )


# -- what the planner refuses


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "select p.id from fl.d.person p left join fl.d.tall u on p.`født` < u.uke",
            "LEFT OUTER JOIN cannot be used without a condition that is an equality",
        ),
        (
            "select d from unnest(generate_date_array('2024-01-01', '2024-02-01')) d "
            "left join fl.d.tall u on u.uke <= d",
            "LEFT OUTER JOIN cannot be used",
        ),
        (
            "with p as (select * from fl.d.person) "
            "select p.id from p full join fl.d.tall u on p.id is not distinct from u.id",
            "FULL OUTER JOIN cannot be used",
        ),
        (
            "select id from fl.d.person p where exists "
            "(select 1 from fl.d.tall u where u.uke > p.`født`)",
            "LEFT SEMI JOIN cannot be used",
        ),
        (
            "select (select max(uke) from fl.d.tall u where u.uke <= p.`født`) from fl.d.person p",
            "Correlated subqueries that reference other tables are not supported",
        ),
        (
            "select (select uke from fl.d.tall u where u.id = p.id order by uke limit 1) "
            "from fl.d.person p",
            "Correlated subqueries that reference other tables are not supported",
        ),
        (
            "select p.id from fl.d.person p join fl.d.tall u "
            "on u.id = p.id and u.uke = (select max(uke) from fl.d.tall)",
            "Unsupported subquery with table in join predicate",
        ),
        ("select id from fl.d.person except all select id from fl.d.tall", "EXCEPT DISTINCT"),
        (
            "create table fl.d.t partition by lest as select lest from fl.d.person",
            "PARTITION BY expression must be",
        ),
        ("create table fl.d.t cluster by a as select 1.5 as a", "CLUSTER BY"),
        ("create table fl.d.t (a int64, primary key (a))", "NOT ENFORCED"),
        ("create table fl.d.t (a int64) options (deskription = 'x')", "Unknown option"),
    ],
)
def test_what_the_planner_refuses(checker: GoogleSqlChecker, sql: str, message: str) -> None:
    """The analyzer alone would let these pass."""
    refused(checker, sql, message)


@pytest.mark.parametrize(
    "sql",
    [
        "select p.id from fl.d.person p left join fl.d.tall u on u.id = p.id and u.uke > p.`født`",
        "select p.id from fl.d.person p join fl.d.tall u on u.uke > p.`født`",
        "select p.id from fl.d.person p left join fl.d.tall u on u.antall > 1",
        "select id, uke from fl.d.person left join fl.d.tall using (id)",
        "select p.id from fl.d.person p full join fl.d.tall u on false",
        "select p.id from fl.d.person p full join fl.d.tall u "
        "on p.id = u.id or (p.id is null and u.id is null)",
        "select p.id, r.fra from fl.d.person p left join unnest(p.roller) r on r.fra > p.`født`",
        "with a as (select 1 as x), b as (select 2 as y) select x from a left join b on x < y",
        "select id from fl.d.person p where not exists "
        "(select 1 from fl.d.tall u where u.id = p.id and u.uke > p.`født`)",
        "select id from fl.d.person where id in (select id from fl.d.tall)",
        "select (select max(uke) from fl.d.tall u where u.id = p.id) from fl.d.person p",
        "select row_number() over (order by `født` nulls last) from fl.d.person",
    ],
)
def test_what_the_planner_accepts(checker: GoogleSqlChecker, sql: str) -> None:
    """The neighbours of what it refuses."""
    checker.check(sql)


def test_the_planner_can_be_left_out() -> None:
    """The analyzer alone accepts a join without a key."""
    checker = GoogleSqlChecker(planner=False)
    checker.add_table("fl.d.tall", {"uke": "DATE"})
    checker.check("select a.uke from fl.d.tall a left join fl.d.tall b on a.uke < b.uke")


# -- writing


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("insert into fl.d.tall (antall) values ('ti')", "STRING which cannot be inserted"),
        ("insert into fl.d.tall (antall) select navn from fl.d.person", "cannot be inserted"),
        (
            "insert into fl.d.tall (id, uke) select uke, id from fl.d.tall",
            "cannot be inserted",
        ),
        ("insert into fl.d.tall (nei) values (1)", "Column nei is not present"),
        ("update fl.d.tall set antall = 'x' where true", "cannot be assigned to antall"),
        ("delete from fl.d.tall", "DELETE must have a WHERE clause"),
        (
            "merge into fl.d.tall t using fl.d.tall s on t.id = s.id "
            "when not matched then insert (`id`, `nei`) values (`id`, `nei`)",
            "Column nei is not present",
        ),
        (
            "merge into fl.d.tall t using fl.d.tall s on t.id = s.id "
            "when matched then update set antall = s.id",
            "cannot be assigned to antall",
        ),
        (
            "merge into fl.d.tall t using fl.d.tall s on t.id = s.antall when matched then delete",
            "No matching signature for operator =",
        ),
        ("create table fl.d.t (a int64) as select 'x'", "cannot be coerced"),
        (
            "create table fl.d.t (a numeric) as select andel from fl.d.person",
            "cannot be coerced",
        ),
        (
            "create table fl.d.t (a datetime) as select lest from fl.d.person",
            "cannot be coerced",
        ),
        ("create table fl.d.t (a int64, b int64) as select 1", "number of columns"),
        ("create table fl.d.t as select 1", "columns must be named"),
        ("create table fl.d.t as select 1 as a, 2 as A", "duplicate name"),
        ("create table fl.d.tall as select 1 as a", "Already Exists"),
        ("create or replace view fl.d.tall as select 1 as a", "currently a TABLE"),
        ("drop view fl.d.tall", "is a TABLE"),
        ("drop table fl.d.ukjent", "Not found"),
        ("alter table fl.d.tall add column antall int64", "already exists"),
        ("select 1; select 2 2", "Syntax error"),
        ("/* nothing */", "no statement"),
    ],
)
def test_wrong_writes_are_refused(checker: GoogleSqlChecker, sql: str, message: str) -> None:
    """Types and names of the target; kinds of relations; what is not a statement."""
    refused(checker, sql, message)


def test_the_error_shows_where_and_what(checker: GoogleSqlChecker) -> None:
    """The node, the analyzer's words, its caret and the statement's first lines."""
    with pytest.raises(GoogleSqlError) as caught:
        checker.check("select\n  id,\n  fornavn\nfrom fl.d.person", where="model.flette.x")
    text = str(caught.value)
    assert text.startswith(
        "model.flette.x: Unrecognized name: fornavn; Did you mean navn? [at 3:3]"
    )
    assert "  ^" in text
    assert "    | from fl.d.person" in text


def test_the_catalog_follows(checker: GoogleSqlChecker) -> None:
    """Create, replace, alter, rename, copy, drop: later statements see it."""
    checker.check("create schema if not exists `fl`.`ny` options (location = 'EU')")
    checker.check(
        "create or replace table fl.ny.t (`år` int not null options (description = 'x'), b string, "
        "primary key (`år`) not enforced) partition by range_bucket(`år`, "
        "generate_array(2000, 2100, 1)) cluster by b options (labels = [('a', 'b')]) "
        "as (select `år`, b from (select 2024 as `år`, 'x' as b) as model_subq)"
    )
    assert checker.columns("fl.ny.t") == {"år": "INT64", "b": "STRING"}
    checker.check(
        "create or replace view fl.ny.v options (description = 'x') as select * from fl.ny.t"
    )
    checker.check("alter table fl.ny.t add column c numeric, drop column b")
    checker.check("alter table fl.ny.t rename column c to d")
    checker.check("create table fl.ny.u like fl.ny.t; create table fl.ny.w copy fl.ny.t")
    assert checker.columns("`fl`.`ny`.`w`") == {"år": "INT64", "d": "NUMERIC"}
    checker.check("select b from fl.ny.v; alter table fl.ny.w rename to x; select d from fl.ny.x")
    checker.check("drop table if exists fl.ny.nei; drop table fl.ny.t; drop view fl.ny.v")
    refused(checker, "select 1 from fl.ny.t", "not found")
    checker.check("drop schema fl.ny cascade")
    assert checker.tables() == ["fl.d.person", "fl.d.tall"]


def test_a_dry_run_and_a_session_leave_nothing(checker: GoogleSqlChecker) -> None:
    """Neither a validated statement, nor temporary tables, functions and variables."""
    checker.check("create table fl.d.t as select 1 as a", apply=False)
    checker.check(
        "declare n int64 default 1; create temp function f(x int64) as (x); "
        "create temp table q as select f(n) as a; select a from q"
    )
    assert checker.tables() == ["fl.d.person", "fl.d.tall"]
    refused(checker, "select a from q", "Table not found: q")
    refused(checker, "select f(1)", "Function not found: f")
    refused(checker, "select n", "Unrecognized name: n")


def test_scripts(checker: GoogleSqlChecker) -> None:
    """Variables have types; branches and handlers are read."""
    checker.check(
        "declare a, b int64 default 1; declare c default date '2024-01-01'; set a = b + 1;"
        "set (a, c) = (1, c); if a > 1 then select a; elseif c is null then select c; "
        "else select b; end if; while a < 10 do set a = a + 1; end while;"
        "begin transaction; insert into fl.d.tall (antall) values (a); commit transaction;"
        "begin select a; exception when error then select @@error.message; end"
    )
    refused(checker, "declare a int64; set a = 'x'", "cannot be coerced")
    refused(checker, "declare a int64 default 'x'", "cannot be coerced")
    refused(checker, "declare a int64; if a then select 1; end if", "function IF")
    refused(checker, "declare a int64; begin select navn = a from fl.d.person; end", "operator =")


def test_a_statement_that_is_too_deep_does_not_end_the_analyzer(checker: GoogleSqlChecker) -> None:
    """A hundred terms of a chain are read; ten thousand stop the module, and it starts again."""
    checker.check(f"select {' || '.join(['navn'] * 100)} from fl.d.person")
    refused(checker, f"select {'+'.join(['1'] * 10_000)}", "nested too deep")
    checker.check("select id from fl.d.person")


# -- what dbt sends

COMMENT = '/* {"app": "dbt", "node_id": "model.flette.ark"} */\n'

UNIT_TEST_PROBE = """
    create or replace table `fl`.`d`.`ark__dbt_tmp1`
    OPTIONS(
      expiration_timestamp=TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 12 hour)
    )
    as (
      select * from (
with __dbt__cte__stg as (
-- Fixture for stg
select safe_cast('''a''' as STRING) as `person_id`, safe_cast(null as NUMERIC) as `sum`,
       safe_cast('''2024-01-01 10:00:00''' as DATETIME) as `endret`,
       safe_cast(True as BOOLEAN) as `a`
union all
select safe_cast('''b''' as STRING), safe_cast(null as NUMERIC),
       safe_cast('''2024-01-02 10:00:00''' as DATETIME), safe_cast(True as BOOLEAN)
) select person_id, extract(year from endret) as `år`,
         row_number() over (partition by a order by endret) as nr
  from __dbt__cte__stg qualify nr >= 1
    ) as __dbt_sbq
    where false and current_timestamp() = current_timestamp()
    limit 0
    );
"""

CONTRACT = """
    create or replace table `fl`.`d`.`kontrakt`
  (
    person_id string not null,
    `år` int64,
    sats numeric,
    primary key (person_id) not enforced
    )
    cluster by person_id
    OPTIONS(
      description=\"\"\"Med (kontrakt)\"\"\"
    )
    as (
    select person_id, `år`, sats
    from (
        select id as person_id, `år`, cast(1.5 as numeric) as sats from `fl`.`d`.`person`
    ) as model_subq
    );
"""

MERGE = """
    merge into `fl`.`d`.`inkr` as DBT_INTERNAL_DEST
        using (
        select
        * from `fl`.`d`.`inkr__dbt_tmp1`
        ) as DBT_INTERNAL_SOURCE
        on ((DBT_INTERNAL_SOURCE.id = DBT_INTERNAL_DEST.id))
    when matched then update set
        `id` = DBT_INTERNAL_SOURCE.`id`,`år` = DBT_INTERNAL_SOURCE.`år`
    when not matched then insert
        (`id`, `år`)
    values
        (`id`, `år`)
"""

INSERT_OVERWRITE = """
      -- generated script to merge partitions into `fl`.`d`.`uker`
      declare dbt_partitions_for_replacement array<date>;
       -- 1. create a temp table with model data
    create or replace table `fl`.`d`.`uker__dbt_tmp1`
    partition by uke
    OPTIONS(
      expiration_timestamp=TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 12 hour)
    )
    as (
      select uke, id from `fl`.`d`.`tall`
    );
      -- 2. define partitions to update
      set (dbt_partitions_for_replacement) = (
          select as struct
              -- IGNORE NULLS: this needs to be aligned to _dbt_max_partition, which ignores null
              array_agg(distinct date(uke) IGNORE NULLS)
          from `fl`.`d`.`uker__dbt_tmp1`
      );
      -- 3. run the merge statement
    merge into `fl`.`d`.`uker` as DBT_INTERNAL_DEST
        using (
        select
        * from `fl`.`d`.`uker__dbt_tmp1`
      ) as DBT_INTERNAL_SOURCE
        on FALSE
    when not matched by source
         and date(DBT_INTERNAL_DEST.uke) in unnest(dbt_partitions_for_replacement)
        then delete
    when not matched then insert
        (`uke`, `id`)
    values
        (`uke`, `id`)
;
      -- 4. clean up the temp table
      drop table if exists `fl`.`d`.`uker__dbt_tmp1`
"""

SNAPSHOT_FIRST = """
    create or replace table `fl`.`s`.`snap`
    OPTIONS()
    as (
    select *,
        to_hex(md5(concat(coalesce(cast(id as string), ''), '|',coalesce(cast(
    current_timestamp()
 as string), '')))) as dbt_scd_id,
    current_timestamp()
 as dbt_updated_at,
    current_timestamp()
 as dbt_valid_from,
  coalesce(nullif(
    current_timestamp()
,
    current_timestamp()
), null)
  as dbt_valid_to
, 'False' as dbt_is_deleted
      from (
        select id, navn from `fl`.`d`.`person`
    ) sbq
    );
"""

SNAPSHOT_NEXT = """
    create or replace table `fl`.`s`.`snap__dbt_tmp1`
    OPTIONS(
      expiration_timestamp=TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 12 hour)
    )
    as (
    with snapshot_query as (
        select id, navn from `fl`.`d`.`person`
    ),
    snapshotted_data as (
        select *, id as dbt_unique_key from `fl`.`s`.`snap` where dbt_valid_to is null
    ),
    insertions_source_data as (
        select *, id as dbt_unique_key, current_timestamp() as dbt_updated_at,
            current_timestamp() as dbt_valid_from,
            coalesce(nullif(current_timestamp(), current_timestamp()), null) as dbt_valid_to,
            to_hex(md5(concat(coalesce(cast(id as string), ''), '|'))) as dbt_scd_id
        from snapshot_query
    ),
    insertions as (
        select 'insert' as dbt_change_type, source_data.*, 'False' as dbt_is_deleted
        from insertions_source_data as source_data
        left outer join snapshotted_data
            on snapshotted_data.dbt_unique_key = source_data.dbt_unique_key
        where snapshotted_data.dbt_unique_key is null
            or (snapshotted_data.`navn` != source_data.`navn`
                or ((snapshotted_data.`navn` is null) and not (source_data.`navn` is null)))
    ),
    deletion_records as (
        select 'insert' as dbt_change_type, snapshotted_data.`id`, snapshotted_data.`navn`,
            snapshotted_data.dbt_unique_key, current_timestamp() as dbt_valid_from,
            current_timestamp() as dbt_updated_at, snapshotted_data.dbt_valid_to, dbt_scd_id,
            'True' as dbt_is_deleted
        from snapshotted_data
        left join snapshot_query as source_data on snapshotted_data.dbt_unique_key = source_data.id
        where source_data.id is null and not (snapshotted_data.dbt_is_deleted = 'True')
    )
    select * from insertions
    union all
    select * from deletion_records
    );
"""

SNAPSHOT_MERGE = """
      merge into `fl`.`s`.`snap` as DBT_INTERNAL_DEST
    using `fl`.`s`.`snap__dbt_tmp1` as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.dbt_scd_id = DBT_INTERNAL_DEST.dbt_scd_id
    when matched
       and DBT_INTERNAL_DEST.dbt_valid_to is null
     and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
        then update
        set dbt_valid_to = DBT_INTERNAL_SOURCE.dbt_valid_to
    when not matched
     and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
        then insert (`id`, `navn`, `dbt_updated_at`, `dbt_valid_from`, `dbt_valid_to`,
                     `dbt_scd_id`, `dbt_is_deleted`)
        values (`id`, `navn`, `dbt_updated_at`, `dbt_valid_from`, `dbt_valid_to`,
                `dbt_scd_id`, `dbt_is_deleted`)
"""

DATA_TEST = """
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
with all_values as (
    select aktiv as value_field, count(*) as n_records
    from `fl`.`d`.`person`
    group by aktiv
)
select *
from all_values
where value_field not in (
    True,False
)
    ) dbt_internal_test
"""


def test_dbts_seed_view_test_and_unit_test(checker: GoogleSqlChecker) -> None:
    """A load job and what follows it, a data test, a unit test's probe."""
    schema = {"id": "string", "født": "date", "endret": "datetime", "beløp": "numeric"}
    checker.replay(Statement("load", table="fl.d.raw", columns=schema))
    checker.check(COMMENT + "\n    alter table `fl`.`d`.`raw` set OPTIONS()\n  ")
    checker.check(
        COMMENT
        + "create or replace view `fl`.`d`.`stg`\n  OPTIONS()\n  as \nselect id as person_id,"
        " `født` as fodt, cast(endret as date) as dag from `fl`.`d`.`raw`;\n"
    )
    assert checker.columns("fl.d.stg") == {"person_id": "STRING", "fodt": "DATE", "dag": "DATE"}
    checker.check(COMMENT + DATA_TEST)
    checker.check(COMMENT + UNIT_TEST_PROBE)
    expected = {"person_id": "STRING", "år": "INT64", "nr": "INT64"}
    assert checker.columns("fl.d.ark__dbt_tmp1") == expected
    checker.replay(Statement("delete", table="fl.d.ark__dbt_tmp1"))
    assert "fl.d.ark__dbt_tmp1" not in checker.tables()


def test_dbts_contract(checker: GoogleSqlChecker) -> None:
    """The list's types are the table's, and are compared with the query's."""
    checker.check(COMMENT + CONTRACT)
    expected = {"person_id": "STRING", "år": "INT64", "sats": "NUMERIC"}
    assert checker.columns("fl.d.kontrakt") == expected
    refused(checker, CONTRACT.replace("`år` int64", "`år` string"), "cannot be coerced")
    refused(checker, CONTRACT.replace("`år`, cast", "`født`, cast"), "Unrecognized name")


def test_dbts_incremental_merge(checker: GoogleSqlChecker) -> None:
    """The first build, a new column by the API, the temporary table, and the merge."""
    checker.check("create or replace table `fl`.`d`.`inkr` OPTIONS() as (select 'a' as id);")
    checker.check(
        "create or replace table `fl`.`d`.`inkr__dbt_tmp1` as (select id, `år` "
        "from `fl`.`d`.`person` where id > (select max(id) from `fl`.`d`.`inkr`));"
    )
    refused(checker, MERGE, "år")
    columns = {"id": "STRING", "år": "INT64"}
    checker.replay(Statement("schema", table="fl.d.inkr", columns=columns))
    checker.check(COMMENT + MERGE)
    refused(checker, MERGE.replace("= DBT_INTERNAL_SOURCE.`år`", "= id"), "ambiguous")


def test_dbts_insert_overwrite(checker: GoogleSqlChecker) -> None:
    """A script with a variable of dates and a merge on FALSE."""
    checker.check("create table fl.d.uker partition by uke as select uke, id from fl.d.tall")
    checker.check(COMMENT + INSERT_OVERWRITE)
    assert "fl.d.uker__dbt_tmp1" not in checker.tables()
    with pytest.raises(GoogleSqlError, match="cannot be coerced"):
        checker.check(INSERT_OVERWRITE.replace("array<date>", "array<string>"))


def test_dbts_snapshot(checker: GoogleSqlChecker) -> None:
    """The check strategy with deletions as records: first, next and the merge."""
    for statement in (SNAPSHOT_FIRST, SNAPSHOT_NEXT, SNAPSHOT_MERGE):
        checker.check(COMMENT + statement)
    assert checker.columns("fl.s.snap")["dbt_valid_to"] == "TIMESTAMP"
    refused(checker, SNAPSHOT_MERGE.replace("set dbt_valid_to", "set dbt_til"), "dbt_til")
    refused(checker, SNAPSHOT_NEXT.replace("snapshotted_data.`navn`,", ""), "column count")


# -- recording and rewriting


def test_without_contract() -> None:
    """Only the list of columns of a CREATE TABLE ... AS goes."""
    short = " ".join(without_contract(CONTRACT).split())
    assert short.startswith(
        'create or replace table `fl`.`d`.`kontrakt` cluster by person_id OPTIONS( description="""'
        'Med (kontrakt)""" ) as ( select person_id, `år`, sats from ('
    )
    two = "select 1; create table t (a int64 /* ) */ default (1)) as (select ')' as a); select 2"
    assert without_contract(two) == "select 1; create table t  as (select ')' as a); select 2"
    for other in (
        MERGE,
        SNAPSHOT_NEXT,
        INSERT_OVERWRITE,
        "create table t (a int64 options (description = ' as '))",
        "create table if not exists t options (description = 'x') as (select 1 as a)",
        "create or replace view v (a) as select 1",
    ):
        assert without_contract(other) == other


@pytest.fixture
def sent_to_server(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """A BigQuery client that sends nothing."""
    calls: list[tuple] = []
    for name in (
        *("query", "load_table_from_file", "delete_table", "update_table", "copy_table"),
        "delete_dataset",
    ):
        monkeypatch.setattr(
            bigquery.Client, name, lambda self, *args, _name=name, **k: calls.append((_name, args))
        )
    return calls


def test_recording(sent_to_server: list[tuple]) -> None:
    """Each kind of call, in order; the list has what dbt wrote, the server what was rewritten."""
    client = bigquery.Client.__new__(bigquery.Client)
    table = bigquery.TableReference.from_string("fl.d.t")
    schema = [
        bigquery.SchemaField("id", "string"),
        bigquery.SchemaField("antall", "INTEGER"),
        bigquery.SchemaField(
            "r", "RECORD", "REPEATED", fields=[bigquery.SchemaField("å", "FLOAT")]
        ),
    ]
    dry = bigquery.QueryJobConfig(dry_run=True)
    with record_statements(rewrite=str.upper) as sent:
        client.query(query="select 1", job_config=bigquery.QueryJobConfig(), job_id="1")
        client.query(query="select 1", job_config=bigquery.QueryJobConfig(), job_id="1")
        client.query("select 2", dry)
        client.load_table_from_file(
            None, table, rewind=True, job_config=bigquery.LoadJobConfig(schema=schema)
        )
        client.update_table(bigquery.Table(table, schema=schema), ["schema"])
        client.update_table(bigquery.Table(table), ["description"])
        client.copy_table([table], bigquery.TableReference.from_string("fl.d.u"))
        client.delete_table(table, not_found_ok=True)
        client.delete_dataset(dataset=bigquery.DatasetReference("fl", "d"), delete_contents=True)
    client.query("after")

    columns = {"id": "STRING", "antall": "INT64", "r": "ARRAY<STRUCT<`å` FLOAT64>>"}
    assert sent == [
        Statement("query", sql="select 1"),
        Statement("query", sql="select 2", dry_run=True),
        Statement("load", table="fl.d.t", columns=columns),
        Statement("schema", table="fl.d.t", columns=columns),
        Statement("copy", table="fl.d.u", source="fl.d.t"),
        Statement("delete", table="fl.d.t"),
        Statement("delete_dataset", table="fl.d"),
    ]
    queries = [args[0] for name, args in sent_to_server if name == "query"]
    assert queries == ["SELECT 1", "SELECT 1", "SELECT 2", "after"]

    checker = GoogleSqlChecker()
    for statement in sent[:5]:
        checker.replay(statement)
    assert checker.columns("fl.d.u")["r"] == "ARRAY<STRUCT<`å` FLOAT64>>"
    for statement in sent[5:]:
        checker.replay(statement)
    assert checker.tables() == []


def test_recording_from_many_threads(
    sent_to_server: list[tuple], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost, and each thread's statements keep their order and their node."""
    context = threading.local()
    monkeypatch.setattr(
        "dbt_common.events.contextvars.get_node_info", lambda: {"unique_id": context.node}
    )

    def build(node: str) -> None:
        context.node = node
        client = bigquery.Client.__new__(bigquery.Client)
        for i in range(50):
            client.query(
                query=f"{i}", job_config=SimpleNamespace(dry_run=False), job_id=f"{node}{i}"
            )

    with record_statements() as sent:
        threads = [threading.Thread(target=build, args=(f"model.{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(sent) == len(sent_to_server) == 400
    for n in range(8):
        own = [statement.sql for statement in sent if statement.node == f"model.{n}"]
        assert own == [str(i) for i in range(50)]


def test_replay_names_the_node(checker: GoogleSqlChecker) -> None:
    """So that a list of a thousand statements points at a model."""
    with pytest.raises(GoogleSqlError, match=r"^model\.flette\.x: Unrecognized name: nei"):
        checker.replay(Statement("query", sql="select nei from fl.d.tall", node="model.flette.x"))


# -- a statement that was accepted before


@pytest.mark.parametrize(
    "change",
    [
        "alter table fl.d.tall drop column antall",
        "create or replace table fl.d.tall as select '1' as id, 'to' as antall",
        "drop table fl.d.tall",
    ],
)
def test_what_was_accepted_is_refused_once_its_table_is_another(
    checker: GoogleSqlChecker, change: str
) -> None:
    sql = "select t.antall + 1 as antall from `fl`.`d`.`tall` as t"
    other = GoogleSqlChecker()
    checker.check(sql)
    checker.check(sql)
    checker.check(change)
    with pytest.raises(GoogleSqlError):
        checker.check(sql)
    with pytest.raises(GoogleSqlError, match="Table not found"):
        other.check(sql)


def test_what_was_accepted_takes_effect_again(checker: GoogleSqlChecker) -> None:
    copy = "create or replace table `fl.d.ny` as select * from `fl.d.tall`"
    checker.check(copy)
    checker.drop_table("fl.d.ny")
    checker.check(copy)
    assert checker.columns("fl.d.ny") == {"uke": "DATE", "id": "STRING", "antall": "INT64"}
    checker.check("alter table `fl.d.tall` add column nytt BOOL")
    checker.check(copy)
    assert checker.columns("fl.d.ny")["nytt"] == "BOOL"


@pytest.mark.parametrize("between", ["select 1 as ett", "create table fl.d.x (a INT64)"])
def test_other_statements_do_not_hide_a_change(checker: GoogleSqlChecker, between: str) -> None:
    """The catalog that the analyzer has is older than the change; it is not used any more."""
    checker.check("select t.antall from fl.d.tall as t")
    checker.check("alter table fl.d.tall rename column antall to mengde")
    checker.check(between)
    checker.check("select t.mengde from fl.d.tall as t")
    refused(checker, "select t.antall as nytt_navn from fl.d.tall as t", "antall")


def test_comments_and_strings_do_not_make_a_script(checker: GoogleSqlChecker) -> None:
    checker.check("/* a; b */ select ';' as tegn, t.id from `fl.d.tall` as t; -- end;")
    refused(checker, "/* a; b */ select ';' as tegn, t.nei from `fl.d.tall` as t; -- x", "nei")
    refused(checker, "select 1 as en; select t.nei from fl.d.tall as t", "nei")


def test_only_one_function_of_the_module_is_emptied() -> None:
    """And it is there: a new version of zetasql would be half as fast without a word."""
    there, here = Path(get_wasm_path()).read_bytes(), _module()
    start, size, _ = _POOL_LIVES
    assert there != here
    assert (there[:start], there[start + size :]) == (here[:start], here[start + size :])
