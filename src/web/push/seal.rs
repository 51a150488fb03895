//! Messages that only the device can read (RFC 8291), as one record of `aes128gcm` (RFC 8188).

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{self, ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::{SecureRandom, SystemRandom};

/// The record size that is stated (RFC 8188 §2.1); a message is one record, and shorter.
const RECORD: u32 = 4096;
const SALT: usize = 16;

/// Encrypts a message for the device with this public key and secret.
///
/// It fails when the key is no point on P-256, or the system has no randomness.
pub fn seal(message: &[u8], key: &[u8], auth: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let random = SystemRandom::new();
    let mut salt = [0; SALT];
    random.fill(&mut salt)?;
    seal_with(message, key, auth, &salt, EphemeralPrivateKey::generate(&ECDH_P256, &random)?)
}

fn seal_with(
    message: &[u8],
    key: &[u8],
    auth: &[u8],
    salt: &[u8; SALT],
    own: EphemeralPrivateKey,
) -> Result<Vec<u8>, Unspecified> {
    let own_public = own.compute_public_key()?;
    let own_public = own_public.as_ref();
    let input = agreement::agree_ephemeral(own, &UnparsedPublicKey::new(&ECDH_P256, key), |shared| {
        let info = [b"WebPush: info\0".as_slice(), key, own_public];
        derived::<32>(auth, shared, &info)
    })??;
    let content_key = derived::<16>(salt, &input, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce = derived::<12>(salt, &input, &[b"Content-Encoding: nonce\0"])?;
    let mut sealed = [message, &[2]].concat();
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content_key)?);
    cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)?;
    let n_public = u8::try_from(own_public.len()).map_err(|_| Unspecified)?;
    Ok([salt.as_slice(), &RECORD.to_be_bytes(), &[n_public], own_public, &sealed].concat())
}

/// HKDF (RFC 5869), both steps.
fn derived<const N: usize>(salt: &[u8], input: &[u8], info: &[&[u8]]) -> Result<[u8; N], Unspecified> {
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(input).expand(info, Length(N))?.fill(&mut out)?;
    Ok(out)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).expect("base64")
    }

    /// RFC 8291, appendix A.
    #[test]
    #[expect(deprecated, reason = "the library makes a key from given bytes in no other way")]
    fn the_example_of_the_standard_comes_out() {
        let own = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &ring::test::rand::FixedSliceRandom { bytes: &own });
        let key = bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes");
        let message = b"When I grow up, I want to be a watermelon";
        let sealed = seal_with(message, &key, &auth, &salt, own.expect("a key")).expect("sealed");
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
                        mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
                        pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(sealed), expected);
    }

    #[test]
    fn a_key_that_is_no_point_seals_nothing() {
        assert!(seal(b"", &[4; 65], &[0; 16]).is_err());
    }
}
