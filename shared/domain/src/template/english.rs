//! The pack in English.

use super::words::{Answers, Bodies, PayButton, Words};

pub(super) const WORDS: Words = Words {
    bodies: Bodies {
        upcoming: "Hello {{customer_name}}, a friendly note from {{business_name}} about what falls due soon: \
           {{invoice_list}}. The total is {{total}}. If it is already paid, please tell us. Thank you.",
        due_today: "Hello {{customer_name}}, a friendly note from {{business_name}} about what falls due today: \
            {{invoice_list}}. The total is {{total}}. If it is already paid, please tell us. Thank you.",
        overdue_gentle: "Hello {{customer_name}}, this is {{business_name}}. According to our books the following is \
           past its due date: {{invoice_list}}. The total is {{total}}. If it is already paid, please \
           tell us and accept our thanks.",
        overdue_firm: "Hello {{customer_name}}, {{business_name}} is still waiting for payment of: \
           {{invoice_list}}. The total is {{total}}. Please pay now, or reply with a date. If it is \
           already paid, please tell us.",
        overdue_final: "Hello {{customer_name}}, this is the last reminder from {{business_name}} about: \
           {{invoice_list}}. The total is {{total}}. Please pay or reply today so that we can find a \
           way together. If it is already paid, please tell us.",
        statement: "Hello {{customer_name}}, this is a statement of your account with {{business_name}}. Past its due date \
            is: {{invoice_list}}. The total is {{total}}. If it is already paid, please tell us. Thank you.",
        promise_missed: "Hello {{customer_name}}, {{business_name}} expected the payment that was promised and has \
           not seen it yet: {{invoice_list}}. The total is {{total}}. If it is already paid, please \
           tell us; if not, please reply with a new date.",
        thank_you: "Hello {{customer_name}}, {{business_name}} has received your payment of {{paid_amount}}. \
           Thank you.",
        part_payment: "Hello {{customer_name}}, {{business_name}} has received your payment of {{paid_amount}}. \
           Thank you. Still open and past its due date: {{invoice_list}}. The total is {{total}}. If it \
           is already paid, please tell us.",
    },
    footer: "Reply STOP to end these reminders.",
    attached: "The invoice is attached.",
    answers: Answers {
        leads: "Please choose an answer below, or write to us.",
        labels: ["Paid already", "Pay on a date", "Question"],
    },
    pay: PayButton { leads: "You can see and pay the invoice below.", label: ["View and pay"] },
};
