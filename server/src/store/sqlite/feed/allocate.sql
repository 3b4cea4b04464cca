INSERT INTO bucket_heads (bucket, epoch, head, floor, row_count)
VALUES (:bucket, :epoch, :allocated, 0, 0)
ON CONFLICT (bucket) DO UPDATE SET head = head + :allocated
RETURNING id, head, checksum
