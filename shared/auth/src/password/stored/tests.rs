//! Hashes by other implementations, and hashes that are refused.

use rstest::rstest;

use super::*;

/// The hashes of this password below are by other implementations: Python's hashlib (OpenSSL), bcrypt, argon2-cffi.
const PASSWORD: &str = "p\u{e4}ssword hunter two";

#[rstest]
#[case::argon2id("$argon2id$v=19$m=19456,t=2,p=1$uUsNmC6Fu1W2cqhyY3rNdA$EvDuM9hdC1Xlnma25d1oo1qe18uFlapIA1685fRbzOE")]
#[case::argon2id_of_four_lanes("$argon2id$v=19$m=2048,t=1,p=4$G+nIy8zJNfbNH2EiauFTOA$djMcmTdR/lfHm4v72RbZdxJbL7RZBUFP")]
#[case::argon2id_of_thirty_two_lanes(
    "$argon2id$v=19$m=1024,t=1,p=32$YSBzYWx0IG9mIDE2IGJ5dA$t5CDlAIfY3Rfbrkf4fVcz82fA47aJfFnyX/1wExL9aM"
)]
#[case::argon2i("$argon2i$v=19$m=1024,t=3,p=1$nuSRxbEL7LVWO/web5NCfg$xweZbh+u7LN7qhq6iKsFpICrKRmKwA6X/PAkL5usshM")]
#[case::argon2i_of_the_first_version(
    "$argon2i$v=16$m=512,t=2,p=2$y8j+KVXlzY5G3I7Ut8J2TQ$bapcxC8iW0ZiMVkGoDFbfX+idk3z3DYFhELcc2Iz9ko"
)]
#[case::argon2i_from_before_there_were_versions(
    "$argon2i$m=512,t=2,p=1$Pjv57vX3nytJNK+H9VILaQ$nv4criulkCgrasgMms/pVmAuQm9awSMvkZoBilAQiPg"
)]
#[case::scrypt("$scrypt$ln=10,r=8,p=1$pU3KGCUwux1tEyze1iN7Lg$imBe3Rrc7xF5IwBESD3pjH66FnDgl+idjLtYAozqpAQ")]
#[case::scrypt_of_three_lanes(
    "$scrypt$ln=8,r=4,p=3$2R4/ch/LGXEXRJTWSTydXA$0U2y6btkfR2mSA3HiEemT3Bkfp1X67hr/88+PBvotUpBZDcSG/oPN4zp/YSLYdSc6qJq92Ygm8ZezCZkhx7vcw"
)]
#[case::pbkdf2("$pbkdf2-sha256$i=1000,l=32$NGC+MSAeaf7aoO7ouZl/XA$HIrruz6pwv1J+SAJHkq1pwIjySPBRGRjqFzHVvMeZYw")]
#[case::pbkdf2_without_a_length(
    "$pbkdf2-sha256$i=600$fCmZ/a/lkyU81lSvTfrXFA$ASBC4et4jVXSGogf8leenKNBM19T2+LxfbyI09kLKuQ"
)]
#[case::pbkdf2_of_two_blocks(
    "$pbkdf2-sha256$i=700,l=48$J6Cus/7pIy+K8iEf$dIr3jIJ5V6ZNHF+0U87VMaO0t8K0Jpl9PI49phJYBynkmzBiZFn5NzXjRBueGGaN"
)]
#[case::bcrypt_2a("$2a$06$lmj7kHHHVv29hroZx3Lzn.S6OnqwPDl3iNSfz2fci2rStESOlhmpW")]
#[case::bcrypt_2b("$2b$06$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K")]
#[case::bcrypt_2y("$2y$06$B6.wb39htHvq9nNEgt573ekPkVgQ/5a0OF7LGVZSGU.mTOldhpb/q")]
fn what_other_systems_hashed_verifies(#[case] text: &str) {
    let hash = StoredHash::parse(text).unwrap();
    let scratch = &mut Scratch::default();

    assert_eq!(
        hash.form_of(&password(PASSWORD), scratch).unwrap(),
        Some(PasswordForm::Own)
    );
    for wrong in [
        "password hunter two",
        "p\u{e4}ssword hunter tw",
        "p\u{e4}ssword hunter two ",
    ] {
        assert_eq!(hash.form_of(&password(wrong), scratch).unwrap(), None, "{wrong}");
    }
}

#[test]
fn bcrypt_uses_the_first_72_bytes_of_a_password_everywhere() {
    let hash = StoredHash::parse("$2b$05$sRfv3idWDDSYnvLBHhL.Q.4LLiQmRhzwU4mxn8pK01neHO.Z9SNaO").unwrap();
    let scratch = &mut Scratch::default();

    assert_eq!(
        hash.form_of(&password(&"a".repeat(80)), scratch).unwrap(),
        Some(PasswordForm::Own)
    );
    assert_eq!(hash.form_of(&password(&"a".repeat(71)), scratch).unwrap(), None);
}

#[rstest]
#[case::ours(
    "$pbkdf2-sha256$i=1000,l=32$jIp6PF728+zHgEIUTDdEpA$Mftg95Gjua2JNvn+4bkdMr0kEndk24sjdbZ7PA8kZ+c",
    "cafe\u{301} au lait",
    Some(PasswordForm::Own)
)]
#[case::as_it_was_typed(
    "$pbkdf2-sha256$i=1000,l=32$IlnpYVgsmuFyNdtlXHUd2w$UMqxsZyfdR3FEUmknmHugej86+fqtJBHzB0I49XqYEo",
    "cafe\u{301} au lait",
    Some(PasswordForm::Foreign)
)]
#[case::in_nfkc(
    "$pbkdf2-sha256$i=1000,l=32$UBxeQBDgl4uuMvfyQkRC/Q$uk5w7v3e6uhM09uG0Ibu1vdkjBaMGZCxSFHrv0jnPNE",
    "\u{fb01}sh and chips",
    Some(PasswordForm::Foreign)
)]
#[case::as_nobody_typed_it(
    "$pbkdf2-sha256$i=1000,l=32$IlnpYVgsmuFyNdtlXHUd2w$UMqxsZyfdR3FEUmknmHugej86+fqtJBHzB0I49XqYEo",
    "caf\u{e9} au lait",
    None
)]
fn a_password_verifies_in_the_form_that_was_hashed(
    #[case] text: &str,
    #[case] typed: &str,
    #[case] form: Option<PasswordForm>,
) {
    let hash = StoredHash::parse(text).unwrap();

    assert_eq!(hash.form_of(&password(typed), &mut Scratch::default()).unwrap(), form);
}

#[rstest]
#[case::memory("$argon2id$v=19$m=262144,t=8,p=1", "$argon2id$v=19$m=262145,t=1,p=1")]
#[case::four_gigabytes("$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=19$m=4194304,t=2,p=1")]
#[case::the_most_that_can_be_written("$argon2i$v=19$m=19456,t=2,p=1", "$argon2i$v=19$m=4294967295,t=4294967295,p=1")]
#[case::passes("$argon2id$v=19$m=19456,t=107,p=1", "$argon2id$v=19$m=19456,t=108,p=1")]
#[case::a_million_passes("$argon2id$v=19$m=8,t=262144,p=1", "$argon2id$v=19$m=8,t=1000000,p=1")]
#[case::lanes("$argon2id$v=19$m=19456,t=2,p=32", "$argon2id$v=19$m=19456,t=2,p=33")]
#[case::the_most_lanes("$argon2id$v=19$m=256,t=2,p=32", "$argon2id$v=19$m=255,t=2,p=32")]
#[case::no_pass("$argon2id$v=19$m=19456,t=1,p=1", "$argon2id$v=19$m=19456,t=0,p=1")]
#[case::no_lane("$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=19$m=19456,t=2,p=0")]
#[case::no_memory("$argon2id$v=19$m=8,t=2,p=1", "$argon2id$v=19$m=7,t=2,p=1")]
#[case::a_missing_parameter("$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=19$m=19456,t=2")]
#[case::an_unknown_parameter("$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=19$m=19456,t=2,p=1,data=AAAA")]
#[case::an_unknown_version("$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=20$m=19456,t=2,p=1")]
#[case::an_unknown_algorithm("$argon2i$v=19$m=19456,t=2,p=1", "$argon2d$v=19$m=19456,t=2,p=1")]
#[case::scrypt_memory("$scrypt$ln=17,r=8,p=2", "$scrypt$ln=18,r=8,p=1")]
#[case::scrypt_work("$scrypt$ln=16,r=8,p=4", "$scrypt$ln=16,r=8,p=5")]
#[case::scrypt_block_size("$scrypt$ln=1,r=524288,p=1", "$scrypt$ln=1,r=4294967295,p=1")]
#[case::scrypt_lanes("$scrypt$ln=1,r=1,p=1048576", "$scrypt$ln=1,r=1,p=4294967295")]
#[case::scrypt_overflow("$scrypt$ln=10,r=8,p=1", "$scrypt$ln=255,r=4294967295,p=4294967295")]
#[case::scrypt_edge("$scrypt$ln=10,r=8,p=1", "$scrypt$ln=63,r=2,p=1")]
#[case::scrypt_nothing("$scrypt$ln=1,r=1,p=1", "$scrypt$ln=0,r=1,p=1")]
#[case::pbkdf2_iterations("$pbkdf2-sha256$i=2000000", "$pbkdf2-sha256$i=2000001")]
#[case::pbkdf2_nothing("$pbkdf2-sha256$i=1", "$pbkdf2-sha256$i=0")]
#[case::pbkdf2_length("$pbkdf2-sha256$i=1000,l=32", "$pbkdf2-sha256$i=1000,l=33")]
#[case::pbkdf2_with_another_hash("$pbkdf2-sha256$i=1000", "$pbkdf2-sha512$i=1000")]
fn what_would_exhaust_memory_or_time_is_refused_unread(#[case] bearable: &str, #[case] absurd: &str) {
    let decoy = "A".repeat(22) + "$" + &"A".repeat(43);

    assert!(StoredHash::parse(&format!("{bearable}${decoy}")).is_ok());
    assert!(StoredHash::parse(&format!("{absurd}${decoy}")).is_err());
}

#[rstest]
#[case("")]
#[case("garbage")]
#[case("$argon2id$")]
#[case("$argon2id$v=19$m=19456,t=2,p=1")]
#[case("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA")]
#[case("$2b$10$abcdefghijklmnopqrstuv")]
#[case("$2x$06$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K")]
#[case("$2b$03$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K")]
#[case("$2b$15$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K")]
#[case("$2b$31$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K")]
#[case("$2b$06$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo\u{e9}")]
#[case("$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/")]
fn what_is_not_a_hash_is_refused(#[case] text: &str) {
    assert!(StoredHash::parse(text).is_err());
}

#[test]
fn a_salt_or_an_output_of_absurd_length_is_refused() {
    for (salt, output) in [(9, 43), (65, 43), (100_000, 43), (22, 12), (22, 87), (22, 100_000)] {
        let (salt, output) = ("A".repeat(salt), "A".repeat(output));

        let hash = format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${output}");
        assert!(StoredHash::parse(&hash).is_err(), "{} {}", salt.len(), output.len());
    }
}

fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}
