"""Rules of this house that dbt-bouncer has no check for, as checks on dbt's catalog."""

from dbt_bouncer.check_framework.decorator import check, fail


@check
def check_snapshot_columns_are_described(catalog_node, ctx):
    """Every column of a snapshot has a description, those that dbt adds included."""
    snapshots = {snapshot.unique_id: snapshot for snapshot in ctx.snapshots}
    snapshot = snapshots.get(catalog_node.unique_id)
    if not snapshot:
        return
    described = {column.name for column in snapshot.columns.values() if column.description}
    bare = [name for name in catalog_node.columns if name not in described]
    if bare:
        fail(f"`{snapshot.name}` has columns without a description: {bare}.")
