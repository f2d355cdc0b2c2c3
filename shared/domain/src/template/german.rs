//! The pack in German.

use super::words::{Answers, Bodies, PayButton, Words};

pub(super) const WORDS: Words = Words {
    bodies: Bodies {
        upcoming: "Guten Tag {{customer_name}}, eine freundliche Erinnerung von {{business_name}} an das, was \
           bald fällig ist: {{invoice_list}}. Die Summe beträgt {{total}}. Falls schon bezahlt ist, \
           sagen Sie uns bitte Bescheid. Vielen Dank.",
        due_today: "Guten Tag {{customer_name}}, eine freundliche Erinnerung von {{business_name}} an das, was heute \
            fällig ist: {{invoice_list}}. Die Summe beträgt {{total}}. Falls schon bezahlt ist, sagen Sie uns \
            bitte Bescheid. Vielen Dank.",
        overdue_gentle: "Guten Tag {{customer_name}}, hier schreibt {{business_name}}. Nach unseren Büchern ist \
           Folgendes überfällig: {{invoice_list}}. Die Summe beträgt {{total}}. Falls schon bezahlt \
           ist, sagen Sie uns bitte Bescheid, und vielen Dank dafür.",
        overdue_firm: "Guten Tag {{customer_name}}, {{business_name}} wartet noch immer auf die Zahlung von: \
           {{invoice_list}}. Die Summe beträgt {{total}}. Bitte zahlen Sie jetzt oder antworten Sie mit \
           einem Datum. Falls schon bezahlt ist, sagen Sie uns bitte Bescheid.",
        overdue_final: "Guten Tag {{customer_name}}, dies ist die letzte Erinnerung von {{business_name}} an: \
           {{invoice_list}}. Die Summe beträgt {{total}}. Bitte zahlen Sie oder antworten Sie heute, \
           damit wir gemeinsam eine Lösung finden. Falls schon bezahlt ist, sagen Sie uns bitte \
           Bescheid.",
        statement: "Guten Tag {{customer_name}}, dies ist der Auszug Ihres Kontos bei {{business_name}}. Überfällig ist: \
            {{invoice_list}}. Die Summe beträgt {{total}}. Falls schon bezahlt ist, sagen Sie uns bitte Bescheid. \
            Vielen Dank.",
        promise_missed: "Guten Tag {{customer_name}}, {{business_name}} hat die versprochene Zahlung erwartet und \
           noch nicht erhalten: {{invoice_list}}. Die Summe beträgt {{total}}. Falls schon bezahlt ist, \
           sagen Sie uns bitte Bescheid; falls nicht, antworten Sie bitte mit einem neuen Datum.",
        thank_you: "Guten Tag {{customer_name}}, {{business_name}} hat Ihre Zahlung von {{paid_amount}} \
           erhalten. Vielen Dank.",
        part_payment: "Guten Tag {{customer_name}}, {{business_name}} hat Ihre Zahlung von {{paid_amount}} \
           erhalten. Vielen Dank. Noch offen und überfällig: {{invoice_list}}. Die Summe beträgt \
           {{total}}. Falls schon bezahlt ist, sagen Sie uns bitte Bescheid.",
    },
    footer: "Antworten Sie STOPP, um diese Erinnerungen zu beenden.",
    attached: "Die Rechnung ist beigefügt.",
    answers: Answers {
        leads: "Wählen Sie unten eine Antwort oder schreiben Sie uns.",
        labels: ["Schon bezahlt", "An einem Datum zahlen", "Frage"],
    },
    pay: PayButton { leads: "Unten können Sie die Rechnung ansehen und bezahlen.", label: ["Ansehen und bezahlen"] },
};
