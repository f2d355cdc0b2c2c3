//! The pack in French.

use super::words::{Answers, Bodies, PayButton, Words};

pub(super) const WORDS: Words = Words {
    bodies: Bodies {
        upcoming: "Bonjour {{customer_name}}, un petit rappel de {{business_name}} au sujet de ce qui arrive \
           bientôt à échéance : {{invoice_list}}. Le total est de {{total}}. Si c'est déjà payé, merci \
           de nous le dire. Bonne journée.",
        due_today: "Bonjour {{customer_name}}, un petit rappel de {{business_name}} au sujet de ce qui arrive \
            aujourd'hui à échéance : {{invoice_list}}. Le total est de {{total}}. Si c'est déjà payé, merci de \
            nous le dire. Bonne journée.",
        overdue_gentle: "Bonjour {{customer_name}}, {{business_name}} vous écrit au sujet de ce qui, d'après nos \
           comptes, est arrivé à échéance : {{invoice_list}}. Le total est de {{total}}. Si c'est déjà \
           payé, merci de nous le dire, et merci pour votre règlement.",
        overdue_firm: "Bonjour {{customer_name}}, {{business_name}} attend toujours le règlement de : \
           {{invoice_list}}. Le total est de {{total}}. Merci de payer maintenant ou de répondre avec \
           une date. Si c'est déjà payé, merci de nous le dire.",
        overdue_final: "Bonjour {{customer_name}}, ceci est le dernier rappel de {{business_name}} au sujet de : \
           {{invoice_list}}. Le total est de {{total}}. Merci de payer ou de répondre aujourd'hui afin \
           de trouver une solution ensemble. Si c'est déjà payé, merci de nous le dire.",
        statement: "Bonjour {{customer_name}}, voici le relevé de votre compte chez {{business_name}}. Est arrivé à \
            échéance : {{invoice_list}}. Le total est de {{total}}. Si c'est déjà payé, merci de nous le dire. \
            Bonne journée.",
        promise_missed: "Bonjour {{customer_name}}, {{business_name}} attendait le règlement promis et ne l'a pas \
           encore reçu : {{invoice_list}}. Le total est de {{total}}. Si c'est déjà payé, merci de nous \
           le dire ; sinon, merci de répondre avec une nouvelle date.",
        thank_you: "Bonjour {{customer_name}}, {{business_name}} a bien reçu votre paiement de {{paid_amount}}. \
           Merci beaucoup.",
        part_payment: "Bonjour {{customer_name}}, {{business_name}} a bien reçu votre paiement de {{paid_amount}}. \
           Merci beaucoup. Reste dû et échu : {{invoice_list}}. Le total est de {{total}}. Si c'est \
           déjà payé, merci de nous le dire.",
    },
    footer: "Répondez STOP pour ne plus recevoir de rappels.",
    attached: "La facture est jointe.",
    answers: Answers {
        leads: "Choisissez une réponse ci-dessous ou écrivez-nous.",
        labels: ["Déjà payé", "Payer à une date", "Question"],
    },
    pay: PayButton { leads: "Vous pouvez voir et payer la facture ci-dessous.", label: ["Voir et payer"] },
};
