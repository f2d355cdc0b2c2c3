//! The pack in German.

use super::{Answers, Bodies, PackTemplate, PayButton, TEXTS_PER_LANGUAGE, pack};
use crate::language::Language;

pub(super) static TEXTS: [PackTemplate; TEXTS_PER_LANGUAGE] =
    pack(Language::German, "Antworten Sie STOPP, um diese Erinnerungen zu beenden.", BODIES, &ANSWERS, &PAY);

const BODIES: Bodies = Bodies {
    upcoming: "Guten Tag {{customer_name}}, eine freundliche Erinnerung von {{business_name}} an das, was \
           bald fällig ist: {{invoice_list}}. Die Summe beträgt {{total}}. Falls schon bezahlt ist, \
           sagen Sie uns bitte Bescheid. Vielen Dank.",
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
    promise_missed: "Guten Tag {{customer_name}}, {{business_name}} hat die versprochene Zahlung erwartet und \
           noch nicht erhalten: {{invoice_list}}. Die Summe beträgt {{total}}. Falls schon bezahlt ist, \
           sagen Sie uns bitte Bescheid; falls nicht, antworten Sie bitte mit einem neuen Datum.",
    thank_you: "Guten Tag {{customer_name}}, {{business_name}} hat Ihre Zahlung von {{paid_amount}} \
           erhalten. Vielen Dank.",
    part_payment: "Guten Tag {{customer_name}}, {{business_name}} hat Ihre Zahlung von {{paid_amount}} \
           erhalten. Vielen Dank. Noch offen und überfällig: {{invoice_list}}. Die Summe beträgt \
           {{total}}. Falls schon bezahlt ist, sagen Sie uns bitte Bescheid.",
};

const ANSWERS: Answers = Answers {
    leads: "Wählen Sie unten eine Antwort oder schreiben Sie uns.",
    labels: ["Schon bezahlt", "An einem Datum zahlen", "Frage"],
};

const PAY: PayButton =
    PayButton { leads: "Unten können Sie die Rechnung ansehen und bezahlen.", label: ["Ansehen und bezahlen"] };
