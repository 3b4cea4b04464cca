//! Drafts in the phone's own tables.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use storewalk_domain::{
    catalog::Product,
    ids::{DealerId, OrderId, OutletId, PriceListId, ProductId},
    order::{self, LineRequest},
    problem::{Problem, ProblemCode},
    quantity::Quantity,
    sync::StateExt,
    time::Timestamp,
};
use storewalk_sqlite::{SqliteState, id_blob};
use uuid::Uuid;

use super::DraftHead;
use crate::ClientError;

/// An order being written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Draft {
    pub(super) id: OrderId,
    pub(super) dealer_id: DealerId,
    pub(super) outlet_id: Option<OutletId>,
    pub(super) lines: Vec<LineRequest>,
}

pub(super) fn insert(
    connection: &Connection,
    id: OrderId,
    dealer_id: DealerId,
    outlet_id: Option<OutletId>,
    now: Timestamp,
) -> Result<(), ClientError> {
    let sql = "INSERT INTO order_drafts (id, dealer_id, outlet_id, created_at, updated_at)
               VALUES (:id, :dealer, :outlet, :now, :now)";
    connection.execute(
        sql,
        named_params! {
            ":id": id_blob(id.row()),
            ":dealer": id_blob(dealer_id.row()),
            ":outlet": outlet_id.map(|outlet| id_blob(outlet.row())),
            ":now": now.0,
        },
    )?;
    Ok(())
}

/// What is wrong with asking for this many of a product, if anything.
pub(super) fn quantity_problem(
    connection: &Connection,
    product_id: ProductId,
    quantity: Quantity,
) -> Result<Option<Problem>, ClientError> {
    let product = SqliteState(connection).get::<Product>(product_id.row())?;
    Ok(product.map_or_else(
        || Some(Problem::new(ProblemCode::NotFound).at("product_id")),
        |product| order::quantity_problem(&product, quantity),
    ))
}

/// Sets a line; a new one comes last.
pub(super) fn set_line(
    connection: &Connection,
    draft: OrderId,
    product: ProductId,
    price_list: Option<PriceListId>,
    quantity: Quantity,
    now: Timestamp,
) -> Result<(), ClientError> {
    touch(connection, draft, now)?;
    let (draft, product) = (id_blob(draft.row()), id_blob(product.row()));
    let list = price_list.map(|list| id_blob(list.row()));
    let params = named_params! { ":draft": draft, ":product": product, ":list": list, ":quantity": quantity.0 };
    let update = "UPDATE order_draft_lines SET quantity = :quantity
                  WHERE draft_id = :draft AND product_id = :product AND price_list_id IS :list";
    if connection.prepare_cached(update)?.execute(params)? == 0 {
        connection.prepare_cached(include_str!("insert_draft_line.sql"))?.execute(params)?;
    }
    Ok(())
}

pub(super) fn remove_line(
    connection: &Connection,
    draft: OrderId,
    product: ProductId,
    price_list: Option<PriceListId>,
    now: Timestamp,
) -> Result<(), ClientError> {
    touch(connection, draft, now)?;
    let (draft, product) = (id_blob(draft.row()), id_blob(product.row()));
    let list = price_list.map(|list| id_blob(list.row()));
    let sql = "DELETE FROM order_draft_lines
               WHERE draft_id = :draft AND product_id = :product AND price_list_id IS :list";
    connection.execute(sql, named_params! { ":draft": draft, ":product": product, ":list": list })?;
    Ok(())
}

/// Notes the edit; an error when there is no such draft.
fn touch(connection: &Connection, draft: OrderId, now: Timestamp) -> Result<(), ClientError> {
    let params = named_params! { ":now": now.0, ":draft": id_blob(draft.row()) };
    let touched = connection.execute("UPDATE order_drafts SET updated_at = :now WHERE id = :draft", params)?;
    if touched == 0 { Err(ClientError::NotFound { what: "draft" }) } else { Ok(()) }
}

pub(super) fn remove(connection: &Connection, draft: OrderId) -> Result<(), ClientError> {
    // Its lines go with it.
    connection
        .execute("DELETE FROM order_drafts WHERE id = :draft", named_params! { ":draft": id_blob(draft.row()) })?;
    Ok(())
}

/// A draft with its lines in order.
pub(super) fn load(connection: &Connection, id: OrderId) -> Result<Draft, ClientError> {
    let params = named_params! { ":draft": id_blob(id.row()) };
    let mut statement = connection.prepare_cached("SELECT dealer_id, outlet_id FROM order_drafts WHERE id = :draft")?;
    let head = statement
        .query_row(params, |row| Ok((uuid(row, "dealer_id")?, optional_uuid(row, "outlet_id")?)))
        .optional()?;
    let (dealer, outlet) = head.ok_or(ClientError::NotFound { what: "draft" })?;
    let sql = "SELECT product_id, price_list_id, quantity FROM order_draft_lines
               WHERE draft_id = :draft ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(LineRequest {
            product_id: ProductId(uuid(row, "product_id")?),
            quantity: Quantity(row.get("quantity")?),
            price_list_id: optional_uuid(row, "price_list_id")?.map(PriceListId),
        });
    }
    Ok(Draft { id, dealer_id: DealerId(dealer), outlet_id: outlet.map(OutletId), lines })
}

/// All drafts, the one edited last at the top.
pub(super) fn heads(connection: &Connection) -> Result<Vec<DraftHead>, ClientError> {
    let mut statement = connection.prepare_cached(include_str!("draft_heads.sql"))?;
    let rows = statement.query_map([], |row| {
        Ok(DraftHead {
            id: OrderId(uuid(row, "id")?),
            dealer_id: DealerId(uuid(row, "dealer_id")?),
            outlet_id: optional_uuid(row, "outlet_id")?.map(OutletId),
            lines: row.get("lines")?,
            updated_at: Timestamp(row.get("updated_at")?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn uuid(row: &Row<'_>, column: &str) -> rusqlite::Result<Uuid> {
    row.get(column).map(Uuid::from_bytes)
}

fn optional_uuid(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Uuid>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(Uuid::from_bytes))
}
