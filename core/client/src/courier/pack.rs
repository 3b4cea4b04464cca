//! Packing the queue: commands first, then photo bytes, thumbnails before originals.

use std::path::Path;

use rusqlite::Connection;
use storewalk_domain::ids::UserId;
use storewalk_wire::{
    CourierKey, DeviceKey, MAX_BATCH_COMMANDS, MAX_PARCEL_COMMAND_BYTES, MAX_PARCEL_PHOTO_BYTES, Parcel, ParcelContent,
    UploadRequest, seal_parcel,
};

use super::{Packing, keys};
use crate::{
    ClientError, Phone, outbox,
    photos::{self, sha256_hex, write_durably},
    session,
};

/// How parcels are called.
pub(super) const EXTENSION: &str = "parcel";

/// What goes into one parcel.
enum Load {
    /// Pending commands after one number up to another.
    Commands { after: u64, count: usize },
    /// A part of a photo's file.
    Piece { upload: UploadRequest, path: String, offset: u64 },
}

/// Who packs, and for whom.
struct Packer {
    user_id: UserId,
    device: session::Device,
    key: DeviceKey,
    to: CourierKey,
}

/// Packs the queue into files.
pub(super) fn pack(phone: &Phone, folder: &Path) -> Result<Packing, ClientError> {
    std::fs::create_dir_all(folder)?;
    let mut packing = Packing::default();
    let (packer, loads) = phone.write(|transaction| {
        let packer = packer(transaction)?;
        let mut loads = command_loads(transaction, &mut packing)?;
        loads.extend(photo_loads(transaction, phone, &mut packing)?);
        photos::note_packed(transaction)?;
        // The server may come to know these numbers without this phone having sent them.
        outbox::note_sent(transaction, packer.device.last_seq)?;
        Ok((packer, loads))
    })?;
    let of = u32::try_from(loads.len()).unwrap_or(u32::MAX);
    for (number, load) in (1_u32..).zip(&loads) {
        let (content, bytes) = fill(phone, load)?;
        let parcel = Parcel {
            device_id: packer.device.id,
            user_id: packer.user_id,
            packed_at: phone.now().trusted(),
            number,
            of,
            content,
        };
        let sealed = seal_parcel(&parcel, &bytes, &packer.to, &packer.key).map_err(ClientError::Parcel)?;
        // The name tells a carrier nothing but the order.
        let name = format!("storewalk-{number:03}-{}.{EXTENSION}", &sha256_hex(&sealed)[..12]);
        write_durably(folder, &name, &sealed)?;
        packing.bytes += sealed.len() as u64;
        packing.files.push(folder.join(name));
    }
    Ok(packing)
}

fn packer(connection: &Connection) -> Result<Packer, ClientError> {
    let session =
        session::session(connection)?.ok_or_else(|| ClientError::SignedOut { reason: "nobody".to_owned() })?;
    let keys = keys::device_key(connection)?.zip(keys::courier_key(connection)?);
    let (key, to) = keys.ok_or(ClientError::NoCourier)?;
    Ok(Packer { user_id: session.user.id, device: session::device(connection)?, key, to })
}

fn command_loads(connection: &Connection, packing: &mut Packing) -> Result<Vec<Load>, ClientError> {
    let mut loads = Vec::new();
    let (mut after, mut count, mut bytes, mut last) = (0, 0, 0, 0);
    loop {
        let page = outbox::pending_after(connection, last, MAX_BATCH_COMMANDS)?;
        if page.is_empty() {
            break;
        }
        for stored in page {
            let size = stored.wire_bytes();
            if count > 0 && (bytes + size > MAX_PARCEL_COMMAND_BYTES || count == MAX_BATCH_COMMANDS) {
                loads.push(Load::Commands { after, count });
                (after, count, bytes) = (last, 0, 0);
            }
            (count, bytes, last) = (count + 1, bytes + size, stored.seq);
            packing.commands += 1;
        }
    }
    if count > 0 {
        loads.push(Load::Commands { after, count });
    }
    Ok(loads)
}

fn photo_loads(connection: &Connection, phone: &Phone, packing: &mut Packing) -> Result<Vec<Load>, ClientError> {
    let (folder, mut loads) = (phone.photos_dir(), Vec::new());
    let mut photos = std::collections::BTreeSet::new();
    for (upload, path) in photos::unsent_files(connection)? {
        let is_whole = phone.inner.vault.length(&folder.join(&path)).is_ok_and(|length| length == upload.size_bytes);
        if !is_whole {
            packing.missing_photos += 1;
            continue;
        }
        photos.insert(upload.photo_id);
        let step = usize::try_from(MAX_PARCEL_PHOTO_BYTES).unwrap_or(usize::MAX);
        let pieces = (0..upload.size_bytes).step_by(step);
        loads.extend(pieces.map(|offset| Load::Piece { upload: upload.clone(), path: path.clone(), offset }));
    }
    packing.photos = photos.len() as u64;
    Ok(loads)
}

fn fill(phone: &Phone, load: &Load) -> Result<(ParcelContent, Vec<u8>), ClientError> {
    match load {
        Load::Commands { after, count } => phone.read(|connection| {
            let stored = outbox::pending_after(connection, *after, *count)?;
            let commands =
                stored.iter().map(|stored| Ok(stored.read()?.envelope)).collect::<Result<_, ClientError>>()?;
            Ok((ParcelContent::Commands { commands }, Vec::new()))
        }),
        Load::Piece { upload, path, offset } => {
            let bytes = phone.inner.vault.read_part(&phone.photos_dir().join(path), *offset, MAX_PARCEL_PHOTO_BYTES)?;
            Ok((ParcelContent::Photo { upload: upload.clone(), offset: *offset }, bytes))
        }
    }
}
