-- Rows, versions and logs as the first server kept them. Never changed: databases like this are out there.

INSERT INTO server_facts (id, epoch, token_key)
VALUES (1, 77, x'0000000000000000000000000000000000000000000000000000000000000001');

INSERT INTO outlets (
    id, code, name, class, county_id, territory_id, gln, address, position, fence_m, decision_maker, phone, zone,
    is_active, extra
)
VALUES (
    x'00000000000000000000000000000001', 'S0001', '幸福路手机城', 'B', x'00000000000000000000000000000005',
    x'00000000000000000000000000000009', NULL, '幸福路1号', NULL, 150, '', '', 'Asia/Shanghai', 1, NULL
);

INSERT INTO tasks (
    id, outlet_id, territory_id, kind, params, note, owner_id, visit_id, photo_id, due_on, proof, status, raised_at,
    closed_at, extra
)
VALUES (
    x'00000000000000000000000000000011', x'00000000000000000000000000000001', x'00000000000000000000000000000009',
    'open_point', '{}', '换灯箱', x'00000000000000000000000000000002', NULL, NULL, '2025-03-20', 'word', 'open', 0, NULL,
    '{"of_a_later_release":3}'
);

INSERT INTO row_versions (tbl, row_id, version)
VALUES
    ('outlets', x'00000000000000000000000000000001', 4),
    ('tasks', x'00000000000000000000000000000011', 1),
    ('tasks', x'00000000000000000000000000000012', 2);

INSERT INTO bucket_heads (id, bucket, epoch, head, floor, row_count)
VALUES (1, 'terr:00000000-0000-0000-0000-000000000009', 77, 7, 0, 2);

INSERT INTO bucket_entries (bucket_id, tbl, row_id, position, version, is_removed)
VALUES
    (1, 'outlets', x'00000000000000000000000000000001', 5, 4, 0),
    (1, 'tasks', x'00000000000000000000000000000011', 6, 1, 0),
    (1, 'tasks', x'00000000000000000000000000000012', 7, 2, 1);
