//! Device codes (RFC 8628): what a device without a browser asks with, while somebody signs in elsewhere.

use dashmap::DashMap;
use uuid::Uuid;

use super::authority::Authority;
use super::opaque;
use super::refusal::Refusal;
use super::scopes::AskedScopes;

/// Seconds in which somebody must sign in.
pub(crate) const LIFETIME_S: i64 = 900;
/// Seconds between two questions of a device.
pub(crate) const INTERVAL_S: i64 = 5;
/// How long an expired code is remembered, so that its refusal names the reason.
const MEMORY_S: i64 = 900;
/// More codes than this are never kept: then all of them are forgotten.
const REMEMBERED: usize = 10_000;
/// Letters that nobody takes for others.
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ23456789";
const USER_CODE_LENGTH: usize = 9;

/// What a device has asked for.
#[derive(Clone, Debug)]
pub(crate) struct DeviceRequest {
    pub(crate) client: Uuid,
    pub(crate) authority: Authority,
    pub(crate) scopes: AskedScopes,
    /// The client declared the capability `cp1`.
    pub(crate) handles_challenges: bool,
}

/// Somebody who signed in for a device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedIn {
    pub(crate) tenant: Uuid,
    pub(crate) user: Uuid,
    pub(crate) session: Uuid,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Pending,
    Declined,
    SignedIn(SignedIn),
    Redeemed,
}

#[derive(Debug)]
struct Stored {
    request: DeviceRequest,
    user_code: String,
    expires_at: i64,
    state: State,
    asked_at: Option<i64>,
    interval_s: i64,
}

/// The device codes of this process. Times are seconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct DeviceCodes {
    codes: DashMap<String, Stored>,
}

impl DeviceCodes {
    /// The code of the device, and the one that a person types.
    pub(crate) fn issue(&self, request: DeviceRequest, now: i64) -> (String, String) {
        self.codes.retain(|_, stored| stored.expires_at + MEMORY_S > now);
        if self.codes.len() >= REMEMBERED {
            self.codes.clear();
        }
        let (code, user_code) = (opaque::text(), user_code());
        let stored = Stored {
            request,
            user_code: user_code.clone(),
            expires_at: now + LIFETIME_S,
            state: State::Pending,
            asked_at: None,
            interval_s: INTERVAL_S,
        };
        self.codes.insert(code.clone(), stored);
        (code, user_code)
    }

    /// What the device asked for whose code a person has typed.
    pub(crate) fn find(&self, user_code: &str, now: i64) -> Result<DeviceRequest, Refusal> {
        let typed = user_code.trim().to_ascii_uppercase();
        let found = self.codes.iter().find(|stored| stored.user_code == typed);
        let stored = found.ok_or(Refusal::DeviceCodeUnknown)?;
        match stored.state {
            _ if stored.expires_at <= now => Err(Refusal::DeviceCodeExpired),
            State::Pending => Ok(stored.request.clone()),
            State::Declined | State::SignedIn(_) | State::Redeemed => Err(Refusal::DeviceCodeUnknown),
        }
    }

    /// Somebody has signed in for the device, or (`None`) has said that they do not want to.
    pub(crate) fn decide(&self, user_code: &str, signed_in: Option<SignedIn>) {
        let typed = user_code.trim().to_ascii_uppercase();
        for mut stored in self.codes.iter_mut().filter(|stored| stored.user_code == typed) {
            stored.state = signed_in.map_or(State::Declined, State::SignedIn);
        }
    }

    /// Who has signed in, for those who only want to know whose a code is.
    pub(crate) fn peek(&self, code: &str) -> Option<SignedIn> {
        match self.codes.get(code)?.state {
            State::SignedIn(signed_in) => Some(signed_in),
            State::Pending | State::Declined | State::Redeemed => None,
        }
    }

    /// A question of the device. Who asks too soon has to ask less often from then on (RFC 8628, section 3.5).
    pub(crate) fn ask(&self, code: &str, now: i64) -> Result<(DeviceRequest, SignedIn), Refusal> {
        let mut stored = self.codes.get_mut(code).ok_or(Refusal::DeviceCodeUnknown)?;
        if stored.expires_at <= now {
            return Err(Refusal::DeviceCodeExpired);
        }
        match stored.state {
            State::Redeemed => Err(Refusal::CodeRedeemed),
            State::Declined => Err(Refusal::DeviceDeclined),
            State::SignedIn(signed_in) => Ok((stored.request.clone(), signed_in)),
            State::Pending => {
                let before = stored.asked_at.replace(now);
                if before.is_some_and(|before| now - before < stored.interval_s) {
                    stored.interval_s += INTERVAL_S;
                    return Err(Refusal::DeviceAsksTooOften);
                }
                Err(Refusal::DevicePending)
            }
        }
    }

    /// Spends the code. Of several that try at once, one succeeds.
    pub(crate) fn redeem(&self, code: &str) -> Result<(), Refusal> {
        let mut stored = self.codes.get_mut(code).ok_or(Refusal::DeviceCodeUnknown)?;
        match std::mem::replace(&mut stored.state, State::Redeemed) {
            State::SignedIn(_) => Ok(()),
            State::Pending | State::Declined | State::Redeemed => Err(Refusal::CodeRedeemed),
        }
    }
}

fn user_code() -> String {
    let random = Uuid::new_v4();
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    // The bytes in the middle hold the version.
    random
        .as_bytes()
        .iter()
        .rev()
        .take(USER_CODE_LENGTH - 2)
        .chain(&random.as_bytes()[..2])
        .map(letter)
        .collect()
}
