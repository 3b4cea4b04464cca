//! Which columns each synced table has, and how a JSON field becomes one.

use storewalk_domain::sync::Table;

/// How a JSON value is kept in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    /// An id: 16 bytes.
    Id,
    /// A whole number.
    Integer,
    /// Yes or no: 1 or 0.
    Bool,
    /// Text; decimals, dates and codes too.
    Text,
    /// Anything with a shape of its own: JSON text.
    Json,
}

/// The columns of a table beside `id` and `extra`.
#[derive(Debug)]
pub struct TableSpec {
    /// The table.
    pub table: Table,
    /// Columns by field name.
    pub columns: &'static [(&'static str, ColumnKind)],
}

use ColumnKind::{Bool, Id, Integer, Json, Text};

macro_rules! specs {
    ($($table:ident { $($column:ident: $kind:ident),* $(,)? })+) => {
        /// The columns of a table.
        pub fn spec_of(table: Table) -> &'static TableSpec {
            match table {
                $(Table::$table => {
                    static SPEC: TableSpec = TableSpec {
                        table: Table::$table,
                        columns: &[$((stringify!($column), $kind)),*],
                    };
                    &SPEC
                })+
            }
        }
    };
}

specs! {
    Counties { code: Text, name: Json, region_code: Text }
    Territories { code: Text, name: Json, region_code: Text }
    People { code: Text, name: Text, role: Text }
    Products {
        code: Text, gtin: Text, name: Json, is_hero: Bool, pack: Json, min_retail: Json, suggested_retail: Json,
        is_active: Bool,
    }
    MustStocks { class: Text, product_id: Id }
    PriceLists {
        code: Text, currency: Text, dealer_id: Id, valid_from: Integer, valid_until: Integer, is_standard: Bool,
    }
    Prices { price_list_id: Id, dealer_id: Id, product_id: Id, unit_price: Text }
    Promotions { code: Text, name: Json, rule: Json, valid_from: Integer, valid_until: Integer }
    ChecklistTemplates { code: Text, version: Integer, title: Json, valid_from: Integer, sections: Json, blocks: Json }
    HandbookEntries { list: Text, code: Text, position: Integer, text: Json, detail: Json, is_required: Bool }
    Outlets {
        code: Text, name: Text, class: Text, county_id: Id, territory_id: Id, gln: Text, address: Text, position: Json,
        fence_m: Integer, decision_maker: Text, phone: Text, zone: Text, is_active: Bool, opening_hours: Text,
        contact: Text,
    }
    ProfileFields {
        outlet_id: Id, territory_id: Id, region_code: Text, field: Text, base: Text, shown: Text, is_contested: Bool,
        edits: Json, decisions: Json,
    }
    CallPlans { outlet_id: Id, territory_id: Id, rrule: Text, starts_on: Text, position: Integer }
    Visits {
        outlet_id: Id, county_id: Id, territory_id: Id, rep_id: Id, visited_on: Text, plan_id: Id, template_id: Id,
        status: Text, check_in: Json, check_out: Json, goals: Json, steps: Json, skip_reason: Text, summary: Json,
        duplicate: Json, remarks: Json, handover: Json,
    }
    Answers {
        visit_id: Id, outlet_id: Id, county_id: Id, territory_id: Id, item: Text, instance: Text, value: Json,
        reason: Text, answered_at: Integer, late: Text, guest_id: Id,
    }
    Photos {
        visit_id: Id, outlet_id: Id, territory_id: Id, rep_id: Id, zone: Text, sha256: Text, size_bytes: Integer,
        width: Integer, height: Integer, taken_at: Integer, status: Text, received_at: Integer, replaces: Id,
        replaced_by: Id, task_id: Id, verdict_id: Id, captured: Json, guest_id: Id, seen: Json, signals: Json,
    }
    Verdicts {
        photo_id: Id, visit_id: Id, outlet_id: Id, territory_id: Id, reviewer_id: Id, decision: Text, reason: Text,
        note: Text, pin: Json, reference_photo_id: Id, due_on: Text, decided_at: Integer,
    }
    Tasks {
        outlet_id: Id, territory_id: Id, kind: Text, params: Json, note: Text, owner_id: Id, visit_id: Id, photo_id: Id,
        due_on: Text, proof: Text, status: Text, raised_at: Integer, closed_at: Integer,
    }
    Alerts { kind: Text, region_code: Text, county_id: Id, params: Json, raised_at: Integer }
    Dealers {
        code: Text, name: Json, tier: Text, credit_limit: Json, unpaid_invoices: Json, books_as_of: Integer, zone: Text,
    }
    DealerStocks {
        dealer_id: Id, product_id: Id, on_hand: Integer, mean_daily_sale: Text, sale_deviation: Text,
        lead_days: Integer, service_z: Text, counted_at: Integer,
    }
    Orders {
        number: Text, dealer_id: Id, outlet_id: Id, placed_by: Id, placed_at: Integer, arrived_at: Integer,
        status: Text, hold: Json, price_policy: Text, priced: Json, priced_at_capture: Json, promised_on: Text,
        captured: Json, claim: Json, same_number_as: Id,
        handover: Json,
    }
    Payments { dealer_id: Id, amount: Json, slip: Text, recorded_by: Id, recorded_at: Integer }
    DeliveryLines { dealer_id: Id, order_id: Id, accepted_on: Text, delivered_on: Text }
    Refusals {
        command_id: Id, user_id: Id, device_id: Id, kind: Text, problems: Json, refused_at: Integer, subject: Id,
        outcome: Json,
    }
    Scopes {
        user_id: Id, version: Integer, role: Text, region_code: Text, territories: Json, dealers: Json, since: Integer,
        history: Json,
    }
    Handovers {
        outlet_id: Id, outlet_code: Text, name: Text, from_territory: Id, to_territory: Id, regions: Json,
        from_reps: Json, to_reps: Json, decided_by: Id, decided_at: Integer, reason: Text, works: Json,
    }
    ShelfPrints {
        outlet_id: Id, outlet_code: Text, outlet_name: Text, taken_on: Text, territories: Json, prints: Json,
    }
}
