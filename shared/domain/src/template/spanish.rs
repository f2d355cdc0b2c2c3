//! The pack in Spanish.

use super::words::{Answers, Bodies, PayButton, Words};

pub(super) const WORDS: Words = Words {
    bodies: Bodies {
        upcoming: "Hola, {{customer_name}}: un recordatorio amable de {{business_name}} sobre lo que vence \
           pronto: {{invoice_list}}. El total es {{total}}. Si ya está pagado, avísenos, por favor. \
           Gracias.",
        due_today: "Hola, {{customer_name}}: un recordatorio amable de {{business_name}} sobre lo que vence hoy: \
            {{invoice_list}}. El total es {{total}}. Si ya está pagado, avísenos, por favor. Gracias.",
        overdue_gentle: "Hola, {{customer_name}}: le escribe {{business_name}}. Según nuestros registros, ya ha \
           vencido lo siguiente: {{invoice_list}}. El total es {{total}}. Si ya está pagado, avísenos, \
           por favor, y reciba nuestro agradecimiento.",
        overdue_firm: "Hola, {{customer_name}}: {{business_name}} sigue a la espera del pago de: {{invoice_list}}. \
           El total es {{total}}. Le rogamos que pague ahora o responda con una fecha. Si ya está \
           pagado, avísenos, por favor.",
        overdue_final: "Hola, {{customer_name}}: este es el último recordatorio de {{business_name}} sobre: \
           {{invoice_list}}. El total es {{total}}. Le rogamos que pague o responda hoy para encontrar \
           juntos una solución. Si ya está pagado, avísenos, por favor.",
        statement: "Hola, {{customer_name}}: este es el estado de su cuenta con {{business_name}}. Está vencido lo \
            siguiente: {{invoice_list}}. El total es {{total}}. Si ya está pagado, avísenos, por favor. Gracias.",
        promise_missed: "Hola, {{customer_name}}: {{business_name}} esperaba el pago prometido y aún no lo ha \
           recibido: {{invoice_list}}. El total es {{total}}. Si ya está pagado, avísenos, por favor; \
           si no, responda con una nueva fecha.",
        thank_you: "Hola, {{customer_name}}: {{business_name}} ha recibido su pago de {{paid_amount}}. Muchas \
           gracias.",
        part_payment: "Hola, {{customer_name}}: {{business_name}} ha recibido su pago de {{paid_amount}}. Muchas \
           gracias. Sigue pendiente y vencido: {{invoice_list}}. El total es {{total}}. Si ya está \
           pagado, avísenos, por favor.",
    },
    footer: "Responda BAJA para no recibir más recordatorios.",
    attached: "La factura va adjunta.",
    answers: Answers {
        leads: "Elija una respuesta abajo o escríbanos.",
        labels: ["Ya pagué", "Pagar en una fecha", "Pregunta"],
    },
    pay: PayButton { leads: "Puede ver y pagar la factura abajo.", label: ["Ver y pagar"] },
};
