use axum::http::StatusCode;
use storewalk_domain::{
    problem::{Problem, ProblemCode},
    text::Language,
};

use storewalk_wire::ProtocolWindow;

use crate::console::{fixtures::*, html};

fn addresses() -> Vec<String> {
    let of = |path: &str, id: &dyn std::fmt::Display| format!("/console/{path}/{id}");
    let mut all = vec![of("visits", &VISIT)];
    all.extend([FIRST_PHOTO, RETAKE, WAITING_PHOTO, PENDING_PHOTO, APPROVED_PHOTO].map(|id| of("photos", &id)));
    all.extend([HELD_ORDER, REPRICED_ORDER].map(|id| of("orders", &id)));
    let lists = [
        "/console/",
        "/console/?date=2025-03-13",
        "/console/?date=nonsense",
        "/console/photos",
        "/console/photos?state=all",
        "/console/photos?state=pending&outlet=S0101&date=2025-03-14",
        "/console/photos?state=rejected&outlet=S9999",
        "/console/review",
        "/console/review?rule=sample&percent=50&seed=3",
        "/console/review?rule=risk&least=1",
        "/console/review?approved=2&left=1&verdicts=00000000-0000-0000-0000-000000000021",
        "/console/review?withdrawn=1",
        "/console/second",
        "/console/policy",
        "/console/agreement",
        "/console/orders",
        "/console/orders?state=held",
        "/console/orders?state=accepted",
        "/console/attention",
        "/console/conflicts",
        "/console/devices",
        "/console/dealers",
        "/console/handover",
        "/console/handover?outlet=S0101",
        "/console/handover?outlet=S9999",
        "/console/handover?territory=00000000-0000-0000-0000-000000000021",
        "/console/handover?done=1",
        "/console/sign-in",
    ];
    all.extend(lists.map(str::to_owned));
    all
}

#[tokio::test]
async fn every_page_is_whole_in_both_languages() {
    let mut bench = Bench::signed_in().await;
    for language in ["en", "zh-Hans"] {
        bench.read_in(language);
        for address in addresses() {
            let page = bench.get(&address).await;
            assert_eq!(page.status, StatusCode::OK, "{address}");
            assert_eq!(html::faults(&page.body), Vec::<String>::new(), "{address} in {language}");
            assert!(page.body.contains(&format!("<html lang=\"{language}\">")), "{address}");
            let shown = ["{空}", "{x}", "{y}"].iter().fold(page.body.clone(), |page, own| page.replace(own, ""));
            assert!(!shown.contains(['{', '}']), "{address} in {language} shows a place without its value");
            for element in ["<header", "<main", "<footer", "class=\"skip\"", "<h1"] {
                assert_eq!(page.body.matches(element).count(), 1, "{element} on {address}");
            }
        }
    }
}

#[tokio::test]
async fn an_english_page_has_no_chinese_of_ours() {
    let mut bench = Bench::signed_in().await;
    for address in ["/console/photos?state=waiting", "/console/attention", "/console/devices", "/console/orders"] {
        let page = bench.get(address).await.body;
        let page =
            ["中文", "赵敏", "李雯", "幸福路手机城", "门店巡访机"].iter().fold(page, |page, own| page.replace(own, ""));
        let left: String = page.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).collect();
        assert_eq!(left, "", "{address}");
    }
}

#[tokio::test]
async fn names_are_never_markup() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get("/console/").await.body;
    assert!(page.contains("𠮷祥㐂数码 &#60;b&#62;&#38;amp; 光谷"), "{page}");
}

#[tokio::test]
async fn a_day_shows_progress_place_photos_score_and_what_is_still_to_do() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get("/console/").await.body;
    for text in [
        "Friday, 2025-03-14",
        "step 11 of 11: Record and summarise",
        "step 4 of 11: Check shelf and POP",
        "08:52–09:41",
        "38 m, verified",
        "1.2 km, off site",
        "3 of 4 received",
        "photo 3 of 4 pending",
        "2 wait for a verdict",
        "Weather or traffic",
        "1 planned call not yet made",
        "a spread of 31.8% of the suggested price",
        "FREQ=SOMETIMES",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
}

#[tokio::test]
async fn a_visit_shows_every_answer_price_and_lost_point() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&format!("/console/visits/{VISIT}")).await.body;
    for text in [
        "80.0 % (4 of 5)",
        "the phone showed 2025-03-14 10:52, which is off",
        "50.00 (5.0 %) below the minimum of 999.00",
        "P4 Qiming phone: On the shelf?",
        "Dealer out of stock",
        "the photo that proves it was rejected",
        "店员乙, 店员丙 &#60;i&#62;",
        "Well prepared",
        "Take a photo again",
        "49 min",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
}

#[tokio::test]
async fn an_order_explains_its_price_its_credit_and_its_way_out() {
    let mut bench = Bench::signed_in().await;
    let held = bench.get(&format!("/console/orders/{HELD_ORDER}")).await.body;
    for text in [
        "P1: 20 × 1,000.00 (list v7) = 20,000.00",
        "Free of charge: 2 × A10",
        "Over the credit limit by 1.00",
        "+19,600.00",
        "201,900.00",
        "¥1,900.00 over the limit",
        "HD-0001",
    ] {
        assert!(held.contains(text), "{text} is missing");
    }
    let next = Problem::new(ProblemCode::CreditExceeded).next_step(Language::En);
    assert!(held.contains(&next.replace('\'', "&#39;")), "{next}");
    let repriced = bench.get(&format!("/console/orders/{REPRICED_ORDER}")).await.body;
    for text in ["The breakdown that counts", "The breakdown the phone showed", "−¥588.00", "policy B"] {
        assert!(repriced.contains(text), "{text} is missing");
    }
}

#[tokio::test]
async fn what_could_not_be_synced_has_its_reason_and_next_step() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get("/console/attention").await.body;
    for text in ["Placing an order", "order_empty", "Take it in", "Set aside"] {
        assert!(page.contains(text), "{text} is missing");
    }
    let page = bench.get("/console/devices").await.body;
    for text in ["3 entries, 1 photo", "oldest from 2 hours ago", "timeout", "too slow", "revoked"] {
        assert!(page.contains(text), "{text} is missing");
    }
}

#[tokio::test]
async fn a_device_outside_of_what_the_server_serves_is_marked() {
    for (served, says) in [((3, 4), "App too old: gets no new data"), ((1, 1), "App newer than the server")] {
        let mut bench = Bench::signed_in().await;
        bench.speak(2).await;
        bench.serve(ProtocolWindow { min: served.0, max: served.1 });
        assert!(bench.get("/console/devices").await.body.contains(says), "{says}");
        bench.serve(ProtocolWindow { min: 1, max: 2 });
        assert!(!bench.get("/console/devices").await.body.contains(says), "{says}");
    }
}

#[tokio::test]
async fn an_organisation_without_anything_yet_is_told_so() {
    let mut bench = Bench::empty(Vec::new()).await;
    bench.sign_in("zhaomin", "qiming-2025").await;
    bench.read_in("en");
    for (address, text) in [
        ("/console/", "No visits on this day"),
        ("/console/photos", "All caught up"),
        ("/console/orders", "No orders here"),
        ("/console/attention", "Nothing was refused"),
        ("/console/conflicts", "No corrections contradict each other"),
        ("/console/devices", "No devices yet"),
    ] {
        let page = bench.get(address).await;
        assert!(page.body.contains(text), "{address}");
        assert_eq!(html::faults(&page.body), Vec::<String>::new(), "{address}");
    }
}

#[tokio::test]
async fn another_regions_rows_are_as_good_as_none() {
    let mut bench = Bench::signed_in().await;
    for address in [
        format!("/console/visits/{FOREIGN_VISIT}"),
        format!("/console/photos/{FOREIGN_PHOTO}"),
        "/console/visits/not-an-id".to_owned(),
        "/console/orders/0".to_owned(),
        "/console/kitchen".to_owned(),
    ] {
        let page = bench.get(&address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
        assert!(page.body.contains("Page not found"), "{address}");
        assert_eq!(html::faults(&page.body), Vec::<String>::new(), "{address}");
    }
    let wall = bench.get("/console/photos?state=all").await.body;
    assert!(!wall.contains(&FOREIGN_PHOTO.to_string()));
}

#[tokio::test]
async fn every_answer_forbids_foreign_and_inline_code() {
    let mut bench = Bench::signed_in().await;
    for address in ["/console/", "/console/photos", "/console/kitchen", "/console/assets/console.css"] {
        let headers = bench.get(address).await.headers;
        let policy = headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe"), "{address}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
    }
    assert_eq!(bench.get("/console/assets/../mod.rs").await.status, StatusCode::NOT_FOUND);
}
