//! The sentences behind [`crate::ClientError`] codes, in both languages.

use storewalk_domain::text::Localized;

/// What happened and what to do next.
pub(crate) struct ErrorText {
    pub(crate) what: Localized,
    pub(crate) next: Localized,
}

/// The sentences of a code; a code without its own is named as a fault of ours.
pub(crate) fn of_code(code: &str) -> ErrorText {
    let found = of_line(code)
        .or_else(|| of_phone(code))
        .or_else(|| of_door(code))
        .or_else(|| of_parcel(code))
        .or_else(|| of_server(code));
    let (what_zh, what_en, next_zh, next_en) = found.unwrap_or((
        "出现了意料之外的问题",
        "Something unexpected went wrong",
        "会自动重试；若反复出现，请联系技术支持",
        "It is tried again; if it keeps happening, tell support",
    ));
    ErrorText { what: Localized::new(what_zh, what_en), next: Localized::new(next_zh, next_en) }
}

/// What happened and what to do, in Chinese and English each.
type Sentences = (&'static str, &'static str, &'static str, &'static str);

/// What a host may get wrong at the door.
fn of_door(code: &str) -> Option<Sentences> {
    Some(match code {
        "argument_invalid" => (
            "应用给出的内容无法识别",
            "The app handed over something that cannot be read",
            "请更正标出的一项后再试；若反复出现，请更新应用",
            "Correct what is marked and try again; if it keeps happening, update the app",
        ),
        "already_open" => (
            "数据已在使用中",
            "The data is already in use",
            "请关闭另一个正在使用它的应用，再试一次",
            "Close the other app that uses it, then try again",
        ),
        "cancelled" => ("操作已取消", "It was cancelled", "需要时可再次操作", "Do it again when you need it"),
        "key_locked" => (
            "手机解锁前无法读取数据",
            "The data cannot be read before the phone is unlocked",
            "请先解锁手机",
            "Unlock the phone first",
        ),
        "key_gone" => (
            "打开数据的密钥已失效",
            "The key to the data is no longer valid",
            "请重新登录，数据会从服务器取回；未上传的内容请联系技术支持",
            "Sign in again to fetch the data from the server; ask support about work that was not sent",
        ),
        "key_wrong" => (
            "打开数据的密钥不对，数据未作任何改动",
            "The data was locked with another key; nothing was touched",
            "若密钥已丢失，可另存旧数据后从服务器重新取回；未上传的内容请联系技术支持",
            "If the key is lost, set the old data aside and fetch anew from the server; ask support about unsent work",
        ),
        "key_needed" => (
            "数据已加密，但没有给出密钥",
            "The data is encrypted and no key was given",
            "请更新应用后再打开",
            "Update the app, then open it again",
        ),
        "key_lost" => (
            "保存数据密钥的文件已损坏或丢失，数据无法读取",
            "The file that holds the keys to the data is damaged or gone; the data cannot be read",
            "可另存旧数据后从服务器重新取回；未上传的内容请联系技术支持",
            "Set the old data aside and fetch anew from the server; ask support about unsent work",
        ),
        "key_unsupported" => {
            ("此版本的应用不能加密数据", "This build of the app cannot encrypt data", "请更新应用", "Update the app")
        }
        "key_fits" => (
            "数据可以正常读取，没有另存",
            "The data can be read, so it was not set aside",
            "请照常打开",
            "Open it as usual",
        ),
        "key_unusable" => (
            "无法取得打开数据的密钥",
            "The key to the data cannot be had",
            "请重新打开应用；若反复出现，请联系技术支持",
            "Open the app again; if it keeps happening, tell support",
        ),
        _ => return None,
    })
}

/// The line to the server, and who is signed in.
fn of_line(code: &str) -> Option<Sentences> {
    Some(match code {
        "offline" => (
            "连不上服务器",
            "The server cannot be reached",
            "照常工作，联网后会自动同步",
            "Carry on; everything is sent once there is a network",
        ),
        "timeout" => (
            "服务器没有及时回应",
            "The server did not answer in time",
            "照常工作，稍后会自动重试",
            "Carry on; it is tried again soon",
        ),
        "not_the_server" => (
            "当前网络没有把请求送到服务器（可能需要先登录网络）",
            "This network did not reach the server (it may ask you to log in first)",
            "请换一个网络，或在浏览器中完成网络登录",
            "Use another network, or finish its log-in page in a browser",
        ),
        "busy" | "too_many_requests" => {
            ("服务器繁忙", "The server is busy", "照常工作，稍后会自动重试", "Carry on; it is tried again soon")
        }
        "bucket_differs" => (
            "部分数据与服务器不一致，自动修复未成功",
            "Some data differs from the server's and could not be mended by itself",
            "可以照常工作，已录入的内容不受影响；请联系管理员",
            "Carry on; what you captured is safe. Tell your administrator",
        ),
        "signed_out" | "token_invalid" | "refresh_reused" | "device_unknown" => (
            "需要重新登录",
            "You need to sign in again",
            "请重新登录；已录入的内容都还在",
            "Sign in again; everything you captured is still here",
        ),
        "sign_in_failed" => (
            "账号或密码不正确",
            "The login name or password is wrong",
            "请核对后重试，或联系管理员重置密码",
            "Check both and try again, or ask the administrator to reset the password",
        ),
        _ => return None,
    })
}

/// The phone itself.
fn of_phone(code: &str) -> Option<Sentences> {
    Some(match code {
        "unsent" => (
            "还有未上传的工作或未提交的订单草稿",
            "Some work has not been sent yet, or an order is still a draft",
            "请先联网同步，并提交或删除草稿，再退出或换人登录",
            "Sync first, submit or discard the drafts, then sign out or let somebody else sign in",
        ),
        "storage_full" => (
            "手机存储空间已满，这一步没有保存",
            "The phone's storage is full; this step was not saved",
            "请清理一些空间后再做一次",
            "Free some space and do it again",
        ),
        "storage_damaged" => (
            "手机上的数据文件已损坏",
            "The data file on this phone is damaged",
            "请关闭应用再打开，未上传的工作会被找回",
            "Close the app and open it again; unsent work is brought back",
        ),
        "storage_busy" | "storage_unavailable" | "file_fault" => (
            "暂时无法读写手机存储",
            "The phone's storage cannot be used at the moment",
            "请稍后再试",
            "Try again in a moment",
        ),
        "storage_newer" => (
            "手机上的数据由更新版本的应用使用过，此版本无法打开",
            "The data on this phone was last used by a newer version of the app",
            "请更新应用；所有内容都还在手机上",
            "Update the app; everything is still on the phone",
        ),
        "rejected" | "refused" => {
            ("这一步不符合规则", "The rules do not allow this step", "请查看列出的原因", "Look at the reasons listed")
        }
        "not_found" => ("手机上找不到这条记录", "This phone has no such record", "请同步后再试", "Sync and try again"),
        "cannot_park" => (
            "服务器没有提供封存数据用的密钥",
            "The server has given no key to park your work under",
            "请先联网同步，把内容全部上传后再退出",
            "Sync until everything is sent, then sign out",
        ),
        "parked_unreadable" => (
            "本机封存的数据无法用这次登录打开",
            "What is parked on this phone cannot be opened with this sign-in",
            "数据仍原样保存在本机，请联系技术支持",
            "It stays on this phone as it is; tell support",
        ),
        _ => return None,
    })
}

/// Parcels.
fn of_parcel(code: &str) -> Option<Sentences> {
    Some(match code {
        "courier_unknown" => (
            "手机还没有服务器的代送密钥",
            "This phone does not yet know the key parcels are sealed to",
            "请先联网登录或同步一次，再导出代送包",
            "Sign in or sync once with a network, then export again",
        ),
        "parcel_unknown" => (
            "这个文件不是代送包",
            "This file is not a parcel",
            "请选择同事手机导出的代送包文件",
            "Choose a file that a colleague's phone exported",
        ),
        "parcel_version" => (
            "代送包由更新版本的应用生成",
            "The parcel was packed by a newer release of the app",
            "请更新本机应用后再试",
            "Update this app and try again",
        ),
        "parcel_truncated" | "parcel_tampered" => (
            "代送包不完整或已损坏",
            "The parcel is incomplete or damaged",
            "请从原手机重新导出或重新传送；原手机上的内容都还在",
            "Export or transfer it again; everything is still on the phone it came from",
        ),
        "parcel_too_large" => (
            "代送包超过允许的大小",
            "The parcel is larger than a parcel may be",
            "请从原手机重新导出，较大的内容会自动分成几个文件",
            "Export it again; the phone splits what is large into several files",
        ),
        "parcels_waiting" => (
            "服务器上这台手机的代送包已太多",
            "Too many parcels of that phone wait on the server",
            "文件会保留并再次尝试；请主管先处理等待中的代送包，或让原手机联网同步",
            "It is kept and tried again; ask a supervisor to see to those that wait, or let that phone sync itself",
        ),
        "parcel_other_server" | "parcel_signature" | "parcel_unreadable" => (
            "服务器不接受这个代送包",
            "The server does not accept this parcel",
            "请在原手机联网登录一次后重新导出，或联系主管",
            "Sign in on the phone it came from once and export again, or tell the supervisor",
        ),
        _ => return None,
    })
}

/// What the server says of the app and of receipts.
fn of_server(code: &str) -> Option<Sentences> {
    Some(match code {
        "closed" => ("应用已暂停", "The app is paused", "请回到应用后再试", "Come back to the app and try again"),
        "protocol_unsupported" => (
            "此版本的应用已不能与服务器同步",
            "This version of the app can no longer sync with the server",
            "请更新应用；已录入的内容都还在",
            "Update the app; everything you captured is still here",
        ),
        "app_outdated" => (
            "此版本的应用过旧，收不到新数据；录入的内容仍会上传",
            "This version of the app is too old to receive new data; what you capture is still sent",
            "请更新应用；已录入的内容都还在",
            "Update the app; everything you captured is still here",
        ),
        "server_outdated" => (
            "服务器的版本比应用旧，暂时无法同步",
            "The server is older than this app and cannot sync with it yet",
            "请照常工作，服务器更新后会自动上传",
            "Carry on; everything is sent once the server is updated",
        ),
        "receipt_invalid" => (
            "服务器的回执校验不通过",
            "A receipt of the server does not verify",
            "相关内容都保留在手机上，会再次索取回执；若反复出现，请联系技术支持",
            "What it is about stays on this phone and is asked about again; if it keeps happening, tell support",
        ),
        "receipt_key_new" => (
            "服务器换用了新的回执密钥",
            "The server signs its receipts with a new key",
            "请重新登录一次以确认；在此之前，手机上的内容不会被清理",
            "Sign in once to confirm it; until then nothing is freed on this phone",
        ),
        _ => return None,
    })
}
