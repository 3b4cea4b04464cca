//! Manifests of segments.

use storewalk_domain::{
    ids::{RowId, TerritoryId},
    sync::Bucket,
    time::Timestamp,
};
use storewalk_wire::SegmentRef;

use super::{Case, id, read, write};
use crate::store::{Manifest, RowKey, Segment, Store};

pub(super) const CASES: &[Case] = &[
    a_bucket_has_one_manifest_and_its_files_in_order,
    a_replaced_file_is_found_until_it_is_forgotten,
    a_lost_file_takes_its_manifests_with_it,
    what_is_no_name_names_nothing,
];

fn file(number: u8) -> SegmentRef {
    SegmentRef { hash: format!("{number:02x}").repeat(32), bytes: 10, unpacked_bytes: 100, rows: 7 }
}

fn manifest(at: i64, files: &[u8]) -> Manifest {
    let last = |number: u8| RowKey { table: "outlets".into(), id: RowId(id(u128::from(number))) };
    Manifest {
        epoch: 5,
        as_of: 9,
        built_at: Timestamp(at),
        segments: files.iter().map(|number| Segment { file: file(*number), last: last(*number) }).collect(),
    }
}

fn territory() -> Bucket {
    Bucket::Territory(TerritoryId(id(1)))
}

fn put(store: &(dyn Store + 'static), bucket: Bucket, manifest: Manifest) {
    write(store, move |txn| txn.put_manifest(&bucket, &manifest));
}

/// Whether the bucket's manifests name a file.
fn names(store: &(dyn Store + 'static), bucket: Bucket, number: u8) -> bool {
    read(store, move |snapshot| snapshot.segment_in(&bucket, &file(number).hash)) == Some(file(number))
}

fn a_bucket_has_one_manifest_and_its_files_in_order(store: &(dyn Store + 'static)) {
    assert_eq!(read(store, |snapshot| snapshot.manifest(&Bucket::Org)), None);
    put(store, Bucket::Org, manifest(1, &[1, 2, 3]));
    put(store, territory(), manifest(1, &[4]));
    put(store, Bucket::Org, manifest(2, &[3, 1]));
    assert_eq!(read(store, |snapshot| snapshot.manifest(&Bucket::Org)), Some(manifest(2, &[3, 1])));
    assert_eq!(read(store, |snapshot| snapshot.manifest(&territory())), Some(manifest(1, &[4])));
    let all: Vec<String> = read(store, |snapshot| snapshot.segment_names()).into_iter().collect();
    assert_eq!(all, [1, 2, 3, 4].map(|number| file(number).hash));
}

fn a_replaced_file_is_found_until_it_is_forgotten(store: &(dyn Store + 'static)) {
    put(store, Bucket::Org, manifest(1, &[1, 2]));
    put(store, Bucket::Org, manifest(20, &[2, 3]));
    assert!(names(store, Bucket::Org, 1) && names(store, Bucket::Org, 3));
    assert!(!names(store, territory(), 1));
    assert_eq!(write(store, |txn| txn.forget_manifests(Timestamp(20))), 0);
    assert!(names(store, Bucket::Org, 1));
    assert_eq!(write(store, |txn| txn.forget_manifests(Timestamp(21))), 1);
    assert!(!names(store, Bucket::Org, 1) && names(store, Bucket::Org, 2) && names(store, Bucket::Org, 3));
    let left = read(store, |snapshot| snapshot.segment_names());
    assert_eq!(left.len(), 2);
}

fn a_lost_file_takes_its_manifests_with_it(store: &(dyn Store + 'static)) {
    put(store, Bucket::Org, manifest(1, &[1, 2]));
    put(store, Bucket::Org, manifest(2, &[2]));
    put(store, territory(), manifest(1, &[3]));
    write(store, |txn| txn.drop_segment(&file(2).hash));
    assert_eq!(read(store, |snapshot| snapshot.manifest(&Bucket::Org)), None);
    assert!(!names(store, Bucket::Org, 1) && names(store, territory(), 3));
}

fn what_is_no_name_names_nothing(store: &(dyn Store + 'static)) {
    put(store, Bucket::Org, manifest(1, &[0xab]));
    for name in ["", "../../etc/passwd", &"AB".repeat(32), &"é".repeat(32), &"ab".repeat(31)] {
        let name = name.to_owned();
        assert_eq!(read(store, move |snapshot| snapshot.segment_in(&Bucket::Org, &name)), None);
    }
    let unfit = store.write_blocking(|txn| {
        let mut unfit = manifest(1, &[1]);
        unfit.segments[0].file.hash = "x".into();
        txn.put_manifest(&Bucket::Org, &unfit)
    });
    assert!(unfit.is_err());
}
