-- The synced tables, the same on every phone and on the server.
--
-- Ids are 16 bytes; instants are milliseconds since 1970 UTC; dates, decimals and codes are text; what has a shape of
-- its own is JSON text. `extra` holds the fields that a newer release knows and this one does not; NULL when none.
-- A NULL elsewhere means what the field's documentation says. There are no foreign keys among synced tables: rows of
-- different buckets arrive in any order.

CREATE TABLE counties (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    code TEXT NOT NULL,
    name TEXT NOT NULL, -- JSON
    region_code TEXT NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE territories (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    code TEXT NOT NULL,
    name TEXT NOT NULL, -- JSON
    region_code TEXT NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE people (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE products (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    code TEXT NOT NULL,
    gtin TEXT,
    name TEXT NOT NULL, -- JSON
    is_hero INTEGER NOT NULL CHECK (is_hero IN (0, 1)),
    pack TEXT NOT NULL, -- JSON
    min_retail TEXT, -- JSON
    suggested_retail TEXT, -- JSON
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    extra TEXT
) STRICT;

CREATE TABLE must_stocks (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    class TEXT NOT NULL,
    product_id BLOB NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE price_lists (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    code TEXT NOT NULL,
    currency TEXT NOT NULL,
    dealer_id BLOB,
    valid_from INTEGER NOT NULL,
    valid_until INTEGER,
    is_standard INTEGER NOT NULL CHECK (is_standard IN (0, 1)),
    extra TEXT
) STRICT;

CREATE TABLE prices (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    price_list_id BLOB NOT NULL,
    dealer_id BLOB,
    product_id BLOB NOT NULL,
    unit_price TEXT NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE promotions (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    code TEXT NOT NULL,
    name TEXT NOT NULL, -- JSON
    rule TEXT NOT NULL, -- JSON
    valid_from INTEGER NOT NULL,
    valid_until INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE checklist_templates (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL, -- JSON
    valid_from INTEGER NOT NULL,
    sections TEXT NOT NULL, -- JSON
    blocks TEXT NOT NULL, -- JSON
    extra TEXT
) STRICT;

CREATE TABLE handbook_entries (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    list TEXT NOT NULL,
    code TEXT NOT NULL,
    position INTEGER NOT NULL,
    text TEXT NOT NULL, -- JSON
    detail TEXT NOT NULL, -- JSON
    is_required INTEGER NOT NULL CHECK (is_required IN (0, 1)),
    extra TEXT
) STRICT;

CREATE TABLE outlets (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    class TEXT NOT NULL,
    county_id BLOB NOT NULL,
    territory_id BLOB NOT NULL,
    gln TEXT,
    address TEXT NOT NULL,
    position TEXT, -- JSON
    fence_m INTEGER NOT NULL,
    decision_maker TEXT NOT NULL,
    phone TEXT NOT NULL,
    zone TEXT NOT NULL,
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    extra TEXT
) STRICT;

CREATE TABLE call_plans (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    outlet_id BLOB NOT NULL,
    territory_id BLOB NOT NULL,
    rrule TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    position INTEGER NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE visits (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    outlet_id BLOB NOT NULL,
    county_id BLOB NOT NULL,
    territory_id BLOB NOT NULL,
    rep_id BLOB NOT NULL,
    visited_on TEXT NOT NULL,
    plan_id BLOB,
    template_id BLOB,
    status TEXT NOT NULL,
    check_in TEXT, -- JSON
    check_out TEXT, -- JSON
    goals TEXT NOT NULL, -- JSON
    steps TEXT NOT NULL, -- JSON
    skip_reason TEXT,
    summary TEXT, -- JSON
    extra TEXT
) STRICT;

CREATE TABLE answers (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    visit_id BLOB NOT NULL,
    outlet_id BLOB NOT NULL,
    county_id BLOB NOT NULL,
    territory_id BLOB NOT NULL,
    item TEXT NOT NULL,
    instance TEXT NOT NULL,
    value TEXT NOT NULL, -- JSON
    reason TEXT,
    answered_at INTEGER NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE photos (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    visit_id BLOB NOT NULL,
    outlet_id BLOB NOT NULL,
    territory_id BLOB NOT NULL,
    rep_id BLOB NOT NULL,
    zone TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    received_at INTEGER,
    replaces BLOB,
    replaced_by BLOB,
    task_id BLOB,
    verdict_id BLOB,
    extra TEXT
) STRICT;

CREATE TABLE verdicts (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    photo_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    outlet_id BLOB NOT NULL,
    territory_id BLOB NOT NULL,
    reviewer_id BLOB NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT,
    note TEXT NOT NULL,
    pin TEXT, -- JSON
    reference_photo_id BLOB,
    due_on TEXT,
    decided_at INTEGER NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE tasks (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    outlet_id BLOB NOT NULL,
    territory_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    params TEXT NOT NULL, -- JSON
    note TEXT NOT NULL,
    owner_id BLOB NOT NULL,
    visit_id BLOB,
    photo_id BLOB,
    due_on TEXT NOT NULL,
    proof TEXT NOT NULL,
    status TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    closed_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE alerts (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    region_code TEXT NOT NULL,
    county_id BLOB NOT NULL,
    params TEXT NOT NULL, -- JSON
    raised_at INTEGER NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE dealers (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    code TEXT NOT NULL,
    name TEXT NOT NULL, -- JSON
    tier TEXT NOT NULL,
    credit_limit TEXT NOT NULL, -- JSON
    unpaid_invoices TEXT NOT NULL, -- JSON
    books_as_of INTEGER NOT NULL,
    zone TEXT NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE dealer_stocks (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    dealer_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    on_hand INTEGER NOT NULL,
    mean_daily_sale TEXT NOT NULL,
    sale_deviation TEXT NOT NULL,
    lead_days INTEGER NOT NULL,
    service_z TEXT NOT NULL,
    counted_at INTEGER NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE orders (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    number TEXT NOT NULL,
    dealer_id BLOB NOT NULL,
    outlet_id BLOB,
    placed_by BLOB NOT NULL,
    placed_at INTEGER NOT NULL,
    arrived_at INTEGER,
    status TEXT NOT NULL,
    hold TEXT, -- JSON
    price_policy TEXT NOT NULL,
    priced TEXT NOT NULL, -- JSON
    priced_at_capture TEXT, -- JSON
    promised_on TEXT,
    extra TEXT
) STRICT;

CREATE TABLE payments (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    dealer_id BLOB NOT NULL,
    amount TEXT NOT NULL, -- JSON
    slip TEXT NOT NULL,
    recorded_by BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    extra TEXT
) STRICT;

CREATE TABLE delivery_lines (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    dealer_id BLOB NOT NULL,
    order_id BLOB,
    accepted_on TEXT NOT NULL,
    delivered_on TEXT,
    extra TEXT
) STRICT;

CREATE TABLE refusals (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    command_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    problems TEXT NOT NULL, -- JSON
    refused_at INTEGER NOT NULL,
    extra TEXT
) STRICT;

-- The answers, photos, verdicts and tasks of a visit.
CREATE INDEX answers_of_visit ON answers (visit_id);
CREATE INDEX photos_of_visit ON photos (visit_id);
CREATE INDEX verdicts_of_visit ON verdicts (visit_id);
CREATE INDEX verdicts_of_photo ON verdicts (photo_id);
CREATE INDEX tasks_of_visit ON tasks (visit_id);
-- Open points at an outlet; the to-do list of its owner.
CREATE INDEX tasks_of_outlet ON tasks (outlet_id, status);
CREATE INDEX tasks_of_owner ON tasks (owner_id, status, due_on);
-- The history of an outlet; the visit a rep has open; a day's visits.
CREATE INDEX visits_of_outlet ON visits (outlet_id, visited_on);
CREATE INDEX visits_of_rep ON visits (rep_id, status);
CREATE INDEX visits_of_day ON visits (visited_on);
-- Shelf prices are compared within a county.
CREATE INDEX answers_of_county ON answers (county_id, item, answered_at);
-- The plan of a territory.
CREATE INDEX call_plans_of_outlet ON call_plans (outlet_id);
-- What must stand where; what costs what.
CREATE INDEX must_stocks_of_class ON must_stocks (class);
CREATE INDEX prices_of_list ON prices (price_list_id, product_id);
-- A dealer's business.
CREATE INDEX orders_of_dealer ON orders (dealer_id, status, placed_at);
CREATE INDEX payments_of_dealer ON payments (dealer_id);
CREATE INDEX dealer_stocks_of_dealer ON dealer_stocks (dealer_id);
CREATE INDEX delivery_lines_of_dealer ON delivery_lines (dealer_id, accepted_on);
-- The photo wall: what waits for a verdict, oldest first.
CREATE INDEX photos_by_status ON photos (status, taken_at);
