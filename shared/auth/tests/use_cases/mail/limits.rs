//! The hourly budgets of mails.

use auth::mail::{Delivered, Purpose};

use super::{CHOSEN, Post};
use crate::world::EMAIL;

#[tokio::test]
async fn registrations_use_up_their_own_budget_alone() {
    let mut post = Post::new().await;
    post.registrations_per_hour = 2;
    for number in 0..3 {
        let address = format!("{number}@example.com");
        post.ask(Purpose::Register, &address, 0).await.unwrap();
    }

    let mut delivered = post.deliver_all(1).await;

    delivered.sort_by_key(|delivered| *delivered == Delivered::OverBudget);
    assert_eq!(delivered, [Delivered::Sent, Delivered::Sent, Delivered::OverBudget]);
    assert_eq!(post.letters().len(), 2);
    let (reset, _) = post.letter_beside(Purpose::Reset, EMAIL, 1).await;
    post.reset(reset.by_link(), CHOSEN, 2).await.unwrap();
}

#[tokio::test]
async fn mails_to_users_have_a_budget_too() {
    let mut post = Post::new().await;
    post.mails_per_hour = 1;
    let mails = [0, 1].map(|_| post.mail(Purpose::Reset, EMAIL, EMAIL, 0));

    let mut delivered = Vec::new();
    for mail in &mails {
        delivered.push(post.deliver(mail, 1).await.unwrap());
    }
    let registration = post.mail(Purpose::Register, "new@example.com", "new@example.com", 0);
    delivered.push(post.deliver(&registration, 1).await.unwrap());
    delivered.push(post.deliver(&mails[1], 3_600).await.unwrap());

    assert_eq!(
        delivered,
        [Delivered::Sent, Delivered::OverBudget, Delivered::Sent, Delivered::Sent]
    );
}

/// A registration with an address that somebody has leads to a letter to a user.
#[tokio::test]
async fn what_is_not_due_costs_nothing() {
    let mut post = Post::new().await;
    post.mails_per_hour = 1;
    for number in 0..5 {
        let unknown = format!("{number}@example.com");
        post.ask(Purpose::Reset, &unknown, 0).await.unwrap();
    }
    assert_eq!(post.deliver_all(1).await, vec![Delivered::NotDue; 5]);

    let (letter, _) = post.letter(Purpose::Register, EMAIL, 1).await;

    assert_eq!(letter.name, "registered");
    let reset = post.mail(Purpose::Reset, EMAIL, EMAIL, 2);
    assert_eq!(post.deliver(&reset, 2).await.unwrap(), Delivered::OverBudget);
}
