//! What a phone's last failure means, in words for a supervisor.

/// The key of the words for a code; a code of another release is told of in general.
pub(super) fn fault_key(code: &str) -> &'static str {
    match code {
        "offline" => "fault.offline",
        "timeout" | "timed_out" => "fault.timeout",
        "not_the_server" => "fault.portal",
        "busy" | "too_many_requests" => "fault.busy",
        "signed_out" | "token_invalid" | "refresh_reused" | "sign_in_failed" => "fault.sign_in",
        "device_unknown" => "fault.device",
        "storage_full" => "fault.full",
        "storage_damaged" => "fault.damaged",
        "storage_busy" | "storage_unavailable" | "storage_fault" | "file_fault" => "fault.storage",
        "protocol_unsupported" | "app_outdated" => "fault.protocol",
        "server_outdated" => "fault.server_old",
        "storage_newer" => "fault.downgraded",
        _ => "fault.other",
    }
}
