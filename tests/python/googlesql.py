"""Every statement that dbt sends to BigQuery, parsed and type-checked by Google's own analyzer.

The PyPI package `zetasql` is GoogleSQL's reference analyzer (the code that BigQuery's front end
is built on) compiled to WebAssembly. It runs offline. `GoogleSqlChecker` gives it BigQuery's
options and a catalog with BigQuery's column types, and follows a build statement by statement:

    with record_statements(rewrite=without_contract) as sent:
        dbtRunner().invoke(["build", "--target", "bigquery"])     # runs on the emulator
    checker = GoogleSqlChecker()
    for statement in sent:
        checker.replay(statement)       # GoogleSqlError where BigQuery would refuse

The list is recorded on `google.cloud.bigquery.Client`, the one door that dbt-bigquery 1.12 uses
for SQL (`query`), seeds (`load_table_from_file`) and the changes of the catalog that are not SQL
(`delete_table`, `update_table`, `copy_table`, `delete_dataset`). A statement is noted before it
is sent, so whatever it depends on stands before it, also when dbt runs several threads.

Where the analyzer and BigQuery differ, and what is done about it:

* Looser: functions that other GoogleSQL products have and BigQuery has not (`array_sum`,
  `array_filter`, `zeroifnull`, `int64_array`, `pi`, ...) are taken out: `NOT_IN_BIGQUERY`.
* Looser: language features that BigQuery lacks or has in preview only are switched off (equality
  of ARRAY and JSON, casts between arrays, lambdas, LATERAL, `sum(x where ...)`, an expression in
  LIMIT, a JSONPath that is not a literal, ON CONFLICT, RETURNING, ...): `FEATURES_OFF`.
* Looser: what BigQuery's planner refuses after a clean analysis is found in the resolved tree
  (`_Refusals`): an outer join, EXISTS or a correlated subquery without an equality between its
  sides; a subquery over a table in ON; a correlated subquery with ORDER BY or LIMIT;
  EXCEPT ALL and INTERSECT ALL; NULLS FIRST/LAST against the sort order inside an aggregate;
  partitioning on an expression, or clustering on a type, that a table cannot have. Options of
  tables that BigQuery does not know are refused by the analyzer: `TABLE_OPTIONS`.
* Looser: table names are case-sensitive in BigQuery, and `a.b.c` in one pair of backticks is a
  path whose alias is `c`.
* Stricter: `max_by`, `min_by`, `contains_substr`, the type names INT, INTEGER, BIGINT, ...,
  script variables and `@@` variables are added to the catalog.

Checked to be present and typed as in BigQuery's manual: format_date, format_datetime,
parse_date/-datetime/-timestamp, `safe.` and safe_cast, datetime and timestamp with a zone,
date_trunc(isoweek), extract(isoweek | isoyear | week(monday)), generate_date_array, json_value,
json_query(_array), json_extract*, parse_json, lax_string, to_json_string, to_hex(md5()),
farm_fingerprint, normalize, regexp_*, struct/unnest, qualify, array_agg, string_agg, lag.

A statement is analysed once for the columns that its tables have: sent again while they are the
same (most of dbt's tests, and much of a second build), it is known to be good.

Not seen: values (overflow, a bad time zone, a JSONPath that matches nothing), INFORMATION_SCHEMA,
routines of other projects, BQML/search functions, FOR loops and dynamic SQL in scripts, quotas and
permissions. A view keeps the columns that it was created with, and counts as a table.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import wasmtime
from google.cloud import bigquery
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from zetasql.core.exceptions import ServerError
from zetasql.core.wasm_client import WasmClient, get_tzinfo_dir
from zetasql.wasi import get_wasm_path
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.proto.function_pb2 import FunctionProto
from zetasql.wasi._pb2.zetasql.public import options_pb2 as public_options
from zetasql.wasi._pb2.zetasql.public.function_pb2 import FunctionEnums, SignatureArgumentKind
from zetasql.wasi._pb2.zetasql.public.type_pb2 import TypeKind, TypeProto
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_enums_pb2 as ast_enums
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_node_kind_pb2

# What the analyzer accepts and BigQuery's list of functions has not.
NOT_IN_BIGQUERY = frozenset(
    """
    apply approx_cosine_distance approx_dot_product approx_euclidean_distance array_avg
    array_filter array_find array_find_all array_first_n array_includes array_includes_all
    array_includes_any array_is_distinct array_last_n array_max array_min array_offset array_offsets
    array_remove_first_n array_remove_last_n array_sum array_transform array_zip bool_array
    dot_product elementwise_avg elementwise_sum filter_fields flatten float32 float32_array
    float64_array iferror int64_array iserror json_contains l1_norm l2_norm lax_bool_array
    lax_float32 lax_float32_array lax_float64_array lax_int64_array lax_string_array
    manhattan_distance new_uuid nulliferror nullifzero pi pi_bignumeric pi_numeric
    range_is_end_unbounded range_is_start_unbounded regexp_extract_groups safe_to_json
    split_substr st_askml st_dumppoints st_geogfromkml st_nearest_neighbors st_unaryunion
    string_array timestamp_from_unix_micros timestamp_from_unix_millis
    timestamp_from_unix_seconds to_seconds_interval zeroifnull zstd_compress
    zstd_decompress_to_bytes zstd_decompress_to_string
    """.split()
)

# Released in GoogleSQL; absent from BigQuery, or in preview there.
FEATURES_OFF = """
    AGGREGATE_FILTERING ARRAY_ELEMENTS_WITH_SET ARRAY_EQUALITY ARRAY_ORDERING
    CAST_DIFFERENT_ARRAY_TYPES CHECK_CONSTRAINT DML_RETURNING
    ENABLE_CONSTANT_EXPRESSION_IN_JSON_PATH EXPERIMENTAL_MODULES FOR_UPDATE
    INLINE_LAMBDA_ARGUMENT INSERT_ON_CONFLICT_CLAUSE JSON_TYPE_COMPARISON LATERAL_JOIN
    LIMIT_OFFSET_EXPRESSIONS MULTILEVEL_AGGREGATION MULTILEVEL_AGGREGATION_ON_UDAS MULTIWAY_UNNEST
    STRUCT_POSITIONAL_ACCESSOR TIMESTAMP_NANOS TIMESTAMP_PICOS TIMESTAMP_PRECISION UUID_TYPE
""".split()
# In BigQuery, but not among the analyzer's "ideally enabled" ones.
FEATURES_ON = """
    ALTER_COLUMN_SET_DATA_TYPE COLLATION_SUPPORT CREATE_TABLE_CLONE
    CREATE_VIEWS_WITH_COLUMN_OPTIONS DISABLE_FLOAT32
""".split()

_PAIRS = "ARRAY<STRUCT<STRING, STRING>>"
# Options of tables, views, columns, schemas and functions (the analyzer knows one list for all).
TABLE_OPTIONS = {
    "data_policies": "ARRAY<STRING>",
    "default_collation": "STRING",
    "default_kms_key_name": "STRING",
    "default_partition_expiration_days": "FLOAT64",
    "default_rounding_mode": "STRING",
    "default_table_expiration_days": "FLOAT64",
    "description": "STRING",
    "enable_change_history": "BOOL",
    "enable_refresh": "BOOL",
    "expiration_timestamp": "TIMESTAMP",
    "file_format": "STRING",
    "friendly_name": "STRING",
    "is_case_insensitive": "BOOL",
    "kms_key_name": "STRING",
    "labels": _PAIRS,
    "library": "ARRAY<STRING>",
    "location": "STRING",
    "max_staleness": "INTERVAL",
    "max_time_travel_hours": "INT64",
    "partition_expiration_days": "FLOAT64",
    "refresh_interval_minutes": "FLOAT64",
    "require_partition_filter": "BOOL",
    "rounding_mode": "STRING",
    "storage_billing_model": "STRING",
    "storage_uri": "STRING",
    "table_format": "STRING",
    "tags": _PAIRS,
}
_SYSTEM_VARIABLES = {
    "dataset_id": "STRING",
    "dataset_project_id": "STRING",
    "error.message": "STRING",
    "error.statement_text": "STRING",
    "last_job_id": "STRING",
    "project_id": "STRING",
    "query_label": "STRING",
    "row_count": "INT64",
    "script.job_id": "STRING",
    "time_zone": "STRING",
}
_CLUSTER_KINDS = {
    getattr(TypeKind, f"TYPE_{name}")
    for name in (
        *("BIGNUMERIC", "BOOL", "DATE", "DATETIME", "GEOGRAPHY", "INT64", "NUMERIC", "RANGE"),
        *("STRING", "TIMESTAMP"),
    )
}
_PARTITION_FUNCTIONS = {
    "date",
    "date_trunc",
    "datetime_trunc",
    "range_bucket",
    "timestamp_trunc",
}
# BigQuery's names for the kinds that the analyzer calls something else.
_KIND_NAMES = {TypeKind.TYPE_DOUBLE: "FLOAT64"}
# The REST API's (and so a load job's) names of types.
_API_TYPES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "DECIMAL": "NUMERIC"}


class GoogleSqlError(Exception):
    """A statement that BigQuery would refuse.

    Attributes:
        message: What the analyzer said.
        sql: The statement.
        where: The dbt node that sent it, when known.
    """

    def __init__(self, message: str, sql: str = "", where: str = "") -> None:
        """Join the message with the first lines of the statement."""
        self.message, self.sql, self.where = message, sql, where
        lines = [line.rstrip() for line in sql.splitlines() if line.strip()][:8]
        head = f"{where}: {message}" if where else message
        super().__init__("\n".join([head, *(f"    | {line}" for line in lines)]))


# --------------------------------------------------------------------------------------------
# The text of a statement
# --------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|\#[^\n]*|--[^\n]*|/\*.*?\*/)
    | (?P<string>(?:[rR][bB]?|[bB][rR]?)?
        (?:\"{3}(?:\\.|.)*?\"{3}|'{3}(?:\\.|.)*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))
    | (?P<quoted>`(?:\\.|[^`\\])*`)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


# What may hold any character: comments, strings and quoted names (`_TOKEN` without the rest).
_QUOTED = re.compile(
    r"""
      (?P<comment>\#[^\n]*|--[^\n]*|/\*.*?\*/)
    | (?P<string>
        \"{3}(?:\\.|.)*?\"{3}|'{3}(?:\\.|.)*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    | (?P<quoted>`(?:\\.|[^`\\])*`)
    """,
    re.VERBOSE | re.DOTALL,
)
_NAME = re.compile(r"`[^`]*`|[A-Za-z_]\w*")
# The statements that are no script, when only one is sent.
_PLAIN = re.compile(r"(?i:select|with|create|merge|insert|update|delete|drop|alter)\b")


def _split_dotted(sql: str) -> str:
    """Write `` `a.b.c` `` as `` `a`.`b`.`c` ``: one path to BigQuery, one name to the analyzer."""
    return _QUOTED.sub(
        lambda found: (
            found.group().replace(".", "`.`") if found.lastgroup == "quoted" else found.group()
        ),
        sql,
    )


def _bare(sql: str) -> str:
    """Blank out comments, and what strings hold; everything else stays where it is."""
    blanks = {"comment": " ", "string": "'"}
    return _QUOTED.sub(
        lambda found: (
            found.group()
            if found.lastgroup == "quoted"
            else blanks[str(found.lastgroup)] * len(found.group())
        ),
        sql,
    )


def _only_statement(sql: str) -> str | None:
    """The statement without what surrounds it, if it is plainly one: else a parser must say."""
    bare = _bare(sql)
    start = len(bare) - len(bare.lstrip())
    end = len(bare.rstrip().removesuffix(";").rstrip())
    plain = _PLAIN.match(bare, start) and ";" not in bare[:end]
    return sql[start:end] if plain else None


@functools.lru_cache(maxsize=8)
def _names(sql: str) -> frozenset[str]:
    """Every word and every quoted name of a statement."""
    return frozenset(name.strip("`") for name in _NAME.findall(_bare(sql)))


def without_contract(sql: str) -> str:
    """Take the column list out of `create table x (columns) ... as select`.

    The emulator knows no such statement. dbt has compared the columns with the contract before it
    sends it, and has put the select's columns in the list's order; only NOT NULL is lost.
    """
    tokens = [token for token in _TOKEN.finditer(sql) if token.lastgroup != "space"]
    words = [token.group().lower() for token in tokens]
    cuts: list[tuple[int, int]] = []
    position = 0
    while position < len(words):
        end = next((i for i in range(position, len(words)) if words[i] == ";"), len(words))
        opening = _column_list(words, position, end)
        if opening is not None:
            closing = _closing(words, opening, end)
            if "as" in _outside_parentheses(words[closing + 1 : end]):
                cuts.append((tokens[opening].start(), tokens[closing].end()))
        position = end + 1
    for start, stop in reversed(cuts):
        sql = sql[:start] + sql[stop:]
    return sql


def _column_list(words: list[str], start: int, end: int) -> int | None:
    """Where the parenthesis right after `create ... table path` stands."""
    at = start
    if words[at : at + 1] != ["create"]:
        return None
    at += 1
    for optional in (["or", "replace"], ["temp"], ["temporary"]):
        if words[at : at + len(optional)] == optional:
            at += len(optional)
    if words[at : at + 1] != ["table"]:
        return None
    at += 1
    if words[at : at + 3] == ["if", "not", "exists"]:
        at += 3
    while at < end and words[at] not in ("(", "as", "partition", "cluster", "options"):
        at += 1
    return at if at < end and words[at] == "(" else None


def _closing(words: list[str], opening: int, end: int) -> int:
    depth = 0
    for at in range(opening, end):
        depth += (words[at] == "(") - (words[at] == ")")
        if depth == 0:
            return at
    return end


def _outside_parentheses(words: list[str]) -> Iterator[str]:
    depth = 0
    for word in words:
        depth -= word == ")"
        if depth == 0:
            yield word
        depth += word == "("


# --------------------------------------------------------------------------------------------
# The analyzer
# --------------------------------------------------------------------------------------------

# The module of `zetasql` 0.1.5 is compiled with its assertions. One of them takes a lock and looks
# into a hash table whenever two names are compared, to see whether the pool of names still lives:
# half of all the time. Where this function stands in the file, how long it is, and what it is.
_POOL_LIVES = (1_082_061, 338, "59e9918e7e41cedadeb9350b32cbbdb6cf5728f2e4d3b41d36befc2837783ac5")


def _module() -> bytes:
    """The analyzer's module with that assertion empty; another version's as it is."""
    module = Path(get_wasm_path()).read_bytes()
    start, size, digest = _POOL_LIVES
    end = start + size
    if hashlib.sha256(module[start:end]).hexdigest() != digest:
        return module
    # no local variables, and as many times "do nothing" as there is room for
    return module[:start] + b"\x00" + b"\x01" * (size - 2) + b"\x0b" + module[end:]


class _Analyzer(WasmClient):
    """The WebAssembly module: compiled once per machine, started once per process."""

    exports: Any
    memory: Any

    def __init__(self) -> None:
        """Compile the module (12 s; 0.2 s when this machine has done it before), and start it."""
        config = wasmtime.Config()
        config.shared_memory = True
        config.max_wasm_stack = 2 << 20  # the largest allowed: `a || b || ...` nests deep
        with contextlib.suppress(wasmtime.WasmtimeError):  # nowhere to write: compile every time
            config.cache = True
        self.lock = threading.RLock()  # the module has one memory: one call at a time
        self._types: dict[str, TypeProto] = {}
        self.accepted: dict[tuple[str, bool], tuple[Any, Message]] = {}
        self._engine = wasmtime.Engine(config)
        self._module = wasmtime.Module(self._engine, _module())
        self.starts = 0
        self._start()
        _allow_deep_messages()
        self.pool = service.DescriptorPoolListProto()
        self.pool.definitions.add().builtin.SetInParent()
        self.language = self._bigquery_language()
        self.functions = self._bigquery_functions()
        self.options = options_pb2.AnalyzerOptionsProto(
            language_options=self.language,
            default_timezone="UTC",
            error_message_mode=public_options.ERROR_MESSAGE_MULTI_LINE_WITH_CARET,
            preserve_column_aliases=True,
        )
        allowed = self.options.allowed_hints_and_options
        allowed.disallow_unknown_options = True
        for name, type_text in TABLE_OPTIONS.items():
            allowed.option.add(name=name, type=self.parse_type(type_text))
        for name, type_text in _SYSTEM_VARIABLES.items():
            self.options.system_variables.add(
                name_path=name.split("."), type=self.parse_type(type_text)
            )
        for name in ("_PARTITIONTIME", "_PARTITIONDATE"):
            self.options.ddl_pseudo_columns.add(
                name=name, type=self.parse_type("DATE" if name.endswith("DATE") else "TIMESTAMP")
            )

    def _start(self) -> None:
        wasi = wasmtime.WasiConfig()
        wasi.inherit_stderr()
        if zones := get_tzinfo_dir():
            wasi.preopen_dir(zones, "/usr/share/zoneinfo")
        self.store = wasmtime.Store(self._engine)
        self.store.set_wasi(wasi)
        linker = wasmtime.Linker(self._engine)
        linker.define_wasi()
        self.exports = linker.instantiate(self.store, self._module).exports(self.store)
        self.memory = self.exports["memory"]
        if "_initialize" in self.exports:
            self.exports["_initialize"](self.store)
        self.starts += 1

    # The package copies byte by byte in Python: ten times slower than all the rest.
    def write_bytes(self, ptr: int, data: bytes) -> None:
        """Copy into the module's memory."""
        ctypes.memmove(ctypes.addressof(self.memory.data_ptr().contents) + ptr, data, len(data))

    def read_bytes(self, ptr: int, size: int) -> bytes:
        """Copy out of the module's memory."""
        return ctypes.string_at(ctypes.addressof(self.memory.data_ptr().contents) + ptr, size)

    def call(self, method: str, request: Message, answer: type[Any]) -> Any:
        """Call the analyzer's service; its refusal is a `GoogleSqlError`."""
        with self.lock:
            try:
                return self.call_grpc_func(f"ZetaSqlLocalService_{method}", request, answer)
            except ServerError as error:
                text = re.sub(r"\ACode: \d+, Message: ", "", error.raw_error)
                raise GoogleSqlError(text) from None
            except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
                self._start()  # after a trap the module's memory is not to be trusted
                raise GoogleSqlError(
                    f"the analyzer stopped (is the statement nested too deep?): {error}"[:500]
                ) from None

    def _bigquery_language(self) -> Message:
        language = self.call(
            "GetLanguageOptions",
            service.LanguageOptionsRequest(maximum_features=True),
            options_pb2.LanguageOptionsProto,
        )
        number = public_options.LanguageFeature.Value
        features = set(language.enabled_language_features)
        features -= {number(f"FEATURE_{name}") for name in FEATURES_OFF}
        features |= {number(f"FEATURE_{name}") for name in FEATURES_ON}
        del language.enabled_language_features[:]
        language.enabled_language_features.extend(sorted(features))
        language.product_mode = public_options.PRODUCT_EXTERNAL
        language.reserved_keywords.append("QUALIFY")
        del language.supported_statement_kinds[:]
        language.supported_statement_kinds.extend(
            number
            for name, number in resolved_node_kind_pb2.ResolvedNodeKind.items()
            if name.endswith("_STMT")
        )
        return language

    def _bigquery_functions(self) -> Message:
        options = options_pb2.ZetaSQLBuiltinFunctionOptionsProto(language_options=self.language)
        known = self.call("GetBuiltinFunctions", options, service.GetBuiltinFunctionsResponse)
        options.exclude_function_ids.extend(
            {
                signature.context_id
                for function in known.function
                if ".".join(function.name_path).lower() in NOT_IN_BIGQUERY
                for signature in function.signature
            }
        )
        return options

    def root_catalog(self) -> simple_catalog_pb2.SimpleCatalogProto:
        """A catalog with BigQuery's functions and type names, and no tables."""
        root = simple_catalog_pb2.SimpleCatalogProto(name="bigquery")
        root.builtin_function_options.CopyFrom(self.functions)
        for name in ("INT", "SMALLINT", "INTEGER", "BIGINT", "TINYINT", "BYTEINT"):
            root.named_type.add(name=name).type.type_kind = TypeKind.TYPE_INT64
        any_1, any_2 = SignatureArgumentKind.ARG_TYPE_ANY_1, SignatureArgumentKind.ARG_TYPE_ANY_2
        for name in ("max_by", "min_by"):
            function = root.custom_function.add(
                name_path=[name], group="BigQuery", mode=FunctionEnums.AGGREGATE
            )
            signature = function.signature.add()
            for kind in (any_1, any_2):
                signature.argument.add(kind=kind, num_occurrences=-1)
            signature.return_type.kind = any_1
            signature.return_type.num_occurrences = -1
        function = root.custom_function.add(
            name_path=["contains_substr"], group="BigQuery", mode=FunctionEnums.SCALAR
        )
        signature = function.signature.add()
        signature.argument.add(kind=any_1, num_occurrences=-1)
        fixed = SignatureArgumentKind.ARG_TYPE_FIXED
        text, boolean = TypeKind.TYPE_STRING, TypeKind.TYPE_BOOL
        signature.argument.add(kind=fixed, type=TypeProto(type_kind=text), num_occurrences=-1)
        signature.return_type.kind = fixed
        signature.return_type.type.type_kind = boolean
        signature.return_type.num_occurrences = -1
        return root

    def parse_type(self, text: str) -> TypeProto:
        """The analyzer's form of a BigQuery type such as `ARRAY<STRUCT<a INT64, b STRING>>`."""
        if text not in self._types:
            self._types[text] = self._ask_type(text)
        return self._types[text]

    def _ask_type(self, text: str) -> TypeProto:
        request = service.AnalyzeRequest(
            options=options_pb2.AnalyzerOptionsProto(language_options=self.language),
            simple_catalog=self.root_catalog(),
            descriptor_pool_list=self.pool,
            sql_statement=f"create table t (c {_API_TYPES.get(text.upper(), text)})",
        )
        answer = self.call("Analyze", request, service.AnalyzeResponse)
        return _get(_leaf(answer.resolved_statement), "column_definition_list")[0].type


@functools.cache
def _analyzer() -> _Analyzer:
    return _Analyzer()


def _allow_deep_messages() -> None:
    """Lift protobuf's limit of 100 levels: 25 terms of `a || b || ...` nest deeper."""
    try:
        from google._upb import _message
    except ImportError:
        return
    _message.SetAllowOversizeProtos(True)


def type_name(proto: TypeProto) -> str:
    """BigQuery's name of a type."""
    if proto.type_kind == TypeKind.TYPE_ARRAY:
        return f"ARRAY<{type_name(proto.array_type.element_type)}>"
    if proto.type_kind == TypeKind.TYPE_RANGE:
        return f"RANGE<{type_name(proto.range_type.element_type)}>"
    if proto.type_kind == TypeKind.TYPE_STRUCT:
        fields = (
            f"`{part.field_name}` {type_name(part.field_type)}".removeprefix("`` ")
            for part in proto.struct_type.field
        )
        return f"STRUCT<{', '.join(fields)}>"
    return _KIND_NAMES.get(proto.type_kind) or TypeKind.Name(proto.type_kind).removeprefix("TYPE_")


# --------------------------------------------------------------------------------------------
# Reading the analyzer's trees
# --------------------------------------------------------------------------------------------


def _kind(node: Message) -> str:
    return node.DESCRIPTOR.name.removeprefix("Resolved").removesuffix("Proto")


def _leaf(node: Message) -> Message:
    """Step through the `Any...Proto` wrappers to the node itself."""
    while node.DESCRIPTOR.name.startswith("Any"):
        chosen = node.WhichOneof(node.DESCRIPTOR.oneofs[0].name)
        if chosen is None:
            return node
        node = getattr(node, chosen)
    return node


def _get(node: Message, name: str, default: Any = None) -> Any:
    """A field of the node or of what it inherits from."""
    while name not in node.DESCRIPTOR.fields_by_name:
        if "parent" not in node.DESCRIPTOR.fields_by_name:
            return default
        node = node.parent
    return getattr(node, name)


_LEAVES = {"TypeProto", "FunctionSignatureProto", "ResolvedColumnProto", "ValueWithTypeProto"}
_LEAVES |= {"ResolvedScanProto", "ResolvedExprProto", "ResolvedFunctionCallInfoProto"}


def _walk(node: Message) -> Iterator[Message]:
    """The node and everything below, but for types, signatures and lists of columns."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        for descriptor, value in node.ListFields():
            if descriptor.message_type is None or descriptor.message_type.name in _LEAVES:
                continue
            stack.extend([value] if isinstance(value, Message) else value)


def _find(node: Message, kind: str) -> Iterator[Message]:
    return (found for found in _walk(node) if _kind(found) == kind)


def _function(call: Message) -> str:
    """The name of a called function, such as `date_trunc` or `$equal`."""
    function = _get(call, "function")
    return function.name.split(":")[-1].lower() if function is not None else ""


def _arguments(call: Message) -> list[Message]:
    return [_leaf(argument) for argument in _get(call, "argument_list")]


def _conjuncts(expression: Message) -> list[Message]:
    expression = _leaf(expression)
    if _kind(expression) == "FunctionCall" and _function(expression) == "$and":
        return [part for each in _arguments(expression) for part in _conjuncts(each)]
    return [expression]


def _output_ids(scan: Message) -> set[int]:
    return {column.column_id for column in _get(scan, "column_list")}


def _column_ids(expression: Message) -> set[int]:
    return {reference.column.column_id for reference in _find(expression, "ColumnRef")}


class _Refusals:
    """What BigQuery's planner refuses though the analyzer is content. The wording is BigQuery's."""

    def __init__(self, statement: Message) -> None:
        """Note which WITH entries read a table, then look at every node."""
        self.statement = statement
        self._entries = {
            entry.with_query_name: entry.with_subquery for entry in _find(statement, "WithEntry")
        }
        self._reading: dict[str, bool] = {}

    def __iter__(self) -> Iterator[str]:
        """One message for each refusal."""
        for node in _walk(self.statement):
            rule = getattr(self, f"_on_{_kind(node)}", None)
            if rule is not None:
                yield from rule(node)

    def _reads_table(self, node: Message) -> bool:
        return any(
            _kind(found) == "TableScan"
            or (_kind(found) == "WithRefScan" and self._entry_reads_table(found.with_query_name))
            for found in _walk(node)
        )

    def _entry_reads_table(self, name: str) -> bool:
        if name not in self._reading:
            self._reading[name] = False  # a recursive entry meets itself
            self._reading[name] = name in self._entries and self._reads_table(self._entries[name])
        return self._reading[name]

    def _on_JoinScan(self, join: Message) -> Iterator[str]:
        if not join.HasField("join_expr"):
            return
        yield from self._table_in_predicate(join.join_expr)
        name = ast_enums.ResolvedJoinScanEnums.JoinType.Name(join.join_type)
        sides = [_leaf(join.left_scan), _leaf(join.right_scan)]
        if name == "INNER" or not any(self._reads_table(side) for side in sides):
            return
        left, right = map(_output_ids, sides)
        optional = {"LEFT": right, "RIGHT": left}.get(name, set())
        if not _has_key(join.join_expr, left, right, optional, full=name == "FULL"):
            yield _no_key(f"{name} OUTER JOIN")

    def _on_MergeStmt(self, merge: Message) -> Iterator[str]:
        yield from self._table_in_predicate(merge.merge_expr)
        unmatched = {when.match_type for when in merge.when_clause_list}
        unmatched.discard(ast_enums.ResolvedMergeWhenEnums.MATCHED)
        left, right = map(_output_ids, (merge.table_scan, _leaf(merge.from_scan)))
        full = len(unmatched) > 1
        if unmatched and not _has_key(merge.merge_expr, left, right, set(), full=full):
            yield _no_key("MERGE")

    def _table_in_predicate(self, expression: Message) -> Iterator[str]:
        if any(self._reads_table(query.subquery) for query in _find(expression, "SubqueryExpr")):
            yield "Unsupported subquery with table in join predicate."

    def _on_SubqueryExpr(self, query: Message) -> Iterator[str]:
        outer = {reference.column.column_id for reference in query.parameter_list}
        if not outer or not self._reads_table(query.subquery):
            return
        step = _leaf(query.subquery)
        while _kind(step) in ("ProjectScan", "FilterScan", "LimitOffsetScan", "OrderByScan"):
            if _kind(step) in ("LimitOffsetScan", "OrderByScan"):
                yield _CORRELATED
                return
            step = _leaf(step.input_scan)
        name = ast_enums.ResolvedSubqueryExprEnums.SubqueryType.Name(query.subquery_type)
        if name in ("IN", "LIKE_ANY", "LIKE_ALL") or self._linked(query.subquery, outer):
            return
        yield _no_key("LEFT SEMI JOIN") if name == "EXISTS" else _CORRELATED

    def _linked(self, subquery: Message, outer: set[int]) -> bool:
        for call in _find(subquery, "FunctionCall"):
            if _function(call) in ("$equal", "$is_not_distinct_from"):
                one, other = (_column_ids(side) for side in _arguments(call))
                if one and other and (one <= outer) != (other <= outer):
                    return True
        return False

    def _on_SetOperationScan(self, scan: Message) -> Iterator[str]:
        name = ast_enums.ResolvedSetOperationScanEnums.SetOperationType.Name(scan.op_type)
        if name in ("INTERSECT_ALL", "EXCEPT_ALL"):
            yield f"{name.replace('_', ' ')} is not supported: write {name.split('_')[0]} DISTINCT"

    def _on_AggregateFunctionCall(self, call: Message) -> Iterator[str]:
        for item in call.order_by_item_list:
            if clash := _null_order_clash(item):
                yield f"{clash} sort order in aggregate functions."

    def _on_AnalyticFunctionGroup(self, group: Message) -> Iterator[str]:
        clashes = [
            c for item in group.order_by.order_by_item_list if (c := _null_order_clash(item))
        ]
        ranged = ast_enums.ResolvedWindowFrameEnums.RANGE
        for call in _find(group, "AnalyticFunctionCall"):
            aggregate = _function(call) not in _NUMBERING
            if clashes and aggregate and call.window_frame.frame_unit == ranged:
                yield f"{clashes[0]} sort order in RANGE clauses."

    def _on_CreateTableStmt(self, table: Message) -> Iterator[str]:
        for expression in map(_leaf, table.partition_by_list):
            date = _get(expression, "type").type_kind == TypeKind.TYPE_DATE
            if not (_kind(expression) == "ColumnRef" and date) and (
                _kind(expression) != "FunctionCall"
                or _function(expression) not in _PARTITION_FUNCTIONS
            ):
                yield (
                    "PARTITION BY expression must be DATE(<timestamp_column>), "
                    "DATE(<datetime_column>), DATETIME_TRUNC(...), TIMESTAMP_TRUNC(...), "
                    "DATE_TRUNC(...), a DATE column, or RANGE_BUCKET(...)"
                )
        clusters = [_leaf(expression) for expression in table.cluster_by_list]
        if len(clusters) > 4:
            yield "CLUSTER BY takes at most four columns"
        for expression in clusters:
            proto = _get(expression, "type")
            if _kind(expression) != "ColumnRef" or proto.type_kind not in _CLUSTER_KINDS:
                yield f"CLUSTER BY expression must be a column, and not of type {type_name(proto)}"

    _on_CreateTableAsSelectStmt = _on_CreateTableStmt

    def _on_PrimaryKey(self, key: Message) -> Iterator[str]:
        if not key.unenforced:
            yield "Enforced primary keys are not supported: write NOT ENFORCED"

    def _on_ForeignKey(self, key: Message) -> Iterator[str]:
        if key.enforced:
            yield "Enforced foreign keys are not supported: write NOT ENFORCED"


_CORRELATED = (
    "Correlated subqueries that reference other tables are not supported unless they can be "
    "de-correlated, such as by transforming them into an efficient JOIN."
)
_NUMBERING = {
    *("rank", "dense_rank", "row_number", "percent_rank", "cume_dist", "ntile", "lead", "lag"),
    *("first_value", "last_value", "nth_value", "percentile_cont", "percentile_disc"),
}


def _no_key(join: str) -> str:
    return (
        f"{join} cannot be used without a condition that is an equality of fields from both "
        "sides of the join."
    )


def _null_order_clash(item: Message) -> str:
    """NULLS LAST ascending or NULLS FIRST descending: the opposite of BigQuery's own order."""
    orders = ast_enums.ResolvedOrderByItemEnums
    if item.is_descending and item.null_order == orders.NULLS_FIRST:
        return "NULLS FIRST not supported with descending"
    if not item.is_descending and item.null_order == orders.NULLS_LAST:
        return "NULLS LAST not supported with ascending"
    return ""


def _has_key(
    condition: Message, left: set[int], right: set[int], optional: set[int], *, full: bool
) -> bool:
    """Whether BigQuery finds a hash key, or nothing to hash, in a join's condition.

    A condition on the optional side alone filters that side before the join; a constant makes a
    cross product; both are accepted.
    """
    parts = [part for part in _conjuncts(condition) if not _column_ids(part) <= optional]
    if not any(_column_ids(part) for part in parts):
        return True
    return any(_is_key(part, left, right, full=full) for part in parts)


def _is_key(part: Message, left: set[int], right: set[int], *, full: bool) -> bool:
    name = _function(part) if _kind(part) == "FunctionCall" else ""
    if name == "$equal" or (name == "$is_not_distinct_from" and not full):
        one, other = (_column_ids(side) for side in _arguments(part))
        return bool(one and other) and (
            (one <= left and other <= right) or (one <= right and other <= left)
        )
    if name == "$or":
        # `a = b or (a is null and b is null)` is a key too; in a FULL JOIN only of plain columns.
        equal = [each for each in _arguments(part) if _is_key(each, left, right, full=full)]
        rest = [test for each in _arguments(part) if each not in equal for test in _conjuncts(each)]
        if len(equal) != 1 or [_function(test) for test in rest] != ["$is_null", "$is_null"]:
            return False
        return not full or all(_kind(side) == "ColumnRef" for side in _arguments(equal[0]))
    return False


# --------------------------------------------------------------------------------------------
# The checker
# --------------------------------------------------------------------------------------------


@dataclass
class _Table:
    columns: dict[str, TypeProto]
    kind: str = "TABLE"


# Tables and functions by path, variables by name.
_Catalog = tuple[
    dict[tuple[str, ...], _Table], dict[tuple[str, ...], FunctionProto], dict[str, TypeProto]
]


class GoogleSqlChecker:
    """A BigQuery with columns and types, but no rows.

    All checkers share one analyzer; each has its own catalog. Safe to use from several threads.
    """

    def __init__(self, *, planner: bool = True) -> None:
        """Start with an empty catalog.

        Args:
            planner: Whether to refuse what BigQuery's planner refuses, not the analyzer alone.
        """
        self._analyzer = _analyzer()
        self._planner = planner
        self._tables: dict[tuple[str, ...], _Table] = {}
        self._functions: dict[tuple[str, ...], FunctionProto] = {}
        self._variables: dict[str, TypeProto] = {}
        self._registered: tuple[int, int, _Catalog] | None = None

    # -- the catalog

    def add_table(self, name: str, columns: Mapping[str, str], *, kind: str = "TABLE") -> None:
        """Put a table (again) into the catalog.

        Args:
            name: `project.dataset.table`, with or without backticks.
            columns: BigQuery types by column name, such as `{"år": "INT64"}`.
            kind: TABLE or VIEW.
        """
        types = {column: self._analyzer.parse_type(text) for column, text in columns.items()}
        self._put(_path(name), types, kind)

    def drop_table(self, name: str) -> None:
        """Take a table out of the catalog, if it is there."""
        self._change(lambda: self._tables.pop(_path(name), None))

    def columns(self, name: str) -> dict[str, str]:
        """The columns of a table, and their types."""
        table = self._table(_path(name))
        return {column: type_name(proto) for column, proto in table.columns.items()}

    def tables(self) -> list[str]:
        """The names in the catalog."""
        return sorted(".".join(path) for path in self._tables)

    # -- checking

    def check(self, sql: str, *, apply: bool = True, where: str = "") -> None:
        """Analyze a statement or a script, and change the catalog as BigQuery would.

        Args:
            sql: What dbt sends.
            apply: False for a dry run: the catalog stays as it is.
            where: The dbt node, for the message.

        Raises:
            GoogleSqlError: BigQuery would refuse it.
        """
        with self._analyzer.lock:
            before = dict(self._tables), dict(self._functions)
            text = _split_dotted(sql)
            try:
                alone = _only_statement(text)
                if alone is not None:
                    self._statement(alone)
                    return
                request = service.ParseRequest(
                    sql_statement=text, options=self._analyzer.language, allow_script=True
                )
                answer = self._analyzer.call("Parse", request, service.ParseResponse)
                statements = answer.parsed_script.statement_list_node.statement_list
                if not statements:
                    raise GoogleSqlError("there is no statement")
                self._run(statements, text.encode())
            except GoogleSqlError as error:
                raise GoogleSqlError(error.message, error.sql or sql, where) from None
            finally:
                self._end_of_session(before if not apply else None)

    def replay(self, sent: Statement) -> None:
        """Check what was recorded, and follow what dbt does to the catalog without SQL.

        A checker knows what it has seen: replay from the first build of an empty database, and
        with the same checker through the builds after it.

        Raises:
            GoogleSqlError: BigQuery would refuse it; the message begins with the dbt node.
        """
        try:
            getattr(self, f"_replay_{sent.kind}")(sent)
        except GoogleSqlError as error:
            raise GoogleSqlError(error.message, error.sql or sent.sql, sent.node) from None

    def _replay_query(self, sent: Statement) -> None:
        self.check(sent.sql, apply=not sent.dry_run)

    def _replay_load(self, sent: Statement) -> None:
        if not sent.columns:
            raise GoogleSqlError(f"the load job of {sent.table} has no schema")
        self.add_table(sent.table, sent.columns)

    def _replay_delete(self, sent: Statement) -> None:
        self.drop_table(sent.table)

    def _replay_schema(self, sent: Statement) -> None:
        # dbt has read the columns from the server, so only the new ones say something: what the
        # emulator thinks of the others' types is not BigQuery's opinion
        known = self.columns(sent.table)
        new = {name: text for name, text in sent.columns.items() if not _named(known, name)}
        if new:
            self.add_table(sent.table, known | new)

    def _replay_copy(self, sent: Statement) -> None:
        self.add_table(sent.table, self.columns(sent.source))

    def _replay_delete_dataset(self, sent: Statement) -> None:
        self._drop_below(_path(sent.table))

    # -- scripts

    def _run(self, statements: Iterable[Message], text: bytes) -> None:
        for statement in statements:
            node = _leaf(statement)
            rule = getattr(self, f"_run_{node.DESCRIPTOR.name}", None)
            if rule is not None:
                rule(node, text)
            elif statement.WhichOneof("node") == "ast_script_statement_node":
                self._run_control(node, text)
            else:
                self._statement(_slice(node, text))

    def _run_ASTVariableDeclarationProto(self, node: Message, text: bytes) -> None:
        names = [name.id_string for name in node.variable_list.identifier_list]
        default = _slice(_leaf(node.default_value), text) if node.HasField("default_value") else ""
        if node.HasField("type"):
            proto = self._analyzer.parse_type(_slice(_leaf(node.type), text))
        else:
            proto = self._expression(default)
        if default:
            self._assign([proto], f"select ({default})")
        self._change(lambda: self._variables.update(dict.fromkeys(names, proto)))

    def _run_ASTSingleAssignmentProto(self, node: Message, text: bytes) -> None:
        value = _slice(_leaf(node.expression), text)
        self._assign([self._variable(node.variable.id_string)], f"select ({value})")

    def _run_ASTAssignmentFromStructProto(self, node: Message, text: bytes) -> None:
        value = _slice(_leaf(node.struct_expression), text)
        types = [self._variable(name.id_string) for name in node.variables.identifier_list]
        self._assign(types, f"select v.* from (select ({value}) as v)")

    def _run_control(self, node: Message, text: bytes) -> None:
        """IF, CASE, WHILE, REPEAT, BEGIN: their conditions and, in order, their statements."""
        if node.DESCRIPTOR.name == "ASTForInStatementProto":
            raise GoogleSqlError("FOR loops are not followed by this check", _slice(node, text))
        for descriptor, value in node.ListFields():
            for part in [value] if isinstance(value, Message) else value:
                if descriptor.name == "parent" or not isinstance(part, Message):
                    continue
                if part.DESCRIPTOR.name == "AnyASTExpressionProto":
                    source = _slice(_leaf(part), text)
                    whether = descriptor.name == "condition" and "When" not in node.DESCRIPTOR.name
                    self._expression(f"if(({source}), 1, 0)" if whether else source)
                elif part.DESCRIPTOR.name == "ASTStatementListProto":
                    self._run(part.statement_list, text)
                else:
                    self._run_control(_leaf(part), text)

    def _variable(self, name: str) -> TypeProto:
        for known, proto in self._variables.items():
            if known.lower() == name.lower():
                return proto
        raise GoogleSqlError(f"Undeclared variable: {name}")

    def _expression(self, text: str) -> TypeProto:
        return self._analyze(f"select ({text}) as v").output_column_list[0].column.type

    def _assign(self, types: list[TypeProto], query: str) -> None:
        """Assigning to variables coerces as writing to columns does."""
        columns = ", ".join(f"v{i} {type_name(proto)}" for i, proto in enumerate(types))
        self._analyze(f"create temp table v ({columns}) as {query}")

    # -- one statement

    def _statement(self, sql: str) -> None:
        seen = self._seen_by(sql)
        before = self._analyzer.accepted.get((sql, self._planner))
        if before is not None and before[0] == seen:
            node = before[1]
        else:
            node = self._analyze(sql)
            if self._planner:
                for refusal in _Refusals(node):
                    raise GoogleSqlError(refusal, sql)
            if "query" in node.DESCRIPTOR.fields_by_name:
                node.ClearField("query")  # large, and no rule below looks at it
            self._analyzer.accepted[sql, self._planner] = seen, node
        rule = getattr(self, f"_apply_{_kind(node)}", None)
        if rule is not None:
            try:
                rule(node)
            except GoogleSqlError as error:
                raise GoogleSqlError(error.message, sql) from None

    def _seen_by(self, sql: str, catalog: _Catalog | None = None) -> _Catalog:
        """All of the catalog that a statement can see: what its words may name."""
        tables, functions, variables = catalog or self._now()
        words = {word.lower() for word in _names(sql)}
        return (
            {path: table for path, table in tables.items() if path[-1].lower() in words},
            functions,
            variables,
        )

    def _now(self) -> _Catalog:
        return dict(self._tables), dict(self._functions), dict(self._variables)

    def _analyze(self, sql: str) -> Message:
        try:
            if self._is_doubtful(sql):
                self._exact_names(sql)
            request = service.AnalyzeRequest(
                options=self._analyzer.options,
                registered_catalog_id=self._catalog(sql),
                descriptor_pool_list=self._analyzer.pool,
                sql_statement=sql,
            )
            answer = self._analyzer.call("Analyze", request, service.AnalyzeResponse)
        except GoogleSqlError as error:
            raise GoogleSqlError(error.message, sql) from None
        return _leaf(answer.resolved_statement)

    def _is_doubtful(self, sql: str) -> bool:
        """Whether a word is the name of a table, a dataset or a project but for its case."""
        names = {name for path in self._tables for name in path}
        lower = {name.lower() for name in names}
        return any(word.lower() in lower for word in _names(sql) - names)

    def _exact_names(self, sql: str) -> None:
        """Refuse a table whose name differs in case: the analyzer does not mind, BigQuery does."""
        request = service.ExtractTableNamesFromStatementRequest(
            sql_statement=sql, options=self._analyzer.language
        )
        answer = self._analyzer.call(
            "ExtractTableNamesFromStatement",
            request,
            service.ExtractTableNamesFromStatementResponse,
        )
        lower = {tuple(map(str.lower, path)) for path in self._tables}
        for name in answer.table_name:
            path = tuple(name.table_name_segment)
            if path not in self._tables and tuple(map(str.lower, path)) in lower:
                raise GoogleSqlError(f"Not found: Table {'.'.join(path)} (names have case)")

    # -- what a statement does to the catalog

    def _apply_CreateTableAsSelectStmt(self, node: Message) -> None:
        self._create(node, _definitions(node), "TABLE")

    def _apply_CreateTableStmt(self, node: Message) -> None:
        columns = _definitions(node)
        for source in ("like_table", "clone_from", "copy_from"):
            for table in _find_named(node, source):
                columns = columns or dict(self._table(_path(table)).columns)
        self._create(node, columns, "TABLE")

    def _apply_CreateSnapshotTableStmt(self, node: Message) -> None:
        for table in _find_named(node, "clone_from"):
            self._create(node, dict(self._table(_path(table)).columns), "TABLE")

    def _apply_CreateViewStmt(self, node: Message) -> None:
        self._create(node, _definitions(node), "VIEW")

    _apply_CreateMaterializedViewStmt = _apply_CreateViewStmt

    def _apply_CreateFunctionStmt(self, node: Message) -> None:
        path = tuple(_get(node, "name_path"))
        mode = FunctionEnums.AGGREGATE if node.is_aggregate else FunctionEnums.SCALAR
        proto = FunctionProto(name_path=[path[-1]], group="UDF", mode=mode)
        proto.signature.append(node.signature)
        self._change(lambda: self._functions.update({path: proto}))

    def _apply_DropStmt(self, node: Message) -> None:
        path = tuple(node.name_path)
        if node.object_type == "SCHEMA":
            below = [table for table in self._tables if table[: len(path)] == path]
            cascade = ast_enums.ResolvedDropStmtEnums.CASCADE
            if below and node.drop_mode != cascade:
                raise GoogleSqlError(f"Dataset {'.'.join(path)} is still in use")
            self._drop_below(path)
        elif path in self._tables:
            kind = self._tables[path].kind
            if kind not in node.object_type:
                raise GoogleSqlError(f"{'.'.join(path)} is a {kind}, not a {node.object_type}")
            self._change(lambda: self._tables.pop(path))
        elif not node.is_if_exists and node.object_type.endswith(("TABLE", "VIEW")):
            raise GoogleSqlError(f"Not found: Table {'.'.join(path)}")

    def _apply_AlterTableStmt(self, node: Message) -> None:
        path = tuple(_get(node, "name_path"))
        if path not in self._tables and _get(node, "is_if_exists"):
            return
        columns = dict(self._table(path).columns)
        target = path
        for action in map(_leaf, _get(node, "alter_action_list")):
            kind = _kind(action)
            if kind == "AddColumnAction":
                column = action.column_definition
                if _named(columns, column.name) is None:
                    columns[column.name] = column.type
                elif not action.is_if_not_exists:
                    raise GoogleSqlError(f"Column already exists: {column.name}")
            elif kind in ("DropColumnAction", "RenameColumnAction"):
                name = _named(columns, action.name)
                if name is None and not action.is_if_exists:
                    raise GoogleSqlError(f"Column not found: {action.name}")
                if name is not None:
                    new = str(getattr(action, "new_name", ""))
                    columns = {
                        (new if column == name else column): proto
                        for column, proto in columns.items()
                        if column != name or new
                    }
            elif kind == "AlterColumnSetDataTypeAction":
                name = _named(columns, action.column)
                if name is None:
                    raise GoogleSqlError(f"Column not found: {action.column}")
                columns[name] = action.updated_type
            elif kind == "RenameToAction":
                target = (*path[:-1], action.new_path[-1])
        self._change(lambda: self._tables.pop(path))
        self._put(target, columns, "TABLE")

    def _create(self, node: Message, columns: dict[str, TypeProto], kind: str) -> None:
        path = tuple(_get(node, "name_path"))
        mode = _get(node, "create_mode")
        modes = ast_enums.ResolvedCreateStatementEnums
        old = self._tables.get(path)
        if old is not None:
            if mode == modes.CREATE_IF_NOT_EXISTS:
                return
            if mode != modes.CREATE_OR_REPLACE:
                raise GoogleSqlError(f"Already Exists: {'.'.join(path)}")
            if old.kind != kind:
                raise GoogleSqlError(
                    f"{'.'.join(path)} is not allowed for this operation because it is "
                    f"currently a {old.kind}."
                )
        self._put(path, columns, kind)

    # -- bookkeeping

    def _table(self, path: tuple[str, ...]) -> _Table:
        if path not in self._tables:
            raise GoogleSqlError(f"Not found: Table {'.'.join(path)}")
        return self._tables[path]

    def _put(self, path: tuple[str, ...], columns: dict[str, TypeProto], kind: str) -> None:
        table = _Table(columns, kind)
        if self._tables.get(path) != table:  # a rebuilt table is seldom another one
            self._change(lambda: self._tables.update({path: table}))

    def _drop_below(self, path: tuple[str, ...]) -> None:
        kept = {name: t for name, t in self._tables.items() if name[: len(path)] != path}
        self._change(lambda: setattr(self, "_tables", kept))

    def _end_of_session(self, before: tuple[dict, dict] | None) -> None:
        """Forget variables, temporary tables and functions; and the rest after a dry run."""
        tables, functions = before or (
            {path: table for path, table in self._tables.items() if len(path) > 1},
            {path: function for path, function in self._functions.items() if len(path) > 1},
        )
        self._variables, self._tables, self._functions = {}, tables, functions

    def _change(self, change: Callable[[], object]) -> None:
        with self._analyzer.lock:  # no statement is being looked at
            change()

    def _forget(self) -> None:
        if self._registered is not None and self._registered[0] == self._analyzer.starts:
            request = service.UnregisterRequest(registered_id=self._registered[1])
            self._analyzer.call("UnregisterCatalog", request, empty_pb2.Empty)
        self._registered = None

    def _catalog(self, sql: str) -> int:
        """The id of a catalog in which a statement sees what there is now.

        Registering costs 20 ms, so the last one is used as long as only other tables have changed.
        """
        old = self._registered
        if (
            old is None
            or old[0] != self._analyzer.starts
            or self._seen_by(sql, old[2]) != self._seen_by(sql)
        ):
            self._forget()
            root = self._analyzer.root_catalog()
            folders: dict[tuple[str, ...], Any] = {(): root}

            def folder(path: tuple[str, ...]) -> Message:
                key = tuple(map(str.lower, path))
                if key not in folders:
                    folders[key] = folder(path[:-1]).catalog.add(name=path[-1])
                return folders[key]

            tables = {tuple(map(str.lower, path)): path for path in self._tables}
            for path in tables.values():
                table = folder(path[:-1]).table.add(name=path[-1], full_name=".".join(path))
                for name, proto in self._tables[path].columns.items():
                    table.column.add(name=name, type=proto)
            for path, function in self._functions.items():
                folder(path[:-1]).custom_function.append(function)
            for name, proto in self._variables.items():
                root.constant.add(name_path=[name], type=proto)
            request = service.RegisterCatalogRequest(
                simple_catalog=root, descriptor_pool_list=self._analyzer.pool
            )
            answer = self._analyzer.call("RegisterCatalog", request, service.RegisterResponse)
            self._registered = self._analyzer.starts, answer.registered_id, self._now()
        return self._registered[1]


def _path(name: str) -> tuple[str, ...]:
    return tuple(name.replace("`", "").split("."))


def _slice(node: Message, text: bytes) -> str:
    place = _get(node, "parse_location_range")
    return text[place.start : place.end].decode()


def _definitions(node: Message) -> dict[str, TypeProto]:
    return {column.name: column.type for column in _get(node, "column_definition_list")}


def _find_named(node: Message, name: str) -> Iterator[str]:
    """The tables in the named field of a CREATE statement."""
    source = _get(node, name)
    if source is not None and source.ByteSize():
        if source.DESCRIPTOR.name == "TableRefProto":
            yield source.full_name
        else:
            yield from (scan.table.full_name for scan in _find(source, "TableScan"))


def _named(columns: Mapping[str, Any], name: str) -> str | None:
    return next((column for column in columns if column.lower() == name.lower()), None)


# --------------------------------------------------------------------------------------------
# Recording what dbt sends
# --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Statement:
    """One call of dbt to BigQuery.

    Attributes:
        kind: query, load, delete, schema, copy or delete_dataset.
        sql: The statement as dbt wrote it, before any rewriting.
        table: `project.dataset.table` for what is not a query (or `project.dataset`).
        columns: The schema of a load job or of a changed table, as BigQuery types.
        source: The table that is copied.
        node: dbt's unique id of the node that sent it.
        dry_run: Whether BigQuery was only asked to validate it.
    """

    kind: str
    sql: str = ""
    table: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    node: str = ""
    dry_run: bool = False


@contextmanager
def record_statements(
    rewrite: Callable[[str], str] | None = None,
) -> Iterator[list[Statement]]:
    """Record, in order and from all threads, what dbt in this process sends to BigQuery.

    Args:
        rewrite: Applied to each query before it is sent; the list has the original.

    Yields:
        The list that grows while dbt runs.
    """
    sent: list[Statement] = []
    jobs: set[str] = set()
    lock = threading.Lock()

    def note(kind: str, **details: Any) -> None:
        statement = Statement(kind, node=_current_node(), **details)
        with lock:
            sent.append(statement)

    client = bigquery.Client
    send, load, delete = client.query, client.load_table_from_file, client.delete_table
    update, copy, delete_dataset = client.update_table, client.copy_table, client.delete_dataset

    def query(self: Any, query: str, *args: Any, **options: Any) -> Any:
        job_id = options.get("job_id")
        with lock:
            again = bool(job_id) and job_id in jobs  # dbt's retry keeps the job's id
            jobs.add(job_id or "")
        if not again:
            config = options.get("job_config") or (args[0] if args else None)
            note("query", sql=query, dry_run=bool(config is not None and config.dry_run))
        return send(self, rewrite(query) if rewrite else query, *args, **options)

    def load_table_from_file(self: Any, file_obj: Any, destination: Any, **options: Any) -> Any:
        config = options.get("job_config")
        schema = (config.schema if config is not None else None) or ()
        note("load", table=_table_name(destination), columns=_schema_types(schema))
        return load(self, file_obj, destination, **options)

    def delete_table(self: Any, table: Any, *args: Any, **options: Any) -> Any:
        note("delete", table=_table_name(table))
        return delete(self, table, *args, **options)

    def update_table(self: Any, table: Any, fields: Any, *args: Any, **options: Any) -> Any:
        if "schema" in fields:
            note("schema", table=_table_name(table), columns=_schema_types(table.schema))
        return update(self, table, fields, *args, **options)

    def copy_table(self: Any, sources: Any, destination: Any, *args: Any, **options: Any) -> Any:
        first = sources[0] if isinstance(sources, (list, tuple)) else sources
        note("copy", source=_table_name(first), table=_table_name(destination))
        return copy(self, sources, destination, *args, **options)

    def drop_dataset(self: Any, dataset: Any, *args: Any, **options: Any) -> Any:
        note("delete_dataset", table=f"{dataset.project}.{dataset.dataset_id}")
        return delete_dataset(self, dataset, *args, **options)

    with ExitStack() as stack:
        for name, replacement in {
            "query": query,
            "load_table_from_file": load_table_from_file,
            "delete_table": delete_table,
            "update_table": update_table,
            "copy_table": copy_table,
            "delete_dataset": drop_dataset,
        }.items():
            stack.enter_context(mock.patch.object(client, name, replacement))
        yield sent


def _current_node() -> str:
    try:
        from dbt_common.events.contextvars import get_node_info
    except ImportError:
        return ""
    return str((get_node_info() or {}).get("unique_id", ""))


def _table_name(table: Any) -> str:
    if isinstance(table, str):
        return table
    return f"{table.project}.{table.dataset_id}.{table.table_id}"


def _schema_types(schema: Iterable[Any]) -> dict[str, str]:
    return {column.name: _field_type(column) for column in schema}


def _field_type(column: Any) -> str:
    name = column.field_type.upper()
    if name in ("RECORD", "STRUCT"):
        parts = (f"`{part.name}` {_field_type(part)}" for part in column.fields)
        name = f"STRUCT<{', '.join(parts)}>"
    name = _API_TYPES.get(name, name)
    return f"ARRAY<{name}>" if column.mode == "REPEATED" else name
