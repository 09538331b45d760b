//! The known attacks on tokens, under their usual names. Where it helps the attack, the forged token is signed with the
//! real key.

mod algorithm;
mod encoding;
mod json;
mod key;
mod kind;
mod signature;

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|digits| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap())
        .collect()
}
