//! The calls a phone makes of the fake server, with what is scripted to go wrong.

use async_trait::async_trait;
use storewalk_domain::sync::{Bucket, Change};
use storewalk_wire::{
    ApiError, ErrorCode, HealRequest, HealResponse, RefreshRequest, SegmentRef, SessionGrant, SignInRequest,
    StandingRequest, StandingResponse, SyncApi, SyncRequest, SyncResponse, UploadRequest, UploadState, WindowPlace,
};

use super::{
    fault::{Fault, SegmentFault, outside, refused},
    phone::rep,
    server::{FakeServer, now},
};

#[async_trait]
impl SyncApi for FakeServer {
    async fn sign_in(&self, request: &SignInRequest) -> Result<SessionGrant, ApiError> {
        if request.password != "right" {
            return Err(refused(ErrorCode::SignInFailed));
        }
        let mut world = self.world();
        world.device = Some(request.device.device_id);
        Ok(world.grant(rep()))
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<SessionGrant, ApiError> {
        let mut world = self.world();
        let fault = world.refresh_faults.pop_front().unwrap_or(Fault::None);
        if fault == Fault::Offline {
            return Err(ApiError::Offline);
        }
        world.nonces.push(request.nonce.clone());
        let exchange = (request.refresh_token.clone(), request.nonce.clone());
        match &world.last_exchange {
            Some(last) if *last == exchange => {}
            Some((spent, _)) if *spent == request.refresh_token => return Err(refused(ErrorCode::RefreshReused)),
            _ => {
                world.generation += 1;
                world.last_exchange = Some(exchange);
            }
        }
        match fault {
            Fault::LostReply => Err(ApiError::Timeout),
            Fault::TokenExpired => Err(refused(ErrorCode::TokenInvalid)),
            _ => Ok(world.grant(rep())),
        }
    }

    async fn sync(&self, access_token: &str, request: &SyncRequest) -> Result<SyncResponse, ApiError> {
        let mut world = self.world();
        let fault = world.faults.pop_front().unwrap_or(Fault::None);
        if fault == Fault::Offline {
            return Err(ApiError::Offline);
        }
        if fault == Fault::TokenExpired || access_token != format!("access-{}", world.generation) {
            return Err(refused(ErrorCode::TokenInvalid));
        }
        world.requests.push(request.clone());
        match fault {
            Fault::RefuseCommands(code) if !request.commands.is_empty() => return Err(refused(code)),
            _ => {}
        }
        let place = world.protocols.map_or(WindowPlace::Within, |window| window.place(request.protocol));
        if place == WindowPlace::Above {
            return Err(outside(ErrorCode::ServerOutdated, world.protocols));
        }
        let mut response = world.serve(request, fault)?;
        if place == WindowPlace::Below {
            let ApiError::Refused(why) = outside(ErrorCode::AppOutdated, world.protocols) else { unreachable!() };
            (response.buckets, response.gone) = (Vec::new(), Vec::new());
            (response.is_complete, response.standing, response.withheld) = (false, None, Some(why));
        }
        if fault == Fault::LostReply { Err(ApiError::Timeout) } else { Ok(response) }
    }

    async fn segment(&self, _: &str, _: &Bucket, segment: &SegmentRef, offset: u64) -> Result<Vec<u8>, ApiError> {
        let mut world = self.world();
        let fault = world.segment_faults.pop_front().unwrap_or(SegmentFault::None);
        if fault == SegmentFault::Offline {
            return Err(ApiError::Offline);
        }
        world.segment_requests.push((segment.hash.clone(), offset));
        let file = world.segments.get(&segment.hash).filter(|_| fault != SegmentFault::Gone);
        let file = file.ok_or_else(|| refused(ErrorCode::NotFound))?;
        let mut bytes = file[usize::try_from(offset).expect("small")..].to_vec();
        match fault {
            SegmentFault::Half => bytes.truncate(bytes.len().div_ceil(2)),
            SegmentFault::Flipped => bytes[0] ^= 1,
            _ => {}
        }
        Ok(bytes)
    }

    async fn standing(&self, token: &str, request: &StandingRequest) -> Result<StandingResponse, ApiError> {
        let mut world = self.world();
        if world.faults.front() == Some(&Fault::Offline) {
            world.faults.pop_front();
            return Err(ApiError::Offline);
        }
        if token != format!("access-{}", world.generation) {
            return Err(refused(ErrorCode::TokenInvalid));
        }
        if world.knows_no_standings {
            return Err(refused(ErrorCode::NotFound));
        }
        world.standings_asked += 1;
        Ok(StandingResponse { server_at: now(), is_same: world.standing() == request.standing })
    }

    async fn heal(&self, _: &str, request: &HealRequest) -> Result<HealResponse, ApiError> {
        let mut world = self.world();
        world.heal_requests.push(request.clone());
        if let Some(row) = world.at_heal.take() {
            world.change(&Change::put(row));
        }
        let mut answer = world.log(&request.bucket).heal(request);
        if world.heals_badly && answer.ranges.is_empty() {
            (answer.ranges, answer.is_complete) = (vec![0], true);
        }
        Ok(answer)
    }

    async fn create_upload(&self, _: &str, request: &UploadRequest) -> Result<UploadState, ApiError> {
        Ok(UploadState { offset: request.size_bytes, is_complete: true, receipt: None })
    }

    async fn append_upload(&self, _: &str, _: &UploadRequest, _: u64, _: Vec<u8>) -> Result<UploadState, ApiError> {
        Err(ApiError::Offline)
    }
}
