//! The page in a browser: no fault on its console, no request, every plot, no
//! sideways scrolling, light and dark, with scripts and without.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::chromium::Chromium;
use crate::{corpus, report};

/// Plots of every capture with data in the clear.
const PLOTS: [&str; 6] = [
    "plot-throughput",
    "plot-queue",
    "plot-latency",
    "plot-latency-histogram",
    "plot-pieces",
    "plot-served",
];

/// Plots of a capture with uTP.
const UTP_PLOTS: [&str; 4] = [
    "plot-utp-delay",
    "plot-utp-round-trip",
    "plot-utp-window",
    "plot-utp-loss",
];

fn pages() -> Vec<(String, PathBuf, Vec<&'static str>)> {
    let with_data = PLOTS.to_vec();
    let with_utp = [&PLOTS[..], &UTP_PLOTS[..]].concat();
    vec![
        (
            "demo".to_owned(),
            corpus::shipped("demo.pcap"),
            with_data.clone(),
        ),
        (
            "faulty".to_owned(),
            corpus::shipped("lab").join("a-rtorrent-aria2.pcap"),
            with_data.clone(),
        ),
        (
            "utp".to_owned(),
            corpus::shipped("lab").join("d-utp-libtorrent-transmission.pcap"),
            with_utp,
        ),
        (
            "violations".to_owned(),
            corpus::case("19-violations"),
            vec![],
        ),
        ("empty".to_owned(), corpus::case("14-nonbt6881"), vec![]),
    ]
}

/// The labels of plots of which not all is seen, or that lie on another one.
const LABELS_AMISS: &str = "[...document.querySelectorAll('svg.chart')].flatMap(svg => { \
    const frame = svg.getBoundingClientRect(); \
    if (frame.width === 0 || svg.closest('details:not([open])')) return []; \
    const labels = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]); \
    const cut = labels.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1 \
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1); \
    const upon = labels.filter(([, a], i) => labels.some(([, b], k) => k < i \
      && a.left < b.right && b.left < a.right && a.top + a.height / 4 < b.bottom - b.height / 4 \
      && b.top + b.height / 4 < a.bottom - a.height / 4)); \
    return [...cut, ...upon].map(([name]) => `${svg.closest('figure').id}: ${name}`); })";

/// What a page must not do while it loads.
fn is_fault(event: &Value) -> bool {
    let request = &event["params"]["request"]["url"];
    match event["method"].as_str() {
        Some(
            "Runtime.exceptionThrown"
            | "Log.entryAdded"
            | "Runtime.consoleAPICalled"
            | "Network.webSocketCreated",
        ) => true,
        Some("Network.requestWillBeSent") => {
            !request.as_str().is_some_and(|url| url.starts_with("file:"))
        }
        _ => false,
    }
}

#[test]
fn pages_look_as_they_should() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for (name, capture, plots) in pages() {
        for options in [&[][..], &["--anonymize"]] {
            let file = folder.path().join(format!("{name}.html"));
            fs::write(&file, report(&capture, options)).unwrap();
            for are_on in [true, false] {
                browser.scripts(are_on);
                for width in [1280, 390] {
                    browser.width(width);
                    let events = browser.open(&file);
                    let faults: Vec<_> = events.iter().filter(|event| is_fault(event)).collect();
                    assert!(faults.is_empty(), "{name}: {faults:?}");
                    let scrolled = browser.value("document.documentElement.scrollWidth");
                    assert!(
                        scrolled.as_u64().unwrap() <= width.into(),
                        "{name}: {scrolled} of {width}"
                    );
                    let hidden = browser.value(LABELS_AMISS);
                    assert_eq!(hidden, serde_json::json!([]), "{name} at {width}");
                }
            }
            for plot in &plots {
                let drawn = browser.value(&format!(
                    "(() => {{ const svg = document.querySelector('#{plot} svg'); const box = svg.getBoundingClientRect(); \
                     return box.width > 100 && box.height > 50 && svg.querySelector('title').textContent.length > 3 \
                     && svg.querySelectorAll('path, rect').length > 2 \
                     && document.querySelectorAll('#{plot} table tr').length > 1 \
                     && [...svg.querySelectorAll('path')].every(path => !/NaN|inf/.test(path.getAttribute('d'))); }})()"
                ));
                assert_eq!(drawn, true, "{name}: {plot}");
            }
        }
    }
}

/// The brightness of a colour, as `rgb(..)`: 0 to 255.
const BRIGHTNESS: &str = "(element, property) => { \
    const [r, g, b] = getComputedStyle(element)[property].match(/[0-9.]+/g).map(Number); \
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; }";

#[test]
fn dark_where_it_is_asked_for_and_light_on_paper() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    fs::write(&file, report(&corpus::shipped("demo.pcap"), &[])).unwrap();
    browser.width(1280);
    for (medium, scheme, is_dark) in [
        ("screen", "light", false),
        ("screen", "dark", true),
        ("print", "dark", false),
    ] {
        browser.medium(medium, "prefers-color-scheme", scheme);
        browser.open(&file);
        let brightness = |browser: &mut Chromium, property: &str| {
            let expression = format!("({BRIGHTNESS})(document.body, '{property}')");
            browser.value(&expression).as_f64().unwrap()
        };
        let ground = brightness(&mut browser, "backgroundColor");
        let ink = brightness(&mut browser, "color");
        assert_eq!(ground < 60.0, is_dark, "{medium} {scheme}: {ground}");
        assert_eq!(ink > 190.0, is_dark, "{medium} {scheme}: {ink}");
    }
}

/// Headings go down a level at a time, pictures and tables have names, the first key
/// leads to the content.
#[test]
fn people_who_do_not_see_it_find_their_way() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let capture = corpus::shipped("lab").join("a-rtorrent-aria2.pcap");
    fs::write(&file, report(&capture, &[])).unwrap();
    browser.open(&file);
    let levels = browser
        .value("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))");
    let levels: Vec<u64> = serde_json::from_value(levels).unwrap();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    let mut steps = levels.windows(2);
    assert!(steps.all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    let regions = browser.value(
        "[...document.querySelectorAll('[tabindex=\"0\"]')].filter(e => e.matches('div')) \
         .every(e => e.getAttribute('role') === 'region' && e.getAttribute('aria-label')?.length > 3)",
    );
    assert_eq!(regions, true, "what scrolls has a name");
    let names = browser.value(
        "[...document.querySelectorAll('svg[role=img]')].every(svg => svg.getAttribute('aria-labelledby')\
         .split(' ').every(id => document.getElementById(id)?.textContent.length > 3))",
    );
    assert_eq!(names, true);
    let heads = browser.value("[...document.querySelectorAll('thead th')].every(th => th.scope === 'col' || th.textContent === '')");
    assert_eq!(heads, true);
    let ids = browser.value("(() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return new Set(ids).size === ids.length; })()");
    assert_eq!(ids, true, "every id is there once");
    let links = browser.value("[...document.querySelectorAll('a[href^=\"#\"]')].every(a => document.getElementById(a.getAttribute('href').slice(1)))");
    assert_eq!(links, true, "every link leads somewhere");
}

/// The handles that the script adds.
#[test]
fn tables_sort_and_parts_unfold() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    fs::write(&file, report(&corpus::shipped("demo.pcap"), &[])).unwrap();
    browser.open(&file);
    let sorted = browser.value(
        "(() => { const table = document.querySelector('#messages table.sortable'); \
         const column = table.tHead.rows[0].cells.length - 1; \
         const numbers = () => [...table.tBodies[0].rows].map(row => Number(row.cells[column].dataset.sort)); \
         table.tHead.rows[0].cells[column].querySelector('button').click(); const up = numbers(); \
         table.tHead.rows[0].cells[column].querySelector('button').click(); const down = numbers(); \
         return up.every((n, i) => i === 0 || up[i - 1] <= n) && down.every((n, i) => i === 0 || down[i - 1] >= n); })()",
    );
    assert_eq!(sorted, true);
    let unfolded = browser.value(
        "(() => { const part = document.querySelector('#connections'); part.querySelector('.handles button').click(); \
         return [...part.querySelectorAll('details')].every(details => details.open); })()",
    );
    assert_eq!(unfolded, true);
}
