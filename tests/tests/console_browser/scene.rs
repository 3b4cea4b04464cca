//! What the supervisor finds at the console: a day in the demo world, made by the rules themselves.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use anyhow::{Context as _, bail};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use storewalk_domain::{
    checklist::{AnswerKey, AnswerValue, ItemKind, Repeat, must_stock_of},
    dealer::Dealer,
    geo::{Datum, Fix, Position},
    handbook,
    ids::{CommandId, DeviceId, OrderId, PhotoId, RefusalId, VisitId},
    order::{LineRequest, quote},
    outlet::Outlet,
    photo::Photo,
    problem::{Problem, ProblemCode},
    quantity::Quantity,
    sync::*,
    time::{Clock, Timestamp},
};
use storewalk_server::{
    AppState, Config,
    admin::load_rows,
    clock::RandomIds,
    serve_on, service,
    store::{Device, StoreError, StoreTxn},
};
use storewalk_tests::world;
use storewalk_wire::{DeviceHealth, UploadRequest, Variant};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A clock that stands where it was put.
struct PutClock(AtomicI64);

impl Clock for PutClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> i64 {
        self.now().0
    }

    fn boot_id(&self) -> String {
        "scene".to_owned()
    }
}

/// A server with a day on it.
pub(crate) struct Scene {
    /// Where it listens.
    pub(crate) url: String,
    /// Its parts.
    pub(crate) state: AppState,
    /// The visit at S0101.
    pub(crate) visit: VisitId,
    /// Its five photos in the order they were taken.
    pub(crate) photos: Vec<PhotoId>,
    /// The order that credit holds.
    pub(crate) order: OrderId,
    /// 李雯's phone.
    pub(crate) phone: DeviceId,
    clock: Arc<PutClock>,
    _folder: TempDir,
}

impl Scene {
    /// Plays the day until 10:30.
    pub(crate) async fn play() -> anyhow::Result<Self> {
        Self::play_with(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/faces/lamp.xml").into()).await
    }

    /// The same on a server that finds faces by this cascade; an empty name is none.
    pub(crate) async fn play_with(face_cascade: std::path::PathBuf) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let mut config = Config::default();
        config.storage.data_dir = folder.path().to_path_buf();
        config.export.face_cascade = face_cascade;
        let clock = Arc::new(PutClock(AtomicI64::new(world::at("2025-03-14T07:00").0)));
        let state = AppState::open_with(config, clock.clone(), Arc::new(RandomIds))?;
        storewalk_tests::field::load_world(&state).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(serve_on(listener, state.clone(), std::future::pending()));
        let order = OrderId(state.new_id());
        let visit = VisitId(state.new_id());
        let phone = DeviceId(state.new_id());
        let mut scene = Self { url, state, visit, photos: Vec::new(), order, phone, clock, _folder: folder };
        scene.audit().await?;
        scene.visit_under_way().await?;
        scene.order_over_credit().await?;
        scene.trouble().await?;
        scene.time("10:30");
        Ok(scene)
    }

    fn time(&self, time: &str) {
        self.clock.0.store(world::at(&format!("2025-03-14T{time}")).0, Ordering::SeqCst);
    }

    /// Decides a command of a person with a phone, and makes its changes.
    pub(crate) async fn act(&self, login: &str, command: impl Into<Command>) -> anyhow::Result<()> {
        let command = command.into();
        let now = self.state.now();
        let account = world::ACCOUNTS.iter().find(|account| account.login == login).context("an account")?;
        let context = Context {
            command_id: CommandId(self.state.new_id()),
            actor: Actor {
                user_id: world::user(login),
                role: account.role,
                territories: account.territories(),
                dealers: account.dealers(),
            },
            captured_at: now,
            span: storewalk_domain::trusted::TrustedSpan::at(now),
            device_at: now,
            device_number: Some(1),
            host: Host::Server { arrived_at: now },
            policies: Policies::default(),
        };
        let kind = command.kind();
        let decision =
            self.state.store.read(move |snapshot| Ok::<_, StoreError>(decide(snapshot, &command, &context)?)).await?;
        let Decision::Accepted(effects) = decision else { bail!("{kind}: {decision:?}") };
        let rows = effects.changes.into_iter().filter_map(|change| match change {
            Change::Put(row) => Some(*row),
            Change::Remove { .. } => None,
        });
        Ok(load_rows(&self.state, rows.collect()).await?)
    }

    pub(crate) async fn row<T: Entity + Send + 'static>(&self, id: storewalk_domain::ids::RowId) -> anyhow::Result<T> {
        let found = self.state.store.read(move |snapshot| Ok::<_, StoreError>(snapshot.get::<T>(id)?)).await?;
        found.context("a row")
    }

    /// 李雯 audits S0101: P4 is missing, P1 too cheap; five photos arrive.
    async fn audit(&mut self) -> anyhow::Result<()> {
        let outlet: Outlet = self.row(world::outlet("S0101").row()).await?;
        self.time("08:52");
        self.act("liwen", Self::start(self.visit, &outlet, 38.0)).await?;
        let goals = ["better_display", "sales_aids", "know_stock"].map(str::to_owned);
        self.act("liwen", ChooseGoals { visit_id: self.visit, goals: goals.clone().into() }).await?;
        for step in 2..=11_u8 {
            self.time(&format!("09:{:02}", 3 * step));
            self.act("liwen", BeginStep { visit_id: self.visit, step }).await?;
            if step == 4 {
                self.photos = self.photograph(self.visit, 5).await?;
            }
        }
        self.answer_everything(&outlet).await?;
        let attained = goals[..2].to_vec();
        self.act("liwen", AssessGoals { visit_id: self.visit, attained }).await?;
        self.time("09:41");
        self.act("liwen", FinishVisit { visit_id: self.visit, fix: None }).await?;
        for photo in &self.photos {
            self.receive(*photo).await?;
        }
        Ok(())
    }

    fn start(visit_id: VisitId, outlet: &Outlet, metres: f64) -> StartVisit {
        let here = outlet.position.map(|place| Position {
            // One degree of latitude is about 111.2 km.
            lat: place.lat + metres / 111_195.0,
            lon: place.lon,
            datum: Datum::Wgs84,
        });
        StartVisit {
            visit_id,
            outlet_id: outlet.id,
            plan_id: None,
            template_id: handbook::standard_visit().id,
            fix: here.map(|position| Fix { position, accuracy_m: 8.0, is_mock: false }),
        }
    }

    async fn answer_everything(&self, outlet: &Outlet) -> anyhow::Result<()> {
        let class = outlet.class;
        let found = self.state.store.read(move |snapshot| Ok::<_, StoreError>(must_stock_of(snapshot, class)?));
        let products: Vec<_> = found.await?.into_iter().filter(|product| product.is_hero).collect();
        let template = handbook::standard_visit();
        for item in template.sections.iter().flat_map(|section| &section.items) {
            let instances: Vec<String> = match item.repeat {
                Repeat::Once => vec![String::new()],
                _ => products.iter().map(|product| product.code.clone()).collect(),
            };
            for instance in instances {
                let key = AnswerKey { item: item.code.clone(), instance };
                let (value, reason) = answer_to(&key, &item.kind);
                let answer = RecordAnswer {
                    visit_id: self.visit,
                    item: key.item.clone(),
                    instance: key.instance.clone(),
                    value,
                    reason: reason.map(str::to_owned),
                };
                // What skip logic leaves out is refused, and rightly so.
                let answered = self.act("liwen", answer).await;
                if answered.is_err() && key.instance != "P4" {
                    answered?;
                }
            }
        }
        Ok(())
    }

    async fn photograph(&self, visit_id: VisitId, count: usize) -> anyhow::Result<Vec<PhotoId>> {
        let zones = ["storefront", "product_zone", "aisle", "price_tag", "pop_wall"];
        let mut photos = Vec::new();
        for (number, zone) in zones.into_iter().take(count).enumerate() {
            let photo_id = PhotoId(self.state.new_id());
            let bytes = std::fs::read(picture(number)?)?;
            let attach = AttachPhoto {
                photo_id,
                visit_id,
                zone: zone.to_owned(),
                sha256: hex(&Sha256::digest(&bytes)),
                size_bytes: bytes.len() as u64,
                width: 348,
                height: if zone == "pop_wall" { 464 } else { 348 },
                replaces: None,
                seen: None,
            };
            self.act("liwen", attach).await?;
            photos.push(photo_id);
        }
        Ok(photos)
    }

    /// The bytes of a photo arrive. Those that have arrived before for another photo are taken up from there.
    pub(crate) async fn receive(&self, photo_id: PhotoId) -> anyhow::Result<()> {
        let photo: Photo = self.row(photo_id.row()).await?;
        let rep = world::user("liwen");
        let account = self.state.store.read(move |snapshot| snapshot.account(rep)).await?.context("an account")?;
        let request = UploadRequest {
            photo_id,
            variant: Variant::Original,
            size_bytes: photo.size_bytes,
            sha256: photo.sha256.clone(),
        };
        let failed = |error| anyhow::anyhow!("{error:?}");
        let standing = service::photo::begin(&self.state, &account, request).await.map_err(failed)?;
        let service::photo::Standing::Open(upload) = standing else { return Ok(()) };
        let number = self.photos.iter().position(|known| *known == photo_id).unwrap_or(0);
        std::fs::copy(picture(number)?, self.state.blobs.incoming(photo_id, Variant::Original))?;
        service::photo::finish(&self.state, upload).await.map_err(failed)
    }

    /// She is at S0102 now, too far from it, with two photos still on her phone; 王强 left a call out.
    async fn visit_under_way(&self) -> anyhow::Result<()> {
        self.time("10:05");
        let outlet: Outlet = self.row(world::outlet("S0102").row()).await?;
        let visit = VisitId(self.state.new_id());
        self.act("liwen", Self::start(visit, &outlet, 640.0)).await?;
        self.time("10:12");
        self.act("liwen", BeginStep { visit_id: visit, step: 4 }).await?;
        self.photograph(visit, 2).await?;
        Ok(())
    }

    /// The order of D3 for D01, over its credit.
    async fn order_over_credit(&self) -> anyhow::Result<()> {
        self.time("09:44");
        let dealer: Dealer = self.row(world::dealer("D01").row()).await?;
        let line = |code: &str, count| LineRequest {
            product_id: world::product(code),
            quantity: Quantity(count),
            price_list_id: None,
        };
        let lines = vec![line("P1", 20), line("P2", 10), line("A10", 40)];
        let (asked, now) = (lines.clone(), self.state.now());
        let priced = self
            .state
            .store
            .read(move |snapshot| Ok::<_, StoreError>(quote(snapshot, &dealer, &asked, now)?))
            .await?
            .map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        let submit = SubmitOrder {
            order_id: self.order,
            number: "1-0001".to_owned(),
            dealer_id: world::dealer("D01"),
            outlet_id: Some(world::outlet("S0101")),
            price_list_id: priced.price_list_id,
            lines,
            priced,
        };
        self.act("liwen", submit).await
    }

    /// A command the server refused, and a phone that has not been heard of for a while.
    async fn trouble(&self) -> anyhow::Result<()> {
        let device_id = self.phone;
        let refusal = Refusal {
            id: RefusalId(self.state.new_id()),
            command_id: CommandId(self.state.new_id()),
            user_id: world::user("liwen"),
            device_id,
            kind: "order.submit".to_owned(),
            problems: vec![
                Problem::new(ProblemCode::QuantityNotOrderable)
                    .with("product", "A10")
                    .with("quantity", 25)
                    .with("nearest", "20 / 30")
                    .with("moq", 20)
                    .with("multiple", 10)
                    .at("lines[2].quantity"),
            ],
            refused_at: world::at("2025-03-14T09:46"),
            subject: None,
            outcome: None,
        };
        load_rows(&self.state, vec![refusal.into()]).await?;
        let health = DeviceHealth {
            unsent_commands: 17,
            unsent_photos: 2,
            oldest_unsent_at: Some(world::at("2025-03-13T17:20")),
            last_error: Some("timed_out".to_owned()),
            device_at: world::at("2025-03-14T09:50"),
            app_version: "0.1.0".to_owned(),
            ..DeviceHealth::default()
        };
        let device = |id, login: &str, number, name: &str, health: Option<DeviceHealth>| Device {
            id,
            user_id: world::user(login),
            number,
            name: name.to_owned(),
            platform: "android".to_owned(),
            app_version: "0.1.0".to_owned(),
            enrolled_at: world::at("2025-03-01T08:00"),
            last_seen_at: health.as_ref().map(|health| health.device_at),
            is_revoked: false,
            health,
        };
        let calm = DeviceHealth {
            device_at: world::at("2025-03-14T10:20"),
            app_version: "0.1.0".into(),
            ..DeviceHealth::default()
        };
        let devices = [
            device(device_id, "liwen", 1, "李雯的手机（门店巡访专用）", Some(health)),
            device(DeviceId(self.state.new_id()), "wangqiang", 2, "王强的手机", Some(calm)),
            device(DeviceId(self.state.new_id()), "wangqiang", 3, "王强的备用机", None),
        ];
        let put = move |txn: &mut dyn StoreTxn| devices.iter().try_for_each(|device| txn.put_device(device));
        Ok(self.state.store.write::<_, StoreError>(put).await?)
    }
}

/// Everything is in order but P4, the price of P1, the tags and the light box.
fn answer_to(key: &AnswerKey, kind: &ItemKind) -> (AnswerValue, Option<&'static str>) {
    let is_fault = ["price_tags_uniform", "pop_light_box", "display_order"].contains(&key.item.as_str());
    match (kind, key.item.as_str(), key.instance.as_str()) {
        (ItemKind::YesNo, "on_shelf", "P4") => (AnswerValue::YesNo(false), Some("dealer_out_of_stock")),
        (ItemKind::YesNo, ..) => (AnswerValue::YesNo(!is_fault), None),
        (ItemKind::Count(_), ..) => (AnswerValue::Count(12), None),
        (ItemKind::Price(_), _, "P1") => (AnswerValue::Price(Decimal::new(94_900, 2)), None),
        (ItemKind::Price(_), _, code) => {
            let fen = [("P2", 169_900), ("P3", 79_900), ("P4", 249_900), ("P5", 499_900)];
            let fen = fen.iter().find(|(known, _)| *known == code).map_or(100_000, |(_, fen)| *fen);
            (AnswerValue::Price(Decimal::new(fen, 2)), None)
        }
        (ItemKind::Text { .. }, ..) => (AnswerValue::Text("下周补货，约店主周四面谈".to_owned()), None),
        (ItemKind::SingleChoice { choices }, ..) => (AnswerValue::Choice(choices[0].code.clone()), None),
        (ItemKind::MultipleChoice { choices }, ..) => {
            (AnswerValue::Choices(choices.iter().take(2).map(|choice| choice.code.clone()).collect()), None)
        }
        (ItemKind::Names { .. }, ..) => (AnswerValue::Names(vec!["店员甲".to_owned(), "店员乙".to_owned()]), None),
    }
}

/// A shelf photo; the fifth stands upright.
pub(crate) fn picture(number: usize) -> anyhow::Result<std::path::PathBuf> {
    let names = [
        "arla-standard-milk_004.jpg",
        "alpro-shelf-soy-milk_020.jpg",
        "bravo-orange-juice_008.jpg",
        "arla-sour-cream_003.jpg",
        "god-morgon-orange-juice_018.jpg",
    ];
    let name = names.get(number).context("a picture")?;
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/photos/shelf").join(name))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
